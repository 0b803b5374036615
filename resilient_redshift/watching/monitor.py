"""The watch over clusters without a recovery plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.contract import watching
from resilient_redshift.contract.record import seconds
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import (
    arn_parts_of,
    check_environment,
    remember_place,
    stack_environment,
    stack_of,
)
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.retention import span
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topics import check_topic
from resilient_redshift.watching.actions import Told, check_actions
from resilient_redshift.watching.claims import claim_watch
from resilient_redshift.watching.declared import SIZE_DROP_PERCENT, AtSynth, check_size_drop
from resilient_redshift.watching.metrics import watch_metric
from resilient_redshift.watching.mute import check_window, mute_rules
from resilient_redshift.watching.redshift_events import subscribe
from resilient_redshift.watching.watcher import CHECK_EVERY, check_interval
from resilient_redshift.watching.watches import watch_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.watching.alarms import WatchAlarms


@typed
class RecoveryPointMonitor(Construct):
    """Watches the newest recovery point of clusters that no plan protects, in their own Region.

    A plan watches its cluster by itself, in both Regions. Use a monitor for any other cluster, such as one that another
    tool made. The monitor changes nothing. docs/watching.md has what it measures and finds, and what it costs.

    Args:
        scope: in a stack of the clusters' Region and account.
        construct_id: the id in that scope.
        clusters: the clusters, one or more: of the Region and account of this stack. A cluster of another stack needs a
            literal identifier.
        recovery_point: how old the newest usable snapshot of each cluster may be; above zero, at most 3653 days.
            Without a schedule, Redshift takes an automated snapshot about every eight hours.
        notify: a topic of this Region and account. All alarms of the library in this stack notify it, and it gets
            Redshift's own error events. Default: the alarms notify only the topics of the stack's other constructs.
        notify_warnings: a topic of this Region and account that hears of warnings, such as a recovery point that
            reaches three quarters of ``recovery_point``. Default: nobody hears of warnings.
        alarm_actions: what the alarm on each cluster's problems does besides, at most 4: any ``IAlarmAction``, such as
            ``aws_cloudwatch_actions.LambdaAction`` or ``SsmAction``, or one of yours. Pass a topic as ``notify``, not
            in an ``SnsAction``. A composite alarm takes no action of EC2 and of Auto Scaling (CloudWatch User Guide).
            Default: nothing.
        warning_actions: the same for the alarm on each cluster's warnings. Default: nothing.
        check_every: how often the watcher looks, 5 to 60 whole minutes. A stack has one watcher, and the shortest time
            of all its sites and monitors counts. Default: 15 minutes.
        size_drop_percent: by how many percent the newest recovery point may be smaller than those before it, 1 to 99.
            A larger drop is the finding ``SizeDropped``. None compares no sizes. Default: 50.

    Raises:
        ResilientRedshiftError: for no cluster; for a cluster or a topic of another Region or account; for a cluster of
            another stack without a literal identifier; for a cluster that a plan or another monitor of the app watches;
            and for a length or a number out of range.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        clusters: Sequence[IClusterRef],
        recovery_point: Span,
        notify: ITopicRef | None = None,
        notify_warnings: ITopicRef | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
        warning_actions: Sequence[cloudwatch.IAlarmAction] = (),
        check_every: Span = CHECK_EVERY,
        size_drop_percent: int | None = SIZE_DROP_PERCENT,
    ) -> None:
        place = where(scope, construct_id, "RecoveryPointMonitor")
        problems = Problems(place)
        stack = stack_of(scope)
        problems.check(len(clusters) > 0, "clusters", clusters, "one or more")
        watched = [(cluster, facts_of(cluster)) for cluster in clusters]
        for cluster, facts in watched:
            _check_cluster(problems, cluster, facts, stack)
            claim_watch(problems, cluster, facts, f"{place}, {facts.identifier or path_of(cluster)}")
        names = [facts.identifier or path_of(cluster) for cluster, facts in watched]
        problems.check(len(names) == len({*names}), "clusters", names, "different clusters")
        objective = span(problems, "recovery_point", recovery_point)
        for argument, topic in (("notify", notify), ("notify_warnings", notify_warnings)):
            if topic is not None:
                check_topic(problems, argument, topic, stack)
        check_actions(problems, alarm_actions, warning_actions)
        every = check_interval(problems, "check_every", check_every)
        check_size_drop(problems, size_drop_percent)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        self._stack = stack
        services = StackServices.of(self)
        if notify is not None:
            services.notify(notify)
            subscribe(self, notify)
        told = Told(
            alarm_actions=alarm_actions,
            warning_topics=() if notify_warnings is None else (services.reach(notify_warnings),),
            warning_actions=warning_actions,
        )
        self._watches: dict[str, WatchAlarms] = {}
        self._identifiers: dict[str, str] = {}
        for cluster, facts in watched:
            name = facts.identifier or short_hash(path_of(cluster))
            # a reference in this stack, so that CloudFormation makes the cluster first
            here = stack_of(cluster) is stack
            identifier = facts.identifier_token if here else str(facts.identifier)
            self._identifiers[path_of(cluster)] = identifier
            self._watches[name] = watch_alone(
                self,
                watch=f"cluster.{name}",
                cluster={"identifier": identifier, "region": arn_parts_of(stack).region},
                watch_for=AtSynth(path_of(self), cluster, facts, size_drop_percent, here=here),
                recovery_point_seconds=seconds(objective),
                every=every,
                told=told,
            )
        #: The alarms that notify people of problems, one for each cluster.
        self.alarms: list[cloudwatch.CfnCompositeAlarm] = [alarms.problem for alarms in self._watches.values()]
        #: The alarms that notify people of warnings, one for each cluster; none where nobody hears of warnings.
        self.warning_alarms: list[cloudwatch.CfnAlarm] = [
            alarms.warning for alarms in self._watches.values() if alarms.warning is not None
        ]

    def mute(
        self, construct_id: str, *, schedule: cloudwatch.ScheduleExpression, duration: Span
    ) -> list[cloudwatch.CfnAlarmMuteRule]:
        """Let the alarms notify nobody in planned windows. An alarm that lasts notifies at the end of the window.

        Args:
            construct_id: the id of the rule in this construct.
            schedule: when a window begins: once (``at``) or again and again (``cron``).
            duration: how long a window lasts: 1 minute to 15 days in whole minutes, known at synth.

        Returns:
            The rules: one for each 100 alarms.

        Raises:
            ResilientRedshiftError: for a schedule or a duration that CloudWatch refuses (CloudWatch API, Schedule).
        """
        problems = Problems(f"{path_of(self)} (RecoveryPointMonitor.mute)")
        is_free = self.node.try_find_child(construct_id) is None
        problems.check(is_free, "construct_id", construct_id, "an id that the monitor does not have yet")
        window = check_window(problems, schedule, duration)
        problems.raise_if_any()
        names = [name for alarms in self._watches.values() for name in alarms.names]
        return mute_rules(
            Construct(self, construct_id), what=f"the monitor '{path_of(self)}'", window=window, alarm_names=names
        )

    def metric(
        self,
        metric_name: str,
        *,
        cluster: IClusterRef | None = None,
        statistic: str = "Maximum",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of one watched cluster in the namespace ``ResilientRedshift``.

        Args:
            metric_name: ``RecoveryPointAge``, ``FindingSeverity``, ``ClusterPaused``, ``RecoveryPoints``,
                ``BillableBackupStorage``, or ``ManualSnapshotQuotaUsed`` of the whole Region. docs/watching.md has what
                each means, and when it is written.
            cluster: one of the watched clusters. Default: the only one.
            statistic: such as ``Maximum``. Default: Maximum.
            period: the length of a data point. Default: 5 minutes.

        Raises:
            ResilientRedshiftError: for a metric that is not written, for a cluster that is not watched, and for no
                cluster where several are watched.
        """
        problems = Problems(f"{path_of(self)} (RecoveryPointMonitor.metric)")
        identifier = self._identifier_of(problems, cluster)
        dimensions = {watching.dimension_of(watching.ALONE): identifier}
        return watch_metric(problems, self, metric_name, dimensions, statistic=statistic, period=period)

    def metric_recovery_point_age(
        self, *, cluster: IClusterRef | None = None, period: cdk.Duration | None = None
    ) -> cloudwatch.Metric:
        """The age in seconds of a cluster's newest usable snapshot; the maximum of a period.

        Args:
            cluster: as for :meth:`metric`.
            period: the length of a data point. Default: 5 minutes.
        """
        return self.metric(watching.METRIC_RECOVERY_POINT_AGE, cluster=cluster, period=period)

    def metric_finding_severity(
        self, *, cluster: IClusterRef | None = None, period: cdk.Duration | None = None
    ) -> cloudwatch.Metric:
        """0 without a finding, 1 for a warning, 2 for a problem; the maximum of a period.

        Args:
            cluster: as for :meth:`metric`.
            period: the length of a data point. Default: 5 minutes.
        """
        return self.metric(watching.METRIC_FINDING_SEVERITY, cluster=cluster, period=period)

    def _identifier_of(self, problems: Problems, cluster: IClusterRef | None) -> str:
        if cluster is None:
            several = len(self._identifiers) > 1
            problems.check(not several, "cluster", None, "one of the watched clusters", "the monitor watches several")
            return next(iter(self._identifiers.values()))
        identifier = self._identifiers.get(path_of(cluster))
        problems.check(identifier is not None, "cluster", path_of(cluster), f"one of {', '.join(self._identifiers)}")
        return identifier or ""


def _check_cluster(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, stack: cdk.Stack) -> None:
    """Record a problem with a cluster that a watcher of the stack cannot see."""
    check_environment(problems, "clusters", cluster, stack_environment(stack), why="a watcher sees its own Region only")
    foreign = stack_of(cluster) is not stack
    allowed = "a cluster of this stack, or one with a literal identifier"
    why = "CDK would carry the identifier to this stack with an export"
    problems.check(not foreign or facts.identifier is not None, "clusters", path_of(cluster), allowed, why)
