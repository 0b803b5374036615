"""One state machine in a recovery Region restores each plan's cluster there, in a failover or in a drill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from resilient_redshift.contract import names
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import remember_place, stack_environment, stack_of
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._clean_up_function import CleanUpFunction
from resilient_redshift.recovery._machine_claims import claim_plan
from resilient_redshift.recovery._metrics import RESTORE_METRICS, metric_of_plan
from resilient_redshift.recovery._report_bucket import check_report_bucket
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


@typed
class RecoveryRestore(Construct):
    """A state machine that restores the cluster of a plan from its newest usable copy.

    The machine uses this Region alone. It needs nothing from the cluster's own Region.

    The input of a run is ``{"plan": "<name>", "mode": "<mode>"}`` with one of two modes. A ``failover`` restores the
    cluster. A ``drill`` restores it and deletes it again. The input of a failover may also have ``snapshot``,
    ``target`` (the cluster's name, or a name that begins with ``restored-``), ``not_before``, ``lineage``,
    ``node_type``, ``number_of_nodes``, ``copy_to``, ``replace_failed`` and ``reason``. The plan's record has
    everything else. The command ``resilient-redshift failover`` starts a run and follows it.

    Every run ends in a named outcome with a report. Reports have one shape. A report is the output of the run, or its
    error and cause; it also goes to the topic and into the bucket. An alarm goes into the ALARM state when a run
    failed, and another one when a failover takes longer than the plan promises.

    Each step of a run is a call of one Lambda function. The function deletes only clusters of drills, and clusters that
    a run restored in vain. Its role allows ``drill-????????-...``, and other clusters only while their tags say so. It
    can delete no snapshot.

    With the plan's first rehearsal, a second function cleans up after drills, once an hour.

    Each ``RecoverySite`` with a plan has one machine, as ``site.restore``.

    Args:
        scope: in a stack of the recovery Region.
        construct_id: the id in that scope.
        notify: a topic of this Region and account. It gets each report, and this stack's shared alarms notify it. The
            library lets CloudWatch publish to a topic of the app and use its key. The policies of an imported topic,
            and of its key, must let CloudWatch do both. The policy of the key must let this account's roles use the
            key. Default: no topic.
        report_bucket: a bucket of this Region and account that keeps each report, as
            ``resilient-redshift/<plan>/<run>.json``. Default: reports are in the machine's history for 90 days.

    Raises:
        ResilientRedshiftError: for a topic or a bucket of another Region or account.
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
        check_report_bucket(problems, report_bucket, stack_environment(stack))
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        self._place = place
        self._services = StackServices.of(self)
        machine = RestoreMachine(self, "Machine", notify=notify, report_bucket=report_bucket)
        self._parts = RestoreParts(
            scope=self, machine=machine, make_clean_up=lambda: CleanUpFunction(self, "CleanUp", machine=machine)
        )
        parts_of.remember(self, self._parts)
        #: The state machine's ARN.
        self.state_machine_arn: str = machine.state_machine_arn
        #: The alarm that goes into the ALARM state when a run failed.
        self.failures_alarm: cloudwatch.CfnAlarm = machine.alarm
        #: The alarms on failovers that take longer than the plan promises, by the plan's name.
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
        """Let the function restore one plan's cluster.

        The function reads the plan's record, the SSM parameter ``/resilient-redshift/plans/<plan>`` of this Region.

        Args:
            plan_name: 1 to 63 lower-case letters, digits and single hyphens; known at synth.
            cluster_identifier: the identifier of the plan's cluster in the other Region; known at synth.
            encryption_key: the key of this Region that encrypts the restored cluster; no alias.
            iam_role_arns: the ARNs of the roles that the restored cluster gets. Default: no role.
            dns_record: the DNS record that a failover points at the restored cluster. Default: no record.

        Returns:
            The policy with what the function may do for the machine's plans. Let the plan's record depend on it.

        Raises:
            ResilientRedshiftError: for a name that is a token or that AWS refuses, for an alias, and for a plan that a
                machine of the app restores here already.
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
            served=self._parts.plans,
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
        """Let a principal start failovers and drills of every plan here, with any input. Let only few people do so.

        Args:
            grantee: the user, role or group. The command ``resilient-redshift`` needs more rights (docs/cli.md,
                rights).
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
                ``DrillRecoveryPoint`` (seconds), ``DrillsInconclusive`` (in a row) and ``DrillLeftBehind`` (clusters):
                each is written hourly once the plan has a rehearsal. ``DrillCheckFailed``: 1 or 0, written by each
                drill for each check. ``RtoMissed``: 1 when a failover takes longer than promised.
            plan_name: the plan.
            check_name: the check, for ``DrillCheckFailed``: ``answers``, ``tables``, ``size`` or the name of an
                ``SqlCheck``. Default: no check, as for all other metrics.
            statistic: such as ``Maximum``. Default: Maximum.
            period: the length of a data point. Default: 5 minutes.

        Raises:
            ResilientRedshiftError: for a metric that is not written; when a name of a plan or check has not 1 to 255
                characters (CloudWatch API, Dimension); and for a check with another metric than ``DrillCheckFailed``,
                or that metric without a check.
        """
        return metric_of_plan(
            Problems(f"{path_of(self)} (RecoveryRestore.metric)"),
            self,
            metric_name,
            RESTORE_METRICS,
            plan_name=plan_name,
            check_name=check_name,
            statistic=statistic,
            period=period,
        )
