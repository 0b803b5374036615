"""Sends the restore, and judges what AWS answers. The call is the lock: a name can be taken only once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.phases import Step
from resilient_redshift.cloud.restore import ladder, others, rivals
from resilient_redshift.cloud.restore.calls import AGAIN_SECONDS, FEW, MANY, Again, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.cluster import look
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.cloud.restore.seen import is_failed_restore
from resilient_redshift.contract.outcomes import (
    ACCESS_DENIED,
    ALREADY_RUNNING,
    FAILED,
    INCOMPATIBLE_VERSION,
    KEY_UNAVAILABLE,
    NO_RECOVERY_POINT,
    NOT_READY,
    QUOTA_EXCEEDED,
    TARGET_EXISTS,
)

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run
    from resilient_redshift.cloud.restore.seen import Seen

CHOOSE_SNAPSHOT: Final = "ChooseSnapshot"
RESTORE: Final = "Restore"
WAIT_FOR_CLUSTER: Final = "WaitForCluster"
MAKE_ROOM: Final = "MakeRoom"

_LOOK_SECONDS: Final = 20
#: How often a cluster that must exist may be missing before the run gives up. A new cluster may not be visible at once.
_MOST_MISSES: Final = 30
_QUOTAS: Final = "https://console.aws.amazon.com/servicequotas/home/services/redshift/quotas"
_NO_SCHEDULE: Final = "SnapshotScheduleNotFound"
#: The snapshot went, or is not what it was, since it was chosen.
_SNAPSHOT_GONE: Final = frozenset({"ClusterSnapshotNotFound", "InvalidClusterSnapshotState"})
#: What a restore needs and the Region does not have (Redshift API, RestoreFromClusterSnapshot, Errors).
_NOT_READY: Final = frozenset(
    {
        "ClusterParameterGroupNotFound",
        "ClusterSecurityGroupNotFound",
        "ClusterSubnetGroupNotFoundFault",
        "InvalidClusterSubnetGroupStateFault",
        "InvalidSubnet",
        "InvalidVPCNetworkStateFault",
    }
)
#: Redshift cannot restore this snapshot into its engine (Redshift API, RestoreFromClusterSnapshot, Errors).
_INCOMPATIBLE: Final = frozenset({"InvalidRestore", "InvalidClusterTrack"})
#: The errors that a second call may meet where the first one worked.
_NO_ROOM: Final = frozenset({Meaning.CAPACITY, Meaning.QUOTA})
#: The errors that another way to restore may not have.
_OTHER_WAY: Final = frozenset({Meaning.INVALID, Meaning.UNSUPPORTED, Meaning.UNKNOWN})


def to_restore(run: Run, aws: Aws, wait_seconds: int = 0, says: str = "") -> Step:
    """Go on to the restore. What takes the name from then on may be this run's, even if the answer gets lost.

    Args:
        run: the run.
        aws: the surroundings.
        wait_seconds: how long the machine waits before. Default: not at all.
        says: a sentence for whoever follows the run. Default: none.
    """
    at = aws.now() + timedelta(seconds=wait_seconds)
    run.call_at = run.call_at or at
    run.first_restore_at = run.first_restore_at or at
    return Step(next=RESTORE, wait_seconds=wait_seconds, says=says)


def in_another_way(run: Run, aws: Aws) -> Step:
    """Go on to the next way to restore.

    Raises:
        Ended: there is none, or the run has no patience left.
    """
    seconds = ladder.next_rung(run, aws)
    return to_restore(run, aws, seconds, f"{ladder.next_way(run, seconds)}; AWS said: {run.ladder.last_refusal}")


def restore(run: Run, aws: Aws) -> Step:
    """The phase ``Restore``: send the restore, or find out who has the name."""
    return _whose(run, aws) if run.adopting else _send(run, aws)


def _send(run: Run, aws: Aws) -> Step:
    now, rung = aws.now(), run.ladder.now
    try:
        aws.call("redshift", "RestoreFromClusterSnapshot", **_parameters(run))
    except CallFailed as error:
        return _refused(run, aws, error)
    run.attempt(now)
    if run.ladder.rung and rung.node_type:
        run.warn(f"there was no capacity for what is recorded: restored smaller, into {rung.name}")
    run.restored_at, run.misses = now, 0
    return Step(next=WAIT_FOR_CLUSTER, says=f"restoring {run.target}")


def _parameters(run: Run) -> dict[str, Any]:
    """The parameters of the restore.

    A snapshot does not contain the network, the parameter group, the roles and the key, so the call names them. A
    restore switches enhanced VPC routing off unless the call says otherwise.
    """
    chosen, first, rung = run.chosen, run.ladder.rungs[0], run.ladder.now
    if chosen is None:
        raise RuntimeError("a run restores before it chooses a snapshot")
    recovery, wanted = run.record["recovery"], run.record.get("restore", {})
    nodes = rung.number_of_nodes if rung.node_type else first.number_of_nodes
    return {
        "ClusterIdentifier": run.target,
        "SnapshotIdentifier": chosen.identifier,
        "SnapshotClusterIdentifier": run.record["cluster"]["identifier"],
        "ManageMasterPassword": True,
        "Encrypted": True,
        "KmsKeyId": recovery["encryption_key"],
        "PubliclyAccessible": False,
        "ClusterSubnetGroupName": recovery["subnet_group"],
        "VpcSecurityGroupIds": recovery["security_groups"],
        "ClusterParameterGroupName": recovery["parameter_group"],
        "IamRoles": wanted.get("iam_role_arns") or None,
        "DefaultIamRoleArn": wanted.get("default_iam_role_arn"),
        "MaintenanceTrackName": wanted.get("maintenance_track_name"),
        "CatalogName": wanted.get("catalog_name"),
        "RedshiftIdcApplicationArn": wanted.get("redshift_idc_application_arn"),
        "Port": wanted.get("port"),
        "MultiAZ": wanted.get("multi_az"),
        "NodeType": rung.node_type or first.node_type,
        "NumberOfNodes": nodes,
        "AvailabilityZone": rung.zone,
        "EnhancedVpcRouting": True if chosen.enhanced_vpc_routing else None,
        "AutomatedSnapshotRetentionPeriod": 1 if run.is_drill else wanted.get("automated_days"),
        "SnapshotScheduleIdentifier": wanted.get("snapshot_schedule") if run.with_schedule else None,
    }


def _refused(run: Run, aws: Aws, error: CallFailed) -> Step:
    """What an error of the restore means. AWS's code decides."""
    chosen = run.chosen
    if chosen is None:
        raise RuntimeError("a run restores before it chooses a snapshot")
    if error.code == "ClusterAlreadyExists":
        run.adopting = True
        return Step(next=RESTORE)
    wait_out(run, aws.now(), error, MANY)
    if error.code == "InvalidClusterSnapshotState" and run.tries.get(error.operation, 0) < FEW:
        # the state may pass, and each older snapshot loses data
        raise Again(error.operation, AGAIN_SECONDS, error.code)
    if error.code == _NO_SCHEDULE and run.with_schedule:
        return _without_schedule(run, aws)
    run.attempt(aws.now(), f"{chosen.identifier}: {error}")
    if error.meaning in _NO_ROOM and _is_there(run, aws):
        run.adopting = True
        return Step(next=RESTORE)
    return _turned_down(run, aws, error, chosen.identifier)


