"""The watcher of a stack: one function that a rule calls, and its first look at each watch."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from resilient_redshift.contract.names import WATCH_TYPE
from resilient_redshift.contract.watching import INPUT_INTERVAL, INPUT_WATCHER
from resilient_redshift.core.environment import remember_place, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import after
from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.retention import is_span, to_timedelta
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.alarms import AlarmMetric, at_least_or_missing
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from resilient_redshift.stack.services import StackServices
from resilient_redshift.watching._function import Rights, WatchFunction
from resilient_redshift.watching.repair import let_repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from constructs import IConstruct

    from resilient_redshift.errors import Problems
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.watching.repair import RepairedCopy

#: How often a watcher looks unless you say otherwise.
CHECK_EVERY: Final = timedelta(minutes=15)
#: An alarm of a watch goes into the ALARM state after this many bad periods in a row.
PERIODS: Final = 3
_MINUTE: Final = timedelta(minutes=1)
_SHORTEST: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(hours=1)
_ID_DIGITS: Final = 12


def check_interval(problems: Problems, argument: str, value: Span) -> timedelta:
    """How often a watcher looks; record a problem unless it is 5 to 60 whole minutes, known at synth.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        value: the length that the user passed.

    Returns:
        The length; :data:`CHECK_EVERY` after a problem.
    """
    length = to_timedelta(value) if is_span(value) and known(value) else None
    ok = length is not None and not length % _MINUTE and _SHORTEST <= length <= _LONGEST
    why = "each look reads every snapshot of the Region, and an alarm waits for three looks"
    problems.check(ok, argument, value, "a Duration of 5 to 60 whole minutes, known at synth", why)
    return length if ok and length is not None else CHECK_EVERY


@Remembered
def watcher_id(stack: cdk.Stack) -> str:
    """The id of a stack's watcher: the same for one deployed stack, wherever the stack is in the app."""
    return short_hash("watcher", naming_stack(stack), naming_path(stack), length=_ID_DIGITS)


def period_of(every: timedelta) -> int:
    """The length in seconds of a period of the alarms on what a watcher measures."""
    return int(max(every, CHECK_EVERY).total_seconds())


