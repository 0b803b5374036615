"""The steps of a switchover. Each is a function that looks, changes one thing at most, and says what it waits for.

Nothing here remembers what a former call did: a name that a step gives is made from the switchover's id, and the step
finds out what is there. So the command may die before or after any call, and so may two commands do the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import outlook, words
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cli.redshift import client
from resilient_redshift.cli.switchover import clusters
from resilient_redshift.cli.switchover.clusters import Live, change
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift.snapshots import (
    FAILED_STATUSES,
    RecoveryPoint,
    read_all,
    recovery_points,
    same_cluster,
)
from resilient_redshift.contract.names import TAG_EXECUTION, TAG_PLAN, TAG_REASON
from resilient_redshift.rules.naming import LONGEST_LABEL

if TYPE_CHECKING:
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.switchover.state import State
    from resilient_redshift.cli.tools import Tools

#: The reason of the snapshot, in its tag.
REASON: Final = "switchover"
#: The most snapshots that one switchover takes: AWS lets some fail, and one that began before the fence is of no use.
_MOST_SNAPSHOTS: Final = 9


@dataclass
class Steps:
    """The steps in Redshift.

    Args:
        tools: the world around the command.
        plan: the plan record of the Region that the switchover goes to.
        state: the switchover. The steps write what they find into it.
    """

    tools: Tools
    plan: Plan
    state: State

    def snapshot(self) -> str:
        """Take the snapshot, and wait until it is available."""
        live = self._source()
        if not live.copy:
            if not live.available:
                return f"{live.name} is {live.state.name}"
            self._switch_copy_on(live)
            return f"the snapshot copy of {live.name} is switched on"
        mine = self._snapshots(live)
        for number in range(1, _MOST_SNAPSHOTS + 1):
            name = self._snapshot_name(number)
            found = mine.get(name)
            if found is None:
                if not live.available:
                    return f"{live.name} is {live.state.name}"
                self._take(live, name)
                return f"the snapshot {name} begins"
            if found.tags.get(TAG_EXECUTION) != self.state.id:
                raise CliError(f"there is a snapshot {name} already, which this switchover did not take")
            if found.status in FAILED_STATUSES or self._too_early(found):
                continue
            if not same_cluster(found.lineage, live.created):  # of a cluster that had the name before
                continue
            self.state.value.update(snapshot=name, data_of=words.iso(found.created))
            return "" if found.available else f"the snapshot {name} is {found.status}"
        raise CliError(f"{_MOST_SNAPSHOTS} snapshots of {live.name} failed or began too early", "look at the last one")

    def copy(self) -> str:
        """Wait until the copy of the snapshot is available in the other Region.

        The cluster, its Region and the time of the data tell which one it is: AWS does not say how it names copies.
        """
        taken, name = self.state.time("data_of"), self.state.value["snapshot"]
        for point in outlook.snapshots(self.tools.aws, self.plan.recovery):
            home = {"cluster": self.plan.cluster, "source_region": self.plan.primary}
            if taken is None or not point.is_copy(**home, created=taken):
                continue
            if point.status in FAILED_STATUSES:
                raise CliError(f"the copy {point.identifier} in {self.plan.recovery} is {point.status}")
            self.state.value["copy"] = point.identifier
            return "" if point.available else f"the copy {point.identifier} is {point.status}"
        return f"no copy of {name} in {self.plan.recovery} yet"

    def make_room(self) -> str:
        """Rename the cluster that has the name in the other Region, so that the name is free."""
        there = clusters.look(self.tools.aws, self.plan.recovery, self.plan.cluster)
        if there is None:
            return ""
        allowed = self.state.time("room")
        if allowed is None or not same_cluster(there.created, allowed):
            hint = "it was not there when the switchover was started"
            raise CliError(f"there is a cluster {there.name} of {words.iso(there.created)}", hint)
        if there.state.name == "paused":
            change(self.tools.aws, there, "ResumeCluster")
            return f"{there.name} is resumed, because AWS renames no paused cluster"
        there.require_hope()
        if not there.available:
            return f"{there.name} is {there.state.name}"
        if there.copy:  # AWS refuses the rename of a cluster that is copied
            change(self.tools.aws, there, "DisableSnapshotCopy")
            return f"the snapshot copy of {there.name} is switched off"
        change(self.tools.aws, there, "ModifyCluster", NewClusterIdentifier=self.retired_name)
        return f"{there.name} is renamed to {self.retired_name}"

    def pause_retired(self) -> str:
        """Pause the cluster that was renamed. It is never deleted."""
        retired = clusters.look(self.tools.aws, self.plan.recovery, self.retired_name)
        if retired is None or retired.state.name in {"paused", "pausing"}:
            return ""
        if not retired.available:
            return f"{retired.name} is {retired.state.name}" if retired.state.passes else ""
        try:
            change(self.tools.aws, retired, "PauseCluster")
        except ApiError as error:
            if error.meaning is not Meaning.UNSUPPORTED:
                raise
            self.tools.screen.say(f"    ! {retired.name} cannot be paused: {error.words}", "yellow")
            return ""
        return f"{retired.name} is paused"

    @property
    def retired_name(self) -> str:
        """The identifier that a cluster in the way gets."""
        suffix = f"-retired-{self.state.id.partition('-')[0]}"
        return self.plan.cluster[: LONGEST_LABEL - len(suffix)].rstrip("-") + suffix

    def _source(self) -> Live:
        live = clusters.look(self.tools.aws, self.plan.primary, self.plan.cluster)
        if live is None:
            raise CliError(f"there is no cluster {self.plan.cluster} in {self.plan.primary}")
        live.require_hope()
        return live

    def _switch_copy_on(self, live: Live) -> None:
        grant = self.plan.part("recovery").get("snapshot_copy_grant_name")
        days = self.plan.part("copy")
        change(
            self.tools.aws,
            live,
            "EnableSnapshotCopy",
            DestinationRegion=self.plan.recovery,
            RetentionPeriod=days["keep_automated_days"],
            ManualSnapshotRetentionPeriod=days["keep_manual_days"],
            **({"SnapshotCopyGrantName": grant} if grant and live.encrypted else {}),
        )

    def _snapshots(self, live: Live) -> dict[str, RecoveryPoint]:
        """The manual snapshots of this cluster in its own Region, by identifier."""
        found = read_all(client(self.tools.aws, live.region), cluster=live.identifier, snapshot_type="manual")
        return {point.identifier: point for point in recovery_points(found)}

    def _snapshot_name(self, number: int) -> str:
        again = f"-{number}" if number > 1 else ""
        return f"{self.plan.cluster}-switchover-{self.state.id.partition('-')[0]}{again}"

    def _take(self, live: Live, name: str) -> None:
        reason = f"{REASON} rehearsal" if self.state.rehearsal else REASON
        tags = {TAG_PLAN: self.plan.name, TAG_REASON: reason, TAG_EXECUTION: self.state.id}
        try:
            self.tools.aws.call(
                live.region,
                "redshift",
                "CreateClusterSnapshot",
                SnapshotIdentifier=name,
                ClusterIdentifier=live.identifier,
                ManualSnapshotRetentionPeriod=self.state.value["keep_days"],
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
        except ApiError as error:
            if error.meaning is not Meaning.EXISTS:  # another command for this switchover was faster
                raise

    def _too_early(self, point: RecoveryPoint) -> bool:
        """Whether a snapshot began before the fence was complete, so that later rows may be missing in it."""
        complete = self.state.time("fenced_at")
        return complete is not None and point.created < complete
