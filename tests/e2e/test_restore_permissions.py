"""Restores without one right after the other: each is missed loudly, or said in a warning, and none is superfluous."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.restore_rights import CLEAN_UP, FUNCTION, MACHINE, RULES, RestoreRoles
from tests.e2e.restore_steps import STEPS, WELL
from tests.e2e.rights import Right

if TYPE_CHECKING:
    from tests.e2e.restore_site import RestoreSite

DRILLS, BESIDE, SALES = "cluster:drill-????????-*", "cluster:restored-*", "cluster:sales"
_FOLDER: Final = "parameter/resilient-redshift/"
DENIED, UNVERIFIED = "AccessDenied", "RestoredUnverified"

#: (action, on what) -> the step that fails without it, and how; what was denied stands in the report's message.
_LOUD: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("ssm:GetParameter", f"{_FOLDER}plans/*"): ("failover", DENIED),
    ("ssm:GetParameter", f"{_FOLDER}lineages/*"): ("drill", DENIED),
    ("ssm:PutParameter", f"{_FOLDER}lineages/*"): ("drill", DENIED),
    ("ssm:GetParameter", f"{_FOLDER}drills/*"): ("drill", DENIED),
    ("ssm:PutParameter", f"{_FOLDER}drills/*"): ("drill", DENIED),
    ("cloudwatch:PutMetricData", "*"): ("drill", DENIED),
    ("states:ListExecutions", "machine"): ("drill", DENIED),
    ("states:DescribeExecution", "execution"): ("drill beside a failover", DENIED),
    # preflight: a failover goes on with a warning, and the drill is there to be loud
    ("redshift:DescribeClusterSubnetGroups", "*"): ("drill", DENIED),
    ("redshift:DescribeClusterParameterGroups", "*"): ("drill", DENIED),
    ("ec2:DescribeSecurityGroups", "*"): ("drill", DENIED),
    ("iam:GetRole", "role/data/spectrum"): ("drill", DENIED),
    ("kms:DescribeKey", "key/site"): ("failover", "KeyUnavailable"),
    ("redshift:DescribeClusterSnapshots", "*"): ("failover", DENIED),
    ("ssm:GetParameter", f"{_FOLDER}endpoints/*"): ("drill", DENIED),
    ("redshift:DescribeClusters", "*"): ("drill", DENIED),
    # the restore
    ("redshift:RestoreFromClusterSnapshot", SALES): ("failover", DENIED),
    ("redshift:RestoreFromClusterSnapshot", BESIDE): ("elsewhere", DENIED),
    ("redshift:RestoreFromClusterSnapshot", DRILLS): ("drill", DENIED),
    ("redshift:RestoreFromClusterSnapshot", "*:sales/*"): ("failover", DENIED),
    ("redshift:DescribeNodeConfigurationOptions", "*"): ("failover", "NoCapacity"),
    ("iam:PassRole", "role/data/spectrum"): ("failover", DENIED),
    **{(f"kms:{name}", "key/site"): ("failover", DENIED) for name in ("CreateGrant", "Encrypt", "RetireGrant")},
    **{(f"kms:{name}", "key/*"): ("failover", DENIED) for name in ("Decrypt", "GenerateDataKey")},
    **{
        (f"secretsmanager:{name}Secret", "secret:redshift!*"): ("failover", DENIED)
        for name in ("Create", "Delete", "Describe", "Rotate", "Update")
    },
    ("secretsmanager:TagResource", "secret:redshift!*"): ("failover", DENIED),
    ("secretsmanager:GetRandomPassword", "*"): ("failover", DENIED),
    ("redshift:CreateTags", DRILLS): ("drill", DENIED),
    ("redshift:DeleteCluster", DRILLS): ("drill", "LeftBehind"),
    ("redshift:DeleteCluster", SALES): ("replaced", "Failed"),
    ("redshift:DeleteCluster", BESIDE): ("replaced elsewhere", "Failed"),
    # the checks
    ("redshift-data:DescribeStatement", "*"): ("failover", UNVERIFIED),
    ("redshift-data:GetStatementResult", "*"): ("failover", UNVERIFIED),
    ("redshift-data:ExecuteStatement", SALES): ("failover", UNVERIFIED),
    ("redshift-data:ExecuteStatement", BESIDE): ("elsewhere", UNVERIFIED),
    ("redshift-data:ExecuteStatement", DRILLS): ("drill", DENIED),
    ("redshift:GetClusterCredentials", "*:sales/*"): ("failover", UNVERIFIED),
    ("redshift:GetClusterCredentials", "*:restored-*/*"): ("elsewhere", UNVERIFIED),
    ("redshift:GetClusterCredentials", "*:drill-????????-*/*"): ("drill", DENIED),
}
#: The same of the function that cleans up after drills.
_OF_CLEAN_UP: Final = {
    ("ssm:GetParameter", f"{_FOLDER}plans/*"): DENIED,
    ("ssm:GetParameter", f"{_FOLDER}drills/*"): DENIED,
    ("ssm:PutParameter", f"{_FOLDER}drills/*"): DENIED,
    ("redshift:DescribeClusters", "*"): DENIED,
    ("redshift:DeleteCluster", DRILLS): "LeftBehind",
    ("states:ListExecutions", "machine"): DENIED,
    ("states:DescribeExecution", "execution"): DENIED,
    ("cloudwatch:PutMetricData", "*"): DENIED,
}
#: The machine's only right of its own.
INVOKE: Final = Right(MACHINE, "lambda:InvokeFunction", "lambda")
LOUD: Final = {
    Right(RULES, "states:StartExecution", "machine"): ("rule", "NotStarted"),
    **{Right(FUNCTION, *what): how for what, how in _LOUD.items()},
    **{Right(CLEAN_UP, *what): ("clean-up", how) for what, how in _OF_CLEAN_UP.items()},
}

#: What a failover does without, by design: the warehouse is back, and a warning says what is missing.
WARNED: Final = {
    Right(FUNCTION, *what): step
    for what, step in {
        ("redshift:CreateTags", SALES): "failover",
        ("redshift:CreateTags", BESIDE): "elsewhere",
        ("redshift:EnableLogging", SALES): "failover",
        ("redshift:EnableLogging", BESIDE): "elsewhere",
        ("redshift:EnableSnapshotCopy", SALES): "failover",
        ("redshift:EnableSnapshotCopy", BESIDE): "elsewhere",
        ("ssm:PutParameter", f"{_FOLDER}endpoints/*"): "failover",
        ("route53:ChangeResourceRecordSets", "route53"): "failover",
        ("events:PutEvents", "event-bus/default"): "failover",
        ("s3:PutObject", "s3"): "failover",
        ("sns:Publish", "sns"): "failover",
    }.items()
}
#: The reason of a failed deletion is in a drill's warnings, not in its message.
IN_WARNINGS: Final = {"LeftBehind", "NoCapacity"}

_LOG_DELIVERY: Final = (
    "logs:(CreateLogDelivery|DeleteLogDelivery|DescribeLogGroups|DescribeResourcePolicies|GetLogDelivery|ListLogDeliveries|"
    "PutResourcePolicy|UpdateLogDelivery)"
)
#: What the emulation cannot show, by (action, on what), and why the role has it; each stands in docs/evidence.md.
BY_AWS: Final = {
    (_LOG_DELIVERY, r"\*"): "Step Functions delivers its log with the machine's role",
    (r"logs:(CreateLogStream|PutLogEvents)", "logs"): "Lambda writes a function's log with its role",
    (r"xray:(GetSamplingRules|GetSamplingTargets|PutTelemetryRecords|PutTraceSegments)", r"\*"): "and its traces",
    (r"ec2:Describe(AccountAttributes|Addresses|AvailabilityZones|InternetGateways|Subnets|Vpcs)", r"\*"): "AWS Backup's policy of restores has them; Redshift may look at the network with its caller's rights",
    (r"kms:DescribeKey", r"key/\*"): "of a copy under a former key of the site",
}  # fmt: skip
#: Pairs that nobody uses, of statements whose actions share resources: a role holds 10,240 characters.
SHARED: Final = {
    **{
        Right(role, *what): why
        for role in (FUNCTION, CLEAN_UP)
        for what, why in {
            ("states:DescribeExecution", "machine"): "the action takes executions only",
            ("states:ListExecutions", "execution"): "the action takes machines only",
        }.items()
    },
}
#: Asked for by Redshift itself with its caller's rights, or by the Data API.
BY_REDSHIFT: Final = {
    "iam:PassRole",
    "redshift:GetClusterCredentials",
    *(action for action, _ in _LOUD if action.startswith(("kms:", "secretsmanager:")) and action != "kms:DescribeKey"),
}


@pytest.fixture(scope="module")
def roles(restore_site: RestoreSite) -> RestoreRoles:
    """The roles of restores."""
    return RestoreRoles(restore_site.aws)


@pytest.fixture(scope="module")
def story(restore_site: RestoreSite) -> list[dict[str, Any]]:
    """Every step once, with all rights; what everybody called."""
    since = restore_site.mark()
    for name, step in STEPS.items():
        with restore_site.left_as_found():
            assert (name, step(restore_site)["outcome"]) == (name, WELL[name])
    return restore_site.aws.calls(since)


def test_every_right_is_accounted_for(roles: RestoreRoles) -> None:
    # GIVEN all that the deployed policies allow
    found = roles.rights()
    # WHEN it is compared with what is taken away below
    rest = found - {INVOKE, *LOUD, *WARNED, *SHARED}
    # THEN only what the emulation cannot show is left, and nothing below is there for nothing
    assert [right for right in rest if not any(_matches(pattern, right) for pattern in BY_AWS)] == []
    assert [pattern for pattern in BY_AWS if not any(_matches(pattern, right) for right in rest)] == []
    assert {INVOKE, *LOUD, *WARNED, *SHARED} <= found


def test_no_right_is_superfluous(roles: RestoreRoles, story: list[dict[str, Any]]) -> None:
    # GIVEN failovers under both names, with a shortage, a failed restore and a copy, drills alone and beside a failover,
    # the rule, and the clean-up
    labels = {name: role for role, name in roles.names.items()}
    called = {
        (labels[call["principal"].rpartition("/")[2]], _action(call))
        for call in story
        if call["principal"].rpartition("/")[2] in labels
    }
    # WHEN what each role called is compared with what its policies allow
    shown = {right for right in roles.rights() if not any(_matches(pattern, right) for pattern in BY_AWS)}
    # THEN both are the same, but for what is asked for on the way
    assert {(right.role, right.action) for right in shown if right.action not in BY_REDSHIFT} == called


@pytest.mark.parametrize(("right", "step", "how"), [(right, *how) for right, how in LOUD.items()], ids=str)
def test_a_missing_right_is_named(site: RestoreSite, roles: RestoreRoles, right: Right, step: str, how: str) -> None:
    # GIVEN a role without one of its rights
    with roles.without(right):
        # WHEN the step is done that needs it
        report = STEPS[step](site)
    # THEN it ends by name, and what was denied is in the report
    assert report["outcome"] == how, report
    told = str(report["warnings"]) if how in IN_WARNINGS and "warnings" in report else report["message"]
    assert f"is not authorized to perform: {right.action}" in told
    # AND a drill has left nothing that it may delete
    if step != "clean-up":
        left = [name for name in site.clusters() if name.startswith("drill-")]
        assert left == report.get("leftovers", [])


def test_a_machine_that_may_not_call_its_function_fails_and_says_so(site: RestoreSite, roles: RestoreRoles) -> None:
    # GIVEN a machine without its only right
    with roles.without(INVOKE):
        # WHEN a failover starts
        run = site.start("failover")
        site.aws.settle()
    # THEN it fails, its cause names the right, and nothing was restored
    found = site.states.describe_execution(executionArn=run)
    assert found["status"] == "FAILED"
    assert f"is not authorized to perform: {INVOKE.action}" in found["cause"]
    assert site.clusters() == {}


@pytest.mark.parametrize(("right", "step"), WARNED.items(), ids=str)
def test_a_failover_goes_on_without_and_says_so(
    site: RestoreSite, roles: RestoreRoles, right: Right, step: str
) -> None:
    # GIVEN a role without a right that the warehouse can be brought back without
    with roles.without(right):
        # WHEN a failover runs
        report = STEPS[step](site)
    # THEN it is back, and a warning says what was denied
    assert report["outcome"] == "Restored", report
    told = "no tags of this run" if right.action == "redshift:CreateTags" else f"to perform: {right.action}"
    assert [each for each in report["warnings"] if told in each], report["warnings"]


def _matches(pattern: tuple[str, str], right: Right) -> bool:
    return all(re.fullmatch(one, two) for one, two in zip(pattern, right[1:], strict=True))


def _action(call: dict[str, Any]) -> str:
    """A recorded call as the action that IAM knows."""
    service = {"sfn": "states", "monitoring": "cloudwatch"}.get(call["service"], call["service"])
    return f"{service}:{call['operation']}"
