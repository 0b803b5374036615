"""The exercises: how each situation comes about, and what must be true when it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.errors import DemoError
from demo.ground.world import CLUSTER
from demo.story import PLAN, PRIMARY, RECOVERY, TABLE
from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.ground.world import Ground

#: What a bad load leaves of the orders.
_RUBBISH: Final = 12
_HOUR: Final = timedelta(hours=1)
_SOON: Final = timedelta(minutes=20)


@dataclass(frozen=True)
class Exercise:
    """One situation.

    Attributes:
        summary: what it trains, in a few words.
        begin: lets it come about, and notes what it began with.
        missing: tells what is not yet as it must be.
    """

    summary: str
    begin: Callable[[Ground], None]
    missing: Callable[[Ground], Iterator[str]]


def _disable_key(ground: Ground) -> None:
    key = ground.record()["recovery"]["encryption_key"]
    ground.client("kms", RECOVERY).disable_key(KeyId=key)
    ground.note("key", key=key)
    ground.door.advance(_HOUR)


def _key_works(ground: Ground) -> Iterator[str]:
    state = ground.client("kms", RECOVERY).describe_key(KeyId=ground.noted()["key"])["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        yield f"the key of the recovery site is {state}"
    if not any(each["SnapshotCreateTime"] > ground.began() for each in ground.copies()):
        yield f"no snapshot that was taken since has reached {RECOVERY}"


def _throttle(ground: Ground) -> None:
    ground.note("throttled")
    ground.door.throttle(RECOVERY, rate=2, burst=2)


def _drill_passed(ground: Ground) -> Iterator[str]:
    last = (ground.parameter(drills_name(PLAN)) or {}).get("last") or {}
    if last.get("outcome") != "Passed" or datetime.fromisoformat(last["ended"]) < ground.began():
        yield "no drill has passed since"


def _leave_behind(ground: Ground) -> None:
    ground.note("leftover")
    ground.door.faults("fail_for", 24 * 3600, "DeleteCluster", "InvalidClusterStateFault", region=RECOVERY)
    run = f'{{"plan": "{PLAN}", "mode": "drill"}}'
    ground.client("stepfunctions", RECOVERY).start_execution(
        stateMachineArn=ground.record()["machines"]["restore"], name="drill-of-the-exercise", input=run
    )
    ground.door.settle()
    ground.door.faults("clear")


def _nothing_left(ground: Ground) -> Iterator[str]:
    for cluster in ground.clusters(RECOVERY):
        if cluster["ClusterIdentifier"].startswith("drill-") and cluster["ClusterStatus"] != "deleting":
            yield f"{cluster['ClusterIdentifier']} is {cluster['ClusterStatus']} in {RECOVERY}, and costs by the hour"


def _load_badly(ground: Ground) -> None:
    ground.note("bad-load", rows=ground.rows(PRIMARY))
    ground.run("truncate orders")
    ground.write(_RUBBISH)


def _table_is_back(ground: Ground) -> Iterator[str]:
    wanted = ground.noted()["rows"]
    tables: dict[str, Any] = ground.door.model("content", PRIMARY, CLUSTER)["tables"]
    beside = {name: each["rows"] for name, each in tables.items() if name.startswith(f"{TABLE}_")}
    if wanted not in beside.values():
        yield f"no table beside {TABLE} has the {wanted:,} rows from before the load, but {beside or 'there is none'}"


def _hang(ground: Ground) -> None:
    ground.write(100)
    ground.note("outage")
    ground.door.region_down(PRIMARY, hang=True)
    ground.door.advance(2 * _HOUR)


def _is_back_elsewhere(ground: Ground) -> Iterator[str]:
    published = ground.parameter(endpoint_name(PLAN))
    if not published:
        yield f"no endpoint of {PLAN} is published: the warehouse is not back in {RECOVERY}"
        return
    cluster = ground.cluster(RECOVERY, published["cluster"])
    if cluster is None or cluster["ClusterStatus"] != "available":
        yield f"the published cluster {published['cluster']} is not available in {RECOVERY}"
    if not published["verified"]:
        yield "the endpoint is published, but the checks have not passed"


def _rebuild(ground: Ground) -> None:
    """Somebody deletes the warehouse, makes an empty one of its name, and the Region is lost before anybody notices."""
    redshift, old = ground.client("redshift", PRIMARY), ground.cluster(PRIMARY)
    assert old is not None  # noqa: S101 - the ground has one
    copy = old["ClusterSnapshotCopyStatus"]
    # the lineage is recorded by whoever looks first
    recorded = ground.parameter(lineage_name(PLAN)) or old["ClusterCreateTime"].isoformat()
    ground.note("lineage", created=recorded, rows=ground.rows(PRIMARY))
    redshift.delete_cluster(ClusterIdentifier=CLUSTER, SkipFinalClusterSnapshot=True)
    ground.door.advance(_HOUR)
    redshift.create_cluster(
        ClusterIdentifier=CLUSTER,
        NodeType=old["NodeType"],
        NumberOfNodes=old["NumberOfNodes"],
        MasterUsername=old["MasterUsername"],
        ManageMasterPassword=True,
        ClusterSubnetGroupName=old["ClusterSubnetGroupName"],
    )
    ground.door.advance(_HOUR)
    redshift.enable_snapshot_copy(
        ClusterIdentifier=CLUSTER,
        DestinationRegion=RECOVERY,
        SnapshotCopyGrantName=copy["SnapshotCopyGrantName"],
        RetentionPeriod=copy["RetentionPeriod"],
        ManualSnapshotRetentionPeriod=copy["ManualSnapshotRetentionPeriod"],
    )
    redshift.create_cluster_snapshot(ClusterIdentifier=CLUSTER, SnapshotIdentifier=f"{CLUSTER}-rebuilt")
    ground.door.advance(_HOUR)
    ground.door.region_down(PRIMARY)
    ground.door.advance(_SOON)


def _the_old_data_are_back(ground: Ground) -> Iterator[str]:
    yield from _is_back_elsewhere(ground)
    published = ground.parameter(endpoint_name(PLAN))
    if published and ground.rows(RECOVERY, cluster=published["cluster"]) == 0:
        yield f"the cluster {published['cluster']} in {RECOVERY} has no orders: it was restored from the wrong lineage"


def _two_writers(ground: Ground) -> None:
    """The Region comes back after a failover, and with it a job that writes to the old cluster."""
    old = ground.cluster(RECOVERY)
    if old is None:
        raise DemoError("this exercise follows a failover: solve `outage` first")
    ground.door.region_up(PRIMARY)
    ground.door.advance(_SOON)
    ground.write(_RUBBISH)
    ground.write(_RUBBISH, RECOVERY)
    ground.note("two-writers", groups=_groups(ground))


def _one_writer(ground: Ground) -> Iterator[str]:
    if set(_groups(ground)) & set(ground.noted()["groups"]):
        yield f"clients still reach {CLUSTER} in {PRIMARY}: it has its security groups"


def _groups(ground: Ground) -> list[str]:
    cluster = ground.cluster(PRIMARY)
    return [each["VpcSecurityGroupId"] for each in cluster["VpcSecurityGroups"]] if cluster else []


def _go_home(ground: Ground) -> None:
    if not ground.parameter(endpoint_name(PLAN)):
        raise DemoError("this exercise follows a failover: solve `outage` and `two-writers` first")
    ground.write(_RUBBISH, RECOVERY)
    ground.note("home", rows=ground.rows(RECOVERY))


def _is_home(ground: Ground) -> Iterator[str]:
    if ground.parameter(endpoint_name(PLAN)):
        yield f"the endpoint of {PLAN} is published: the warehouse is in {RECOVERY}"
    elif ground.rows(PRIMARY) != ground.noted()["rows"]:
        yield f"{CLUSTER} in {PRIMARY} has {ground.rows(PRIMARY):,} orders of {ground.noted()['rows']:,}"


EXERCISES: Final = {
    "key": Exercise("a key that somebody disabled", _disable_key, _key_works),
    "throttled": Exercise("an account that is throttled", _throttle, _drill_passed),
    "leftover": Exercise("a drill that left its cluster behind", _leave_behind, _nothing_left),
    "bad-load": Exercise("a load that emptied a table", _load_badly, _table_is_back),
    "outage": Exercise("a Region that hangs", _hang, _is_back_elsewhere),
    "two-writers": Exercise("a Region that comes back after a failover", _two_writers, _one_writer),
    "home": Exercise("a planned switchover: the way home", _go_home, _is_home),
    "lineage": Exercise("two clusters that had the same name", _rebuild, _the_old_data_are_back),
}
