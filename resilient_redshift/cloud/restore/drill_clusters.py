"""The phases in which a drill deletes clusters: those that former drills left, and its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.phases import Step
from resilient_redshift.cloud.restore import leftovers, others, removal, rivals
from resilient_redshift.cloud.restore.calls import MANY, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.cluster import every, look
from resilient_redshift.cloud.restore.reporting import REPORT
from resilient_redshift.cloud.restore.run import Removal
from resilient_redshift.contract.outcomes import LEFT_BEHIND

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

REMOVE_LEFTOVERS: Final = "RemoveLeftovers"
PREFLIGHT: Final = "Preflight"
DELETE_CLUSTER: Final = "DeleteCluster"


def remove_leftovers(run: Run, aws: Aws) -> Step:
    """The phase ``RemoveLeftovers``: delete the clusters that former drills of the plan left.

    Raises:
        Ended: one of them could not be deleted. A drill beside it would cost twice.
    """
    if run.leftovers is None:
        found = _find_leftovers(run, aws)
        run.leftovers, run.strays = Removal(names=list(found.leftovers)), list(found.strays)
    seconds = removal.go_on(run, aws, run.leftovers, removal.PATIENCE)
    if seconds is not None:
        return Step(next=REMOVE_LEFTOVERS, wait_seconds=seconds, says="deleting what former drills left")
    if run.strays:
        run.warn(
            "named like drills of this plan, with tags of somebody else alone, and not touched: "
            + ", ".join(run.strays)
        )
    if run.leftovers.kept:
        raise Ended(
            LEFT_BEHIND, f"these clusters of former drills could not be deleted: {', '.join(run.leftovers.kept)}"
        )
    if run.leftovers.removed:
        # the time that leftovers took is none of the recovery
        now = aws.now()
        run.clock_from = now
        run.give_up_at = now + run.patience()
        run.warn(f"removed first, left by former drills: {', '.join(run.leftovers.removed)}")
    return Step(next=PREFLIGHT)


def _find_leftovers(run: Run, aws: Aws) -> leftovers.Found:
    try:
        clusters = list(every(aws))
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        raise
    # asked after the clusters: a drill that begins now has no cluster among them
    running = others.look(run, aws)
    others.yield_to_failover(run)
    return leftovers.find(
        clusters,
        prefix=run.record["drill"]["cluster_prefix"],
        plan=run.request.plan,
        running=running,
        alone=not rivals.drills_of_this_plan(run),
        now=aws.now(),
    )


def delete_cluster(run: Run, aws: Aws) -> Step:
    """The phase ``DeleteCluster``: delete what this drill made, and nothing else."""
    if run.own is None:
        run.own = _own(run, aws)
    seconds = removal.go_on(run, aws, run.own, removal.PATIENCE)
    if seconds is not None:
        return Step(next=DELETE_CLUSTER, wait_seconds=seconds, says=f"deleting {run.target}")
    return Step(next=REPORT)


def _own(run: Run, aws: Aws) -> Removal:
    """The cluster that this drill made: it has the run's tags, or none and is as young as the run's own call."""
    try:
        cluster = look(aws, run.target)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        if run.made:
            return Removal(names=[run.target])
        run.warn(str(error))
        return Removal(kept=[run.target])
    if cluster is None:
        return Removal()
    began = run.first_restore_at or run.started
    bare = not cluster.tags and cluster.younger_than(began) and not rivals.of_this_plan(run)
    if cluster.made_by == run.name or (run.made and not cluster.made_by) or bare:
        return Removal(names=[run.target])
    run.warn(f"{run.target} is not of this run and was not touched")
    return Removal()
