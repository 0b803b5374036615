"""The limit of resources: our error comes before CDK's, and names what to split."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_checks import SynthChecks
from tests.scenes.clusters import new_app, new_stack


def waits(scope: cdk.Stack | cdk.NestedStack, name: str, count: int, *, kept: int = 0) -> None:
    """So many of the cheapest resource, under one child of a stack; the checks keep the first ones."""
    parent = cdk.CfnWaitConditionHandle(scope, name)
    for number in range(count - 1):
        handle = cdk.CfnWaitConditionHandle(parent, str(number))
        if number < kept:
            SynthChecks.of(scope).keep(handle, Declared(deletion=None, replacement=None, to_remove=""))


def test_too_many_resources_stop_the_synth_with_the_largest_parts() -> None:
    # GIVEN a stack of ours with 501 resources WHEN synthesized
    app = new_app()
    stack = new_stack(app=app)
    waits(stack, "Plans", 400, kept=32)
    waits(stack, "Others", 101)
    # THEN the error names the limit, the largest parts and what to split
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    text = str(caught.value)
    assert "the stack has 501 resources; CloudFormation's limit is 500" in text
    assert "The largest parts: 'Plans' 400, 'Others' 101" in text
    assert "move some of the clusters to a second stack" in text


def test_a_nested_stack_is_counted_by_itself() -> None:
    # GIVEN 300 resources in a stack and 300 in its nested stack WHEN synthesized THEN both fit
    app = new_app()
    stack = new_stack(app=app)
    waits(stack, "Own", 300, kept=32)
    waits(cdk.NestedStack(stack, "Nested"), "Own", 300)
    assert app.synth()
