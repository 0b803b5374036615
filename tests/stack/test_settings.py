"""StackSettings: what is refused, which scope counts, and when it is too late. CDK's own means do the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.aws_events import Schedule

from resilient_redshift import ExistingCluster, ManualSnapshotRule, ResilientRedshiftError, SnapshotCopy, StackSettings
from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import HERE, new_app, new_stack, resources_of, text_parameter, warnings_of

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

KEY_WARNING = "resilient-redshift:StackSettings.KeyPolicy"


def use(stack: cdk.Stack) -> None:
    """Make a copy and a rule, which together make every role."""
    cluster = ExistingCluster.from_identifier(stack, "Sales", "sales")
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    nightly = Schedule.cron(hour="3", minute="0")
    ManualSnapshotRule(stack, "Nightly", cluster=cluster, schedule=nightly, keep=cdk.Duration.days(7))


def roles(stack: cdk.Stack) -> list[dict[str, Any]]:
    all_roles = [role["Properties"] for role in resources_of(stack, "AWS::IAM::Role")]
    assert len(all_roles) == 5
    return all_roles


def paths(stack: cdk.Stack) -> set[str | None]:
    return {role.get("Path") for role in roles(stack)}


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    [resource] = resources_of(stack, kind)
    return dict(resource["Properties"])


def error_of(**arguments: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        StackSettings(**arguments)
    return str(caught.value)


# --- values


@pytest.mark.parametrize("path", ["/", "/a/", "/bank/data-platform/", "/!~/", "/" + "a" * 510 + "/"])
def test_a_path_that_iam_takes(path: str) -> None:
    assert StackSettings(role_path=path).role_path == path


@pytest.mark.parametrize("path", ["", "a", "/a", "a/", "//x", "/a b/", "/ä/", "/" + "a" * 511 + "/", 7])
def test_a_path_that_iam_refuses(path: Any) -> None:
    assert "'role_path' must be a path of at most 512 characters that begins and ends with '/'" in error_of(
        role_path=path
    )


def test_a_token_is_taken_as_a_path() -> None:
    token = text_parameter(new_stack())
    assert StackSettings(role_path=token).role_path == token


@pytest.mark.parametrize("days", [1, 3, 90, 365, 400, 3653])
def test_a_retention_that_logs_offer(days: int) -> None:
    assert StackSettings(log_retention=cdk.Duration.days(days)).log_retention == timedelta(days=days)


@pytest.mark.parametrize("days", [2, 100, 366, 3654, 0.5])
def test_a_retention_that_logs_do_not_offer(days: float) -> None:
    assert "'log_retention' must be one of 1, 3, 5, 7, 14, 30," in error_of(log_retention=timedelta(days=days))


def test_a_retention_that_is_none() -> None:
    assert "'log_retention' must be longer than zero" in error_of(log_retention=timedelta(0))
    assert "'log_retention' must be a Duration" in error_of(log_retention=90)
    number = cdk.CfnParameter(new_stack(), "Days", type="Number").value_as_number
    assert "'log_retention' must be a Duration known at synth" in error_of(log_retention=cdk.Duration.days(number))


def test_an_alias_is_no_key() -> None:
    alias = kms.Alias.from_alias_name(new_stack(), "Alias", "alias/logs")
    assert "'encryption_key' must be the key itself" in error_of(encryption_key=alias)


def test_one_error_reports_all_problems() -> None:
    assert error_of(role_path="x", log_retention=timedelta(days=2)).count("must be") == 2


# --- where they hold


def test_without_settings_nothing_changes() -> None:
    stack = new_stack()
    use(stack)
    assert paths(stack) == {None}
    assert only(stack, "AWS::Logs::LogGroup")["RetentionInDays"] == 365
    assert StackSettings.of(stack) == StackSettings()


@pytest.mark.parametrize("level", ["app", "stage", "stack"])
def test_every_role_and_log_group_of_the_scope_has_them(level: str) -> None:
    # GIVEN
    app = new_app()
    stage = cdk.Stage(app, "Prod")
    stack = new_stack(app=stage)
    StackSettings(role_path="/bank/", log_retention=cdk.Duration.days(90)).apply(
        {"app": app, "stage": stage, "stack": stack}[level]
    )
    # WHEN
    use(stack)
    # THEN
    assert paths(stack) == {"/bank/"}
    assert only(stack, "AWS::Logs::LogGroup")["RetentionInDays"] == 90


def test_each_setting_comes_from_the_nearest_scope_that_has_it() -> None:
    # GIVEN
    app = new_app()
    stage = cdk.Stage(app, "Prod")
    stack = new_stack(app=stage)
    StackSettings(role_path="/app/", log_retention=timedelta(days=30)).apply(app)
    StackSettings(role_path="/stage/").apply(stage)
    StackSettings(log_retention=timedelta(days=60)).apply(stack)
    StackSettings(log_retention=timedelta(days=7)).apply(new_stack(app=app, name="Other"))
    # WHEN / THEN
    assert StackSettings.of(stack) == StackSettings(role_path="/stage/", log_retention=timedelta(days=60))
    assert StackSettings.of(app) == StackSettings(role_path="/app/", log_retention=timedelta(days=30))


def test_another_stack_whose_name_begins_alike_is_another_scope() -> None:
    app = new_app()
    first, second = new_stack(app=app, name="Sales"), new_stack(app=app, name="Sales2")
    StackSettings(role_path="/sales/").apply(first)
    assert StackSettings.of(second).role_path is None


def test_a_stack_whose_name_begins_alike_is_not_too_late() -> None:
    app = new_app()
    first = new_stack(app=app, name="Sales")
    use(new_stack(app=app, name="Sales2"))
    StackSettings(role_path="/sales/").apply(first)
    assert StackSettings.of(first).role_path == "/sales/"


def test_what_is_applied_again_leaves_the_rest() -> None:
    stack = new_stack()
    StackSettings(role_path="/a/", log_retention=timedelta(days=30)).apply(stack)
    StackSettings(role_path="/b/").apply(stack)
    assert StackSettings.of(stack) == StackSettings(role_path="/b/", log_retention=timedelta(days=30))


def test_a_nested_stack_is_in_its_parents_scope() -> None:
    parent = new_stack()
    StackSettings(role_path="/a/").apply(parent)
    nested = cdk.NestedStack(parent, "Nested")
    use(nested)
    assert paths(nested) == {"/a/"}


# --- when it is too late


@pytest.mark.parametrize("level", ["app", "stack"])
def test_too_late_once_the_stack_has_its_shared_resources(level: str) -> None:
    app = new_app()
    stack = new_stack(app=app)
    use(stack)
    with pytest.raises(ResilientRedshiftError, match="the stack 'Stack' already has its shared resources"):
        StackSettings(role_path="/late/").apply(app if level == "app" else stack)


def test_not_too_late_for_a_stack_beside_it() -> None:
    app = new_app()
    use(new_stack(cdk.Environment(account=HERE.account, region="us-east-2"), app=app, name="First"))
    second = new_stack(app=app, name="Second")
    StackSettings(role_path="/second/").apply(second)
    use(second)
    assert paths(second) == {"/second/"}


def test_a_construct_is_no_scope() -> None:
    with pytest.raises(ResilientRedshiftError, match="'scope' must be an App, a Stage or a Stack"):
        StackSettings(role_path="/a/").apply(ExistingCluster.from_identifier(new_stack(), "Sales", "sales"))


# --- the key


def l1_key(scope: Construct) -> kms.CfnKey:
    policy = {"Version": "2012-10-17", "Statement": []}
    return kms.CfnKey(scope, "Given", key_policy=policy, enable_key_rotation=True)


def l2_key(scope: Construct) -> kms.Key:
    return kms.Key(scope, "Given", enable_key_rotation=True)


@pytest.mark.parametrize("make", [l1_key, l2_key])
def test_a_key_of_the_app_serves_logs_and_dead_letters_and_lets_them(make: Any) -> None:
    # GIVEN
    stack = new_stack()
    key: IKeyRef = make(stack)
    StackSettings(encryption_key=key).apply(stack)
    # WHEN
    use(stack)
    # THEN
    arn = stack.resolve(key.key_ref.key_arn)
    assert only(stack, "AWS::Logs::LogGroup")["KmsKeyId"] == arn
    assert only(stack, "AWS::SQS::Queue")["KmsMasterKeyId"] == arn
    statements = only(stack, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    served = {str(one["Principal"].get("Service")): one for one in statements}
    assert served["events.amazonaws.com"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    [logs] = [one for service, one in served.items() if "logs." in service]
    assert "kms:EncryptionContext:aws:logs:arn" in logs["Condition"]["ArnLike"]
    assert KEY_WARNING not in warnings_of(StackServices.of(stack))


def test_a_key_of_elsewhere_is_warned_of() -> None:
    stack = new_stack()
    arn = f"arn:aws:kms:{HERE.region}:222222222222:key/11111111-1111-1111-1111-111111111111"
    StackSettings(encryption_key=kms.Key.from_key_arn(stack, "Given", arn)).apply(stack)
    use(stack)
    assert only(stack, "AWS::Logs::LogGroup")["KmsKeyId"] == arn
    assert "dead letters are lost in silence" in warnings_of(StackServices.of(stack))[KEY_WARNING]


def test_a_key_of_another_region_is_refused_when_applied_and_when_used() -> None:
    # GIVEN a key that no log group of this Region could use
    app = new_app()
    stack = new_stack(app=app)
    away = new_stack(cdk.Environment(account=HERE.account, region="us-west-2"), app=app, name="Away")
    settings = StackSettings(encryption_key=l2_key(away))
    # WHEN / THEN
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be in the Region of the stack, us-east-1"):
        settings.apply(stack)
    settings.apply(app)
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be in the Region of the stack, us-east-1"):
        use(stack)


# --- CDK's own means


def test_cdks_boundary_of_a_scope_reaches_every_role() -> None:
    app = new_app()
    stack = new_stack(app=app)
    use(stack)
    policy = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "bound")
    iam.PermissionsBoundary.of(app).apply(policy)
    arn = stack.resolve(policy.managed_policy_arn)
    assert [role.get("PermissionsBoundary") for role in roles(stack)] == [arn] * 5


def test_cdks_boundary_of_a_stack_reaches_every_role() -> None:
    boundary = cdk.PermissionsBoundary.from_name("bound")
    stack = cdk.Stack(new_app(), "Stack", env=HERE, permissions_boundary=boundary)
    use(stack)
    assert all("policy/bound" in str(role["PermissionsBoundary"]) for role in roles(stack))


def test_cdks_tags_reach_every_role() -> None:
    stack = new_stack()
    use(stack)
    cdk.Tags.of(stack).add("cost-center", "4711")
    assert all({"Key": "cost-center", "Value": "4711"} in role["Tags"] for role in roles(stack))
