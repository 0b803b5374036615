"""Facts about constructs, read with the fewest questions to jsii."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms

from resilient_redshift.core.tree import after, expression_of, key_arn_of, path_of, ref_of, root_of


def test_a_construct_knows_its_path_and_its_root() -> None:
    app = cdk.App()
    key = kms.CfnKey(cdk.Stack(app, "Prod"), "Key")
    assert path_of(key) == "Prod/Key"
    assert root_of(key) is app
    assert cdk.Stack.of(key).resolve(ref_of(key)) == {"Ref": "Key"}


@pytest.mark.parametrize("make", [kms.CfnKey, kms.Key])
def test_every_key_tells_its_arn(make: Any) -> None:
    stack = cdk.Stack()
    key = make(stack, "Key")
    assert stack.resolve(key_arn_of(key)) == stack.resolve(key.key_ref.key_arn)


def test_a_key_that_is_only_a_reference_tells_its_arn() -> None:
    assert key_arn_of(SimpleNamespace(key_ref=SimpleNamespace(key_arn="arn"))) == "arn"


def test_a_schedule_tells_its_expression() -> None:
    assert expression_of(events.Schedule.cron(hour="3", minute="0")) == "cron(0 3 * * ? *)"


def test_a_resource_waits_for_another() -> None:
    # GIVEN
    stack = cdk.Stack(cdk.App(), "Prod")
    first, second = kms.CfnKey(stack, "First", key_policy={}), kms.CfnKey(stack, "Second", key_policy={})
    # WHEN
    after(second, first)
    # THEN
    resources = assertions.Template.from_stack(stack).to_json()["Resources"]
    assert (resources["Second"]["DependsOn"], "DependsOn" in resources["First"]) == (["First"], False)
