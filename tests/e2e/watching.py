"""What one deployment did to a cluster's copy and to the recovery points: read back before and after."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from tests.e2e.scene import CLUSTER, ELSEWHERE, PRIMARY, RECOVERY, copy_status, snapshots

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

REGIONS = (PRIMARY, RECOVERY, ELSEWHERE)


@dataclasses.dataclass(frozen=True)
class Found:
    """What DescribeClusters and DescribeClusterSnapshots say at one moment; snapshots by Region and identifier."""

    at: dt.datetime
    status: dict[str, Any] | None
    tags: dict[str, str]
    snapshots: dict[tuple[str, str], dict[str, Any]]

    def of(self, region: str, kind: str) -> list[dict[str, Any]]:
        """The snapshots of a kind in a Region, oldest first."""
        found = [
            each for (place, _), each in self.snapshots.items() if place == region and each["SnapshotType"] == kind
        ]
        return sorted(found, key=lambda each: each["SnapshotCreateTime"])


@dataclasses.dataclass(frozen=True)
class Seen:
    """One deployment: the CLI's run, the world before and after, and who called what in between."""

    run: CdkRun
    before: Found
    after: Found
    calls: list[dict[str, Any]]

    @property
    def lost(self) -> list[tuple[str, str]]:
        """The recovery points that are gone."""
        return sorted(set(self.before.snapshots) - set(self.after.snapshots))

    @property
    def altered(self) -> list[tuple[str, str]]:
        """The recovery points that were available and stand otherwise now (time, state, key, retention, tags)."""
        after = self.after.snapshots
        return sorted(
            name
            for name, each in self.before.snapshots.items()
            if name in after and each["Status"] == "available" and after[name] != each
        )

    @property
    def changes(self) -> list[str]:
        """The calls that changed something about the cluster's copy, in order."""
        return [call["operation"] for call in self.calls if is_change(call)]

    @property
    def tried(self) -> list[str]:
        """The same, with those that AWS refused."""
        return [call["operation"] for call in self.calls if is_change(call, refused=True)]


def is_change(call: dict[str, Any], *, refused: bool = False) -> bool:
    """Whether a call of our roles changed a copy's configuration (or, ``refused``, tried to)."""
    return (
        call["service"] == "redshift"
        and call["operation"].endswith(("SnapshotCopy", "SnapshotCopyRetentionPeriod"))
        and (refused or call["error"] is None)
    )


def look(aws: EmulatedAws, cluster: str = CLUSTER) -> Found:
    """Read everything back."""
    described = aws.client("redshift", PRIMARY).describe_clusters(ClusterIdentifier=cluster)["Clusters"][0]
    return Found(
        at=aws.now(),
        status=copy_status(aws, cluster),
        tags={tag["Key"]: tag["Value"] for tag in described["Tags"]},
        snapshots={
            (region, each["SnapshotIdentifier"]): {
                name: value for name, value in each.items() if name != "ManualSnapshotRemainingDays"
            }
            for region in REGIONS
            for each in snapshots(aws, region, cluster=cluster)
        },
    )


def watch(aws: EmulatedAws, act: Callable[[], CdkRun], cluster: str = CLUSTER) -> Seen:
    """Look, act, look again."""
    before, since = look(aws, cluster), aws.mark()
    run = act()
    return Seen(run, before, look(aws, cluster), aws.calls(since))


def off(calls: list[dict[str, Any]]) -> list[tuple[dt.timedelta, list[str]]]:
    """Each time that a copy was off: for how long, and which calls lay between."""
    found = []
    for index, call in enumerate(calls):
        if call["operation"] != "DisableSnapshotCopy" or call["error"] is not None:
            continue
        between: list[str] = []
        for later in calls[index + 1 :]:
            if later["operation"] == "EnableSnapshotCopy" and later["error"] is None:
                found.append((later["at"] - call["at"], between))
                break
            between.append(later["operation"])
        else:
            found.append((dt.timedelta.max, between))
    return found


def stack_status(aws: EmulatedAws, name: str = "Prod", region: str = PRIMARY) -> str:
    """The stack's status, as DescribeStacks says it."""
    found = aws.client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]
    return str(found["StackStatus"])
