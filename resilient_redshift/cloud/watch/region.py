"""What a run reads of its Region once for all watches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import clusters, snapshots
from resilient_redshift.cloud.redshift.snapshots import recovery_points
from resilient_redshift.cloud.restore.seen import seen
from resilient_redshift.cloud.restore.sight import Look
from resilient_redshift.cloud.watch.calls import CallFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.watch.calls import Calls

#: The quota of manual snapshots for each account and Region (Service Quotas: Amazon Redshift, "Snapshots").
_SERVICE: Final = "redshift"
_QUOTA: Final = "L-2E428669"


@dataclass(kw_only=True)
class Region:
    """What was read of the Region.

    Args:
        clusters: every cluster, as DescribeClusters returns it, by its identifier.
        snapshots: every snapshot, as DescribeClusterSnapshots returns it, by the identifier of its cluster.
        points: the same as recovery points.
        seen: every cluster.
        quota: how many manual snapshots AWS allows in the Region.
    """

    clusters: Look[Mapping[str, Mapping[str, Any]]]
    snapshots: Look[Mapping[str, Sequence[Mapping[str, Any]]]]
    quota: Look[float]
    points: Look[Mapping[str, Sequence[RecoveryPoint]]] = field(default_factory=Look)
    seen: Look[Sequence[Seen]] = field(default_factory=Look)

    def __post_init__(self) -> None:
        """Read the clusters and the snapshots as what the judging functions take."""
        self.points = of(
            self.snapshots,
            lambda found: {name: recovery_points(some) for name, some in found.items()},
        )
        self.seen = of(self.clusters, lambda found: [seen(one) for one in found.values()])

    @property
    def manual(self) -> int:
        """How many manual snapshots the Region has, the copies and AWS Backup's among them."""
        every = self.snapshots.value or {}
        return sum(one.get("SnapshotType") == "manual" for some in every.values() for one in some)

    def points_of(self, cluster: str) -> Look[Sequence[RecoveryPoint]]:
        """The snapshots of every cluster that had an identifier."""
        return of(self.points, lambda found: found.get(cluster, ()))


def of(look: Look[Any], part: Callable[[Any], Any]) -> Look[Any]:
    """A look at a part of what was read."""
    return Look(value=part(look.value)) if look.value is not None else look


def read(calls: Calls) -> Region:
    """Read the Region."""
    client = calls.redshift()
    return Region(
        clusters=calls.look(lambda: {one["ClusterIdentifier"]: one for one in clusters.describe_all(client)}),
        snapshots=calls.look(lambda: _by_cluster(snapshots.read_all(client))),
        quota=calls.look(lambda: _quota(calls)),
    )


def _by_cluster(every: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in every:
        found[one.get("ClusterIdentifier", "")].append(one)
    return dict(found)


def _quota(calls: Calls) -> float:
    """The applied quota, or AWS's default where none was applied (Service Quotas API, GetServiceQuota)."""
    asked: dict[str, Any] = {"ServiceCode": _SERVICE, "QuotaCode": _QUOTA}
    try:
        answer = calls.unneeded.call("service-quotas", "GetServiceQuota", **asked)
    except CallFailed as failure:
        if failure.meaning is not Meaning.MISSING:
            raise
        answer = calls.unneeded.call("service-quotas", "GetAWSDefaultServiceQuota", **asked)
    return float(answer["Quota"]["Value"])


class Keys:
    """The states of KMS keys, each asked once."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._looks: dict[str, Look[str]] = {}

    def look(self, *keys: str | None) -> dict[str, Look[str]]:
        """The state of each key that is given. The value is None if the key does not exist."""
        for key in keys:
            if key and key not in self._looks:
                self._looks[key] = self._calls.look(lambda key=key: self._state(key))  # type: ignore[misc]
        return {key: self._looks[key] for key in keys if key}

    def _state(self, key: str) -> str | None:
        try:
            return str(self._calls.call("kms", "DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"])
        except CallFailed as failure:
            if failure.meaning is Meaning.MISSING:
                return None
            raise