def _without_schedule(run: Run, aws: Aws) -> Step:
    run.with_schedule = False
    schedule = run.record["restore"]["snapshot_schedule"]
    run.warn(f"the snapshot schedule {schedule} is not there; restored without it")
    return to_restore(run, aws, says=f"the snapshot schedule {schedule} is not there; restoring without it")


def _turned_down(run: Run, aws: Aws, error: CallFailed, snapshot: str) -> Step:
    """What else there is to try after AWS turned a restore down for good.

    Raises:
        Ended: nothing.
    """
    another = error.code in _NOT_READY or error.meaning in _OTHER_WAY
    if error.meaning is Meaning.CAPACITY or (run.ladder.rung and another):
        return _another_way(run, aws, error)
    if error.code in _SNAPSHOT_GONE:
        gone = f"the snapshot {snapshot} is gone since it was found, and there is no older usable one: {error.message}"
        return _older(run, aws, NO_RECOVERY_POINT, gone)
    if error.code in _INCOMPATIBLE:
        return _incompatible(run, aws, error)
    if error.meaning is Meaning.QUOTA:
        return _over_quota(run, aws, error)
    raise _end(run, error)


def _over_quota(run: Run, aws: Aws, error: CallFailed) -> Step:
    """Make room once, then go on to another way: a configuration of smaller nodes may have more of them.

    Raises:
        Ended: there is no other way.
    """
    if not run.is_drill and run.room is None:
        run.call_at = None
        return Step(next=MAKE_ROOM, says="a quota is reached; clusters of drills make room")
    if run.is_drill:
        # a failover that began since the last look may have taken the room
        others.look(run, aws)
        others.yield_to_failover(run)
    if run.ladder.rung:
        return _another_way(run, aws, error)
    raise Ended(QUOTA_EXCEEDED, f"{error.message} Ask for more: {_QUOTAS}")


def _is_there(run: Run, aws: Aws) -> bool:
    """Whether the name is taken after all. A former call whose answer got lost may itself have taken the room."""
    try:
        return look(aws, run.target) is not None
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        return False


def _another_way(run: Run, aws: Aws, error: CallFailed) -> Step:
    run.ladder.refuse(error.message, no_capacity=error.meaning is Meaning.CAPACITY)
    # AWS said no, so what takes the name from now on is not of this call. An unknown error is no clear no.
    if error.meaning is not Meaning.UNKNOWN:
        run.call_at = None
    return in_another_way(run, aws)


