"""Waits until the restored cluster is available, and tags it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.phases import Step
from resilient_redshift.cloud.redshift.states import KEY_UNUSABLE, UNKNOWN_PATIENCE
from resilient_redshift.cloud.redshift.states import Meaning as State
from resilient_redshift.cloud.redshift.states import of as state_of
from resilient_redshift.cloud.restore import removal
from resilient_redshift.cloud.restore.calls import AGAIN_SECONDS, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.cluster import look
from resilient_redshift.cloud.restore.restoring import CHOOSE_SNAPSHOT, WAIT_FOR_CLUSTER, in_another_way, taken
from resilient_redshift.cloud.restore.run import Removal
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.cloud.restore.seen import is_failed_restore
from resilient_redshift.contract.names import TAG_DRILL, TAG_EXECUTION, TAG_PLAN, TAG_RESTORED_FROM
from resilient_redshift.contract.outcomes import FAILED, FAILED_SLOW, KEY_UNAVAILABLE, STUCK

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run
    from resilient_redshift.cloud.restore.seen import Seen

BRING_BACK: Final = "BringBack"
REPLACE_CLUSTER: Final = "ReplaceCluster"
#: How often a run tries to tag: while the cluster is restored, and before it goes on with an available one.
_MOST_TAG_TRIES: Final = 100
_ENOUGH_TAG_TRIES: Final = 5
_MOST_MISSES: Final = 5
#: How often a look may fail. A look every 20 seconds makes that 40 minutes.
_MOST_LOOKS: Final = 120
_HOUR: Final = timedelta(hours=1)
_SIX_HOURS: Final = timedelta(hours=6)
#: The states for which another Zone, or other nodes, help. Waiting helps, too.
_NO_CAPACITY: Final = state_of("insufficient-capacity")


def wait_for_cluster(run: Run, aws: Aws) -> Step:
    """The phase ``WaitForCluster``.

    Raises:
        Ended: the restore failed, or takes too long.
        Again: a call failed with an error that passes.
    """
    now = aws.now()
    try:
        cluster = look(aws, run.target)
    except CallFailed as error:
        wait_out(run, now, error, _MOST_LOOKS, seconds=_pause(run, aws))
        raise
    if cluster is None:
        run.misses += 1
        if run.misses > _MOST_MISSES:
            raise Ended(FAILED, f"{run.target} was deleted by somebody while it was restored")
        return Step(next=WAIT_FOR_CLUSTER, wait_seconds=AGAIN_SECONDS)
    _end_if_it_is_another(run, cluster)
    run.misses, run.cluster = 0, cluster.facts
    if not run.tagged and run.tag_tries < _MOST_TAG_TRIES:
        _tag(run, aws)
    if cluster.state.meaning is State.AVAILABLE and (run.tagged or run.tag_tries >= _ENOUGH_TAG_TRIES):
        return _available(run, aws, cluster)
    if cluster.failed:
        return _failed(run, aws, cluster)
    if cluster.state.meaning is State.GOING:
        raise Ended(FAILED, f"the restore of {run.target} failed: somebody deletes it; it is {cluster.state.name}")
    _end_if_unknown_for_long(run, aws, cluster)
    if run.give_up_at is not None and now >= run.give_up_at:
        hours = round((now - run.started) / _HOUR, 1)
        left = "" if run.is_drill else "; it was left as it is"
        outcome = FAILED_SLOW if run.is_drill else STUCK
        raise Ended(outcome, f"{run.target} is still {cluster.state.name} after {hours} hours{left}")
    return Step(next=WAIT_FOR_CLUSTER, wait_seconds=_pause(run, aws), says=_progress(run, cluster))


def _end_if_it_is_another(run: Run, cluster: Seen) -> None:
    """End the run where somebody deleted its cluster and made another one under the same name.

    Raises:
        Ended: the cluster's namespace or the tag of a run says that it is not this run's.
    """
    run.namespace = run.namespace or cluster.namespace
    if run.namespace == cluster.namespace and cluster.made_by in {"", run.name}:
        return
    raise Ended(
        FAILED,
        f"{run.target} was deleted by somebody while it was restored, and another cluster has its name; that one was "
        "not touched",
    )


def _tag(run: Run, aws: Aws) -> None:
    """Tag the cluster. A restore takes no tags, so the tags follow it.

    Raises:
        CallFailed: a drill may not tag. Nobody could tell its cluster from another one.
    """
    tags = {
        TAG_PLAN: run.request.plan,
        TAG_EXECUTION: run.name,
        TAG_RESTORED_FROM: run.chosen.identifier if run.chosen else "",
        **({TAG_DRILL: "true"} if run.is_drill else {}),
    }
    try:
        aws.call(
            "redshift",
            "CreateTags",
            ResourceName=run.target_arn,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    except CallFailed as error:
        if run.is_drill and error.refused:
            raise
        run.tag_tries += 1
        run.tag_problem = str(error)
    else:
        run.tagged = True


def _available(run: Run, aws: Aws, cluster: Seen) -> Step:
    run.available_at = aws.now()
    if not run.tagged:
        run.warn(f"{run.target} has no tags of this run: {run.tag_problem}")
    if cluster.facts.secret_arn is None:
        run.warn(f"{run.target} has no managed admin password")
    return Step(next=BRING_BACK, says=f"{run.target} is available")


def _failed(run: Run, aws: Aws, cluster: Seen) -> Step:
    """Replace a cluster that failed before it was ever available, in another way.

    Raises:
        Ended: its key cannot be used, or it is not this run's for certain.
    """
    state = cluster.state
    why = f"the restore of {run.target} failed: it is {state.name}"
    if state.happens:
        why += f": {state.happens}; {state.to_do}"
    if state == KEY_UNUSABLE:
        raise Ended(KEY_UNAVAILABLE, why)
    if cluster.made_by != run.name or cluster.was_available:
        raise Ended(FAILED, why)
    run.attempt(aws.now(), why)
    run.ladder.refuse(why, no_capacity=state == _NO_CAPACITY)
    run.own = Removal(names=[run.target])
    return Step(next=REPLACE_CLUSTER, says=why)


def replace_cluster(run: Run, aws: Aws) -> Step:
    """The phase ``ReplaceCluster``: delete a cluster that failed, and restore in another way once its name is free.

    Raises:
        Ended: the cluster could not be deleted, or there is no other way.
    """
    own = run.own or Removal()
    if own.asked_at is None and not (own.removed or own.kept):
        cluster = _look_again(run, aws)
        if cluster is None:
            own.names, own.removed = [], [run.target]
        elif not _may_be_replaced(run, cluster):
            run.own = None
            if run.made and cluster.made_by == run.name:
                return Step(next=WAIT_FOR_CLUSTER)
            raise taken(run, aws, cluster)
    seconds = removal.go_on(run, aws, own, removal.PATIENCE)
    if seconds is not None:
        return Step(next=REPLACE_CLUSTER, wait_seconds=seconds, says=f"deleting {run.target}, which failed")
    if own.kept:
        why = run.ladder.last_refusal or f"{run.target} failed in a former run"
        raise Ended(FAILED, f"{why}; and it could not be deleted: {', '.join(run.warnings[-1:])}")
    again = run.made
    run.own, run.restored_at, run.call_at = None, None, None
    run.tagged, run.tag_tries, run.unknown_since, run.namespace = False, 0, None, ""
    if not again:
        return Step(next=CHOOSE_SNAPSHOT)
    return in_another_way(run, aws)


def _look_again(run: Run, aws: Aws) -> Seen | None:
    """Look at the cluster right before its deletion: it may have recovered, or the name may be somebody else's now."""
    try:
        return look(aws, run.target)
    except CallFailed as error:
        wait_out(run, aws.now(), error, _MOST_LOOKS)
        raise


