"""The errors of the rules that are added to a plan."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events

from resilient_redshift import RecoveryPlan, ResilientRedshiftError
from tests.scenes.clusters import number_parameter
from tests.scenes.recovery import OBJECTIVES, existing, site_of, two_stacks

NIGHTLY = events.Schedule.cron(hour="3", minute="0")


def new_plan() -> tuple[cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    return home, site_of(away).protect(existing(home), objectives=OBJECTIVES)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"keep": cdk.Duration.days(4000)}, "'keep' must be 1 to 3653 whole days or FOREVER, got 4000 days"),
        (
            {"keep": cdk.Duration.days(0), "keep_in_recovery": cdk.Duration.days(7)},
            "'keep' must be 1 to 3653 whole days",
        ),
        ({"keep_in_recovery": cdk.Duration.days(4000)}, "'keep_in_recovery' must be 1 to 3653 whole days or FOREVER"),
        ({"schedule": "rate(1 day)"}, "'schedule' must be an events.Schedule, got 'rate(1 day)'"),
        ({"construct_id": "Every Week"}, "'construct_id' must be 1 to 63 letters"),
    ],
)
def test_a_mistake_in_a_rule_is_one_problem_with_the_callers_argument(changes: dict[str, Any], problem: str) -> None:
    # GIVEN a plan with a rule WHEN another rule has one mistake THEN the error has one problem
    _, plan = new_plan()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    arguments = {"construct_id": "Weekly", "schedule": NIGHTLY, "keep": cdk.Duration.days(7), **changes}
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.keep_manual_snapshots(**arguments)
    assert caught.value.where == "Away/Site/legacy-us-east-1 (RecoveryPlan.keep_manual_snapshots)"
    [reported] = caught.value.problems
    assert problem in reported


def test_a_retention_that_is_a_token_is_the_only_problem() -> None:
    # GIVEN a retention that only the deployment knows WHEN a rule gets it THEN the error reports the token, not the quota
    _, plan = new_plan()
    token = cdk.Duration.days(number_parameter(cdk.Stack.of(plan)))
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=token)
    assert [problem.split("(")[0] for problem in caught.value.problems] == [
        "'keep' must be known at synth, got 'a token' "
    ]
