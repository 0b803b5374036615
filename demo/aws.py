"""What the demo asks of the emulated AWS; tests give another one."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


class Aws(Protocol):
    """An AWS that runs on this machine, with a clock that moves when it is told to."""

    @property
    def account(self) -> str:
        """The account's id."""

    @property
    def endpoint(self) -> str:
        """Where it listens, on the loopback interface."""

    @property
    def env(self) -> Mapping[str, str]:
        """What points cdk, the aws CLI and boto3 at it."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def log_path(self) -> Path:
        """What it wrote."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no common type
        """Make a boto3 client."""

    def now(self) -> datetime:
        """Tell the virtual time, UTC."""

    def advance(self, span: timedelta) -> object:
        """Let time pass, with all that falls due on the way."""

    def enforce_iam(self, on: bool) -> object:  # noqa: FBT001 - the emulator's own signature
        """Check every call of our roles from now on, or no more."""

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """What our roles called so far, the oldest first."""

    def deliveries(self, since: int = 0) -> list[dict[str, Any]]:
        """What was sent to topics so far, the oldest first."""

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        """What EventBridge took so far, the oldest first."""

    def region_down(self, region: str) -> object:
        """Let nobody reach a Region any more."""

    def region_up(self, region: str) -> object:
        """Let it be reached again."""

    def log_calls(self, path: Path) -> object:
        """Write each call into a file from now on."""

    def let_time_flow(self, factor: float) -> object:
        """Let so many virtual seconds pass for each real second in which somebody calls."""

    def settings(self) -> Mapping[str, Any]:
        """Tell how long things take its Redshift."""

    def model(self, method: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the emulator's own signature
        """Turn its Redshift's world, which holds no data by itself."""

    def leave_running(self) -> object:
        """Let it outlive this process."""


#: Starts an AWS for a ``with`` block, whose log is copied to the path given when the block ends.
Start = Callable[[Path], AbstractContextManager[Aws]]


#: Where no tool of AWS's finds a user's own account.
NOWHERE: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def start(log: Path) -> AbstractContextManager[Aws]:
    """Start the emulated AWS of the tests on a free port; it dies with this process unless it is left running.

    This process forgets the user's own account, for good.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(NOWHERE)
    from emulator.aws import EmulatedAws  # noqa: PLC0415 - heavy, and a missing one is the first step's failure

    started: AbstractContextManager[Aws] = EmulatedAws.start(keep_log=log)
    return started
