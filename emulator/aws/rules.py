"""EventBridge rules and Scheduler by virtual time, and whether IAM or a function's own policy lets them reach their targets.

ministack's own tick decides what is due; here it is only told when to look. A rule whose role may not start its target fires;
its event goes to the target's dead-letter queue at once, for a missing permission is not tried again [D] (EventBridge guide,
"Using dead-letter queues"). Other failures of a delivery, which are tried for 24 hours, are not modelled.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import json
import logging
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_region
from ministack.services import eventbridge, lambda_svc, scheduler, sqs

from emulator.aws.authorization import Right, denied
from emulator.aws.call_log import Call
from emulator.aws.events import Attempt, attempt, queue_refusal
from emulator.aws.sessions import assume
from emulator.aws.virtual_modules import virtualize

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws.timeline import Timeline
    from emulator.aws.world import EmulatedWorld

_log = logging.getLogger("emulated-aws.rules")
_ACTIONS = {
    "states": "states:StartExecution",
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
}


class _Schedules:
    """One of the two services, as a source of the timeline."""

    def __init__(
        self, timeline: Timeline, items: Callable[[], Any], last: dict[Any, float], tick: Callable[[], None]
    ) -> None:
        self._timeline = timeline
        self._items = items
        self._last = last
        self._tick = tick
        self._known: dict[Any, tuple[str, float, dt.datetime | None]] = {}
        self._off: set[Any] = set()

    def next_due(self) -> dt.datetime | None:
        """When the first of the enabled ones falls due."""
        return min((due for due in map(self._due, self._items()) if due is not None), default=None)

    def fire(self) -> None:
        """Let ministack fire what is due; whatever it starts was started by nobody."""
        contextvars.Context().run(self._tick)

    def next_of(self, region: str, name: str) -> dt.datetime | None:
        """When the only one of that name falls due next; None: it is disabled."""
        [found] = [item for item in self._items() if item[0][1] == region and item[1].get("Name") == name]
        return self._due(found)

    def _due(self, item: tuple[Any, dict[str, Any]]) -> dt.datetime | None:
        key, found = item
        if not found.get("ScheduleExpression"):
            return None
        if found.get("State") != "ENABLED":
            self._off.add(key)
            return None
        created = float(found.get("CreationTime") or found.get("CreationDate") or self._timeline.epoch())
        last = self._last.setdefault(key, created)
        if key in self._off:  # what it missed while it was off is not made up for
            self._off.remove(key)
            last = self._last[key] = self._timeline.epoch()
        expression = found["ScheduleExpression"]
        known = self._known.get(key)
        if known is None or known[:2] != (expression, last):
            known = self._known[key] = (expression, last, _after(expression, last))
        return known[2]


def _after(expression: str, last: float) -> dt.datetime | None:
    interval = eventbridge._parse_rate_seconds(expression)
    moment = dt.datetime.fromtimestamp(last, dt.UTC)
    if interval is not None:
        return moment + dt.timedelta(seconds=interval)
    once = scheduler._at_time_epoch(expression)
    if once is not None:
        return dt.datetime.fromtimestamp(once, dt.UTC) if once > last else None
    fields = eventbridge._parse_cron_fields(expression)
    found = None if fields is None else eventbridge._cron_next_fire(fields, moment)
    return found if found is None else found.astimezone(dt.UTC)


_of_rules: list[_Schedules] = []


def next_firing(world: EmulatedWorld, region: str, rule: str) -> dt.datetime | None:
    """When a rule of EventBridge falls due next; None: it is disabled."""
    with world.timeline.lock:
        return _of_rules[-1].next_of(region, rule)


def install(world: EmulatedWorld) -> None:
    """Bring both services under the virtual time."""
    timeline = world.timeline
    # or what a rule sends would be delayed; a long poll would never end, and nobody makes one
    virtualize(sqs, timeline)
    for module in (eventbridge, scheduler):
        virtualize(module, timeline)
        module.start_scheduler = lambda: None  # no ticking thread
    _of_rules.append(
        _Schedules(
            timeline,
            lambda: list(eventbridge._rules._data.items()),
            eventbridge._rule_last_fired,
            eventbridge._tick_scheduled_rules,
        )
    )
    timeline.add_source(_of_rules[-1])
    timeline.add_source(
        _Schedules(
            timeline,
            lambda: list(scheduler._schedules._data.items()),
            scheduler._schedule_last_fired,
            scheduler._tick_schedules,
        )
    )
    _ask_iam(world)


def _ask_iam(world: EmulatedWorld) -> None:
    invoke = eventbridge._invoke_target

    def asked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        arn, role = str(target.get("Arn", "")), target.get("RoleArn")
        if get_region() in world.down:
            return
        if not role:
            delivering = Attempt(str(rule.get("Arn", "")), _not_let_in(arn, rule) if world.enforce else None)
            if delivering.refused is None:
                token = attempt.set(delivering)
                invoke(target, event, rule, view)
                attempt.reset(token)
            if delivering.refused is not None:
                _log.warning("%s", delivering.refused)
                _bury(target, event, rule, delivering.refused)
            return
        service = arn.split(":")[2]
        action = _ACTIONS.get(service, f"{service}:Invoke")
        principal = assume(role, str(rule.get("Name", "rule"))[:64])
        entry = Call(
            world.now(),
            role,
            get_region(),
            service,
            action.split(":")[1],
            {"Target": arn, "Input": target.get("Input")},
            "events",
        )
        with world.calls.record(entry):
            refusal = denied(world, principal, [Right(action, arn)], get_region())
            if refusal is not None:
                entry.error = "AccessDenied"
                _log.warning("%s", refusal.message)
                _bury(target, event, rule, refusal.message)
                return
            invoke(target, event, rule, view)

    eventbridge._invoke_target = asked


def _not_let_in(arn: str, rule: dict[str, Any]) -> str | None:
    """Why a function's or a queue's own policy does not let a rule in; None if it does. A topic is asked when it is published to."""
    if ":sqs:" in arn:
        return queue_refusal(arn, str(rule.get("Arn")))
    found = lambda_svc.function_policy_for_arn(arn) if ":lambda:" in arn else None
    if found is None:
        return None
    policy, _ = found
    for statement in policy["Statement"]:
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
        if statement["Principal"] == {"Service": "events.amazonaws.com"} and fnmatchcase(str(rule.get("Arn")), source):
            return None
    return f"events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: {arn}"


def _bury(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], why: str) -> None:
    """Put what was not delivered into the target's dead-letter queue; the queue's own policy is not asked."""
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue:
        # AWS tells rule, target and error as message attributes [D]; ministack's delivery has none
        told = {"RULE_ARN": rule.get("Arn"), "TARGET_ARN": target.get("Arn"), "ERROR_MESSAGE": why}
        eventbridge._dispatch_to_sqs(parse_arn(queue), json.dumps({**event, "_attributes": told}, default=str))
