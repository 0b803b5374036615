"""Who acknowledged what, and whether CDK itself knows where an acknowledgment holds."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift.stack import acknowledged
from resilient_redshift.stack.acknowledged import Acknowledgments, cdk_knows_scopes
from tests.scenes.clusters import new_stack

RULE = "RR103"


@pytest.mark.parametrize(
    ("version", "knows"), [("2.270.0", False), ("2.271.0", True), ("2.300.1", True), ("3.0.0", True)]
)
def test_cdk_knows_scopes_from_2_271_on(version: str, knows: bool) -> None:
    assert cdk_knows_scopes(version) is knows


def test_the_nearest_acknowledgment_at_or_above_a_construct_counts() -> None:
    # GIVEN a stack and one of its two constructs, which acknowledge the same rule
    stack = new_stack()
    inner, other = cdk.CfnParameter(stack, "Inner"), cdk.CfnParameter(stack, "Other")
    for construct, reason in ((inner, "near"), (stack, "far")):
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"resilient-redshift::{RULE}", reason=reason))
    # WHEN THEN
    found = Acknowledgments(other)
    assert found.reason("Stack/Inner", RULE) == "near"
    assert found.reason("Stack/Other", RULE) == found.reason("Stack", RULE) == "far"
    assert found.reason("Stack/Inner", "RR104") is None
    assert found.reason("", RULE) is None


@pytest.mark.parametrize(("scopes", "severity"), [(True, "error"), (False, "fatal")])
def test_an_error_that_nobody_acknowledged_is_fatal_where_cdk_would_suppress_it(
    scopes: bool, severity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an acknowledgment elsewhere in the app
    stack = new_stack()
    cdk.Validations.of(cdk.CfnParameter(stack, "Other")).acknowledge(
        cdk.Acknowledgment(id=f"resilient-redshift::{RULE}", reason="only this one")
    )
    monkeypatch.setattr(acknowledged, "cdk_knows_scopes", lambda: scopes)
    # WHEN THEN
    found = Acknowledgments(stack)
    assert found.severity(lambda: "Stack/Mine", RULE) == severity
    assert found.severity(lambda: "Stack/Other", RULE) == "error"
