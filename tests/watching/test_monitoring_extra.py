"""The extra ``[monitoring]``: a dashboard of cdk-monitoring-constructs shows the metrics and alarms of a plan and a monitor."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from resilient_redshift import RecoveryPointMonitor
from resilient_redshift.contract.names import METRIC_NAMESPACE
from resilient_redshift.contract.watching import METRIC_FINDING_SEVERITY, METRIC_RECOVERY_POINT_AGE
from tests.scenes.recovery import OBJECTIVES, existing, only, site_of, template_of, two_stacks


def read(body: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The widgets, and the logical ids that the body names, in their order; each is the word ``token`` in the widgets."""
    parts = body["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "token" for part in parts)
    return json.loads(text)["widgets"], [part["Fn::GetAtt"][0] for part in parts if "Fn::GetAtt" in part]


def test_a_dashboard_of_the_user_shows_our_metrics_and_alarms() -> None:
    from cdk_monitoring_constructs import CustomMetricGroup, MonitoringFacade

    # GIVEN a plan, and a monitor of another cluster
    home, away = two_stacks()
    site = site_of(away, notify_warnings=sns.Topic(away, "Warnings"))
    plan = site.protect(existing(home, "sales"), objectives=OBJECTIVES, plan_name="sales")
    monitor = RecoveryPointMonitor(
        away, "Monitor", clusters=[existing(away, "old")], recovery_point=cdk.Duration.hours(12)
    )
    ages = [
        plan.metric_recovery_point_age(),
        plan.metric_primary_recovery_point_age(),
        monitor.metric_recovery_point_age(),
    ]
    composite = [
        cloudwatch.CompositeAlarm.from_composite_alarm_arn(away, f"Alarm{number}", alarm.attr_arn)
        for number, alarm in enumerate((plan.alarm, *monitor.alarms))
    ]

    assert plan.warning_alarm is not None

    # WHEN
    facade = MonitoringFacade(away, "Mine")
    facade.monitor_custom(
        alarm_friendly_name="recovery",
        metric_groups=[
            CustomMetricGroup(title="Age", metrics=ages),
            CustomMetricGroup(title="Findings", metrics=[plan.metric_finding_severity()]),
        ],
    )
    facade.add_widget(cloudwatch.AlarmStatusWidget(alarms=[*composite, plan.warning_alarm]))

    # THEN each metric keeps its name, dimension, statistic and Region
    template = template_of(away)
    widgets, named = read(only(template, "AWS::CloudWatch::Dashboard")["Properties"]["DashboardBody"])
    age = [METRIC_NAMESPACE, METRIC_RECOVERY_POINT_AGE]
    here = {"stat": "Maximum"}
    assert [each["properties"]["metrics"] for each in widgets if each["type"] == "metric"] == [
        [
            [*age, "Plan", "sales", here],
            [*age, "Plan", "sales", {"region": "us-east-1", **here}],
            [*age, "ClusterIdentifier", "old", here],
        ],
        [[METRIC_NAMESPACE, METRIC_FINDING_SEVERITY, "Plan", "sales", here]],
    ]
    # AND the alarms are those of the plan and of the monitor
    assert named == [away.get_logical_id(alarm) for alarm in (plan.alarm, *monitor.alarms, plan.warning_alarm)]