def _older(run: Run, aws: Aws, outcome: str, why_not: str) -> Step:
    """Go on to the next older snapshot.

    Raises:
        Ended: there is none.
    """
    if not run.older:
        raise Ended(outcome, why_not)
    run.chosen = run.older.pop(0)
    return to_restore(run, aws, says=f"next older: {run.chosen.identifier} of {iso(run.chosen.created)}")


def _incompatible(run: Run, aws: Aws, error: CallFailed) -> Step:
    """Go on to the next older snapshot, and then to the newest one of another engine, each once.

    Snapshots of an hourly rule follow each other so closely that hundreds of them are of one engine.

    Raises:
        Ended: there is none, or both were tried.
    """
    chosen = run.chosen
    name, engine = (chosen.identifier, chosen.engine) if chosen else ("", None)
    nor = ", nor the newer ones" if run.older_tried else ""
    why_not = f"Redshift in {aws.region} cannot restore {name}{nor}: {error.message}"
    if run.older_tried:
        others = [point for point in run.older if engine and point.engine and point.engine != engine]
        if run.engine_tried or not others:
            raise Ended(INCOMPATIBLE_VERSION, why_not)
        run.older, run.engine_tried = others, True
    run.older_tried = True
    return _older(run, aws, INCOMPATIBLE_VERSION, why_not)


def _end(run: Run, error: CallFailed) -> Ended:
    """The outcome of an error that nothing helps against."""
    if error.meaning is Meaning.KEY:
        key = run.record["recovery"]["encryption_key"]
        return Ended(KEY_UNAVAILABLE, f"the key {key}, or that of the snapshot, cannot be used: {error.message}")
    if error.code in _NOT_READY:
        run.missing.append(error.message)
        return Ended(NOT_READY, str(error))
    if error.passes:
        return Ended(FAILED, f"{error}; whether {run.target} is being restored all the same is not known")
    return Ended(ACCESS_DENIED if error.refused else FAILED, str(error))


def _whose(run: Run, aws: Aws) -> Step:
    """Find out who has the name: a call of this run whose answer got lost, or somebody else.

    Raises:
        Ended: somebody else has it.
    """
    try:
        cluster = look(aws, run.target)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        raise
    if cluster is None:
        run.misses += 1
        if run.misses > _MOST_MISSES:
            raise Ended(FAILED, f"Redshift says that {run.target} exists, and does not show it")
        run.adopting = False
        return to_restore(run, aws, _LOOK_SECONDS)
    if cluster.made_by == run.name:
        return _adopt(run, cluster)
    if not cluster.tags and run.call_at is not None and cluster.younger_than(run.call_at):
        run.doubts += 1
        if run.doubts == 1:
            # whoever made it tags it at once, and the list of executions lags a little
            return Step(next=RESTORE, wait_seconds=_LOOK_SECONDS)
        others.look(run, aws, certain=True)
        same = rivals.of_this_plan(run)
        if not same:
            return _adopt(run, cluster)
        raise Ended(ALREADY_RUNNING, f"the run {same[0]} of this plan is running, and may have made {run.target}")
    raise taken(run, aws, cluster)


def _adopt(run: Run, cluster: Seen) -> Step:
    at = run.call_at or cluster.created or run.started
    if not cluster.tags:
        run.attempt(at, rung=f"{run.ladder.now.name}, its answer lost")
    run.adopting, run.restored_at, run.misses = False, at, 0
    run.tagged = cluster.made_by == run.name
    return Step(next=WAIT_FOR_CLUSTER, says=f"restoring {run.target}")


def taken(run: Run, aws: Aws, cluster: Seen) -> Ended:
    """The end of a run whose target is somebody else's.

    Args:
        run: the run.
        aws: the surroundings, to ask which other runs are under way.
        cluster: the cluster with the name.
    """
    running = others.look(run, aws)
    if cluster.made_by in running:
        return Ended(ALREADY_RUNNING, f"the run {cluster.made_by} is restoring into {run.target}")
    same = rivals.of_this_plan(run)
    if not cluster.tags and same:
        return Ended(ALREADY_RUNNING, f"the run {same[0]} of this plan is running, and may have made {run.target}")
    made_by = f"the run {cluster.made_by}, which is over" if cluster.made_by else "somebody else"
    what = f"there is a cluster {run.target} already ({cluster.state.name}, made by {made_by}); it was not touched"
    if is_failed_restore(run, cluster):
        return Ended(
            TARGET_EXISTS,
            f"{what}. It was never available, so it holds nothing that a new restore does not bring. Pass "
            "--replace-failed to have it deleted, or give a target that begins with restored- (and publish, if "
            "clients are to go there)",
        )
    if cluster.belongs_to(run.request.plan) and cluster.state.passes:
        return Ended(
            TARGET_EXISTS, f"{what}. It is still being restored: wait until it is available, then let people in"
        )
    return Ended(
        TARGET_EXISTS,
        f"{what}. Give a target that begins with restored- (and publish, if clients are to go there), or take it away",
    )
