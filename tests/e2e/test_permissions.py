"""Every role of the example without one right after the other: each step fails and says so, and no right is superfluous (scenario 8)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e import scheduled_steps
from tests.e2e.rights import Right, Roles
from tests.e2e.scene import PRIMARY, RECOVERY, snapshots
from tests.e2e.steps import STEPS
from tests.e2e.world import HOME, OFTEN, THERE, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

COPIES: Final = f"{HOME}/ResilientRedshiftProvider"
GRANTS: Final = f"{THERE}/ResilientRedshiftProvider"
SCHEDULES: Final = f"{HOME}/ResilientRedshiftScheduleProvider"
SCHEDULES_THERE: Final = f"{THERE}/ResilientRedshiftScheduleProvider"
SNAPSHOTS: Final = f"{HOME}/ResilientRedshiftSnapshots"
TIERS: Final = f"{THERE}/SiteTiersFunction"

#: Role -> (action, on what) -> the step that fails without it.
_LOUD: Final[dict[str, dict[tuple[str, str], str]]] = {
    f"{COPIES}HandlerRole": {
        ("redshift:EnableSnapshotCopy", "cluster"): "switch the copy on",
        ("redshift:DisableSnapshotCopy", "cluster"): "swap the grant",
        ("redshift:ModifySnapshotCopyRetentionPeriod", "cluster"): "raise a retention",
        ("redshift:CreateTags", "cluster"): "switch the copy on",
        ("redshift:DescribeClusters", "*"): "raise a retention",
        ("redshift:DescribeClusterSnapshots", "*"): "lower a retention",
        ("redshift:DescribeSnapshotCopyGrants", "*"): "swap the grant",
        ("kms:CreateGrant", "key"): "switch the copy on",
        ("kms:DescribeKey", "key"): "switch the copy on",
        ("states:StartExecution", "ResilientRedshiftSnapshots"): "start the first snapshot",
    },
    f"{GRANTS}HandlerRole": {
        ("redshift:CreateSnapshotCopyGrant", "snapshotcopygrant"): "make a grant",
        ("redshift:CreateTags", "snapshotcopygrant"): "adopt a grant",
        ("redshift:DescribeSnapshotCopyGrants", "*"): "make a grant",
        ("kms:DescribeKey", "key"): "make a grant",
        ("kms:CreateGrant", "key"): "make a grant",
        ("redshift:DeleteSnapshotCopyGrant", "snapshotcopygrant"): "delete a grant",
        ("kms:RetireGrant", "key"): "delete a grant",
        ("kms:RevokeGrant", "key"): "delete a grant",
    },
    f"{SCHEDULES}HandlerRole": {
        ("redshift:CreateSnapshotSchedule", "snapshotschedule"): "make a schedule",
        ("redshift:CreateTags", "snapshotschedule"): "make a schedule",
        ("redshift:DescribeSnapshotSchedules", "snapshotschedule"): "make a schedule",
        ("redshift:ModifySnapshotSchedule", "snapshotschedule"): "change a schedule",
        ("redshift:DeleteSnapshotSchedule", "snapshotschedule"): "delete a schedule",
        ("redshift:ModifyClusterSnapshotSchedule", "cluster"): "give a schedule",
        ("redshift:CreateTags", "cluster"): "give a schedule",
        ("redshift:DescribeClusters", "cluster"): "give a schedule",
    },
    f"{SNAPSHOTS}Role": {("lambda:InvokeFunction", "ResilientRedshiftSnapshotsFunction"): "take a snapshot"},
    f"{SNAPSHOTS}FunctionRole": {
        ("redshift:CreateClusterSnapshot", "snapshot"): "take a snapshot",
        ("redshift:CreateTags", "snapshot"): "take a snapshot",
        ("redshift:DescribeClusterSnapshots", "*"): "take a snapshot",
        ("redshift:DescribeClusters", "cluster"): "take a snapshot of a busy cluster",
        ("redshift:ModifyClusterSnapshot", "snapshot"): "join a snapshot",
    },
    f"{SNAPSHOTS}EventsRole": {("states:StartExecution", "ResilientRedshiftSnapshots"): "the nightly rule"},
    f"{TIERS}Role": {
        ("ssm:GetParameter", "parameter"): "give tiers",
        ("redshift:DescribeClusterSnapshots", "*"): "give tiers",
        ("redshift:ModifyClusterSnapshot", "snapshot"): "give tiers",
        ("redshift:CreateTags", "snapshot"): "give tiers",
    },
}


def _name_of(prefix: str) -> str:
    return prefix.partition("/")[2]


_FRAMEWORKS: Final = {
    COPIES: "the copies' framework",
    GRANTS: "the grants' framework",
    SCHEDULES: "the schedules' framework",
}
for _prefix, _step in _FRAMEWORKS.items():
    _name = _name_of(_prefix)
    _LOUD[f"{_prefix}FrameworkRole"] = {
        ("lambda:InvokeFunction", f"{_name}OnEvent"): _step,
        ("lambda:InvokeFunction", f"{_name}IsComplete"): _step,
        ("states:StartExecution", f"{_name}Frameworkwaiterstatemachine"): _step,
    }
LOUD: Final = {Right(role, *what): step for role, found in _LOUD.items() for what, step in found.items()}

#: The waiters' rights: what CDK's framework may ask, and whom it may tell that it gave up.
WAITING: Final = {
    prefix: tuple(
        Right(
            f"{prefix}FrameworkwaiterstatemachineRole",
            "lambda:InvokeFunction",
            f"{_name_of(prefix)}Frameworkframework{part}",
        )
        for part in ("isComplete", "onTimeout")
    )
    for prefix in _FRAMEWORKS
}
_WAITING: Final = {right for rights in WAITING.values() for right in rights}

#: What is done without, by design; each has a test of its own below that shows what is seen then.
QUIET: Final = {
    Right(f"{COPIES}HandlerRole", "redshift:DeleteTags", "cluster"): "a record of a swap stays on the cluster",
    Right(f"{SCHEDULES}HandlerRole", "redshift:DeleteTags", "cluster"): "the owner's record stays on the cluster",
    Right(
        f"{SCHEDULES}HandlerRole", "redshift:DeleteTags", "snapshotschedule"
    ): "the owner's record stays on the schedule",
    Right(
        f"{SNAPSHOTS}FunctionRole", "redshift:DeleteClusterSnapshot", "snapshot"
    ): "a failed snapshot stays beside the second try",
    Right(f"{SNAPSHOTS}FunctionRole", "cloudwatch:PutMetricData", "*"): "the snapshot stands, its numbers are missing",
    Right(f"{TIERS}Role", "cloudwatch:PutMetricData", "*"): "the tiers stand, and the alarm on silence rings",
}

_LOG_DELIVERY: Final = (
    "logs:(CreateLogDelivery|DeleteLogDelivery|DescribeLogGroups|DescribeResourcePolicies|GetLogDelivery|ListLogDeliveries|"
    "PutResourcePolicy|UpdateLogDelivery)"
)
_TRACES: Final = "xray:(GetSamplingRules|GetSamplingTargets|PutTelemetryRecords|PutTraceSegments)"
#: What the emulation cannot show, by (what roles, action, on what), and why the role has it; each stands in docs/evidence.md.
BY_AWS: Final = {
    (r".*/.*(HandlerRole|FrameworkRole|TiersFunctionRole|SnapshotsFunctionRole)", r"logs:(CreateLogStream|PutLogEvents)", "log-group"): "Lambda writes the log with the function's role",
    (r".*SnapshotsRole", _LOG_DELIVERY, r"\*"): "Step Functions delivers its log with the machine's role",
    (r".*SnapshotsRole", _TRACES, r"\*"): "Step Functions writes its traces with the machine's role",
    (r".*(Tiers|Snapshots)FunctionRole", "xray:(PutTelemetryRecords|PutTraceSegments)", r"\*"): "Lambda writes its traces with the function's role",
    (r".*FrameworkRole", "lambda:GetFunction", r".*(OnEvent|IsComplete)"): "CDK's framework waits with it for a function that was idle for weeks",
    (r".*/ResilientRedshiftSnapshotsFunctionRole", "redshift:CreateClusterSnapshot", "cluster"): "which of cluster and snapshot AWS asks for is not published",
}  # fmt: skip
#: The handler calls the watcher with it, and what has an alarm on its silence.
#: custom_resources/test_first_look.py shows what a deployment says when that fails.
FIRST_LOOK: Final = {
    Right(f"{stack}/ResilientRedshiftProviderHandlerRole", "lambda:InvokeFunction", function)
    for stack, function in (
        ("Warehouse", "ResilientRedshiftWatcherFunction"),
        ("WarehouseRecovery", "ResilientRedshiftWatcherFunction"),
        ("WarehouseRecovery", "SiteTiersFunction"),
        ("WarehouseRecovery", "SiteRestoreCleanUp"),
    )
}
#: For the grant of the way home. The same rights of the recovery stack's handler are taken away below.
WAY_HOME: Final = {
    Right("Warehouse/ResilientRedshiftProviderHandlerRole", action, "snapshotcopygrant")
    for action in ("redshift:CreateSnapshotCopyGrant", "redshift:CreateTags")
}
#: Needed by steps above, but called by Redshift itself with the caller's rights.
BY_REDSHIFT: Final = {"kms:CreateGrant", "kms:RetireGrant", "kms:RevokeGrant"}


@pytest.fixture(scope="module")
def world(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The example; IAM asked, as it is thought to be, about the cluster's key when a copy is switched on."""
    aws.enforce_iam(True, source_keys=True)
    aws.settings(manual_snapshot_quota=500)
    return World(aws, tmp_path_factory.mktemp("permissions"))


