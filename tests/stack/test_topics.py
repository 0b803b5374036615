"""The topics that a stack notifies: which topics it can notify."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.stack.topics import check_topic
from tests.scenes.clusters import HERE, new_app, new_stack


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
