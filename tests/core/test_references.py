"""The constructs to which a value refers, alone or nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from resilient_redshift.core.references import foreign_stack, other_stack, referred
from tests.scenes.clusters import new_app, new_stack, number_parameter, text_parameter
from tests.scenes.recovery import AWAY, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_reference_alone_has_a_target() -> None:
    # GIVEN the reference to a key WHEN its target is asked for THEN it is the key
    stack = new_stack()
    key = kms.CfnKey(stack, "Key", key_policy={})
    assert referred(key.attr_arn) is key


@pytest.mark.parametrize(
    "value", ["text", cdk.Aws.ACCOUNT_ID, cdk.Fn.import_value("there")], ids=["text", "account", "import"]
)
def test_what_is_no_reference_has_no_target(value: str) -> None:
    assert referred(value) is None


@pytest.mark.parametrize(
    "value_in",
    [
        text_parameter,
        number_parameter,
        lambda stack: kms.CfnKey(stack, "Key", key_policy={}).attr_arn,
        lambda stack: f"prefix-{text_parameter(stack)}",
        lambda stack: cdk.Fn.join("-", ["a", text_parameter(stack)]),
        lambda stack: cdk.ScopedAws(stack).stack_name,
    ],
)
def test_a_reference_to_another_region_is_found(value_in: Callable[[cdk.Stack], Any]) -> None:
    # GIVEN a value of one stack WHEN a stack of another Region is to hold it THEN the first stack is found
    home, away = two_stacks()
    assert foreign_stack(value_in(home), away) is home


@pytest.mark.parametrize(
    "value", ["text", 5440, True, None, cdk.Aws.REGION], ids=["text", "number", "flag", "none", "region"]
)
def test_a_value_without_a_reference_belongs_anywhere(value: Any) -> None:
    assert foreign_stack(value, new_stack(AWAY)) is None


def test_a_reference_within_one_account_and_region_is_not_foreign() -> None:
    # GIVEN two stacks of one account and Region WHEN a value of one is held by the other, or by itself THEN all is well
    app = new_app()
    _, away = two_stacks(app)
    beside = cdk.Stack(app, "Beside", env=AWAY)
    assert foreign_stack(text_parameter(beside), away) is None
    assert foreign_stack(text_parameter(away), away) is None


def test_a_reference_to_another_stack_is_found() -> None:
    # GIVEN two stacks of one account and Region WHEN a value of one is held by the other THEN the first stack is found,
    # because CDK carries the value with an export
    app = new_app()
    _, away = two_stacks(app)
    beside = cdk.Stack(app, "Beside", env=AWAY)
    assert other_stack(text_parameter(beside), away) is beside
    assert other_stack(text_parameter(away), away) is None