@pytest.fixture(scope="module")
def roles(aws: EmulatedAws, world: World) -> Roles:
    """Its roles."""
    # test_restore_permissions asks those that restore; the recovery stack's provider of schedules is compared below
    # the rights of a watcher are compared with the calls of its code (cloud/watch/test_rights.py, watching/test_watcher.py)
    return Roles(
        aws, {HOME: PRIMARY, THERE: RECOVERY}, but=f"SiteRestore|HomeRestore|ResilientRedshiftWatcher|{SCHEDULES_THERE}"
    )


@pytest.fixture(scope="module")
def story(aws: EmulatedAws, world: World, roles: Roles) -> list[dict[str, Any]]:
    """Every step once, with all rights; what everybody called."""
    for name, step in STEPS.items():
        step.prepare(world)
        assert (name, step.act(world)) == (name, None)
    for prefix, step in _FRAMEWORKS.items():
        with roles.without(WAITING[prefix][0]):  # so that it gives up
            assert STEPS[step].act(world)
    return aws.calls()


@pytest.fixture
def nothing_lost(world: World, story: list[dict[str, Any]]) -> Iterator[None]:
    """No recovery point that stands before a test is gone after it."""
    assert story
    before = world.points()
    yield
    assert before <= world.points()


def test_the_example_makes_no_other_role(roles: Roles) -> None:
    # GIVEN the deployed example WHEN its roles are listed THEN each is asked below
    assert set(roles.names) == {right.role for right in [*LOUD, *_WAITING]}


