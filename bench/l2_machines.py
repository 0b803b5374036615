"""The two state machines with L2 constructs, each with its function, the role that starts it, and an alarm on failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as stepfunctions

from bench import rights
from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, definition

if TYPE_CHECKING:
    from bench.l2_common import Common

_SNAPSHOTS: Final = definition("take_snapshot")
_RESTORE: Final = definition("restore")
_FIVE_MINUTES: Final = cdk.Duration.minutes(5)
_HERE: Final = f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}"
_THERE: Final = f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}"
_DRILLS: Final = f"{_THERE}:cluster:drill-????????-*"
_BUS: Final = f"arn:{PARTITION}:events:{AWAY_REGION}:{ACCOUNT}:event-bus/default"
_PARAMETERS: Final = f"arn:{PARTITION}:ssm:{AWAY_REGION}:{ACCOUNT}:parameter/resilient-redshift"
_VIA_REDSHIFT: Final = {"StringEquals": {"kms:ViaService": [f"redshift.{AWAY_REGION}.amazonaws.com"]}}


class _Machine:
    """What both have in common: a function with all rights, and a machine that may only call it."""

    def __init__(
        self,
        stack: cdk.Stack,
        name: str,
        common: Common,
        text: str,
        statements: list[iam.PolicyStatement],
        *,
        handler: str,
        does: str,
        description: str,
        label: str,
    ) -> None:
        self.function_role = iam.Role(
            stack, f"{name}FunctionRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        )
        common.log_group.grant_write(self.function_role)
        for statement in statements:
            self.function_role.add_to_policy(statement)
        function = lambda_.Function(
            stack,
            f"{name}Function",
            code=common.code,
            handler=handler,
            runtime=lambda_.Runtime.PYTHON_3_13,
            role=self.function_role,
            timeout=cdk.Duration.minutes(15),
            memory_size=256,
            log_group=common.log_group,
            tracing=lambda_.Tracing.ACTIVE,
            description=does,
        )
        function_arn = function.function_arn
        of_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        states = iam.ServicePrincipal("states.amazonaws.com", conditions=of_account)
        role = iam.Role(stack, f"{name}Role", assumed_by=states)
        role.add_to_policy(_allow(["lambda:InvokeFunction"], function_arn))
        self.machine = stepfunctions.StateMachine(
            stack,
            name,
            role=role,
            definition_body=stepfunctions.DefinitionBody.from_string(text),
            definition_substitutions={"Partition": PARTITION, "Function": function_arn},
            logs=stepfunctions.LogOptions(
                destination=common.log_group, include_execution_data=True, level=stepfunctions.LogLevel.ALL
            ),
            tracing_enabled=True,
        )
        failed = cloudwatch.MathExpression(
            expression="FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)",
            label=label,
            period=_FIVE_MINUTES,
            using_metrics={
                "m0": self.machine.metric_failed(),
                "m1": self.machine.metric_timed_out(),
                "m2": self.machine.metric_aborted(),
            },
        )
        cloudwatch.Alarm(
            stack,
            f"{name}Alarm",
            alarm_description=description,
            metric=failed,
            evaluation_periods=1,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        events_service = iam.ServicePrincipal("events.amazonaws.com", conditions=of_account)
        self.events_role = iam.Role(stack, f"{name}EventsRole", assumed_by=events_service)


class Snapshots(_Machine):
    """Takes manual snapshots, in the clusters' stack; the rules' target lets its role start the machine."""

    def __init__(self, stack: cdk.Stack, common: Common) -> None:
        spared = ("cluster:*", "snapshot:*/*-????????t????z*", "snapshot:*/*-ondemand-????????t??????z*")
        super().__init__(
            stack,
            "Snapshots",
            common,
            _SNAPSHOTS,
            [
                _allow(["redshift:DescribeClusterSnapshots"], "*"),
                _allow(["redshift:CreateClusterSnapshot", "redshift:DescribeClusters"], f"{_HERE}:cluster:*"),
                _metrics(),
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    actions=["redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"],
                    not_resources=[f"{_HERE}:{name}" for name in spared],
                ),
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
        remembered = [f"{_PARAMETERS}/{folder}/*" for folder in ("lineages", "endpoints", "drills")]
        super().__init__(
            stack,
            "Restore",
            common,
            _RESTORE,
            [
                _allow(rights.READ_ANYTHING, "*"),
                _allow(rights.DRILL, _DRILLS),
                _allow(
                    ["redshift:GetClusterCredentials"], f"{_THERE}:*:drill-????????-*/*", f"{_THERE}:*:restored-*/*"
                ),
                _allow(rights.SECRETS, secrets),
                _allow(["ssm:GetParameter"], f"{_PARAMETERS}/plans/*"),
                _allow(rights.REMEMBER, *remembered),
                iam.PolicyStatement(actions=rights.ANY_KEY, resources=[any_key], conditions=_VIA_REDSHIFT),
                *(
                    iam.PolicyStatement(
                        effect=iam.Effect.DENY,
                        actions=["redshift:DeleteCluster"],
                        not_resources=[_DRILLS],
                        conditions=spared,
                    )
                    for spared in rights.SPARED
                ),
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    actions=["redshift:CreateTags"],
                    resources=["*"],
                    conditions={"ForAnyValue:StringNotEquals": {"aws:TagKeys": rights.TAGS}},
                ),
                iam.PolicyStatement(actions=["events:PutEvents"], resources=[_BUS], conditions=rights.OWN_EVENTS),
                _metrics(),
            ],
            handler="handler.restore.run_phase",
            does="failovers and drills",
            description="a failover or a drill failed",
            label="restores that failed",
        )
        self.machine.grant_start_execution(self.events_role)
        runs = f"arn:{PARTITION}:states:{AWAY_REGION}:{ACCOUNT}:execution:{self.machine.state_machine_name}:*"
        self.plans_policy = iam.Policy(
            stack,
            "Plans",
            roles=[self.function_role],
            statements=[
                _allow(rights.FAILOVER, *(f"{_THERE}:cluster:{name}" for name in ("restored-*", *clusters))),
                _allow(rights.INSIDE, *(f"{_THERE}:*:{name}/*" for name in clusters)),
                iam.PolicyStatement(actions=rights.OWN_KEY, resources=[key_arn], conditions=_VIA_REDSHIFT),
                _allow(["kms:DescribeKey"], key_arn),
                _allow(rights.OWN_RUNS, self.machine.state_machine_arn, runs),
            ],
        )


def _allow(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=list(resources))


def _metrics() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}},
    )
