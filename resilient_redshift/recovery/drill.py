"""A restore that is rehearsed on a schedule. Nothing else proves that the snapshots can be restored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.contract.drill_points import NEWEST
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._drill_point import drill_input
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.rules.limits import LONGEST_DELIVERY_SECONDS
from resilient_redshift.rules.naming import name_of_id, short_hash
from resilient_redshift.rules.node_types import check_node_type, check_nodes
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule, longest_gap_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk

    from resilient_redshift.recovery._restore_machine import RestoreMachine
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.restore import RecoveryRestore
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.schedules.eventbridge import Schedule

#: Two drills of a rehearsal must be this far apart. A drill gives up after 20 hours at most. It may take two more hours
#: to remove what an earlier drill left behind, and two more to delete its own cluster.
_SHORTEST_GAP: Final = timedelta(days=1)
_MISSING_DRILLS: Final = "an alarm reports a missing drill, so synth must know when drills start"


@typed
class RecoveryDrill(Construct):
    """Restores a plan's cluster on a schedule, checks it, measures it and deletes it again.

    **A drill costs money**: a whole cluster runs during the restore and the checks, and until it is deleted; usually
    for an hour or more. The report of the drill has its node hours. A smaller cluster is cheaper, and proves less about
    the recovery time.

    The name of a drill's cluster is ``drill-``, eight hexadecimal digits of the plan, and the time of the drill. A
    drill deletes only clusters with such a name. It stops for a failover. It gives up after four hours or twice the
    recovery time, whichever is longer, but after 20 hours at most, and deletes its cluster.

    Each drill ends in a named outcome:

    * Passed.
    * SkippedFailover, AlreadyRunning and Inconclusive (no capacity, or a quota). They prove nothing.
    * FailedStale (the newest copy is older than the plan's recovery point, even if it can be restored), FailedSlow,
      FailedChecks, LeftBehind, and each outcome with which a failover fails. They fail the run.

    With the plan's first rehearsal, a rule calls a function each hour. The function removes what an aborted drill left
    behind, and publishes how old the last verdict is. These are the alarms. They notify the ``notify`` topic of the
    site:

    * The last drill failed, took longer than the recovery time, or found a copy older than the recovery point.
    * Two drills in a row were inconclusive.
    * The cluster of a drill is left behind.
    * No drill had a verdict within the longest gap of the schedule and one more day, or the age of the last verdict is
      not published. This alarm is also in the ALARM state after the first deployment, until the first hourly run.

    ``RecoveryPlan.rehearse`` makes a drill and writes it into the plan's record.

    Args:
        scope: in the stack of ``restore``.
        construct_id: the id, and in lower case the rehearsal's name: 1 to 63 letters, digits and single hyphens, a
            letter first.
        restore: the machine that restores; you must have added the plan to it.
        plan_name: the plan's name; known at synth.
        objectives: what the plan promises.
        schedule: when drills start, in UTC; known at synth, without an end, at least one day apart. Default: once a
            month, at a day, hour and minute that depend on the plan's name.
        node_type: such as ``ra3.large``. Default: the node type of a failover.
        number_of_nodes: 1 to 128. Default: the number of a failover.
        enabled: whether the schedule starts drills. You can start a drill by hand in any case. Default: it does.
        point: which recovery point drills restore: ``newest``, ``random`` (any usable one), or a Duration of more than
            zero to 3653 days (the newest usable one that is at least that old). Default: ``newest``, as a failover
            does.

    Raises:
        ResilientRedshiftError: for a name that is not allowed or that another rehearsal of the plan has; for a schedule
            that is no schedule, ends, comes too often or is a token; for a node type or number that AWS refuses; for a
            ``point`` that is none; for another stack; and for a plan that ``restore`` does not have.
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
        point: str | Span = NEWEST,
    ) -> None:
        place = where(scope, construct_id, "RecoveryDrill")
        problems = Problems(place)
        stack = stack_of(scope)
        parsed = checked_drill_schedule(
            problems,
            construct_id,
            plan_name=plan_name,
            schedule=schedule,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
        )
        point_input = drill_input(problems, point)
        in_stack = stack_of(restore) is stack
        why = "a rule starts a machine of its own Region only"
        problems.check(in_stack, "restore", path_of(restore), "a RecoveryRestore of this stack", why)
        parts = parts_of(restore)
        is_served = plan_name in parts.plans
        problems.check(is_served, "plan_name", plan_name, "a plan that 'restore' has", "RecoveryRestore.add_plan")
        name = construct_id.lower()
        holder = claim(problems, stack, f"rehearsal of {plan_name}", name, place)
        allowed = "a name that no other rehearsal of the plan has"
        problems.check(not holder, "construct_id", name, allowed, f"it is the name of '{holder}'")
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - without a schedule, the line above raises

        super().__init__(scope, construct_id)
        #: The rehearsal's name in the plan record.
        self.rehearsal_name = name
        #: The plan.
        self.plan_name = plan_name
        #: The schedule's expression.
        self.schedule_expression = parsed.expression
        #: Whether the schedule starts drills.
        self.enabled = enabled
        self._restore = restore
        cluster_size = {"node_type": node_type, "number_of_nodes": number_of_nodes}
        self._input = {
            "plan": plan_name,
            "mode": "drill",
            **{key: value for key, value in cluster_size.items() if value is not None},
            **point_input,
        }
        self._watch = parts.watch(plan_name, objectives)
        if enabled:
            self._watch.add(parsed)
        #: The rule that starts the drills.
        self.rule = self._rule(parts.machine)
        #: The rule that calls the hourly clean-up. The plan's rehearsals share it.
        self.cleanup_rule: events.CfnRule = self._watch.rule
        #: All alarms on the plan's drills. The plan's rehearsals share them.
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
            metric_name: one of the metrics that ``RecoveryRestore.metric`` lists.
            check_name: the check, for ``DrillCheckFailed``. Default: no check, as for all other metrics.
            statistic: such as ``Maximum``. Default: Maximum.
            period: the length of a data point. Default: 5 minutes.
        """
        return self._restore.metric(
            metric_name, plan_name=self.plan_name, check_name=check_name, statistic=statistic, period=period
        )

    @property
    def longest_gap(self) -> timedelta | None:
        """The longest time between two drills of the plan, with all its rehearsals so far.

        None when no schedule starts a drill of the plan.
        """
        return longest_drill_gap(self._restore, self.plan_name, [])

    def _rule(self, machine: RestoreMachine) -> events.CfnRule:
        rule = events.CfnRule(
            self,
            "Resource",
            description=f"rehearses the restore of '{self.plan_name}' (resilient_redshift)",
            schedule_expression=self.schedule_expression,
            state="ENABLED" if self.enabled else "DISABLED",
            # an event that EventBridge delivers twice starts one drill, because the scheduled time names the cluster
            targets=[machine.target("Drill", self._input, patience=LONGEST_DELIVERY_SECONDS, scheduled=True)],
        )
        rule.node.add_dependency(machine.events_policy, machine.plans_policy)
        return rule


def default_schedule(plan_name: str) -> str:
    """The default schedule: once a month, at a day, hour and minute that depend on the plan's name.

    The drills of a Region should not all need capacity at the same time.
    """
    number = int(short_hash("rehearsal", plan_name), 16)
    number, minute = divmod(number, 60)
    number, hour = divmod(number, 24)
    day = number % 28 + 1  # each month has these days
    return f"cron({minute} {hour} {day} * ? *)"


def checked_drill_schedule(
    problems: Problems,
    construct_id: str,
    *,
    plan_name: str,
    schedule: events.Schedule | None,
    node_type: str | None,
    number_of_nodes: int | None,
) -> Schedule | None:
    """Check the arguments of a rehearsal, and return its schedule.

    Args:
        problems: where to record each problem.
        construct_id: the id of the rehearsal.
        plan_name: the plan's name.
        schedule: the schedule of the drills; None for the default one.
        node_type: the node type of the drill's cluster; None for that of a failover.
        number_of_nodes: the number of nodes of the drill's cluster; None for that of a failover.

    Returns:
        The schedule; None when the argument is no schedule, and then a problem is recorded.
    """
    name_of_id(problems, construct_id, "it names the rehearsal in the plan record")
    problems.check(known(plan_name), "plan_name", "a token", "a literal", "it is part of the record's name")
    for argument, value in (("node_type", node_type), ("number_of_nodes", number_of_nodes)):
        why = "the rule's input contains it as text"
        problems.check(value is None or known(value), argument, "a token", "known at synth", why)
    if node_type is not None:
        check_node_type(problems, "node_type", node_type)
    if number_of_nodes is not None:
        check_nodes(problems, "number_of_nodes", node_type or "", number_of_nodes)
    if schedule is None:
        return check_schedule(problems, "schedule", default_schedule(plan_name))
    expression = schedule.expression_string
    if not problems.check(known(expression), "schedule", "a token", "known at synth", _MISSING_DRILLS):
        return None
    parsed = check_schedule(problems, "schedule", expression)
    if parsed is not None:
        _check_gaps(problems, parsed)
    return parsed


def _check_gaps(problems: Problems, schedule: Schedule) -> None:
    goes_on = schedule.longest_gap() < UNBOUNDED
    problems.check(goes_on, "schedule", schedule.expression, "a schedule without an end", _MISSING_DRILLS)
    far_apart = schedule.shortest_gap() >= _SHORTEST_GAP
    why = "each drill runs a cluster, and it may take a day until that cluster is deleted"
    problems.check(far_apart, "schedule", schedule.expression, "a schedule of drills at least one day apart", why)


def longest_drill_gap(restore: RecoveryRestore, plan_name: str, more: Sequence[Schedule]) -> timedelta | None:
    """The longest time between two drills of a plan.

    Args:
        restore: the machine that runs the drills.
        plan_name: the plan's name.
        more: schedules that the plan's drills will have besides the present ones.

    Returns:
        The time; None when no schedule starts a drill of the plan.
    """
    watch = parts_of(restore).watches.get(plan_name)
    schedules = [*(watch.schedules if watch is not None else ()), *more]
    return longest_gap_of(schedules) if schedules else None
