"""The two state machines with L1 constructs, each with its function, the role that starts it, and an alarm on failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions

from bench import l1_parts as parts
from bench import rights
from bench.l1_common import LIBRARY_LOGS
from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, definition

if TYPE_CHECKING:
    from bench.l1_common import Common

_SNAPSHOTS: Final = definition("take_snapshot")
_RESTORE: Final = definition("restore")
_HERE: Final = f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}"
_THERE: Final = f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}"
_DRILLS: Final = f"{_THERE}:cluster:drill-????????-*"
_BUS: Final = f"arn:{PARTITION}:events:{AWAY_REGION}:{ACCOUNT}:event-bus/default"
_PARAMETERS: Final = f"arn:{PARTITION}:ssm:{AWAY_REGION}:{ACCOUNT}:parameter/resilient-redshift"
_VIA_REDSHIFT: Final = {"StringEquals": {"kms:ViaService": [f"redshift.{AWAY_REGION}.amazonaws.com"]}}
_METRICS: Final = {
    **parts.allow("cloudwatch:PutMetricData", "*"),
    "Condition": {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}},
}
_WRITING: Final = [
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
    """What both have in common: a function with all rights, and a machine that may only call it."""

    def __init__(
        self,
        stack: cdk.Stack,
        name: str,
        common: Common,
        text: str,
        statements: list[dict[str, Any]],
        *,
        handler: str,
        does: str,
        description: str,
        label: str,
    ) -> None:
        function_role = parts.role(stack, f"{name}FunctionRole", "lambda.amazonaws.com")
        self.function_role = function_role.ref
        function_policy = parts.policy(
            stack,
            f"{name}FunctionPolicy",
            self.function_role,
            *statements,
            parts.allow(LIBRARY_LOGS, common.log_group_arn),
            parts.allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
        )
        function = lambda_.CfnFunction(
            stack,
            f"{name}Function",
            code=common.code,
            handler=handler,
            runtime="python3.13",
            role=function_role.attr_arn,
            timeout=900,
            memory_size=256,
            logging_config={"logGroup": common.log_group_name},
            tracing_config={"mode": "Active"},
            description=does,
        )
        parts.after(function, function_policy)
        function_arn = function.attr_arn
        role = parts.role(stack, f"{name}Role", "states.amazonaws.com", of_account=True)
        policy = parts.policy(
            stack, f"{name}Policy", role.ref, parts.allow("lambda:InvokeFunction", function_arn), *_WRITING
        )
        self.machine = stepfunctions.CfnStateMachine(
            stack,
            name,
            role_arn=role.attr_arn,
            definition_string=text,
            definition_substitutions={"Partition": PARTITION, "Function": function_arn},
            logging_configuration={
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": common.log_group_arn}}],
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

    def __init__(self, stack: cdk.Stack, common: Common) -> None:
        spared = ("cluster:*", "snapshot:*/*-????????t????z*", "snapshot:*/*-ondemand-????????t??????z*")
        super().__init__(
            stack,
            "Snapshots",
            common,
            _SNAPSHOTS,
            [
                parts.allow("redshift:DescribeClusterSnapshots", "*"),
                parts.allow(["redshift:CreateClusterSnapshot", "redshift:DescribeClusters"], f"{_HERE}:cluster:*"),
                _METRICS,
                {
                    "Effect": "Deny",
                    "Action": ["redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"],
                    "NotResource": [f"{_HERE}:{name}" for name in spared],
                },
            ],
            handler="handler.snapshots.take_snapshot",
            does="manual snapshots",
            description="a run that should have taken a manual snapshot failed",
            label="snapshots not taken",
        )


class Restore(_Machine):
    """Restores clusters, for real and in drills, in the recovery stack."""

    def __init__(self, stack: cdk.Stack, common: Common, *, clusters: tuple[str, ...], key_arn: str) -> None:
        any_key = f"arn:{PARTITION}:kms:{AWAY_REGION}:{ACCOUNT}:key/*"
        secrets = f"arn:{PARTITION}:secretsmanager:{AWAY_REGION}:{ACCOUNT}:secret:redshift!*"
        super().__init__(
            stack,
            "Restore",
            common,
            _RESTORE,
            [
                parts.allow(rights.READ_ANYTHING, "*"),
                parts.allow(rights.DRILL, _DRILLS),
                parts.allow(
                    "redshift:GetClusterCredentials", [f"{_THERE}:*:drill-????????-*/*", f"{_THERE}:*:restored-*/*"]
                ),
                parts.allow(rights.SECRETS, secrets),
                parts.allow("ssm:GetParameter", f"{_PARAMETERS}/plans/*"),
                parts.allow(
                    rights.REMEMBER, [f"{_PARAMETERS}/{folder}/*" for folder in ("lineages", "endpoints", "drills")]
                ),
                {**parts.allow(rights.ANY_KEY, any_key), "Condition": _VIA_REDSHIFT},
                *(
                    {"Effect": "Deny", "Action": "redshift:DeleteCluster", "NotResource": _DRILLS, "Condition": spared}
                    for spared in rights.SPARED
                ),
                {
                    "Effect": "Deny",
                    "Action": "redshift:CreateTags",
                    "Resource": "*",
                    "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": rights.TAGS}},
                },
                {**parts.allow("events:PutEvents", _BUS), "Condition": rights.OWN_EVENTS},
                _METRICS,
            ],
            handler="handler.restore.run_phase",
            does="failovers and drills",
            description="a failover or a drill failed",
            label="restores that failed",
        )
        runs = f"arn:{PARTITION}:states:{AWAY_REGION}:{ACCOUNT}:execution:{self.machine.attr_name}:*"
        self.plans_policy = parts.policy(
            stack,
            "Plans",
            self.function_role,
            parts.allow(rights.FAILOVER, [f"{_THERE}:cluster:{name}" for name in ("restored-*", *clusters)]),
            parts.allow(rights.INSIDE, [f"{_THERE}:*:{name}/*" for name in clusters]),
            {**parts.allow(rights.OWN_KEY, key_arn), "Condition": _VIA_REDSHIFT},
            parts.allow("kms:DescribeKey", key_arn),
            parts.allow(rights.OWN_RUNS, [self.arn, runs]),
        )