def test_the_recovery_stack_makes_schedules_with_rights_that_are_asked_below(aws: EmulatedAws, roles: Roles) -> None:
    # GIVEN the provider that makes the schedule of restored clusters
    there = Roles(aws, {HOME: PRIMARY, THERE: RECOVERY}, but=f"^(?!{SCHEDULES_THERE})").rights()
    # WHEN its rights are compared with those of the primary stack's provider
    at_home = {right._replace(role=right.role.replace(SCHEDULES_THERE, SCHEDULES)) for right in there}
    # THEN it has no other ones
    assert at_home
    assert at_home <= roles.rights()


def test_every_right_of_every_role_is_accounted_for(roles: Roles) -> None:
    # GIVEN all that the deployed policies allow
    found = roles.rights()
    # WHEN it is compared with what is taken away below
    rest = found - set(LOUD) - set(QUIET) - _WAITING - FIRST_LOOK - WAY_HOME
    # THEN only what the emulation cannot show is left, and nothing below is there for nothing
    assert {right: [why for right_of, why in BY_AWS.items() if _matches(right_of, right)] != [] for right in rest} == (
        dict.fromkeys(rest, True)
    )
    assert [pattern for pattern in BY_AWS if not any(_matches(pattern, right) for right in rest)] == []
    assert set(LOUD) | set(QUIET) | _WAITING | FIRST_LOOK | WAY_HOME <= found


