"""What was read of one plan, from whichever Region: what ``status`` and the watcher judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.restore.sight import NOT_LOOKED, Look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.sight import Sight


@dataclass(frozen=True, kw_only=True)
class View:
    """What was read of one plan.

    ``status`` looks at both Regions. A watcher looks at its own one, and leaves the other looks out.

    Args:
        record: what is understood of the plan's record.
        sight: what was read for the standing of the plan.
        cluster: the protected cluster as DescribeClusters returns it.
        home_points: the cluster's own snapshots, in its Region.
        recovery_record: what the record of the recovery Region lacks so that a failover can start. The value is None
            if there is no usable record.
        drills: what the drills remember.
        spoiled: what is not understood of the records.
        recovery_spoiled: what is not understood of the other parameters of the recovery Region.
        home_problems: what could not be read in the cluster's Region.
        keys: the state of each KMS key that was looked at, by its ARN. The value is None if the key does not exist.
        rules_since: since when each rule of the plan is known to be enabled with its schedule, by the rule's name.
    """

    record: Mapping[str, Any]
    sight: Sight
    cluster: Look[Mapping[str, Any]] = NOT_LOOKED
    home_points: Look[Sequence[RecoveryPoint]] = NOT_LOOKED
    recovery_record: Look[Sequence[str]] = NOT_LOOKED
    drills: Look[Mapping[str, Any]] = NOT_LOOKED
    spoiled: Sequence[str] = ()
    recovery_spoiled: Sequence[str] = ()
    home_problems: Sequence[str] = ()
    keys: Mapping[str, Look[str]] = field(default_factory=dict)
    rules_since: Mapping[str, datetime] = field(default_factory=dict)
