"""Who may publish to a topic and use its key."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from resilient_redshift.stack.topic_policies import CLOUDWATCH, EVENTBRIDGE, let_publish, let_redshift_publish
from tests.scenes.clusters import HERE, new_stack, resources_of, warnings_of


def statements_for_cloudwatch(stack: cdk.Stack, kind: str, document: str) -> list[dict[str, Any]]:
    [found] = resources_of(stack, kind)
    statements = found["Properties"][document]["Statement"]
    return [each for each in statements if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]


@pytest.mark.parametrize("made_by", ["an L2", "an L1"])
def test_a_topic_without_a_policy_gets_one_that_allows_what_the_policy_of_sns_allows(made_by: str) -> None:
    # GIVEN a plain topic: its policy lets the account's alarms in, and no rule of EventBridge
    stack = new_stack()
    # WHEN it is to be notified THEN the new policy, which replaces that one, lets the account and EventBridge in
    let_publish(stack, sns.Topic(stack, "Topic") if made_by == "an L2" else sns.CfnTopic(stack, "Topic"))
    for _ in range(2):  # synthesized twice, as tests do, it stays the same
        [policy] = resources_of(stack, "AWS::SNS::TopicPolicy")
        account, events = policy["Properties"]["PolicyDocument"]["Statement"]
        assert account["Condition"] == {"StringEquals": {"aws:SourceOwner": HERE.account}}
        assert {"sns:Publish", "sns:Subscribe"} <= {*account["Action"]}
        assert (events["Principal"], "Condition" in events) == ({"Service": "events.amazonaws.com"}, False)
    # another policy may replace that of an L1 later: its deletion would reset the topic's policy
    assert policy.get("DeletionPolicy") == (None if made_by == "an L2" else "RetainExceptOnCreate")


@pytest.mark.parametrize("made_by", ["an L2", "an L1"])
def test_a_policy_that_a_topic_gets_later_lets_cloudwatch_of_the_account_publish(made_by: str) -> None:
    # GIVEN a topic that alarms notify
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    let_publish(stack, topic)
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
    assert len(found["Properties"]["PolicyDocument"]["Statement"]) == 3


def test_a_policy_that_lets_cloudwatch_in_stays_as_it_is() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Topic", enforce_ssl=True, master_key=key)
    for service in (CLOUDWATCH, EVENTBRIDGE):
        topic.grant_publish(iam.ServicePrincipal(service.principal))
        key.grant(iam.ServicePrincipal(service.principal), "kms:Decrypt", "kms:GenerateDataKey*")
    for _ in range(2):
        let_publish(stack, topic)
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
    let_publish(stack, with_key(stack, named))
    [statement] = statements_for_cloudwatch(stack, "AWS::KMS::Key", "KeyPolicy")
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert warnings_of(stack) == {}


def test_a_key_outside_the_app_is_a_warning() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    let_publish(stack, sns.Topic(stack, "Topic", master_key=key))
    resources_of(stack, "AWS::SNS::Topic")
    assert (
        "lets cloudwatch.amazonaws.com, events.amazonaws.com use it"
        in warnings_of(stack)["resilient-redshift:Notify.KeyPolicy"]
    )


@pytest.mark.parametrize("known", [True, False], ids=["by its ARN", "by a value of another app"])
def test_an_imported_topic_is_a_warning_that_names_what_its_policy_must_hold(known: bool) -> None:
    # GIVEN a topic whose policy is elsewhere WHEN it is to be notified, from two constructs THEN each one says it once
    stack = new_stack()
    scope = Construct(stack, "Scope")
    arn = "arn:aws:sns:us-east-1:111111111111:ops"
    topic = sns.Topic.from_topic_arn(stack, "Ops", arn if known else cdk.Fn.import_value("ops"))
    let_publish(scope, topic)
    let_publish(scope, topic)
    assert resources_of(stack, "AWS::SNS::TopicPolicy") == []
    text = warnings_of(scope)["resilient-redshift:Notify.TopicPolicy"]
    assert "each of cloudwatch.amazonaws.com, events.amazonaws.com call sns:Publish" in text
    name = arn if known else "'Stack/Ops'"
    assert f"imports the topic {name}, and" in text


def test_the_warning_is_acknowledged_before_it_is_given() -> None:
    # GIVEN an acknowledgment on the stack WHEN the finished app looks at the topic THEN nothing is said
    stack = new_stack()
    known = cdk.Acknowledgment(id="resilient-redshift:Notify.TopicPolicy", reason="the policy has the statements")
    cdk.Validations.of(stack).acknowledge(known)
    scope = Construct(stack, "Scope")
    let_publish(scope, sns.Topic.from_topic_arn(stack, "Ops", "arn:aws:sns:us-east-1:111111111111:ops"))
    resources_of(stack, "AWS::SNS::TopicPolicy")
    assert warnings_of(scope) == {}


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}, False),
    ],
    ids=["organization", "TLS", "services excepted"],
)
def test_a_deny_that_may_meet_a_service_is_a_warning(condition: dict[str, Any], warned: bool) -> None:
    # GIVEN a closed policy: no service has an organization, and a condition that its key misses denies
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    sns.CfnTopicPolicy(stack, "Policy", topics=[topic.topic_arn], policy_document=document)
    # WHEN it is to be notified THEN the allowing statements are there, and a warning says whether they count
    let_publish(stack, topic)
    assert len(statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")) == 1
    assert ("may deny sns:Publish" in str(warnings_of(stack))) == warned


def test_a_key_that_lets_no_role_of_the_account_in_lets_them_use_it_through_sns() -> None:
    # GIVEN a key whose policy names one administrator WHEN its topic is to be notified THEN the functions' roles may use it
    stack = new_stack()
    admin = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:role/a"}, "Action": "kms:*", "Resource": "*"}
    key = kms.CfnKey(stack, "Key", key_policy={"Version": "2012-10-17", "Statement": [admin]})
    let_publish(stack, sns.CfnTopic(stack, "Topic", kms_master_key_id=key.attr_arn))
    for _ in range(2):
        [resource] = resources_of(stack, "AWS::KMS::Key")
        statements = resource["Properties"]["KeyPolicy"]["Statement"]
        assert len(statements) == 4
        assert statements[-1]["Condition"] == {"StringEquals": {"kms:ViaService": ["sns.us-east-1.amazonaws.com"]}}
        assert ":root" in str(statements[-1]["Principal"])


def test_redshift_may_publish_where_it_sends_its_events_and_is_asked_only_then() -> None:
    # GIVEN a closed topic and a subscription of Redshift, which CreateEventSubscription refuses without the right
    stack = new_stack()
    topic = sns.Topic(stack, "Topic", enforce_ssl=True, master_key=kms.Key(stack, "Key"))
    subscription = cdk.CfnResource(stack, "Events", type="AWS::Redshift::EventSubscription")
    # WHEN
    let_redshift_publish(stack, topic, subscription)
    # THEN the policies let Redshift in, and the subscription waits for the topic's
    [policy] = resources_of(stack, "AWS::SNS::TopicPolicy")
    principals = [each["Principal"] for each in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert principals == ["*", {"Service": "redshift.amazonaws.com"}]
    [key] = resources_of(stack, "AWS::KMS::Key")
    assert {"Service": "redshift.amazonaws.com"} in [
        each["Principal"] for each in key["Properties"]["KeyPolicy"]["Statement"]
    ]
    [found] = resources_of(stack, "AWS::Redshift::EventSubscription")
    assert [name for name in found["DependsOn"] if "Policy" in name]


def test_a_policy_of_the_app_for_an_imported_topic_lets_cloudwatch_publish() -> None:
    # GIVEN a topic that the app imports and gives a policy WHEN alarms notify it THEN CloudWatch may publish
    stack = new_stack()
    topic = sns.Topic.from_topic_arn(stack, "Ops", "arn:aws:sns:us-east-1:111111111111:ops")
    sns.TopicPolicy(stack, "Policy", topics=[topic], enforce_ssl=True)
    let_publish(stack, topic)
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
    let_publish(stack, topic)
    _, added = statements_for_cloudwatch(stack, "AWS::SNS::TopicPolicy", "PolicyDocument")
    assert added["Resource"] == stack.resolve(topic.topic_arn)
    assert added["Condition"] == {"StringEquals": {"aws:SourceAccount": HERE.account}}


def test_a_policy_in_another_stack_lets_them_publish_too_and_is_a_warning() -> None:
    # GIVEN a topic, and a policy that another stack of the app gives it, which replaces that of the topic's stack
    stack = new_stack()
    scope, topic = Construct(stack, "Scope"), sns.Topic(stack, "Topic")
    app = stack.node.root
    assert isinstance(app, cdk.App)
    other = new_stack(app=app, name="Other")
    sns.TopicPolicy(other, "Policy", topics=[topic], enforce_ssl=True)
    # WHEN it is to be notified THEN whichever policy is deployed last lets CloudWatch in
    let_publish(scope, topic)
    assert len(statements_for_cloudwatch(other, "AWS::SNS::TopicPolicy", "PolicyDocument")) == 1
    assert "another one in the stack 'Other'" in warnings_of(scope)["resilient-redshift:Notify.TopicPolicy"]
