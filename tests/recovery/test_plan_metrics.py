"""The metrics of a plan, and metrics that nothing writes."""

from __future__ import annotations

import functools
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events

from resilient_redshift import ManualSnapshotRule, RecoveryPlan, RecoveryRestore, ResilientRedshiftError, SqlCheck
from resilient_redshift.contract import names, watching
from tests.scenes.clusters import new_stack
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, site_of, template_of, two_stacks

EVERY = {
    *names.DRILL_METRICS,
    *names.TIER_METRICS,
    *(set(watching.WATCH_METRICS) - {watching.METRIC_CLUSTER_PAUSED}),
    names.METRIC_DRILL_CHECK_FAILED,
    names.METRIC_RTO_MISSED,
}


@functools.cache
def plan() -> RecoveryPlan:
    home, away = two_stacks()
    return site_of(away).protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)


def test_each_metric_of_the_contract_has_a_method() -> None:
    # GIVEN the metrics that functions write with the dimension Plan WHEN each method is called
    methods = [name for name in dir(RecoveryPlan) if name.startswith("metric_") and "primary" not in name]
    metrics = [getattr(plan(), name)(*(["size"] if "check" in name else [])) for name in methods]
    # THEN there is one for each
    assert {metric.metric_name for metric in metrics} == EVERY
    assert len(metrics) == len(EVERY)
    # AND it has the dimensions that are written, and the site's Region
    for metric in metrics:
        of_check = {"Check": "size"} if metric.metric_name == names.METRIC_DRILL_CHECK_FAILED else {}
        assert metric.dimensions == {"Plan": "sales-us-east-1", **of_check}
        assert metric.statistic == ("Sum" if metric.metric_name in names.TIER_METRICS else "Maximum")
        assert metric.region == "us-west-2"


def test_metrics_make_nothing() -> None:
    # GIVEN a plan without tiers and rehearsals WHEN a metric of them is asked for THEN neither is made
    before = len(template_of(cdk.Stack.of(plan()))["Resources"])
    plan().metric_tiers_applied()
    plan().metric_drill_age()
    assert len(template_of(cdk.Stack.of(plan()))["Resources"]) == before


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"metric_name": "DrillsFailed"}, "'metric_name' must be one of DrillAge, DrillFailed"),
        ({"metric_name": "DrillCheckFailed"}, "'check_name' must be the name of a check, got None"),
        ({"metric_name": "DrillAge", "check_name": "size"}, "'check_name' must be None for DrillAge, got 'size'"),
    ],
)
def test_a_metric_that_never_has_data_is_refused(arguments: dict[str, Any], text: str) -> None:
    # GIVEN a metric that nothing writes WHEN it is asked for THEN the error says so: its graph would stay empty
    with pytest.raises(ResilientRedshiftError) as caught:
        plan().metric(**arguments)
    assert f"(RecoveryPlan.metric): {text}" in str(caught.value)
    with pytest.raises(ResilientRedshiftError):
        plan()._site.restore.metric(plan_name="sales", **arguments)


def test_a_check_has_a_metric_once_the_plan_has_the_check() -> None:
    # GIVEN a plan without the check WHEN its metric is asked for THEN the error names those that the plan has
    home, away = two_stacks()
    protected = site_of(away).protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)
    with pytest.raises(ResilientRedshiftError) as caught:
        protected.metric_drill_check_failed("recent orders")
    assert "'check_name' must be one of answers, tables, size, got 'recent orders'" in str(caught.value)
    # AND a rehearsal can bring it
    protected.rehearse("Monthly", checks=[SqlCheck("select true", name="recent orders")])
    assert protected.metric_drill_check_failed("recent orders").metric_name == names.METRIC_DRILL_CHECK_FAILED


def test_a_metric_of_another_function_is_refused() -> None:
    # GIVEN constructs that write some metrics WHEN one of another's is asked for THEN the error names those that exist
    restore = RecoveryRestore(new_stack(AWAY), "Restore")
    with pytest.raises(ResilientRedshiftError, match="'metric_name' must be one of DrillAge"):
        restore.metric("TiersApplied", plan_name="sales")
    stack = new_stack(HOME)
    rule = ManualSnapshotRule(
        stack,
        "Nightly",
        cluster=existing(stack),
        schedule=events.Schedule.cron(hour="3", minute="0"),
        keep=cdk.Duration.days(1),
    )
    with pytest.raises(ResilientRedshiftError, match="'metric_name' must be one of ManualSnapshotTaken"):
        rule.metric("SnapshotTaken")
