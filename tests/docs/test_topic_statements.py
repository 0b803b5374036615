"""The statements in docs/recovery.md for an imported topic are those that the library adds to a topic of the app."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from resilient_redshift.stack.topic_policies import let_publish, let_redshift_publish
from tests.docs.tables import ROOT
from tests.scenes.clusters import new_stack, resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The topic of the page.
ARN = "arn:aws:sns:us-west-2:111122223333:operators"
ENV = cdk.Environment(account="111122223333", region="us-west-2")


def single(statements: Iterable[dict[str, Any]]) -> list[str]:
    """Each statement as text, one for each principal and with every value as a list, in a fixed order."""
    found = []
    for each in statements:
        [(kind, principals)] = each["Principal"].items()
        condition = {key: listed(value) for key, value in next(iter(each.get("Condition", {"": {}}).values())).items()}
        found += [json.dumps([kind, one, sorted(listed(each["Action"])), condition]) for one in listed(principals)]
    return sorted(found)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_page_has_the_statements_that_the_library_adds() -> None:
    # GIVEN a topic and a key whose policies hold nothing
    stack = new_stack(ENV)
    nothing = {"Version": "2012-10-17", "Statement": []}
    key = kms.CfnKey(stack, "Key", key_policy=nothing)
    topic = sns.CfnTopic(stack, "Topic", topic_name="operators", kms_master_key_id=key.attr_arn)
    sns.CfnTopicPolicy(stack, "Policy", topics=[topic.ref], policy_document=nothing)
    # WHEN everything publishes to it
    let_publish(stack, topic)
    let_redshift_publish(stack, topic, cdk.CfnResource(stack, "Events", type="AWS::Redshift::EventSubscription"))
    [policy] = resources_of(stack, "AWS::SNS::TopicPolicy")
    [made] = resources_of(stack, "AWS::KMS::Key")
    # THEN the page has these statements, and no others
    section = (ROOT / "docs" / "recovery.md").read_text().split("### Who may publish to a topic")[1].split("\n## ")[0]
    of_topic, of_key = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL))
    assert {each["Resource"] for each in of_topic} == {ARN}
    assert single(of_topic) == single(policy["Properties"]["PolicyDocument"]["Statement"])
    added = json.loads(json.dumps(made["Properties"]["KeyPolicy"]["Statement"]))
    for each in added:
        if "AWS" in each["Principal"]:
            each["Principal"]["AWS"] = f"arn:aws:iam::{ENV.account}:root"
    assert single(of_key) == single(added)
