"""What a plan refuses about the rules that are added to it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events

from resilient_redshift import RecoveryPlan, ResilientRedshiftError
from tests.scenes.clusters import number_parameter
from tests.scenes.recovery import OBJECTIVES, existing, site_of, two_stacks

NIGHTLY = events.Schedule.cron(hour="3", minute="0")


def made() -> tuple[cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    return home, site_of(away).protect(existing(home), objectives=OBJECTIVES)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"keep": cdk.Duration.days(4000)}, "'keep' must be 1 to 3653 whole days or FOREVER, got 4000 days"),
        (
            {"keep": cdk.Duration.days(0), "keep_in_recovery": cdk.Duration.days(7)},
            "'keep' must be 1 to 3653 whole days",
        ),
        ({"keep_in_recovery": cdk.Duration.days(4000)}, "'keep_in_recovery' must be 1 to 3653 whole days or FOREVER"),
        ({"schedule": "rate(1 day)"}, "'schedule' must be an events.Schedule, got 'rate(1 day)'"),
        ({"construct_id": "Every Week"}, "'construct_id' must be 1 to 63 lower-case letters"),
    ],
)
def test_a_mistake_in_a_rule_is_told_once_in_the_callers_words(given: dict[str, Any], problem: str) -> None:
    # GIVEN a plan with a rule WHEN another one has one mistake THEN one problem says so, and nothing of the call is left
    _, plan = made()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    arguments = {"construct_id": "Weekly", "schedule": NIGHTLY, "keep": cdk.Duration.days(7), **given}
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.keep_manual_snapshots(**arguments)
    assert caught.value.where == "Away/Site/legacy-us-east-1 (RecoveryPlan.keep_manual_snapshots)"
    [found] = caught.value.problems
    assert problem in found


def test_a_token_as_a_retention_of_a_rule_is_told_as_such() -> None:
    # GIVEN a retention that only the deployment knows WHEN a rule gets it THEN that is the problem, not the quota
    home, plan = made()
    token = cdk.Duration.days(number_parameter(home))
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=token)
    assert [problem.split("(")[0] for problem in caught.value.problems] == [
        "'keep' must be known at synth, got 'a token' "
    ]