class Watcher(Construct):
    """The watcher of one stack, which serves every plan and monitor of the stack. Use :meth:`of` to get it.

    Args:
        stack: the stack.
        rights: what its first watch needs.
        every: how often it looks.
    """

    ID: Final = "ResilientRedshiftWatcher"

    def __init__(self, stack: cdk.Stack, rights: Rights, every: timedelta) -> None:
        super().__init__(stack, self.ID)
        remember_place(self, stack, stack, self.ID)
        self._every = every
        self._watches: list[str] = []
        self._first_runs: list[str] = []
        #: The watcher's id. Its parameters have it in their names.
        self.watcher_id: str = watcher_id(stack)
        self._function = WatchFunction(self, "Function", watcher=self.watcher_id, rights=rights)
        self._rule = events.CfnRule(
            self,
            "Rule",
            description="the watch over recovery points (resilient_redshift)",
            schedule_expression=_rate(every),
            state="ENABLED",
            targets=[self._target()],
        )
        after(self._rule, self._function.permission)
        #: The custom resource after which the metrics of every watch have data. An alarm on them depends on it.
        self.first_look: cdk.CfnResource = self._looking_first()

    @classmethod
    def of(cls, scope: IConstruct, *, every: timedelta, rights: Rights) -> Watcher:
        """The watcher of the scope's stack. The first call makes it.

        Args:
            scope: a construct of the stack.
            every: how often it looks, at least; the shortest time of all calls counts.
            rights: what a watch needs.
        """
        stack = stack_of(scope)
        made = _watchers(stack)
        if not made:
            made.append(cls(stack, rights, every))
            return made[0]
        watcher = made[0]
        watcher._serve(rights, every)  # noqa: SLF001 - of this class
        return watcher

    def look_first(self, watch: str, record: cdk.CfnResource) -> None:
        """Have the function look at one more watch in the deployment.

        Args:
            watch: the watch's name.
            record: the parameter with its record.
        """
        self._watches.append(watch)
        self.first_look.add_property_override("Watches", sorted(self._watches))
        after(self.first_look, record)

    def let_repair(self, copy: RepairedCopy) -> iam.CfnPolicy:
        """Let the function repair a copy. The record of the watch must depend on the policy."""
        return let_repair(self._function, copy)

    @classmethod
    def here(cls, scope: IConstruct) -> Watcher | None:
        """The watcher of the scope's stack. None: nothing is watched there so far."""
        return next(iter(_watchers(stack_of(scope))), None)

    def run_first(
        self, name: str, function_arn: str, given: Mapping[str, Any], needed: Iterable[cdk.CfnResource]
    ) -> None:
        """Have a deployment run another function of the stack once, so that an alarm on its silence begins with data.

        Args:
            name: a name of the function that never changes, such as ``Tiers``.
            function_arn: the function's ARN.
            given: the input of the run.
            needed: what must exist before the run.
        """
        self._first_runs.append(f"{function_arn} {json.dumps(given, separators=(',', ':'))}")
        self.first_look.add_property_override("FirstRuns", self._first_runs)
        for resource in (SnapshotProvider.of(self).call_policy(function_arn, f"Call{name}"), *needed):
            after(self.first_look, resource)

    @functools.cached_property
    def failures_alarm(self) -> cloudwatch.CfnAlarm:
        """The alarm on a watcher whose runs fail or stay away. The first watch of a plan's cluster makes it.

        In the recovery Region, missing data of each watch tells the same.
        """
        alarm = StackServices.of(self).alarm(
            "FailuresAlarm",
            self._failing(),
            description="nobody watches the clusters of this stack: each run of the watcher fails, or none takes "
            "place. Read the last error of the watcher's function in the stack's log group, and look at its rule and "
            "the dead-letter queue; see docs/watching.md, 'The watcher fails'",
            scope=self,
        )
        after(alarm, self.first_look)
        return alarm

    def _serve(self, rights: Rights, every: timedelta) -> None:
        """Serve one more watch."""
        self._function.let_watch(rights)
        if every < self._every:
            self._every = every
            self._rule.schedule_expression = _rate(every)
            self._rule.targets = cast("Any", [self._target()])  # jsii takes a dictionary too
            self.first_look.add_property_override("PeriodSeconds", str(period_of(every)))
            if "failures_alarm" in self.__dict__:
                self.failures_alarm.metrics = cast("Any", self._failing()["metrics"])

    def _failing(self) -> dict[str, Any]:
        """The properties of the alarm on a watcher whose runs fail or stay away."""
        errors = AlarmMetric(
            namespace="AWS/Lambda",
            name="Errors",
            dimensions={"FunctionName": self._function.function_name},
            statistic="Average",
            period=period_of(self._every),
        )
        return at_least_or_missing(errors, 1, periods=PERIODS, query_id="errors", label="the share of runs that failed")

    def _target(self) -> dict[str, Any]:
        interval = int(self._every.total_seconds())
        return self._function.target("Watch", {INPUT_WATCHER: self.watcher_id, INPUT_INTERVAL: interval})

    def _looking_first(self) -> cdk.CfnResource:
        provider = SnapshotProvider.of(self)
        resource = cdk.CustomResource(
            self,
            "FirstLook",
            service_token=provider.service_token,
            resource_type=WATCH_TYPE,
            properties={
                "FunctionArn": self._function.function_arn,
                "Watcher": self.watcher_id,
                "PeriodSeconds": str(period_of(self._every)),
            },
            # the handler has nothing to do on a Delete, and a Delete that CloudFormation sends could fail
            removal_policy=cdk.RemovalPolicy.RETAIN,
            service_timeout=cdk.Duration.minutes(SERVICE_TIMEOUT_MINUTES),
        )
        l1 = cast("cdk.CfnResource", resource.node.default_child)
        for needed in (provider.call_policy(self._function.function_arn), self._function.policy, self._rule):
            after(l1, needed)
        return l1


@Remembered
def _watchers(_stack: cdk.Stack) -> list[Watcher]:
    """The watcher of a stack, once it is made."""
    return []


def _rate(every: timedelta) -> str:
    """The expression of a rule of EventBridge."""
    minutes = every // _MINUTE
    return f"rate({minutes} minutes)"
