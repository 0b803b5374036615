"""RecoveryRestore in the template: the machine's rights, alarms, names and order."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from resilient_redshift import DnsRecord, RecoveryRestore, ResilientRedshiftError
from resilient_redshift.contract import names
from resilient_redshift.rules.limits import INLINE_POLICIES_LIMIT
from resilient_redshift.stack.policy_sizes import inline_policy_sizes
from tests.scenes.clusters import new_stack, text_parameter
from tests.scenes.nag import rules_found
from tests.scenes.recovery import AWAY, of_type, only, template_of
from tests.templates.laws import ROLE_CHARACTERS, role_sizes
from tests.templates.resolve import listed, policies, text

if TYPE_CHECKING:
    from collections.abc import Callable

ALARM, MACHINE = "AWS::CloudWatch::Alarm", "AWS::StepFunctions::StateMachine"
REDSHIFT = "arn:aws:redshift:us-west-2:111111111111"
ROLES = tuple(f"arn:aws:iam::111111111111:role/{name}" for name in ("load", "spectrum"))
DNS = DnsRecord("Z1", "Warehouse.example.com.")


def key_of(stack: cdk.Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-west-2:111111111111:key/1")


def new_restore(*plans: str, **arguments: Any) -> tuple[cdk.Stack, RecoveryRestore]:
    stack = new_stack(AWAY)
    restore = RecoveryRestore(stack, "Restore", **arguments)
    key = key_of(stack)
    for plan in plans or ("sales-us-east-1",):
        restore.add_plan(plan, cluster_identifier="sales", encryption_key=key)
    return stack, restore


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """A template of a plan with its required arguments only. No test may change it."""
    return template_of(new_restore()[0])


@pytest.fixture(scope="module")
def full() -> dict[str, Any]:
    """A template of a plan with roles, a DNS record, a topic and a bucket. No test may change it."""
    stack = new_stack(AWAY)
    topic, bucket = sns.Topic(stack, "Topic"), s3.Bucket.from_bucket_name(stack, "Bucket", "reports")
    restore = RecoveryRestore(stack, "Restore", notify=topic, report_bucket=bucket)
    restore.add_plan(
        "sales", cluster_identifier="sales", encryption_key=key_of(stack), iam_role_arns=ROLES, dns_record=DNS
    )
    return template_of(stack)


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **statement,
            "Action": listed(statement["Action"]),
            "Resource": [text(template, one) for one in listed(statement.get("Resource", []))],
            "NotResource": [text(template, one) for one in listed(statement.get("NotResource", []))],
        }
        for name, policy_statements in policies(template).items()
        if name.startswith("RestoreMachine") and "Events" not in name
        for statement in policy_statements
    ]


def allowed(template: dict[str, Any], action: str) -> set[str]:
    """The resources on which an action is allowed."""
    return {
        resource
        for statement in statements(template)
        if statement["Effect"] == "Allow" and action in statement["Action"]
        for resource in statement["Resource"]
    }


def conditions(template: dict[str, Any], action: str) -> list[Any]:
    return [
        statement.get("Condition")
        for statement in statements(template)
        if statement["Effect"] == "Allow" and action in statement["Action"]
    ]


def alarm(template: dict[str, Any], name: str) -> dict[str, Any]:
    [properties] = [item["Properties"] for key, item in of_type(template, ALARM).items() if name in key]
    return dict(properties)


def test_it_deletes_nothing_but_drills_clusters_and_failed_restores(full: dict[str, Any]) -> None:
    # GIVEN all rights WHEN those that delete are read THEN they cover clusters of drills, and those that a run made and that
    # were never available, and no snapshot
    denials = [one for one in statements(full) if one["Effect"] == "Deny" and "redshift:DeleteCluster" in one["Action"]]
    assert [one["Condition"]["Null"] for one in denials] == [
        {f"aws:ResourceTag/{names.TAG_AVAILABLE_SINCE}": "false"},
        {f"aws:ResourceTag/{names.TAG_EXECUTION}": "true"},
    ]
    # AND whatever these tags say, a drill's cluster goes, and no cluster but a plan's own or a restored one
    for denial in denials:
        [pattern] = denial["NotResource"]
        assert fnmatch.fnmatchcase(f"{REDSHIFT}:cluster:{names.drill_prefix('a', 'b')}202611240600", pattern)
        for name in ("sales", "drill", "drill-sales", "restored-sales", "drill-1234567-x"):
            assert not fnmatch.fnmatchcase(f"{REDSHIFT}:cluster:{name}", pattern)
    actions = {action for one in statements(full) if one["Effect"] == "Allow" for action in one["Action"]}
    deleting = {action for action in actions if "Delete" in action} - {"logs:DeleteLogDelivery"}
    assert deleting == {"redshift:DeleteCluster", "secretsmanager:DeleteSecret"}
    assert not [action for action in actions if "*" in action]


def test_a_stolen_role_is_denied_too(plain: dict[str, Any]) -> None:
    # GIVEN a role with more rights WHEN it deletes another cluster or writes another tag THEN it is denied
    denied = {one["Action"][0]: one for one in statements(plain) if one["Effect"] == "Deny"}
    assert denied["redshift:DeleteCluster"]["NotResource"] == [f"{REDSHIFT}:cluster:drill-????????-*"]
    assert denied["redshift:CreateTags"]["Resource"] == ["*"]
    assert denied["redshift:CreateTags"]["Condition"] == {
        "ForAnyValue:StringNotEquals": {
            "aws:TagKeys": [
                "resilient-redshift:plan",
                "resilient-redshift:execution",
                "resilient-redshift:restored-from",
                "resilient-redshift:drill",
                "resilient-redshift:available-since",
            ]
        }
    }


def test_it_restores_the_snapshots_of_its_plans_under_three_kinds_of_names(plain: dict[str, Any]) -> None:
    # GIVEN a plan WHEN its rights are read THEN its snapshots become the cluster, a drill's cluster or one beside it
    assert allowed(plain, "redshift:RestoreFromClusterSnapshot") == {
        f"{REDSHIFT}:cluster:sales",
        f"{REDSHIFT}:cluster:restored-*",
        f"{REDSHIFT}:cluster:drill-????????-*",
        f"{REDSHIFT}:*:sales/*",
    }
    # AND only a failover's cluster gets audit logs and a copy
    for action in ("redshift:EnableLogging", "redshift:EnableSnapshotCopy"):
        assert allowed(plain, action) == {f"{REDSHIFT}:cluster:sales", f"{REDSHIFT}:cluster:restored-*"}


def test_it_signs_in_without_a_secret_to_its_clusters_only(plain: dict[str, Any]) -> None:
    # GIVEN the Data API WHEN it needs credentials THEN they are for users of these clusters, and no secret is read
    assert allowed(plain, "redshift:GetClusterCredentials") == {
        f"{REDSHIFT}:*:{name}/*" for name in ("sales", "restored-*", "drill-????????-*")
    }
    assert allowed(plain, "redshift-data:ExecuteStatement") == {
        f"{REDSHIFT}:cluster:{name}" for name in ("sales", "restored-*", "drill-????????-*")
    }
    assert allowed(plain, "secretsmanager:GetSecretValue") == set()
    assert allowed(plain, "secretsmanager:CreateSecret") == {
        "arn:aws:secretsmanager:us-west-2:111111111111:secret:redshift!*"
    }


def test_keys_are_used_through_redshift(plain: dict[str, Any]) -> None:
    # GIVEN the plan's key WHEN Redshift makes a grant with the machine's rights THEN the grant is for this key only
    key = "arn:aws:kms:us-west-2:111111111111:key/1"
    via = {"StringEquals": {"kms:ViaService": ["redshift.us-west-2.amazonaws.com"]}}
    for action in ("kms:CreateGrant", "kms:Encrypt", "kms:RetireGrant"):
        assert (allowed(plain, action), conditions(plain, action)) == ({key}, [via])
    assert conditions(plain, "kms:Decrypt") == [via]
    direct = [one for one in statements(plain) if one["Action"] == ["kms:DescribeKey"]]
    assert [(one["Resource"], one.get("Condition")) for one in direct] == [([key], None)]


def test_a_topic_and_a_bucket_are_the_only_ones(full: dict[str, Any], plain: dict[str, Any]) -> None:
    # GIVEN a topic and a bucket WHEN a run reports THEN it may use these only, and their keys through SNS and S3
    assert {name.rpartition(":")[2] for name in allowed(full, "sns:Publish")} == {"TopicBFC7AF6E"}
    assert allowed(full, "s3:PutObject") == {"arn:aws:s3:::reports/resilient-redshift/*"}
    [condition] = conditions(full, "kms:Decrypt")
    assert condition["StringEquals"]["kms:ViaService"] == [
        f"{service}.us-west-2.amazonaws.com" for service in ("redshift", "sns", "s3")
    ]
    # AND without them it may use none
    assert allowed(plain, "sns:Publish") == allowed(plain, "s3:PutObject") == set()


def test_roles_are_passed_to_redshift_only(full: dict[str, Any], plain: dict[str, Any]) -> None:
    assert allowed(full, "iam:PassRole") == set(ROLES)
    assert conditions(full, "iam:PassRole") == [
        {"StringEqualsIfExists": {"iam:PassedToService": "redshift.amazonaws.com"}}
    ]
    assert allowed(plain, "iam:PassRole") == set()


def test_a_failover_may_move_one_record(full: dict[str, Any], plain: dict[str, Any]) -> None:
    # GIVEN a DNS record WHEN the rights are read THEN only this CNAME may be changed, and none may be deleted
    assert allowed(full, "route53:ChangeResourceRecordSets") == {"arn:aws:route53:::hostedzone/Z1"}
    assert conditions(full, "route53:ChangeResourceRecordSets") == [
        {
            "ForAllValues:StringEquals": {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["warehouse.example.com"],
                "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
                "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
            }
        }
    ]
    assert allowed(plain, "route53:ChangeResourceRecordSets") == set()


def test_it_reads_records_and_writes_only_its_own_parameters(plain: dict[str, Any]) -> None:
    folder = "arn:aws:ssm:us-west-2:111111111111:parameter/resilient-redshift"
    written = {f"{folder}/{kind}/*" for kind in ("lineages", "endpoints", "drills")}
    assert allowed(plain, "ssm:PutParameter") == written
    assert allowed(plain, "ssm:GetParameter") == {*written, f"{folder}/plans/*"}


def test_it_sees_its_own_runs_only(plain: dict[str, Any]) -> None:
    # GIVEN the machine WHEN it lists runs THEN only its own, by a policy that is made after it: no circular dependency
    [name] = of_type(plain, MACHINE)
    assert allowed(plain, "states:ListExecutions") == {
        f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}",
        f"arn:aws:states:us-west-2:111111111111:execution:{name}:*",
    }
    resource = plain["Resources"][name]
    assert [part for part in resource["DependsOn"] if "Plans" in part] == []


def test_metrics_go_to_our_namespace_only(plain: dict[str, Any]) -> None:
    assert conditions(plain, "cloudwatch:PutMetricData") == [
        {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}
    ]


def test_the_machine_may_call_its_function_and_nothing_else(plain: dict[str, Any]) -> None:
    # GIVEN the role of the machine WHEN its rights are read THEN it calls the function and writes its log and traces
    [policy] = [item for name, item in of_type(plain, "AWS::IAM::Policy").items() if "MachinePolicy" in name]
    actions = {
        action for one in policy["Properties"]["PolicyDocument"]["Statement"] for action in listed(one["Action"])
    }
    services = {action.partition(":")[0] for action in actions}
    assert services == {"lambda", "logs", "xray"}
    assert {action for action in actions if action.startswith("lambda:")} == {"lambda:InvokeFunction"}


def test_twenty_plans_with_the_longest_names_fit_the_role() -> None:
    # GIVEN 20 plans and clusters with names of 63 letters, a topic and a bucket WHEN measured THEN IAM accepts the role
    stack = new_stack(AWAY)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "b" * 63)
    restore = RecoveryRestore(stack, "Restore", notify=sns.Topic(stack, "Topic"), report_bucket=bucket)
    key = key_of(stack)
    for number in range(20):
        restore.add_plan(
            f"p{number:02}".ljust(63, "x"), cluster_identifier=f"c{number:02}".ljust(63, "x"), encryption_key=key
        )
    template = template_of(stack)
    sizes = {name: size for name, size in role_sizes(template).items() if "Restore" in name}
    assert ROLE_CHARACTERS - 600 < max(sizes.values()) < ROLE_CHARACTERS
    # AND the sizes that synth measures are not larger
    assert all(size <= INLINE_POLICIES_LIMIT for _, size in inline_policy_sizes(template["Resources"]))


def test_plans_share_the_role_and_namesakes_a_statement() -> None:
    # GIVEN namesake clusters of two Regions WHEN both are added THEN the policy has the cluster's name once
    stack, _ = new_restore("sales-us-east-1", "sales-eu-west-1")
    template = template_of(stack)
    assert len(of_type(template, MACHINE)) == 1
    [restores] = [one for one in statements(template) if "redshift:EnableLogging" in one["Action"]]
    assert restores["Resource"].count(f"{REDSHIFT}:cluster:sales") == 1


def test_a_failed_run_is_an_alarm(full: dict[str, Any]) -> None:
    failures = alarm(full, "RestoreMachineAlarm")
    names = {metric["MetricStat"]["Metric"]["MetricName"] for metric in failures["Metrics"] if "MetricStat" in metric}
    assert names == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    assert failures["AlarmActions"] == [{"Ref": "TopicBFC7AF6E"}]


def test_a_slow_failover_is_an_alarm(full: dict[str, Any]) -> None:
    # GIVEN a plan WHEN its failover is late THEN an alarm notifies the topic, and the failover goes on
    slow = alarm(full, "SlowFailoverAlarm")
    assert (slow["MetricName"], slow["Threshold"], slow["TreatMissingData"]) == ("RtoMissed", 1, "notBreaching")
    assert slow["Dimensions"] == [{"Name": "Plan", "Value": "sales"}]
    assert slow["AlarmActions"] == [{"Ref": "TopicBFC7AF6E"}]


def test_the_metrics_of_a_plan() -> None:
    _, restore = new_restore()
    metric = restore.metric("DrillRecoveryTime", plan_name="sales-us-east-1", period=cdk.Duration.hours(1))
    assert (metric.namespace, metric.metric_name, metric.statistic) == (
        *("ResilientRedshift", "DrillRecoveryTime"),
        "Maximum",
    )
    assert metric.dimensions == {"Plan": "sales-us-east-1"}
    # AND each check has a metric of its own, with the dimensions that the machine writes
    check = restore.metric("DrillCheckFailed", plan_name="sales", check_name="orders are recent")
    assert check.dimensions == {"Plan": "sales", "Check": "orders are recent"}


def test_a_principal_may_start_it() -> None:
    stack, restore = new_restore()
    role = iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    restore.grant_start_execution(role)
    [operator] = [policy for name, policy in policies(template_of(stack)).items() if "Operator" in name]
    assert [listed(statement["Action"]) for statement in operator] == [["states:StartExecution"]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"plan_name": "No Plan"}, "'plan_name' must be 1 to 63 lower-case letters"),
        ({"cluster_identifier": "Sales"}, "'cluster_identifier' must be 1 to 63 lower-case letters"),
        ({"plan_name": text_parameter}, "'plan_name' must be a literal, got 'a token'"),
        ({"cluster_identifier": text_parameter}, "'cluster_identifier' must be a literal, got 'a token'"),
        (
            {"encryption_key": lambda stack: kms.Alias.from_alias_name(stack, "Alias", "alias/a")},
            "'encryption_key' must be the key itself, got 'an alias'",
        ),
    ],
)
def test_refuses(changes: dict[str, Any | Callable[[cdk.Stack], Any]], problem: str) -> None:
    # GIVEN a value that AWS refuses, or that synth does not know WHEN a plan is added THEN it is refused
    stack = new_stack(AWAY)
    restore = RecoveryRestore(stack, "Restore")
    changed = {name: value(stack) if callable(value) else value for name, value in changes.items()}
    arguments: dict[str, Any] = {"plan_name": "sales", "cluster_identifier": "sales", "encryption_key": key_of(stack)}
    with pytest.raises(ResilientRedshiftError) as caught:
        restore.add_plan(**{**arguments, **changed})
    [reported] = caught.value.problems
    assert problem in reported
    assert caught.value.where == "Stack/Restore (RecoveryRestore.add_plan)"


def test_a_plan_is_added_once() -> None:
    # GIVEN a plan WHEN it is added again, here or elsewhere in the app THEN it is refused, so that one machine restores it
    stack, restore = new_restore()
    key = kms.Key(stack, "Other")
    for one in (restore, RecoveryRestore(stack, "Others")):
        with pytest.raises(ResilientRedshiftError, match=r"'Stack/Restore .RecoveryRestore.' restores it already"):
            one.add_plan("sales-us-east-1", cluster_identifier="sales", encryption_key=key)


def test_a_topic_or_bucket_of_another_place_is_refused() -> None:
    # GIVEN a topic and a bucket of other Regions WHEN reports should go there THEN one error reports both
    stack = new_stack(AWAY)
    topic = sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111111111111:t")
    bucket = s3.Bucket.from_bucket_attributes(stack, "B", bucket_name="reports", region="us-east-1")
    with pytest.raises(ResilientRedshiftError) as caught:
        RecoveryRestore(stack, "Restore", notify=topic, report_bucket=bucket)
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["notify", "report_bucket"]


def test_no_role_can_be_borrowed_from_another_account(plain: dict[str, Any]) -> None:
    for role in of_type(plain, "AWS::IAM::Role").values():
        [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "lambda.amazonaws.com"}:
            continue  # Lambda takes a role of its function's own account only
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}


def test_runs_are_logged_and_traced(plain: dict[str, Any]) -> None:
    properties = only(plain, MACHINE)["Properties"]
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert properties["DefinitionSubstitutions"].keys() == {"Partition", "Function"}
    [function] = of_type(plain, "AWS::Lambda::Function").values()
    assert function["Properties"]["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize(
    "pack", [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks]
)
def test_nag_is_content(pack: Any) -> None:
    stack = new_stack(AWAY)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "reports")
    restore = RecoveryRestore(stack, "Restore", report_bucket=bucket)
    for plan in ("a", "b"):
        # so many roles that the second plan has a managed policy of its own
        restore.add_plan(
            plan,
            cluster_identifier=plan,
            encryption_key=kms.Key(stack, plan, enable_key_rotation=True),
            iam_role_arns=[f"arn:aws:iam::111111111111:role/{plan}{number}".ljust(95, "r") for number in range(40)],
            dns_record=DNS,
        )
    assert restore.node.find_child("Machine").node.find_child("Plans2")
    # the user decides whether the alarms of a stack notify a topic
    rules = rules_found(pack, stack)
    assert [rule for rule in rules if "CloudWatchAlarmAction" not in rule] == []
