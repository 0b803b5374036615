"""A restore rehearsed on a schedule: the only proof that a backup is one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.recovery.objectives import Objectives
from resilient_redshift.rules.naming import check_rule_name, short_hash
from resilient_redshift.rules.node_types import check_node_type, check_nodes
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule, longest_gap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk

    from resilient_redshift.recovery._restore_machine import RestoreMachine
    from resilient_redshift.recovery.restore import RecoveryRestore
    from resilient_redshift.schedules.eventbridge import Schedule

#: A drill gives up after 20 hours at most; removing what a former one left and its own cluster may take two more each.
_SHORTEST_GAP: Final = timedelta(days=1)
_DAY: Final = 86_400


class RecoveryDrill(Construct):
    """Restores a plan's cluster on a schedule, checks it, measures it and deletes it again.

    **A drill costs**: a whole cluster runs for the time of the restore and the checks, and a while more until it is
    deleted; an hour or more as a rule. Its node hours are in its report. A smaller one is cheaper, and proves less of
    the recovery time.

    A drill's cluster is called ``drill-``, eight hexadecimal digits of the plan, and its time. Only such a one is ever
    deleted, and a drill yields to a failover. It gives up after four hours or twice the recovery time, whichever is
    longer, 20 hours at most, and deletes its cluster. Each drill ends in a named outcome: Passed; SkippedFailover,
    AlreadyRunning and Inconclusive (no capacity, or a quota), which prove nothing; FailedStale (the newest copy is
    older than the plan's recovery point, even if it can be restored), FailedSlow, FailedChecks, LeftBehind and those of
    a failover, which fail the run.

    With a plan's first rehearsal, a rule starts the machine each hour to remove what an aborted drill left behind and
    to tell how old the last verdict is. Alarms ring when the last drill failed, took longer than the recovery time or
    found a copy older than the recovery point; when two in a row were inconclusive; when a cluster is left behind; and
    when no drill had a verdict within its schedule's longest gap and a day, or nobody tells. The last one also rings
    after the first deployment, until the first hourly run. They tell the ``notify`` topic of the site.

    ``RecoveryPlan.rehearse`` makes one and writes it into the plan's record.

    Args:
        scope: in the stack of ``restore``.
        construct_id: names the rehearsal, in lower case: 1 to 63 letters, digits and single hyphens, a letter first.
        restore: what restores; it must have the plan.
        plan_name: the plan.
        objectives: what the plan promises.
        schedule: when, in UTC; known at synth, without an end, at least one day apart. Default: once a month, at a day
            and minute of the plan's own.
        node_type: such as ``ra3.large``. Default: as a failover has it.
        number_of_nodes: 1 to 128. Default: as a failover has it.
        enabled: whether drills start by themselves; by hand they do either way. Default: they do.

    Raises:
        ResilientRedshiftError: another name, or one that another rehearsal of the plan has; a schedule that is none,
            ends, comes too often or is a token; a node type or number that AWS refuses; another stack, or a plan that
            ``restore`` does not know.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        restore: RecoveryRestore,
        plan_name: str,
        objectives: Objectives,
        schedule: events.Schedule | None = None,
        node_type: str | None = None,
        number_of_nodes: int | None = None,
        enabled: bool = True,
    ) -> None:
        place = where(scope, construct_id, "RecoveryDrill")
        problems = Problems(place)
        stack = stack_of(scope)
        parsed = check_drill(
            problems,
            construct_id,
            plan_name=plan_name,
            objectives=objectives,
            schedule=schedule,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
        )
        same = stack_of(restore) is stack
        problems.check(same, "restore", path_of(restore), "one of this stack", "a rule starts machines of its Region")
        parts = parts_of(restore)
        served = plan_name in parts.plans
        problems.check(served, "plan_name", plan_name, "a plan that 'restore' has", "RecoveryRestore.add_plan")
        name = construct_id.lower()
        former = claim(problems, stack, f"rehearsal of {plan_name}", name, place)
        problems.check(not former, "construct_id", name, "a name of its own", f"'{former}' has it")
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - where there is none, a problem was raised

        super().__init__(scope, construct_id)
        #: The rehearsal's name in the plan record.
        self.rehearsal_name = name
        #: The plan.
        self.plan_name = plan_name
        #: The schedule's expression.
        self.schedule_expression = parsed.expression
        #: Whether drills start by themselves.
        self.enabled = enabled
        self._restore = restore
        smaller = {"node_type": node_type, "number_of_nodes": number_of_nodes}
        self._input = {
            "plan": plan_name,
            "mode": "drill",
            **{key: value for key, value in smaller.items() if value is not None},
        }
        self._watch = parts.watch(plan_name, objectives)
        if enabled:
            self._watch.add(parsed)
        #: The rule that starts the drills.
        self.rule = self._rule(parts.machine)
        #: The rule that cleans up each hour; the plan's rehearsals share it.
        self.cleanup_rule: events.CfnRule = self._watch.rule
        #: All alarms on the plan's drills; its rehearsals share them.
        self.alarms: list[cloudwatch.CfnAlarm] = self._watch.alarms

    def metric(
        self,
        metric_name: str,
        *,
        check_name: str | None = None,
        statistic: str = "Maximum",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of the plan's drills, such as ``DrillRecoveryTime``.

        Args:
            metric_name: as ``RecoveryRestore.metric`` tells them.
            check_name: with ``DrillCheckFailed``, the check. Default: none, as for all other metrics.
            statistic: such as ``Maximum``. Default: Maximum.
            period: the length of a data point. Default: 5 minutes.
        """
        return self._restore.metric(
            metric_name, plan_name=self.plan_name, check_name=check_name, statistic=statistic, period=period
        )

    @property
    def longest_gap(self) -> timedelta | None:
        """The longest time between two drills of the plan, all its rehearsals so far together; None without any."""
        return longest_drill_gap(self._restore, self.plan_name, [])

    def _rule(self, machine: RestoreMachine) -> events.CfnRule:
        rule = events.CfnRule(
            self,
            "Resource",
            description=f"rehearses the restore of '{self.plan_name}' (resilient_redshift)",
            schedule_expression=self.schedule_expression,
            state="ENABLED" if self.enabled else "DISABLED",
            # delivered twice, it is one drill: its cluster is named after the scheduled time
            targets=[machine.target("Drill", self._input, patience=_DAY, scheduled=True)],
        )
        rule.node.add_dependency(machine.events_policy, machine.plans_policy)
        return rule


def default_schedule(plan_name: str) -> str:
    """Once a month, at a time of the plan's own: a Region's drills should not all want capacity at once."""
    number = int(short_hash("rehearsal", plan_name), 16)
    rest, minute = divmod(number, 60)
    rest, hour = divmod(rest, 24)
    return f"cron({minute} {hour} {rest % 28 + 1} * ? *)"


def check_drill(
    problems: Problems,
    construct_id: str,
    *,
    plan_name: str,
    objectives: Objectives,
    schedule: events.Schedule | None,
    node_type: str | None,
    number_of_nodes: int | None,
) -> Schedule | None:
    """Record what is wrong with a rehearsal; return its schedule, None where it is none."""
    check_rule_name(problems, "construct_id", construct_id.lower())
    problems.check(known(plan_name), "plan_name", "a token", "a literal", "it names the record")
    problems.check(isinstance(objectives, Objectives), "objectives", objectives, "an Objectives")
    for argument, value in (("node_type", node_type), ("number_of_nodes", number_of_nodes)):
        problems.check(value is None or known(value), argument, "a token", "known at synth", "it stands in a text")
    if node_type is not None:
        check_node_type(problems, "node_type", node_type)
    if number_of_nodes is not None:
        check_nodes(problems, "number_of_nodes", node_type or "", number_of_nodes)
    if schedule is None:
        return check_schedule(problems, "schedule", default_schedule(plan_name))
    if not problems.check(isinstance(schedule, events.Schedule), "schedule", schedule, "an events.Schedule"):
        return None
    expression = schedule.expression_string
    why = "an alarm rings when a drill is missing"
    if not problems.check(known(expression), "schedule", "a token", "known at synth", why):
        return None
    parsed = check_schedule(problems, "schedule", expression)
    if parsed is not None:
        _check_gaps(problems, parsed)
    return parsed


def _check_gaps(problems: Problems, schedule: Schedule) -> None:
    why = "an alarm rings when a drill is missing"
    problems.check(schedule.longest_gap() < UNBOUNDED, "schedule", schedule.expression, "one without an end", why)
    ok = schedule.shortest_gap() >= _SHORTEST_GAP
    why = "each runs a cluster, and may take a day until it is deleted"
    problems.check(ok, "schedule", schedule.expression, "drills at least one day apart", why)


def longest_drill_gap(restore: RecoveryRestore, plan_name: str, more: Sequence[Schedule]) -> timedelta | None:
    """The longest time between two drills of a plan.

    Args:
        restore: what runs the drills.
        plan_name: the plan.
        more: schedules that its drills will have besides those so far.

    Returns:
        The time; None where the plan has no drill that starts by itself.
    """
    watch = parts_of(restore).watches.get(plan_name)
    schedules = [*(watch.schedules if watch is not None else ()), *more]
    return longest_gap_of(schedules) if schedules else None
