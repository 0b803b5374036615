"""Acknowledged findings: each by itself, under the id that cdk-nag gives it."""

from __future__ import annotations

import pytest

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.stack.compliance import (
    INLINE_POLICIES,
    PROVIDER,
    function_findings,
    wildcard_finding,
    wildcard_findings,
)
from tests.scenes.clusters import new_stack


def test_an_arn_of_a_known_environment_is_named_as_it_is() -> None:
    arn = "arn:aws:s3:::bucket/*"
    assert wildcard_finding(new_stack(), arn) == f"AwsSolutions-IAM5[Resource::{arn}]"


def test_pseudo_parameters_are_named_as_cdk_nag_names_them() -> None:
    # GIVEN a stack whose Region and account only the deployment knows
    stack = new_stack(None)
    arn = arn_parts_of(stack).arn("redshift", "snapshot", "sales/*")
    # WHEN
    finding = wildcard_finding(stack, arn)
    # THEN
    expected = "arn:<AWS::Partition>:redshift:<AWS::Region>:<AWS::AccountId>:snapshot:sales/*"
    assert finding == f"AwsSolutions-IAM5[Resource::{expected}]"


def test_many_arns_have_the_same_names_as_one() -> None:
    stack = new_stack(None)
    arns = [arn_parts_of(stack).arn("redshift", "snapshot", name) for name in ("sales/*", "hr/*")]
    findings = wildcard_findings(stack, [(arn, "why") for arn in arns])
    assert findings == {wildcard_finding(stack, arn): "why" for arn in arns}


def test_a_rule_that_several_packs_share_has_one_reason() -> None:
    assert len({*INLINE_POLICIES.values()}) == 1
    provider = function_findings(PROVIDER, in_vpc=False, default_runtime=True)
    assert {finding: provider[finding] for finding in INLINE_POLICIES} == INLINE_POLICIES


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        ({"in_vpc": True, "default_runtime": True}, "LambdaInsideVPC"),
        ({"in_vpc": False, "default_runtime": False}, "AwsSolutions-L1"),
        ({"in_vpc": False, "default_runtime": True, "reserved": True}, "LambdaConcurrency"),
    ],
)
def test_a_finding_that_a_setting_ends_is_not_acknowledged(arguments: dict[str, bool], gone: str) -> None:
    # GIVEN functions without any setting, and with one WHEN their findings are compared THEN that one's alone are gone
    usual = function_findings(PROVIDER, in_vpc=False, default_runtime=True)
    ended = usual.keys() - function_findings(PROVIDER, **arguments).keys()
    assert ended == {rule for rule in usual if rule.endswith(gone)}
    assert ended
