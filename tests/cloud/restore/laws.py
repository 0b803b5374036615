"""What no run of a restore may ever do. Every test looks at it before each call and after each run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]

from resilient_redshift.cloud.restore.phases import PHASES
from resilient_redshift.contract import names, outcomes, schemas
from tests.cloud.restore.record import AWAY, DRILLS, PLAN, PREFIX, SUBNET_GROUP, TOPIC

if TYPE_CHECKING:
    from emulator.redshift_model.state import Cluster, Snapshot
    from tests.cloud.restore.world import Call, RestoreWorld
    from tests.phases.driver import Execution

_REPORTS = jsonschema.Draft202012Validator(
    schemas.REPORT_SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
#: What may change anything at AWS.
CHANGES = {
    "RestoreFromClusterSnapshot",
    "DeleteCluster",
    "CreateTags",
    "EnableLogging",
    "EnableSnapshotCopy",
    "ModifyCluster",
    "ModifyClusterSnapshotSchedule",
    "ExecuteStatement",
    "PutParameter",
    "PutMetricData",
    "PutEvents",
    "Publish",
    "PutObject",
    "ChangeResourceRecordSets",
}
_MEMORIES = jsonschema.Draft202012Validator(schemas.DRILLS_SCHEMA)
#: The states in which a restore ends that failed. A key that cannot be used is not one of them.
FAILED_STATES = {
    *("hardware-failure", "incompatible-hsm", "incompatible-network", "incompatible-parameters"),
    *("incompatible-restore", "insufficient-capacity", "insufficient-vpce", "storage-full"),
}
#: How a run reports a bug of its own.
_BUG = re.compile(
    rf"(?:{'|'.join(PHASES)}): (?:(?:Key|Type|Value|Index|Attribute|Runtime|Assertion|Overflow|UnicodeEncode)Error|"
    "Again|Ended|CallFailed|RunTooLarge)"
)
#: Error names by which a run may end.
FAILURES = set(outcomes.RESTORE_OUTCOMES)


def look_before(world: RestoreWorld, call: Call) -> None:
    """Judge a call by what it is about to touch."""
    reads = call.operation.startswith(("Describe", "Get", "List"))
    assert reads or call.operation in CHANGES, f"{call.operation} is not in the contract"
    if call.operation == "DeleteCluster":
        _may_delete(world, call.params)
    if call.operation == "RestoreFromClusterSnapshot":
        _may_restore(world, call.params)
    if call.operation == "CreateTags":
        name = call.params["ResourceName"].rsplit(":", 1)[-1]
        assert call.params["ResourceName"].split(":")[-2] == "cluster"
        assert world.targets.fullmatch(name), name
    if call.operation == "ExecuteStatement":
        assert "SecretArn" not in call.params  # no secret is ever read
        assert call.params["DbUser"]
        assert re.match(r"(?i)\s*(select|with)\b", call.params["Sql"]), call.params["Sql"]


def _may_delete(world: RestoreWorld, params: dict[str, Any]) -> None:
    name = params["ClusterIdentifier"]
    assert params.get("SkipFinalClusterSnapshot") is True
    cluster = world.model.world.clusters.get((AWAY, name))
    if cluster is None:
        return
    if not name.startswith("drill-"):
        _may_replace(cluster)
        return
    owner = cluster.tags.get(names.TAG_PLAN)
    if owner == PLAN or (owner is not None and name.startswith(names.drill_prefix(owner, AWAY))):
        return  # a drill's own, or, to make room for a failover, another plan's drill of the site
    if any(
        c.operation == "RestoreFromClusterSnapshot" and not c.error and c.params["ClusterIdentifier"] == name
        for c in world.calls
    ):
        return  # a call of ours made it, whatever tags others gave it since
    assert not cluster.tags, f"{name} has {cluster.tags}"
    assert name.startswith(PREFIX), f"{name} is not of this plan's drills"


def _may_replace(cluster: Cluster) -> None:
    """A failover deletes only a cluster that a run of the plan restored, that failed, and that was never available."""
    assert cluster.tags.get(names.TAG_PLAN) == PLAN, f"{cluster.identifier} has {cluster.tags}"
    assert cluster.tags.get(names.TAG_EXECUTION), f"{cluster.identifier} has {cluster.tags}"
    assert names.TAG_AVAILABLE_SINCE not in cluster.tags
    assert cluster.restore is None or cluster.restore.status == "failed"
    assert cluster.status in FAILED_STATES | {"deleting"}, cluster.status


def _may_restore(world: RestoreWorld, params: dict[str, Any]) -> None:
    assert world.targets.fullmatch(params["ClusterIdentifier"]), params["ClusterIdentifier"]
    assert params["Encrypted"] is True
    assert params["PubliclyAccessible"] is False
    assert params["ManageMasterPassword"] is True
    assert params["ClusterSubnetGroupName"] == SUBNET_GROUP
    assert params["VpcSecurityGroupIds"]
    assert params["KmsKeyId"].startswith("arn:")


def look_after(world: RestoreWorld, runs: list[Execution], before: dict[str, Snapshot], mark: int) -> None:
    """Judge what the runs left: every recovery point, and reports that their readers understand."""
    look_at_points(world, before, mark)
    for run in runs:
        if run.status == "ABORTED" or run.name == "clean-up":
            continue
        assert run.outcome in FAILURES, f"{run.error}: {run.cause}"
        judge_report(world, run)


def look_at_points(world: RestoreWorld, before: dict[str, Snapshot], mark: int) -> None:
    """Judge what became of every recovery point."""
    now = {s.identifier: s for s in world.model.snapshots(AWAY)}
    lost = [name for name, point in before.items() if now.get(name) is not point and name not in world.lost]
    assert not lost, f"recovery points were lost: {lost}"
    touched = [c for c in world.model.calls[mark:] if c.mutating and "Snapshot" in c.operation]
    assert {c.operation for c in touched} <= {
        "RestoreFromClusterSnapshot",
        "EnableSnapshotCopy",
        "ModifyClusterSnapshotSchedule",
    }


def judge_report(world: RestoreWorld, run: Execution) -> None:
    """The report: in the run's end, on the topic and in the bucket the same, by its schema, small enough."""
    text = json.dumps(run.output) if run.status == "SUCCEEDED" else run.cause
    assert len(text.encode()) <= 30_000
    report = json.loads(text)
    plan = report["plan"]
    problems = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in _REPORTS.iter_errors(report)]
    assert not problems, problems
    assert report["outcome"] == run.outcome
    assert report["execution"] == run.name
    assert report["message"]
    if not world.bugs:
        assert not [text for text in (report["message"], *report.get("warnings", ())) if _BUG.search(text)], report
    times = [report.get(name) for name in ("recovery_time_seconds", "restore_seconds", "overhead_seconds")]
    if None not in times:
        assert times[2] == max(0, times[0] - times[1] - report.get("refused_seconds", 0))
    sent = [m for m in world.fakes.messages if json.loads(m["Message"])["execution"] == run.name]
    for message in sent:
        assert message["TopicArn"] == TOPIC
        assert message["Subject"] == f"{report['outcome']}: {report['mode']} of {plan}"
        assert json.loads(message["Message"])["outcome"] == report["outcome"]
    if not plan:
        return
    kept = world.fakes.objects.get(names.report_key(plan, run.name))
    if kept is not None:
        assert json.loads(kept)["outcome"] == report["outcome"]


def remembered(world: RestoreWorld) -> dict[str, Any]:
    """What drills remember, by its schema."""
    found: dict[str, Any] = world.parameter(DRILLS)
    _MEMORIES.validate(found)
    return found
