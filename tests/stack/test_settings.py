"""StackSettings: what is refused, which scope counts, and when it is too late. CDK's own means do the rest."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_events import Schedule

from resilient_redshift import ExistingCluster, ManualSnapshotRule, ResilientRedshiftError, SnapshotCopy, StackSettings
from resilient_redshift.stack.functions import RUNTIME
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.settings import OLDEST_MINOR
from tests.docs.tables import ROOT
from tests.scenes.clusters import HERE, new_app, new_stack, resources_of, text_parameter, vpc_of, warnings_of

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

SUBNETS = {"Public": ec2.SubnetType.PUBLIC, "Isolated": ec2.SubnetType.PRIVATE_ISOLATED}
KEY_WARNING = "resilient-redshift:StackSettings.KeyPolicy"


def use(stack: cdk.Stack) -> None:
    """Make a copy and a rule, which together make every role."""
    cluster = ExistingCluster.from_identifier(stack, "Sales", "sales")
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    nightly = Schedule.cron(hour="3", minute="0")
    ManualSnapshotRule(stack, "Nightly", cluster=cluster, schedule=nightly, keep=cdk.Duration.days(7))


def roles(stack: cdk.Stack) -> list[dict[str, Any]]:
    all_roles = [role["Properties"] for role in resources_of(stack, "AWS::IAM::Role")]
    assert len(all_roles) == 6
    return all_roles


def paths(stack: cdk.Stack) -> set[str | None]:
    return {role.get("Path") for role in roles(stack)}


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    [resource] = resources_of(stack, kind)
    return dict(resource["Properties"])


@pytest.mark.parametrize("path", ["", "/Live", "Live/", "Live//Dr", "Live Dr"])
def test_a_naming_path_that_is_no_path_is_refused(path: str) -> None:
    assert "'naming_path' must be a literal path of a stack" in error_of(naming_path=path)


def test_a_naming_path_is_for_one_stack() -> None:
    with pytest.raises(ResilientRedshiftError, match="'scope' must be a Stack for 'naming_path'"):
        StackSettings(naming_path="Dr").apply(new_app())


def error_of(**arguments: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        StackSettings(**arguments)
    return str(caught.value)


# --- values


@pytest.mark.parametrize("path", ["/", "/a/", "/bank/data-platform/", "/!~/", "/" + "a" * 510 + "/"])
def test_a_path_that_iam_takes(path: str) -> None:
    assert StackSettings(role_path=path).role_path == path


@pytest.mark.parametrize("path", ["", "a", "/a", "a/", "//x", "/a b/", "/ä/", "/" + "a" * 511 + "/"])
def test_a_path_that_iam_refuses(path: str) -> None:
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
    assert error_of(role_path="x", log_retention=timedelta(days=2), lambda_runtime="x").count("must be") == 3


@pytest.mark.parametrize("runtime", ["python3.11", "python3.12", "python3.13", "python3.14", "python3.20"])
def test_a_runtime_on_which_the_code_runs(runtime: str) -> None:
    assert StackSettings(lambda_runtime=runtime).lambda_runtime == runtime


@pytest.mark.parametrize(
    "runtime", ["", "python3.10", "python3.9", "python3", "python2.7", "Python3.12", "python3.012", "nodejs22.x"]
)
def test_a_runtime_on_which_the_code_does_not_run(runtime: str) -> None:
    error = error_of(lambda_runtime=runtime)
    assert "'lambda_runtime' must be 'python3.11' or a later Python runtime of Lambda" in error
    assert "the code of the functions needs Python 3.11" in error


def test_cdks_runtime_is_named_by_its_name() -> None:
    # GIVEN CDK's object, which is no text WHEN passed THEN it is refused, and its name is taken
    assert "'lambda_runtime' must be" in error_of(lambda_runtime=lambda_.Runtime.PYTHON_3_12)
    name = lambda_.Runtime.PYTHON_3_12.name
    assert StackSettings(lambda_runtime=name).lambda_runtime == "python3.12"


def test_a_token_is_taken_as_a_runtime() -> None:
    token = text_parameter(new_stack())
    assert StackSettings(lambda_runtime=token).lambda_runtime == token


@pytest.mark.parametrize("runtime", [RUNTIME, f"python3.{OLDEST_MINOR}"])
def test_lambda_has_the_default_runtime_and_the_oldest_one(runtime: str) -> None:
    # GIVEN botocore's model of Lambda WHEN its runtimes are read THEN these two are among them
    model = botocore.session.get_session().get_service_model("lambda")
    assert runtime in model.shape_for("Runtime").enum


def test_the_oldest_runtime_is_the_packages_own_floor() -> None:
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert floor.startswith(f">=3.{OLDEST_MINOR}")


# --- the VPC of the functions


def test_a_vpc_alone_is_enough() -> None:
    vpc = vpc_of(new_stack())
    settings = StackSettings(lambda_vpc=vpc)
    assert (settings.lambda_vpc, settings.lambda_vpc_subnets, settings.lambda_security_groups) == (vpc, None, None)


def test_subnets_and_security_groups_need_a_vpc() -> None:
    # GIVEN no VPC WHEN its subnets and security groups are named THEN one error says so of both
    group = ec2.SecurityGroup.from_security_group_id(new_stack(), "Group", "sg-1")
    error = error_of(lambda_vpc_subnets=ec2.SubnetSelection(), lambda_security_groups=[group])
    assert "'lambda_vpc_subnets' must be given together with 'lambda_vpc'" in error
    assert "'lambda_security_groups' must be given together with 'lambda_vpc'" in error


@pytest.mark.parametrize("count", [0, 6])
def test_a_number_of_security_groups_that_lambda_refuses(count: int) -> None:
    stack = new_stack()
    groups = [ec2.SecurityGroup.from_security_group_id(stack, f"Group{n}", f"sg-{n}") for n in range(count)]
    error = error_of(lambda_vpc=vpc_of(stack), lambda_security_groups=groups)
    assert f"'lambda_security_groups' must be a list of 1 to 5 security groups, got 'a list of {count}'" in error


@pytest.mark.parametrize(("count", "refused"), [(16, False), (17, True)])
def test_a_number_of_subnets_that_lambda_refuses(count: int, *, refused: bool) -> None:
    stack = new_stack()
    subnets = [ec2.Subnet.from_subnet_id(stack, f"Subnet{n}", f"subnet-{n}") for n in range(count)]
    arguments: Any = {"lambda_vpc": vpc_of(stack), "lambda_vpc_subnets": ec2.SubnetSelection(subnets=subnets)}
    if refused:
        assert "'lambda_vpc_subnets' must be 1 to 16 subnets, got '17 subnets'" in error_of(**arguments)
    else:
        assert StackSettings(**arguments).lambda_vpc is arguments["lambda_vpc"]


@pytest.mark.parametrize("selection", [None, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)])
def test_a_public_subnet_is_refused(selection: ec2.SubnetSelection | None) -> None:
    # GIVEN a VPC with public subnets only, or a selection of public ones WHEN passed THEN the error says what they lack
    stack = new_stack()
    both = [ec2.SubnetConfiguration(name=name, subnet_type=kind) for name, kind in SUBNETS.items()]
    vpc = ec2.Vpc(stack, "Network", nat_gateways=0, subnet_configuration=both[: 1 if selection is None else 2])
    error = error_of(lambda_vpc=vpc, lambda_vpc_subnets=selection)
    assert "'lambda_vpc_subnets' must be private or isolated subnets, got 'a public subnet'" in error


def test_subnets_that_the_vpc_does_not_have_are_refused_in_our_words() -> None:
    selection = ec2.SubnetSelection(subnet_group_name="Nowhere")
    error = error_of(lambda_vpc=vpc_of(new_stack()), lambda_vpc_subnets=selection)
    assert "'lambda_vpc_subnets' must be subnets that the VPC has" in error


def test_a_vpc_of_another_region_is_refused_when_applied_and_when_used() -> None:
    # GIVEN a VPC in which no function of this Region could run
    app = new_app()
    stack = new_stack(app=app)
    away = new_stack(cdk.Environment(account=HERE.account, region="us-west-2"), app=app, name="Away")
    settings = StackSettings(lambda_vpc=vpc_of(away))
    # WHEN / THEN
    with pytest.raises(ResilientRedshiftError, match="'lambda_vpc' must be in the Region of the stack, us-east-1"):
        settings.apply(stack)
    settings.apply(app)
    with pytest.raises(ResilientRedshiftError, match="'lambda_vpc' must be in the Region of the stack, us-east-1"):
        use(stack)


def test_a_vpc_brings_its_own_subnets_and_security_groups() -> None:
    # GIVEN an app with a VPC and its security group WHEN a stack names another VPC THEN the app's group is not used there
    app = new_app()
    stack = new_stack(app=app)
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    StackSettings(lambda_vpc=vpc_of(stack), lambda_security_groups=[group], lambda_runtime="python3.12").apply(app)
    own = vpc_of(stack, name="Own")
    StackSettings(lambda_vpc=own).apply(stack)
    found = StackSettings.of(stack)
    assert (found.lambda_vpc, found.lambda_security_groups, found.lambda_runtime) == (own, None, "python3.12")
    assert StackSettings.of(app).lambda_security_groups == (group,)


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
    assert [role.get("PermissionsBoundary") for role in roles(stack)] == [arn] * 6


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
