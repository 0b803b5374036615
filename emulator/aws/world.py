"""What all parts of the emulated AWS share: one value, made once a process."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from emulator.aws.access_log import AccessLog
from emulator.aws.call_log import CallLog
from emulator.aws.deliveries import Deliveries
from emulator.aws.flow import Flow
from emulator.aws.throttling import Throttling, both_clocks
from emulator.aws.trail import Trail
from emulator.redshift_model import ACCOUNT

if TYPE_CHECKING:
    import datetime as dt

    from emulator.aws.events import Event
    from emulator.aws.timeline import Timeline
    from emulator.redshift_model import RedshiftModel


@dataclasses.dataclass
class EmulatedWorld:
    """One account of the emulated AWS.

    Attributes:
        model: Redshift, the one and only.
        timeline: the virtual time; the model is called under its lock.
        calls: what our roles, and everybody who calls Redshift, asked for.
        deliveries: what services sent to topics and other targets, and what was refused.
        events: every event that a bus took, custom ones and AWS's.
        trail: the calls that CloudTrail tells of.
        enforce: whether IAM is asked for our roles' calls.
        source_keys: whether EnableSnapshotCopy takes rights on the cluster's key [U].
        down: Regions that nobody reaches.
        hanging: those of them that accept connections and never answer; the others close them.
        access_log: the file of all calls.
        throttling: the quotas of APIs.
        flow: how time passes while somebody outside calls.
        unanswered: how many requests each of them has left without an answer.
        held: whether executions that are started from outside wait for time as others do.
        endpoint: where this process listens.
        cold_start_seconds: how long a function's first run waits for its process, in virtual time.
    """

    model: RedshiftModel
    timeline: Timeline
    endpoint: str
    port: int
    account: str = ACCOUNT
    calls: CallLog = dataclasses.field(default_factory=CallLog)
    enforce: bool = False
    source_keys: bool = False
    held: bool = False
    cold_start_seconds: float = 2.0
    down: dict[str, Any] = dataclasses.field(default_factory=dict)  # Region -> gate that opens when it is back
    hanging: set[str] = dataclasses.field(default_factory=set)
    unanswered: dict[str, int] = dataclasses.field(default_factory=dict)  # Region -> requests while it was down

    def __post_init__(self) -> None:
        """Begin without deliveries, events and calls."""
        self.deliveries = Deliveries(self.now)
        self.events: list[Event] = []
        self.trail = Trail(self)
        self.access_log = AccessLog()
        self.flow = Flow(self.timeline)
        self.calls.on_call = self.access_log.note_call
        self.throttling = Throttling(both_clocks(self.timeline.epoch))

    def now(self) -> dt.datetime:
        """The virtual time."""
        return self.timeline.now()
