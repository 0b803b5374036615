"""What synth knows, and what only the deployment knows."""

from __future__ import annotations

from datetime import timedelta

import aws_cdk as cdk
import pytest

from resilient_redshift.rules.tokens import known, length_of, literal


def test_tokens_are_known_from_what_synth_knows() -> None:
    # GIVEN
    number = cdk.CfnParameter(cdk.Stack(), "N", type="Number").value_as_number

    # THEN
    assert not known(cdk.Aws.REGION)
    assert not known(number)
    assert not known(cdk.Duration.days(number))
    assert not known([cdk.Aws.REGION])
    assert known("us-east-1")
    assert known(None)
    assert known(cdk.Duration.days(1))
    assert literal("us-east-1") == "us-east-1"
    assert literal(cdk.Aws.REGION) is None


def test_a_text_that_only_looks_like_a_token_is_known() -> None:
    assert known("Token[")
    assert known("${Token[no end")
    assert not known(f"a{cdk.Aws.REGION}b")


def test_the_length_of_a_duration_is_known_unless_it_holds_a_token() -> None:
    number = cdk.CfnParameter(cdk.Stack(), "N", type="Number").value_as_number
    assert length_of(cdk.Duration.hours(36)) == timedelta(days=1, hours=12)
    assert length_of(cdk.Duration.days(number)) is None


def test_a_length_that_cdk_cannot_tell_is_an_error_and_no_token() -> None:
    # GIVEN less than a millisecond, which CDK does not convert WHEN asked THEN nobody takes it for a token
    with pytest.raises(RuntimeError):
        length_of(cdk.Duration.millis(0.5))
