"""The way back: one state machine of a recovery Region restores each plan's cluster there, for real or in a drill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from resilient_redshift.contract import names
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._claims import claim_plan
from resilient_redshift.recovery._restore_machine import RestoreMachine
from resilient_redshift.recovery._restore_parts import RestoreParts, parts_of
from resilient_redshift.stack.alarms import FIVE_MINUTES, at_first, plan_metric
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.recovery.dns_record import DnsRecord


class RecoveryRestore(Construct):
    """A state machine that restores the cluster of a plan from its newest usable copy, in this Region alone.

    It needs nothing from the cluster's own Region. A run's input is ``{"plan": "<name>", "mode": "failover"}``, or
    ``"drill"``, which deletes what it restored, or ``"cleanup"``, which only removes what a drill left behind. A
    failover may say more: ``snapshot``, ``target`` (the cluster's name, or one that begins with ``restored-``),
    ``not_before``, ``lineage``, ``node_type``, ``number_of_nodes``, ``copy_to``, ``reason``. Everything else stands in
    the plan's record. The command ``resilient-redshift failover`` starts and follows it.

    Every run ends in a named outcome and a report of one shape, as its output or its error and cause, on the topic and
    in the bucket. A failed run rings an alarm; so does a failover that takes longer than the plan promises.

    The machine can delete clusters whose names begin with ``drill-`` and eight hexadecimal digits, and no others; it
    deletes no snapshot.

    Each ``RecoverySite`` with a plan has one, as ``site.restore``.

    Args:
        scope: in a stack of the recovery Region.
        construct_id: the id in that scope.
        notify: a topic of this Region and account that gets each report, and that this stack's shared alarms tell. Its
            policy must let CloudWatch publish, and a key of its own both CloudWatch and this account's roles. Default:
            nobody.
        report_bucket: a bucket of this Region and account that keeps each report, as
            ``resilient-redshift/<plan>/<run>.json``. Default: reports are in the machine's history for 90 days.

    Raises:
        ResilientRedshiftError: a topic or bucket of another Region or account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        notify: ITopicRef | None = None,
        report_bucket: IBucketRef | None = None,
    ) -> None:
        place = where(scope, construct_id, "RecoveryRestore")
        problems = Problems(place)
        stack = stack_of(scope)
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if report_bucket is not None:
            check_environment(problems, "report_bucket", report_bucket, stack_environment(stack))
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        self._place = place
        self._services = StackServices.of(self)
        machine = RestoreMachine(self, "Machine", notify=notify, report_bucket=report_bucket)
        self._parts = RestoreParts(scope=self, machine=machine)
        parts_of.remember(self, self._parts)
        #: The state machine's ARN.
        self.state_machine_arn: str = machine.state_machine_arn
        #: Rings when a run failed.
        self.failures_alarm: cloudwatch.CfnAlarm = machine.alarm
        #: Ring when a failover takes longer than the plan promises; by plan.
        self.slow_failover_alarms: dict[str, cloudwatch.CfnAlarm] = {}
        if notify is not None:
            self._services.notify(notify)

    def add_plan(
        self,
        plan_name: str,
        *,
        cluster_identifier: str,
        encryption_key: IKeyRef,
        iam_role_arns: Sequence[str] = (),
        dns_record: DnsRecord | None = None,
    ) -> iam.CfnPolicy:
        """Let the machine restore one plan's cluster.

        The machine reads the plan's record, the SSM parameter ``/resilient-redshift/plans/<plan>`` of this Region.

        Args:
            plan_name: 1 to 63 lower-case letters, digits and single hyphens; known at synth.
            cluster_identifier: of the plan's cluster, in the other Region; known at synth.
            encryption_key: the key of this Region that the restored cluster is encrypted with, no alias.
            iam_role_arns: the roles that it gets. Default: none.
            dns_record: the name that a failover moves. Default: none.

        Returns:
            What the machine may do for its plans: the record should come after it.

        Raises:
            ResilientRedshiftError: a name that is a token or that AWS refuses, an alias, or a plan that is here
                already.
        """
        problems = Problems(f"{path_of(self)} (RecoveryRestore.add_plan)")
        check_key_itself(problems, "encryption_key", encryption_key)
        claim_plan(
            problems,
            stack_of(self),
            "restores",
            plan=plan_name,
            cluster=cluster_identifier,
            owner=self._place,
            has=self._parts.plans,
            why="restores it already",
        )
        problems.raise_if_any()
        self._parts.plans.append(plan_name)
        machine = self._parts.machine
        machine.add_plan(
            cluster_identifier,
            encryption_key=key_arn_of(encryption_key),
            role_arns=iam_role_arns,
            dns_record=dns_record,
        )
        self.slow_failover_alarms[plan_name] = self._services.alarm(
            f"SlowFailoverAlarm-{plan_name}",
            at_first(plan_metric(names.METRIC_RTO_MISSED, plan_name, period=FIVE_MINUTES)),
            description=f"a failover of '{plan_name}' takes longer than the plan's recovery time; it goes on",
            scope=self,
        )
        return machine.plans_policy

    def grant_start_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start failovers and drills of every plan here, with any input: give it to few.

        Args:
            grantee: the user, role or group; the command ``resilient-redshift`` needs more (docs/cli.md, rights).
        """
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["states:StartExecution"], resource_arns=[self.state_machine_arn]
        )

    def metric(
        self,
        metric_name: str,
        *,
        plan_name: str,
        check_name: str | None = None,
        statistic: str = "Maximum",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of one plan in the namespace ``ResilientRedshift``.

        Args:
            metric_name: ``DrillAge`` (seconds since the last verdict), ``DrillFailed``, ``DrillRecoveryTime`` and
                ``DrillRecoveryPoint`` (seconds), ``DrillsInconclusive`` (in a row), ``DrillLeftBehind`` (clusters),
                told hourly once the plan has a rehearsal; ``DrillCheckFailed``, 1 or 0, told by each drill for each
                check; ``RtoMissed``, 1 when a failover takes longer than promised.
            plan_name: the plan.
            check_name: with ``DrillCheckFailed``, the check: ``answers``, ``tables``, ``size`` or an ``SqlCheck``'s
                name. Default: none, as for all other metrics.
            statistic: such as ``Maximum``. Default: Maximum.
            period: the length of a data point. Default: 5 minutes.
        """
        check = {} if check_name is None else {names.DIMENSION_CHECK: check_name}
        return cloudwatch.Metric(
            namespace=names.METRIC_NAMESPACE,
            metric_name=metric_name,
            dimensions_map={names.DIMENSION_PLAN: plan_name, **check},
            statistic=statistic,
            period=period,
        ).attach_to(self)
