"""Retention tiers in the recovery Region: each copied manual snapshot is kept as long as its rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from resilient_redshift.contract import names
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._hourly_runs import SILENT_HOURS, run_in_deployment
from resilient_redshift.recovery._machine_claims import claim_plan
from resilient_redshift.recovery._metrics import metric_of_plan
from resilient_redshift.recovery._tiers_function import TiersFunction
from resilient_redshift.stack.alarms import plan_metric, silent
from resilient_redshift.stack.event_rules import hourly_rule
from resilient_redshift.stack.functions import errors_alarm
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events
    from aws_cdk.interfaces.aws_sns import ITopicRef


@typed
class RecoveryTiers(Construct):
    """A function that gives each copied manual snapshot the ``keep_in_recovery`` of the rule that made it.

    Redshift has one retention for all copied manual snapshots of a cluster. So each copy arrives with the longest
    retention of the plan's rules. Once an hour the function reads the plan's record and all manual snapshots of this
    Region. A copy belongs to the plan when it has the identifier of the plan's cluster, the source Region of the plan,
    and a name that a rule gives. The function never touches another snapshot.

    A copy that the function sees for the first time gets the retention of its rule and the tag
    ``resilient-redshift:tier-applied``. From then on the function only ever raises its retention, so that an operator
    can keep a copy longer. A copy that arrived with another retention than the copy configuration has is in doubt, and
    gets the longest of the retentions. When the retention of the rule is already over, the copy is kept for one more
    day. The function never deletes a snapshot.

    Every run ends in a named outcome. The outcome Applied is a success and is in the run's output. Failed,
    AccessDenied, Unfinished, RecordMissing, RecordNotUnderstood and InvalidRequest fail the run. The text of the error
    begins with the outcome, and an alarm goes into the ALARM state. So does another alarm when no run of a plan was
    Applied for three hours, also before the first run. Each run writes the metrics ``TiersApplied``, ``CopiesTiered``,
    ``CopiesRaised``, ``CopiesInDoubt`` and ``CopiesFailed`` with the dimension ``Plan``.

    A ``RecoveryPlan`` uses the ``RecoveryTiers`` of its site as soon as two of its rules keep their copies for
    different times. You need not make one yourself.

    Args:
        scope: in a stack of the recovery Region.
        construct_id: the id in that scope.
        notify: a topic of this Region and account that this stack's shared alarms notify. Default: they notify only the
            topics of the stack's other constructs.

    Raises:
        ResilientRedshiftError: for a topic of another Region or account.
    """

    def __init__(self, scope: Construct, construct_id: str, *, notify: ITopicRef | None = None) -> None:
        place = where(scope, construct_id, "RecoveryTiers")
        problems = Problems(place)
        stack = stack_of(scope)
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        self._place = place
        self._services = StackServices.of(self)
        self._function = TiersFunction(self, "Function")
        self._plans: list[str] = []
        #: The function's ARN. A run's input is ``{"plan": "<name>"}``.
        self.function_arn: str = self._function.function_arn
        #: The alarm that goes into the ALARM state when a run failed.
        self.failures_alarm: cloudwatch.CfnAlarm = errors_alarm(
            # under the id of the state machine of earlier releases, so that an upgrade keeps the alarm
            Construct(self, "Machine"),
            self._services,
            self._function.function_name,
            description="a run that should have given copied manual snapshots their tier failed: its error in the "
            "stack's log begins with the outcome and says what to do",
        )
        #: The alarms on plans whose tiers were not applied for three hours, one for each plan.
        self.silence_alarms: list[cloudwatch.CfnAlarm] = []
        if notify is not None:
            self._services.notify(notify)

    def add_plan(self, plan_name: str, *, cluster_identifier: str) -> events.CfnRule:
        """Apply the tiers of one plan, once an hour.

        The function reads the plan's record, the SSM parameter ``/resilient-redshift/plans/<plan>`` of this Region.

        Args:
            plan_name: 1 to 63 lower-case letters, digits and single hyphens; known at synth.
            cluster_identifier: the identifier of the plan's cluster in the other Region; known at synth.

        Returns:
            The rule that calls the function.

        Raises:
            ResilientRedshiftError: for a name that is a token or that AWS refuses, and for a plan whose tiers the app
                applies here already.
        """
        problems = Problems(f"{path_of(self)} (RecoveryTiers.add_plan)")
        claim_plan(
            problems,
            stack_of(self),
            "tiers",
            plan=plan_name,
            cluster=cluster_identifier,
            owner=self._place,
            served=self._plans,
            why="applies its tiers already",
        )
        problems.raise_if_any()
        self._plans.append(plan_name)
        function = self._function
        rule = hourly_rule(
            self,
            f"Plan-{plan_name}",
            plan=plan_name,
            description=f"retention tiers of the plan '{plan_name}' (resilient_redshift)",
            target=function.target("Tiers", {"plan": plan_name}),
        )
        policy = function.plan_policy(plan_name, cluster_identifier)
        rule.node.add_dependency(function.permission, policy)
        alarm = self._watch(plan_name)
        run_in_deployment(function, "Tiers", plan=plan_name, alarm=alarm, needed=(function.policy, policy))
        return rule

    def metric(
        self, metric_name: str, *, plan_name: str, statistic: str = "Sum", period: cdk.Duration | None = None
    ) -> cloudwatch.Metric:
        """A metric of one plan in the namespace ``ResilientRedshift``. Each run writes a number, also when it is 0.

        Args:
            metric_name: ``TiersApplied`` (1 for a run in the outcome Applied, 0 for any other), ``CopiesTiered``
                (copies that got the retention of their rule when a run saw them first), ``CopiesRaised``,
                ``CopiesInDoubt`` or ``CopiesFailed``.
            plan_name: the plan.
            statistic: such as ``Sum``; ``SampleCount`` counts all runs. Default: Sum.
            period: the length of a data point. Default: 5 minutes.

        Raises:
            ResilientRedshiftError: for a metric that is not written, and when the plan's name has not 1 to 255
                characters (CloudWatch API, Dimension).
        """
        return metric_of_plan(
            Problems(f"{path_of(self)} (RecoveryTiers.metric)"),
            self,
            metric_name,
            names.TIER_METRICS,
            plan_name=plan_name,
            statistic=statistic,
            period=period,
        )

    def _watch(self, plan_name: str) -> cloudwatch.CfnAlarm:
        """Make an alarm that goes into the ALARM state when no run applies a plan's tiers.

        Each plan has an alarm of its own, because an alarm over all plans cannot see a plan that never had a run. It
        costs no more: AWS bills an alarm on an expression by the metrics that it watches.
        """
        runs = plan_metric(names.METRIC_TIERS_APPLIED, plan_name, statistic="Sum")
        alarm = self._services.alarm(
            f"SilenceAlarm-{plan_name}",
            silent(runs, periods=SILENT_HOURS, query_id="runs", label="good runs an hour"),
            description=f"a plan's retention tiers were not applied for {SILENT_HOURS} hours, those of "
            f"'{plan_name}': its copied manual snapshots are kept as long as the longest tier says, and fill the "
            "quota; see the plan's rule and the dead-letter queue in this stack",
            scope=self,
        )
        self.silence_alarms.append(alarm)
        return alarm
