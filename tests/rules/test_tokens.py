"""What synth knows, and what only the deployment knows."""

from __future__ import annotations

import aws_cdk as cdk

from resilient_redshift.rules.tokens import known, literal


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