def test_no_right_is_superfluous(roles: Roles, story: list[dict[str, Any]]) -> None:
    # GIVEN a story with every step: deployments, updates, swaps, machine, tiers and failures, ends with the second key
    labels = {name: role for role, name in roles.names.items()}
    called = {
        (labels[call["principal"].rpartition("/")[2]], _action(call))
        for call in story
        if call["principal"].rpartition("/")[2] in labels and call["error"] != "AccessDenied"
    }
    # WHEN what each role called is compared with what its policies allow
    shown = {right for right in roles.rights() if not any(_matches(pattern, right) for pattern in BY_AWS)}
    allowed = {(right.role, right.action) for right in shown}
    # THEN both are the same, but for what Redshift calls with the caller's rights
    assert {(role, action) for role, action in allowed if action not in BY_REDSHIFT} == called


@pytest.mark.usefixtures("nothing_lost")
@pytest.mark.parametrize(
    ("right", "step"), LOUD.items(), ids=[f"{right.role}-{right.action}-{right.on}" for right in LOUD]
)
def test_a_step_without_its_right_fails_and_says_so(world: World, roles: Roles, right: Right, step: str) -> None:
    # GIVEN a role without one of its rights
    STEPS[step].prepare(world)
    with roles.without(right):
        # WHEN the step is done that needs it
        reason = STEPS[step].act(world)
    # THEN it fails, and what was denied is in the reason
    assert reason is not None
    assert f"is not authorized to perform: {right.action}" in reason
    # AND with the right given back it passes
    assert STEPS[step].act(world) is None


@pytest.mark.usefixtures("nothing_lost")
@pytest.mark.parametrize("prefix", _FRAMEWORKS)
@pytest.mark.parametrize("taken", [1, 2])
def test_a_waiter_without_its_rights_ends_failed(world: World, roles: Roles, prefix: str, taken: int) -> None:
    # GIVEN a waiter of CDK's framework that may not ask, and perhaps not tell that it gave up either
    step = STEPS[_FRAMEWORKS[prefix]]
    step.prepare(world)
    rights = WAITING[prefix][:taken]
    with roles.without(*rights):
        # WHEN it waits
        reason = step.act(world)
    # THEN it ends after half an hour as failed, with each denial in its history; CloudFormation's own time-out tells the stack
    assert reason is not None
    assert "the waiter: FAILED" in reason
    denied = set(re.findall(r"not authorized to perform: lambda:InvokeFunction on resource: \S+:(\S+)", reason))
    assert {roles.thing(name) for name in denied} == {right.on for right in rights}


def _matches(pattern: tuple[str, str, str], right: Right) -> bool:
    return all(re.fullmatch(one, two) for one, two in zip(pattern, right, strict=True))


def _action(call: dict[str, Any]) -> str:
    """A recorded call as the action that IAM knows."""
    service = {"sfn": "states", "monitoring": "cloudwatch"}.get(call["service"], call["service"])
    return f"{service}:{'InvokeFunction' if call['operation'] == 'Invoke' else call['operation']}"


# what is done without, by design


@pytest.fixture
def without(world: World, roles: Roles, story: list[dict[str, Any]]) -> Any:
    """Do a step without a right of ``QUIET``."""
    assert story

    def act(role: str, action: str, on: str, step: str) -> str | None:
        right = Right(role, action, on)
        assert right in QUIET
        STEPS[step].prepare(world)
        with roles.without(right):
            return STEPS[step].act(world)

    return act


@pytest.mark.usefixtures("nothing_lost")
def test_a_swap_that_may_not_forget_leaves_its_record(world: World, without: Any) -> None:
    # GIVEN a handler that may not delete tags WHEN a grant is swapped THEN it is, and its record stays until the next time
    assert without(f"{COPIES}HandlerRole", "redshift:DeleteTags", "cluster", "swap the grant") is None
    assert "resilient-redshift:copy-former" in world.tags()
    assert STEPS["swap the grant"].act(world) is None
    assert "resilient-redshift:copy-former" not in world.tags()