def _may_be_replaced(run: Run, cluster: Seen) -> bool:
    """Whether a cluster failed before it was ever available, or is being deleted already."""
    mine = cluster.made_by == run.name and cluster.namespace == run.namespace
    ours = mine if run.made else cluster.belongs_to(run.request.plan)
    return ours and (is_failed_restore(run, cluster) or cluster.state.meaning is State.GOING)


def _end_if_unknown_for_long(run: Run, aws: Aws, cluster: Seen) -> None:
    if cluster.state.meaning is not State.UNKNOWN:
        run.unknown_since = None
        return
    now = aws.now()
    run.unknown_since = run.unknown_since or now
    if now - run.unknown_since >= UNKNOWN_PATIENCE:
        raise Ended(
            FAILED,
            f"{run.target} is {cluster.state.name!r} since {iso(run.unknown_since)}, and this release does not know "
            "that state: look at the cluster's events",
        )


def _pause(run: Run, aws: Aws) -> int:
    """How long to wait: ever longer, because the history of an execution holds 25,000 events."""
    waited = aws.now() - (run.restored_at or run.started)
    return AGAIN_SECONDS if waited < _HOUR else 60 if waited < _SIX_HOURS else 300


def _progress(run: Run, cluster: Seen) -> str:
    """What Redshift says of the restore, as a sentence for whoever follows the run."""
    said = f"{run.target} is {cluster.state.name}"
    if cluster.percent is not None:
        said += f", {cluster.percent} %"
    if cluster.seconds_left:
        said += f", about {max(1, round(cluster.seconds_left / 60))} minutes left"
    return said
