"""Would a failover start now: each thing that it needs, in each of its states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import CODES
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.restore.published import Published
from resilient_redshift.cloud.restore.run import RestoredCluster
from resilient_redshift.cloud.restore.seen import Seen
from resilient_redshift.cloud.restore.sight import Look, Sight
from resilient_redshift.cloud.restore.standing import judge as standing_of
from resilient_redshift.cloud.watch import readiness
from resilient_redshift.cloud.watch.readiness_reading import Replies
from resilient_redshift.contract.names import TAG_DRILL, TAG_EXECUTION, TAG_PLAN
from tests.cloud.restore.copies import BORN, copy
from tests.cloud.restore.record import (
    CLUSTER,
    NOW,
    PARAMETER_GROUP,
    PLAN,
    ROLE,
    SECURITY_GROUP,
    SUBNET_GROUP,
    a_record,
)

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.needs import Line

KEY = "arn:aws:kms:us-west-2:111122223333:key/1f0c6a52"
RECORD = a_record(KEY, restore={"number_of_nodes": 2})
ALLOWED = {"EvaluationResults": [{"EvalActionName": "any", "EvalDecision": "allowed"}]}
OURS = {TAG_PLAN: PLAN, TAG_EXECUTION: "failover-1"}


def unread(code: str) -> Unread:
    return Unread(f"Call: {code}: why", code=code, meaning=CODES[code], message="why")


DENIED, BUSY = unread("AccessDenied"), unread("Throttling")


def quota(nodes: float, name: str = "Nodes") -> dict[str, Any]:
    return {"Quota": {"QuotaName": name, "Value": nodes}}


def results(action: str, decision: str, *lacking: str) -> list[Any]:
    one = {"EvalActionName": action, "EvalDecision": decision, "MissingContextValues": list(lacking)}
    return [ALLOWED, {"EvaluationResults": [one]}]


def rights(**changes: list[Any]) -> dict[str, Any]:
    return {"rights": {"machine": [ALLOWED], "function": [ALLOWED], **changes}}


WELL = Replies(
    machine={"status": "ACTIVE", "name": "Restore"},
    function={"State": "Active", "FunctionName": "Function"},
    concurrency={},
    rights={"machine": [ALLOWED], "function": [ALLOWED]},
    roles={ROLE: {"Role": {}}},
    key={"KeyMetadata": {"KeyState": "Enabled"}},
    grant={"SnapshotCopyGrants": [{}]},
    subnet_group={"ClusterSubnetGroups": [{}]},
    parameter_group={"ParameterGroups": [{}]},
    security_groups={"SecurityGroups": [{"GroupId": SECURITY_GROUP}]},
    quota=quota(200),
)


def cluster(status: str = "available", name: str = CLUSTER, *, nodes: int | None = 2, **fields: Any) -> Seen:
    facts = RestoredCluster(node_type="ra3.large", number_of_nodes=nodes)
    tags = fields.pop("tags", {})
    return Seen(identifier=name, state=states.of(status), created=BORN, tags=tags, facts=facts, **fields)


def judged(
    replies: dict[str, Any] | None = None, record: dict[str, Any] | None = None, **looks: Any
) -> dict[str, Line]:
    """The lines by their name, where all is well but for what a test says."""
    well: dict[str, Any] = {
        "published": Look(),
        "primary": Look(problem="the primary is not asked"),
        "clusters": Look(value=[]),
        "points": Look(value=[copy("newest", 2, number_of_nodes=2)]),
        "lineage": Look(value=BORN),
    }
    sight = Sight(**{**well, **looks})
    choice = standing_of(record or RECORD, sight, NOW).choice
    lines = readiness.judge(
        record or RECORD, lacks=[], replies=replace(WELL, **(replies or {})), sight=sight, choice=choice, now=NOW
    )
    return {line.name: line for line in lines}


def test_all_is_well() -> None:
    # GIVEN a recovery Region that has everything WHEN judged THEN every line is ok, and nothing is found
    lines = judged()
    assert {line.state for line in lines.values()} == {"ok"}
    assert len(lines) == 14
    assert readiness.findings([*lines.values()]) == {}


@pytest.mark.parametrize(
    ("name", "replies", "state", "seen"),
    [
        ("restore machine", {"machine": None}, "not ok", "the plan record does not say which"),
        ("restore machine", {"machine": unread("StateMachineDoesNotExist")}, "not ok", "not there"),
        ("restore machine", {"machine": {"status": "DELETING"}}, "not ok", "it is DELETING"),
        ("restore machine", {"machine": DENIED}, "cannot tell", "Call: AccessDenied: why"),
        ("restore function", {"function": None}, "cannot tell", "the restore machine does not show"),
        ("restore function", {"function": unread("ResourceNotFoundException")}, "not ok", "not there"),
        ("restore function", {"function": {"State": "Failed", "StateReason": "no ENI"}}, "not ok", "failed: no ENI"),
        ("restore function", {"function": {"State": "Inactive", "FunctionName": "F"}}, "ok", "F"),
        ("restore function", {"function": {"State": "Pending"}}, "cannot tell", "it is Pending"),
        ("restore function", {"concurrency": {"ReservedConcurrentExecutions": 0}}, "not ok", "its reserved concurr"),
        ("restore function", {"concurrency": BUSY}, "cannot tell", "Call: Throttling"),
        (
            "function's rights",
            rights(function=results("kms:Decrypt", "explicitDeny")),
            "not ok",
            "not allowed: k",
        ),
        (
            "function's rights",
            rights(function=results("a:B", "implicitDeny", "x")),
            "cannot tell",
            "IAM cannot",
        ),
        ("function's rights", rights(function=[DENIED]), "cannot tell", "Call: AccessDenied"),
        ("function's rights", rights(function=[unread("NoSuchEntity")]), "not ok", "the role is not there"),
        ("machine's rights", rights(machine=[]), "cannot tell", "it is not known which role that is"),
        ("cluster's roles", {"roles": {ROLE: unread("NoSuchEntity")}}, "not ok", f"not there: {ROLE}"),
        ("cluster's roles", {"roles": {ROLE: BUSY}}, "cannot tell", "Call: Throttling"),
        ("key", {"key": {"KeyMetadata": {"KeyState": "Disabled"}}}, "not ok", f"the key {KEY} is Disabled"),
        ("key", {"key": unread("NotFoundException")}, "not ok", f"the key {KEY} cannot be used: why"),
        ("key", {"key": DENIED}, "cannot tell", "Call: AccessDenied"),
        ("copy grant", {"grant": unread("SnapshotCopyGrantNotFoundFault")}, "not ok", "not there: recovery-1; no new"),
        ("copy grant", {"grant": {"SnapshotCopyGrants": []}}, "not ok", "not there: recovery-1; no new"),
        ("copy grant", {"grant": BUSY}, "cannot tell", "Call: Throttling"),
        ("subnet group", {"subnet_group": {"ClusterSubnetGroups": []}}, "not ok", f"not there: {SUBNET_GROUP}"),
        ("subnet group", {"subnet_group": BUSY}, "cannot tell", "Call: Throttling"),
        ("parameter group", {"parameter_group": {"ParameterGroups": []}}, "not ok", f"not there: {PARAMETER_GROUP}"),
        ("security groups", {"security_groups": {"SecurityGroups": []}}, "not ok", f"not there: {SECURITY_GROUP}"),
        ("security groups", {"security_groups": DENIED}, "cannot tell", "Call: AccessDenied"),
        ("node quota", {"quota": quota(2)}, "ok", "2 more than the 0 in use, of 2"),
        ("node quota", {"quota": quota(1)}, "not ok", "2 more than the 0 in use, of 1"),
        ("node quota", {"quota": quota(200, "Reserved nodes")}, "cannot tell", "Service Quotas calls L-F9D462EE"),
        ("node quota", {"quota": DENIED}, "cannot tell", "Call: AccessDenied"),
    ],
)
def test_each_thing_is_ok_or_not_or_cannot_be_told(name: str, replies: dict[str, Any], state: str, seen: str) -> None:
    # GIVEN one reply of AWS WHEN judged THEN its line says what that means, what to do, and no other line changes
    lines = judged(replies)
    line = lines.pop(name)
    assert (line.state, line.seen[: len(seen)]) == (state, seen)
    assert bool(line.to_do) == (state != "ok")
    assert {other.state for other in lines.values()} == {"ok"}


@pytest.mark.parametrize(
    ("others", "multi_az", "state"),
    [
        ([cluster(name="other", nodes=6)], False, "ok"),
        ([cluster(name="other", nodes=7)], False, "not ok"),
        ([cluster(name="drill", nodes=7, tags={TAG_DRILL: "true"})], False, "ok"),  # a failover deletes it first
        ([cluster(name="other", nodes=None)], False, "cannot tell"),
        ([cluster(name="other", nodes=6)], True, "cannot tell"),
    ],
    ids=["fits", "too many", "a drill", "unknown", "Multi-AZ"],
)
def test_the_nodes_in_use_count(others: list[Seen], multi_az: bool, state: str) -> None:
    # GIVEN clusters in the recovery Region, and a quota of eight nodes WHEN two more are restored THEN they fit or not
    record = a_record(KEY, restore={"number_of_nodes": 2, "multi_az": multi_az})
    assert judged({"quota": quota(8)}, record, clusters=Look(value=others))["node quota"].state == state


def test_the_snapshot_says_how_many_nodes_a_restore_takes() -> None:
    # GIVEN a record that names no number of nodes WHEN judged THEN the newest copy has it
    assert judged({"quota": quota(1)}, a_record(KEY))["node quota"].state == "not ok"


def test_a_first_day_without_a_copy_opens_no_finding() -> None:
    # GIVEN a plan without a copy, whose record names no number of nodes WHEN judged
    lines = judged(None, a_record(KEY), points=Look(value=[]))
    # THEN a failover would not start, and the watcher leaves that to the age of the recovery point
    assert (lines["recovery point"].state, lines["node quota"].state) == ("not ok", "cannot tell")
    assert readiness.findings([*lines.values()]) == {}
    assert readiness.state_of([*lines.values()]) == "not ok"


@pytest.mark.parametrize("look", ["points", "lineage", "published"])
def test_a_recovery_point_that_cannot_be_read_is_not_called_missing(look: str) -> None:
    # GIVEN one look that failed WHEN judged THEN the recovery point is unknown, with the reason
    line = judged(**{look: Look(problem="AccessDenied: no right")})["recovery point"]
    assert (line.state, line.seen) == ("cannot tell", "AccessDenied: no right")


def test_two_lineages_must_be_told_apart() -> None:
    points = [copy("newest", 2), copy("older", 4, lineage=NOW)]
    line = judged(points=Look(value=points), lineage=Look())["recovery point"]
    assert (line.state, line.seen) == ("not ok", "there are copies of 2 clusters of one name")


PUBLISHED = Published(cluster=CLUSTER, data_of=BORN, lineage=BORN, at=BORN, execution="failover-1")


@pytest.mark.parametrize(
    ("holder", "looks", "state", "to_do"),
    [
        (cluster(), {}, "not ok", "take it away, or fail over into another name"),
        (
            cluster("incompatible-restore", tags=OURS),
            {},
            "not ok",
            f"resilient-redshift failover {PLAN} --replace-failed",
        ),
        (cluster("creating", tags=OURS), {}, "not ok", "wait until it is available"),
        (cluster("creating", tags=OURS), {"running": Look(value=["failover-1"])}, "ok", ""),
        (cluster(tags=OURS), {"published": Look(value=PUBLISHED)}, "ok", ""),
        (cluster(tags=OURS), {"published": Look(problem="denied")}, "cannot tell", "run it again"),
        (cluster(name="other"), {}, "ok", ""),
    ],
    ids=["somebody's", "failed", "restoring", "running", "published", "unread", "another name"],
)
def test_the_clusters_name_must_be_free(holder: Seen, looks: dict[str, Any], state: str, to_do: str) -> None:
    # GIVEN a cluster of the recovery Region WHEN judged THEN a failover would end TargetExists, or would not
    line = judged(clusters=Look(value=[holder]), **looks)["cluster name"]
    assert (line.state, line.to_do[: len(to_do)]) == (state, to_do)


def test_the_findings_name_each_thing() -> None:
    # GIVEN a machine that is gone and a call that was throttled WHEN the watcher asks THEN each finding names its things
    lines = judged({"machine": {"status": "DELETING"}, "subnet_group": BUSY})
    assert readiness.findings([*lines.values()]) == {
        "NotReady": "a failover would not start now: restore machine: it is DELETING",
        "ReadinessUnknown": "it cannot be told whether a failover would start: subnet group: Call: Throttling: why",
    }


def test_a_key_opens_no_second_finding() -> None:
    # GIVEN a disabled key, for which each run of the watcher has a finding WHEN judged THEN it is not ready, once
    lines = [*judged({"key": {"KeyMetadata": {"KeyState": "Disabled"}}}).values()]
    assert (readiness.state_of(lines), readiness.findings(lines)) == ("not ok", {})


def test_a_record_that_lacks_something_is_not_ready() -> None:
    # GIVEN a record without a subnet group WHEN judged THEN its line says so, and no line is made up for the group
    lines = readiness.judge(
        a_record(KEY, recovery={"subnet_group": None}),
        lacks=["recovery.subnet_group is missing"],
        replies=replace(WELL, subnet_group=None),
        sight=Sight(published=Look(), primary=Look(), clusters=Look(value=[]), points=Look(value=[]), lineage=Look()),
        choice=None,
        now=NOW,
    )
    assert lines[0].seen == "recovery.subnet_group is missing"
    assert "subnet group" not in {line.name for line in lines}
    [missing] = readiness.without_record(PLAN)
    assert (missing.state, missing.seen) == ("not ok", f"there is no record /resilient-redshift/plans/{PLAN}")