def test_a_schedule_that_is_taken_back_leaves_its_record(world: World, without: Any) -> None:
    # GIVEN a handler that may not delete tags WHEN a cluster's schedule is taken back THEN it is, and the record stays
    assert without(f"{SCHEDULES}HandlerRole", "redshift:DeleteTags", "cluster", "take a schedule back") is None
    assert "resilient-redshift:schedule-owner" in world.tags()


def test_a_schedule_that_was_not_taken_over_keeps_the_record(world: World, without: Any) -> None:
    # GIVEN a handler that may not delete tags WHEN a schedule's take-over fails THEN that is told, and the record stays
    reason = without(
        f"{SCHEDULES}HandlerRole", "redshift:DeleteTags", "snapshotschedule", "take a schedule over in vain"
    )
    assert reason is not None
    assert f"change the times of the snapshot schedule '{OFTEN}'" in reason


@pytest.mark.usefixtures("nothing_lost")
def test_a_failed_snapshot_that_may_not_go_stays_beside_the_second_try(aws: EmulatedAws, without: Any) -> None:
    # GIVEN a function that may not delete WHEN its first try fails THEN it takes a second one, and the failed one stays
    step = "take a snapshot at the second try"
    before = {each["SnapshotIdentifier"] for each in snapshots(aws, PRIMARY)}
    assert without(f"{SNAPSHOTS}FunctionRole", "redshift:DeleteClusterSnapshot", "snapshot", step) is None
    found = {
        e["SnapshotIdentifier"]: e["Status"] for e in snapshots(aws, PRIMARY) if e["SnapshotIdentifier"] not in before
    }
    assert sorted(found.values()) == ["available", "failed"]


@pytest.mark.usefixtures("nothing_lost")
@pytest.mark.parametrize(
    ("role", "step"), [(f"{SNAPSHOTS}FunctionRole", "take a snapshot"), (f"{TIERS}Role", "give tiers")]
)
def test_a_run_that_may_not_publish_does_its_work(
    aws: EmulatedAws, roles: Roles, without: Any, role: str, step: str
) -> None:
    # GIVEN a function that may not publish numbers
    since = aws.mark()
    # WHEN it runs THEN its work stands, and the one call that publishes was denied
    assert without(role, "cloudwatch:PutMetricData", "*", step) is None
    published = [
        call["error"]
        for call in aws.calls(since)
        if call["operation"] == "PutMetricData" and call["principal"].endswith(f"/{roles.names[role]}")
    ]
    assert published[-1:] == ["AccessDenied"]


def test_tiers_that_publish_nothing_breach_an_alarm_that_tells_somebody(aws: EmulatedAws, world: World) -> None:
    # GIVEN the deployed alarms of the recovery Region
    assert world.points()
    alarms = aws.client("cloudwatch", RECOVERY).describe_alarms()["MetricAlarms"]
    # WHEN those that watch the tiers' own numbers are looked at
    silence = [alarm for alarm in alarms if "TiersApplied" in str(alarm)]
    # THEN missing numbers are a breach, and somebody is told
    assert [(alarm["TreatMissingData"], len(alarm["AlarmActions"])) for alarm in silence] == [("breaching", 1)]


@pytest.mark.usefixtures("nothing_lost")
def test_a_rule_that_the_tiers_function_does_not_let_in_is_told(aws: EmulatedAws, world: World) -> None:
    # GIVEN the function without the permission for EventBridge
    client, name = aws.client("lambda", RECOVERY), world.thing("SiteTiersFunction")
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    # WHEN the rule fires
    reason = scheduled_steps.hour(world)
    # THEN nothing ran, and the event lies in the dead-letter queue, with the reason
    assert reason is not None
    assert "started: False" in reason
    assert "is not authorized to perform: lambda:InvokeFunction" in reason
    # AND with the permission given back the next one runs
    client.add_permission(
        FunctionName=name,
        StatementId=statement["Sid"],
        Action=statement["Action"],
        Principal=statement["Principal"]["Service"],
        SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
    )
    assert scheduled_steps.hour(world) is None
