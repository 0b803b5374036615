"""An upgrade: the example as commit c11d120 deployed it, and then the example of today.

``former/`` has the templates of c11d120. Two archives are not there. The framework's comes with aws-cdk-lib. The
library's is today's: the custom resources of both releases have the same handler strings, properties and records.

The emulated AWS does not run the former machines, which call services by themselves. A stand-in runs in the place of a
drill that is under way: it waits, as a former drill does between two looks at its cluster, and then asks Redshift.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import app as example
from resilient_redshift.contract import names
from tests.e2e.providers import described
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, copy_status, snapshots, synth, take_snapshot, wait_until

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

FORMER: Final = Path(__file__).with_name("former")
STACKS: Final = {"Warehouse": PRIMARY, "WarehouseRecovery": RECOVERY}
PLAN: Final = "sales-us-east-1"
DRILL, CLUSTER_OF_DRILL = "former-drill", f"{names.drill_prefix(PLAN, RECOVERY)}202611230900"
#: How long the run under way waits.
PAUSE: Final = dt.timedelta(hours=3)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
#: What must stay what it is: whatever holds data, a record, a memory or a history, or is known by its name elsewhere.
KEPT: Final = (
    "AWS::Redshift::",
    "AWS::KMS::",
    "AWS::SSM::Parameter",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::Logs::",
    "AWS::CloudWatch::Alarm",
    "AWS::StepFunctions::StateMachine",
    "AWS::Events::Rule",
    "Custom::",
)
#: A function applies the tiers now.
GONE: Final = {"SiteTiersMachine"}
#: What the drill's own check asks, and the answer that passes.
ANSWERS: Final = {"select max(day) >= current_date - 2 from orders": True}
#: Calls that lose a copy, a grant, a snapshot or a cluster, or leave a copy off.
LOSING: Final = ("Disable", "Delete", "BatchDelete")


@dataclasses.dataclass(frozen=True)
class Upgrade:
    """What was there before the upgrade and after it, and what it called."""

    run: CdkRun
    before: dict[tuple[str, str], str]
    after: dict[tuple[str, str], str]
    points: set[tuple[str, str]]
    points_after: set[tuple[str, str]]
    copy: dict[str, Any]
    calls: list[dict[str, Any]]
    drill: str
    during: tuple[str, bool]
    later: tuple[str, bool]


def kept(aws: EmulatedAws) -> dict[tuple[str, str], str]:
    """The physical ids of what must stay, by type and logical id."""
    return {
        (each["ResourceType"], each["LogicalResourceId"]): each["PhysicalResourceId"]
        for stack, region in STACKS.items()
        for each in described(aws, region, stack)
        if each["ResourceType"].startswith(KEPT)
    }


def points(aws: EmulatedAws) -> set[tuple[str, str]]:
    """The recovery points that can be used, in both Regions."""
    return {
        (region, each["SnapshotIdentifier"])
        for region in (PRIMARY, RECOVERY)
        for each in snapshots(aws, region)
        if each["Status"] == "available"
    }


def former_assembly(folder: Path, present: Path) -> Path:
    """The cloud assembly of the former example, with the archives of the present one."""
    made = Path(shutil.copytree(FORMER, folder))
    [archive] = (each.parent for each in present.glob("asset.*/handler"))
    [framework] = (each.parent for each in present.glob("asset.*/framework.js"))
    for manifest in made.glob("*.assets.json"):
        for file in json.loads(manifest.read_text())["files"].values():
            if file["source"]["packaging"] == "zip":
                source = framework if "Framework" in file["displayName"] else archive
                shutil.copytree(source, made / file["source"]["path"], dirs_exist_ok=True)
    return made


@pytest.fixture(scope="module")
def upgrade(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    """The former example with an automated and a manual snapshot, both copied; then the present example."""
    folder = tmp_path_factory.mktemp("upgrade")
    present = synth(folder, lambda app: (app.node.set_context("account", aws.account), example.build(app)))
    first = aws.cdk("deploy", "--all", app=former_assembly(folder / "former", present))
    assert first.ok, first.output
    aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": 1000}, answers=ANSWERS)
    take_snapshot(aws, "by-hand")
    wait_until(aws, lambda: len([point for point in points(aws) if point[0] == RECOVERY]) > 1, 10 * MINUTE)
    before, found, copy = kept(aws), points(aws), copy_status(aws)
    assert copy is not None
    drill = start_former_drill(aws, machine_of(before))
    since = aws.mark()
    run = aws.cdk("deploy", "--all", app=present)
    after, points_after, calls = kept(aws), points(aws), aws.calls(since)
    aws.advance(dt.timedelta(minutes=65))
    during = seen(aws, drill)
    aws.advance(PAUSE + dt.timedelta(minutes=65))
    return Upgrade(run, before, after, found, points_after, copy, calls, drill, during, seen(aws, drill))


def machine_of(found: dict[tuple[str, str], str]) -> str:
    """The ARN of the machine that restores."""
    [arn] = (arn for (kind, name), arn in found.items() if kind.endswith("StateMachine") and "SiteRestore" in name)
    return arn


def start_former_drill(aws: EmulatedAws, machine: str) -> str:
    """Start the stand-in of a former drill, and make the cluster that such a drill has made by then; the run's ARN."""
    states, redshift = aws.client("stepfunctions", RECOVERY), aws.client("redshift", RECOVERY)
    former = states.describe_state_machine(stateMachineArn=machine)["definition"]
    look = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshift:describeClusters", "End": True}
    pause = {"Type": "Wait", "Seconds": int(PAUSE.total_seconds()), "Next": "Look"}
    definition = {"StartAt": "Pause", "States": {"Pause": pause, "Look": look}}
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    aws.hold_time()
    given = json.dumps({"plan": PLAN, "mode": "drill"})
    run = str(states.start_execution(stateMachineArn=machine, name=DRILL, input=given)["executionArn"])
    aws.advance(MINUTE)
    aws.hold_time(False)
    states.update_state_machine(stateMachineArn=machine, definition=former)
    tags = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: DRILL, names.TAG_DRILL: "true"}
    redshift.create_cluster(
        ClusterIdentifier=CLUSTER_OF_DRILL,
        NodeType="ra3.large",
        MasterUsername="drill",
        ManageMasterPassword=True,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return run


def seen(aws: EmulatedAws, run: str) -> tuple[str, bool]:
    """The status of a run, and whether the cluster of the former drill exists."""
    found = aws.client("stepfunctions", RECOVERY).describe_execution(executionArn=run)["status"]
    clusters = aws.client("redshift", RECOVERY).describe_clusters()["Clusters"]
    return str(found), CLUSTER_OF_DRILL in {each["ClusterIdentifier"] for each in clusters}


def test_nothing_is_replaced_that_holds_anything(upgrade: Upgrade) -> None:
    # GIVEN the former example
    assert len(upgrade.before) > len(KEPT)
    # WHEN the present one is deployed
    assert upgrade.run.ok, upgrade.run.output
    # THEN everything is there under its old name, but for the machine that applied the tiers
    lost = {what for what, name in upgrade.before.items() if upgrade.after.get(what) != name}
    assert {logical_id[:-8] for _, logical_id in lost} == GONE


def test_no_copy_goes_off_and_no_recovery_point_is_lost(aws: EmulatedAws, upgrade: Upgrade) -> None:
    # GIVEN recovery points in both Regions
    assert {region for region, _ in upgrade.points} == {PRIMARY, RECOVERY}
    # WHEN the present example is deployed THEN nobody switches a copy off or deletes anything at Redshift
    changes = [call["operation"] for call in upgrade.calls if call["service"] == "redshift" and call["mutating"]]
    assert [operation for operation in changes if operation.startswith(LOSING)] == []
    # AND the copy and every recovery point are as they were
    assert copy_status(aws) == upgrade.copy
    assert upgrade.points <= upgrade.points_after


def test_every_rule_starts_what_there_is_and_all_of_it_works(aws: EmulatedAws, upgrade: Upgrade) -> None:
    # GIVEN the upgraded stacks
    functions, machines = set(), set()
    for region in STACKS.values():
        functions |= {each["FunctionArn"] for each in aws.client("lambda", region).list_functions()["Functions"]}
        found = aws.client("stepfunctions", region).list_state_machines()["stateMachines"]
        machines |= {each["stateMachineArn"] for each in found}
    # WHEN the targets of the rules are looked at
    targets: dict[str, str] = {}
    for region in STACKS.values():
        events = aws.client("events", region)
        for rule in events.list_rules()["Rules"]:
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                targets[rule["Description"]] = target["Arn"]
    # THEN each one exists: a function for what comes each hour, a machine for what takes long
    assert set(targets.values()) <= functions | machines
    hourly = {word: [arn for text, arn in targets.items() if word in text] for word in ("tiers", "removes what drills")}
    assert {word: len(functions.intersection(arns)) for word, arns in hourly.items()} == dict.fromkeys(hourly, 1)
    # AND in the next day a snapshot is taken and copied, and both functions do their work
    since = aws.mark()
    aws.advance(DAY)
    new = points(aws) - upgrade.points_after
    assert {region for region, name in new if "-nightly-" in name} == {PRIMARY, RECOVERY}
    made = [call for call in aws.calls(since) if call["operation"] == "PutMetricData"]
    for function in ("SiteTiersFunction", "SiteRestoreCleanUp"):
        assert [call["error"] for call in made if function in call["principal"]].count(None) > 0, function
    for region in STACKS.values():
        queues = aws.client("sqs", region)
        for url in queues.list_queues()["QueueUrls"]:
            letters = queues.receive_message(QueueUrl=url).get("Messages", [])
            assert [each["Body"] for each in letters if each["Body"].startswith("{")] == []


def test_a_drill_passes_after_the_upgrade(aws: EmulatedAws, upgrade: Upgrade) -> None:
    # GIVEN the upgraded restore machine, and copies that the former example made
    assert upgrade.run.ok
    states = aws.client("stepfunctions", RECOVERY)
    given = {"plan": PLAN, "mode": "drill"}
    # WHEN a drill runs
    run = states.start_execution(stateMachineArn=machine_of(upgrade.after), input=json.dumps(given))
    aws.settle()
    # THEN it passes
    found = states.describe_execution(executionArn=run["executionArn"])
    assert found["status"] == "SUCCEEDED", found


def test_a_drill_under_way_ends_and_what_it_made_is_removed(aws: EmulatedAws, upgrade: Upgrade) -> None:
    # GIVEN a drill of the former machine that is under way, with its cluster
    # WHEN the present example is deployed THEN the run goes on, and the hourly clean-up spares its cluster
    assert upgrade.during == ("RUNNING", True)
    # AND it ends at its next call, because the machine has no right at Redshift any more
    cause = aws.client("stepfunctions", RECOVERY).describe_execution(executionArn=upgrade.drill)["cause"]
    assert "is not authorized to perform: redshift:DescribeClusters" in cause
    # AND the clean-up removes the cluster
    assert upgrade.later == ("FAILED", False)
