"""The topics that the alarms of a stack notify: where they must be, and who may publish to them."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.stack.alarms import AlarmMetric
from resilient_redshift.stack.topics import check_topic, let_alarms_notify
from tests.scenes.clusters import HERE, new_app, new_stack, resources_of, warnings_of

COUNT = AlarmMetric(namespace="N", name="M", dimensions={}, statistic="Sum", period=60)


def problem_of(topic: sns.ITopic, stack: cdk.Stack) -> str:
    problems = Problems("Rule")
    check_topic(problems, "notify", topic, stack)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError as error:
        return str(error)
    return ""


def test_a_topic_of_the_same_stack_or_environment_is_fine() -> None:
    app = new_app()
    for env in (HERE, None):
        stack = new_stack(env, app=app, name=f"Own{env is None}")
        assert problem_of(sns.Topic(stack, "Topic"), stack) == ""
    here, there = new_stack(app=app, name="Here"), new_stack(app=app, name="There")
    assert problem_of(sns.Topic(there, "Topic"), here) == ""


def test_an_imported_topic_is_judged_by_its_arn_where_ours_is_known() -> None:
    arn = f"arn:aws:sns:us-west-2:{HERE.account}:operators"
    stack = new_stack()
    text = problem_of(sns.Topic.from_topic_arn(stack, "Operators", arn), stack)
    assert text == (
        "Rule: 'notify' must be a topic in us-east-1, got 'us-west-2' (an alarm can notify only a topic of its own Region)"
    )
    agnostic = new_stack(None)
    assert problem_of(sns.Topic.from_topic_arn(agnostic, "Operators", arn), agnostic) == ""


@pytest.mark.parametrize(
    ("account", "region", "word"), [("222222222222", "us-east-1", "account"), ("111111111111", "eu-west-1", "Region")]
)
def test_a_topic_of_another_environment_is_refused(account: str, region: str, word: str) -> None:
    app = new_app()
    here = new_stack(app=app, name="Here")
    there = new_stack(cdk.Environment(account=account, region=region), app=app, name="There")
    assert f"only a topic of its own {word}" in problem_of(sns.Topic(there, "Topic"), here)


def test_a_topic_of_an_unknown_environment_is_refused() -> None:
    app = new_app()
    here, there = new_stack(app=app, name="Here"), new_stack(None, app=app, name="There")
    assert "a topic of a stack without a Region" in problem_of(sns.Topic(there, "Topic"), here)


def statements_for_cloudwatch(stack: cdk.Stack, kind: str, document: str) -> list[dict[str, Any]]:
    [found] = resources_of(stack, kind)
    statements = found["Properties"][document]["Statement"]
    return [each for each in statements if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]


def test_a_topic_without_a_policy_keeps_the_policy_of_sns() -> None:
    # GIVEN a plain topic, which the account's alarms may notify WHEN alarms notify it THEN it gets no policy
    stack = new_stack()
    let_alarms_notify(stack, sns.Topic(stack, "Topic"))
    assert resources_of(stack, "AWS::SNS::TopicPolicy") == []


@pytest.mark.parametrize("made_by", ["an L2", "an L1"])
def test_a_policy_that_a_topic_gets_later_lets_cloudwatch_of_the_account_publish(made_by: str) -> None:
    # GIVEN a topic that alarms notify
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    let_alarms_notify(stack, topic)
    # WHEN a later call gives it a policy, which replaces the one of SNS
    lambdas = {"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}
    if made_by == "an L2":
        topic.add_to_resource_policy(iam.PolicyStatement.from_json(lambdas))
    else:
        document = {"Version": "2012-10-17", "Statement": lambdas}
        sns.CfnTopicPolicy(stack, "Policy", topics=[topic.topic_arn], policy_document=document)
    # THEN
    [statement] = statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": HERE.account}}
    [found] = resources_of(stack, "AWS::SNS::TopicPolicy")
    assert len(found["Properties"]["PolicyDocument"]["Statement"]) == 2


def test_a_policy_that_lets_cloudwatch_in_stays_as_it_is() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Topic", enforce_ssl=True, master_key=key)
    alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
    topic.grant_publish(alarms)
    key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*")
    for _ in range(2):
        let_alarms_notify(stack, topic)
    assert len(statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")) == 1
    assert len(statements_for_cloudwatch(stack, "AWS::KMS::Key", "KeyPolicy")) == 1


def with_key(stack: cdk.Stack, named: str) -> sns.Topic | sns.CfnTopic:
    key = kms.Key(stack, "Key")
    if named == "its ARN":
        return sns.Topic(stack, "Topic", master_key=key)
    if named == "its id":
        return sns.CfnTopic(stack, "Topic", kms_master_key_id=key.key_id)
    alias = key.add_alias("alias/operators")
    if named == "its alias":
        return sns.Topic(stack, "Topic", master_key=alias)
    return sns.CfnTopic(stack, "Topic", kms_master_key_id=alias.alias_name)


@pytest.mark.parametrize("named", ["its ARN", "its id", "its alias", "its alias's name"])
def test_the_key_of_a_topic_lets_cloudwatch_use_it(named: str) -> None:
    stack = new_stack()
    let_alarms_notify(stack, with_key(stack, named))
    [statement] = statements_for_cloudwatch(stack, "AWS::KMS::Key", "KeyPolicy")
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert warnings_of(stack) == {}


def test_a_key_outside_the_app_is_a_warning() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    let_alarms_notify(stack, sns.Topic(stack, "Topic", master_key=key))
    assert (
        "its policy lets cloudwatch.amazonaws.com use it" in warnings_of(stack)["resilient-redshift:Notify.KeyPolicy"]
    )


@pytest.mark.parametrize("make", [sns.CfnTopic, sns.Topic])
def test_a_topic_with_the_key_that_aws_manages_is_refused(make: Any) -> None:
    stack = new_stack()
    name = "alias/aws/sns"
    key = (
        {"kms_master_key_id": name}
        if make is sns.CfnTopic
        else {"master_key": kms.Alias.from_alias_name(stack, "A", name)}
    )
    assert "no alarm would arrive" in problem_of(make(stack, "Topic", **key), stack)


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: sns.Topic(stack, "Topic", fifo=True),
        lambda stack: sns.CfnTopic(stack, "Topic", fifo_topic=True),
        lambda stack: sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:us-east-1:111111111111:ops.fifo"),
    ],
    ids=["L2", "L1", "imported"],
)
def test_a_fifo_topic_is_refused(make: Any) -> None:
    # GIVEN a FIFO topic, of the app or not WHEN it is to be notified THEN no report could be published to it
    stack = new_stack()
    assert "'notify' must be a standard topic, got 'a FIFO topic'" in problem_of(make(stack), stack)


def test_an_imported_topic_without_a_policy_in_the_app_is_left_alone() -> None:
    stack = new_stack()
    scope = Construct(stack, "Scope")
    let_alarms_notify(scope, sns.Topic.from_topic_arn(stack, "Ops", "arn:aws:sns:us-east-1:111111111111:ops"))
    assert warnings_of(scope) == {}
    assert resources_of(stack, "AWS::SNS::TopicPolicy") == []


def test_a_policy_of_the_app_for_an_imported_topic_lets_cloudwatch_publish() -> None:
    # GIVEN a topic that the app imports and gives a policy WHEN alarms notify it THEN CloudWatch may publish
    stack = new_stack()
    topic = sns.Topic.from_topic_arn(stack, "Ops", "arn:aws:sns:us-east-1:111111111111:ops")
    sns.TopicPolicy(stack, "Policy", topics=[topic], enforce_ssl=True)
    let_alarms_notify(stack, topic)
    [statement] = statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")
    assert statement["Resource"] == "arn:aws:sns:us-east-1:111111111111:ops"


@pytest.mark.parametrize("account", [None, "999999999999"])
def test_a_statement_about_another_topic_or_account_does_not_let_the_alarms_in(account: str | None) -> None:
    # GIVEN a policy that lets CloudWatch publish to another topic, or for another account alone
    stack = new_stack()
    topic, other = sns.Topic(stack, "Topic"), sns.Topic(stack, "Other")
    policy = sns.TopicPolicy(stack, "Policy", topics=[topic, other])
    policy.document.add_statements(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            resources=[other.topic_arn if account is None else topic.topic_arn],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            conditions={} if account is None else {"StringEquals": {"aws:SourceAccount": account}},
        )
    )
    # WHEN alarms notify the topic THEN a statement lets them in
    let_alarms_notify(stack, topic)
    _, added = statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")
    assert added["Resource"] == stack.resolve(topic.topic_arn)
    assert added["Condition"] == {"StringEquals": {"aws:SourceAccount": HERE.account}}
