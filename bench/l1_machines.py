"""The two state machines with L1 constructs, each with its role, the role that starts it, and an alarm on failures."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as stepfunctions

from bench import l1_parts as parts
from bench import rights
from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, definition

_SNAPSHOTS: Final = definition("manual_snapshot")
_RESTORE: Final = definition("recovery_restore")
_HERE: Final = f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}"
_THERE: Final = f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}"
_DRILLS: Final = f"{_THERE}:cluster:drill-????????-*"
_PARAMETERS: Final = f"arn:{PARTITION}:ssm:{AWAY_REGION}:{ACCOUNT}:parameter/resilient-redshift"
_VIA_REDSHIFT: Final = {"StringEquals": {"kms:ViaService": [f"redshift.{AWAY_REGION}.amazonaws.com"]}}
_TELLING: Final = [
    {
        **parts.allow("cloudwatch:PutMetricData", "*"),
        "Condition": {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}},
    },
    parts.allow(
        [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        "*",
    ),
]


class _Machine:
    """What both have in common."""

    def __init__(
        self,
        stack: cdk.Stack,
        name: str,
        log_group_arn: str,
        text: str,
        statements: list[dict[str, Any]],
        *,
        description: str,
        label: str,
    ) -> None:
        role = parts.role(stack, f"{name}Role", "states.amazonaws.com", of_account=True)
        self.role = role.ref
        policy = parts.policy(stack, f"{name}Policy", self.role, *statements, *_TELLING)
        self.machine = stepfunctions.CfnStateMachine(
            stack,
            name,
            role_arn=role.attr_arn,
            definition_string=text,
            definition_substitutions={"Partition": PARTITION},
            logging_configuration={
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log_group_arn}}],
                "includeExecutionData": True,
                "level": "ALL",
            },
            tracing_configuration={"enabled": True},
        )
        parts.after(self.machine, policy)
        self.arn = self.machine.ref
        names = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
        dimensions = [{"name": "StateMachineArn", "value": self.arn}]
        parts.alarm(
            stack,
            f"{name}Alarm",
            alarm_description=description,
            metrics=[
                {"id": "total", "expression": "FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)", "label": label},
                *(
                    {
                        "id": f"m{index}",
                        "metricStat": {
                            "metric": {"namespace": "AWS/States", "metricName": metric, "dimensions": dimensions},
                            "period": 300,
                            "stat": "Sum",
                        },
                        "returnData": False,
                    }
                    for index, metric in enumerate(names)
                ),
            ],
        )
        events_role = parts.role(stack, f"{name}EventsRole", "events.amazonaws.com", of_account=True)
        self.events_role_arn = events_role.attr_arn
        self.events_policy = parts.policy(
            stack, f"{name}EventsPolicy", events_role.ref, parts.allow("states:StartExecution", self.arn)
        )


class Snapshots(_Machine):
    """Takes manual snapshots, in the clusters' stack."""

    def __init__(self, stack: cdk.Stack, log_group_arn: str) -> None:
        spared = ("cluster:*", "snapshot:*/*-????????t????z*", "snapshot:*/*-ondemand-????????t??????z*")
        super().__init__(
            stack,
            "Snapshots",
            log_group_arn,
            _SNAPSHOTS,
            [
                parts.allow("redshift:DescribeClusterSnapshots", "*"),
                parts.allow(["redshift:CreateClusterSnapshot", "redshift:DescribeClusters"], f"{_HERE}:cluster:*"),
                {
                    "Effect": "Deny",
                    "Action": ["redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"],
                    "NotResource": [f"{_HERE}:{name}" for name in spared],
                },
            ],
            description="a run that should have taken a manual snapshot failed",
            label="snapshots not taken",
        )


class Restore(_Machine):
    """Restores clusters, for real and in drills, in the recovery stack."""

    def __init__(self, stack: cdk.Stack, log_group_arn: str, *, clusters: tuple[str, ...], key_arn: str) -> None:
        any_key = f"arn:{PARTITION}:kms:{AWAY_REGION}:{ACCOUNT}:key/*"
        secrets = f"arn:{PARTITION}:secretsmanager:{AWAY_REGION}:{ACCOUNT}:secret:redshift!*"
        super().__init__(
            stack,
            "Restore",
            log_group_arn,
            _RESTORE,
            [
                parts.allow(rights.READ_ANYTHING, "*"),
                parts.allow(rights.DRILL, _DRILLS),
                parts.allow("redshift:DeleteCluster", _DRILLS),
                parts.allow(
                    "redshift:GetClusterCredentials", [f"{_THERE}:*:drill-????????-*/*", f"{_THERE}:*:restored-*/*"]
                ),
                parts.allow(rights.SECRETS, secrets),
                parts.allow("ssm:GetParameter", f"{_PARAMETERS}/plans/*"),
                parts.allow(
                    rights.REMEMBER, [f"{_PARAMETERS}/{folder}/*" for folder in ("lineages", "endpoints", "drills")]
                ),
                {**parts.allow(rights.ANY_KEY, any_key), "Condition": _VIA_REDSHIFT},
                {"Effect": "Deny", "Action": "redshift:DeleteCluster", "NotResource": _DRILLS},
                {
                    "Effect": "Deny",
                    "Action": "redshift:CreateTags",
                    "Resource": "*",
                    "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": rights.TAGS}},
                },
            ],
            description="a failover or a drill failed",
            label="restores that failed",
        )
        runs = f"arn:{PARTITION}:states:{AWAY_REGION}:{ACCOUNT}:execution:{self.machine.attr_name}:*"
        self.plans_policy = parts.policy(
            stack,
            "Plans",
            self.role,
            parts.allow(rights.FAILOVER, [f"{_THERE}:cluster:{name}" for name in ("restored-*", *clusters)]),
            parts.allow(rights.INSIDE, [f"{_THERE}:*:{name}/*" for name in clusters]),
            {**parts.allow(rights.OWN_KEY, key_arn), "Condition": _VIA_REDSHIFT},
            parts.allow("kms:DescribeKey", key_arn),
            parts.allow(rights.OWN_RUNS, [self.arn, runs]),
        )
