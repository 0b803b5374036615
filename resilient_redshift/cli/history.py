"""Reads the history of an execution: the phases that it entered, what they said, and the calls that failed.

An event with its data holds everything that the run knows, some kilobytes of it. So a look reads the new events without
their data first, and then the data of the last few alone, if a phase ended among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions
from resilient_redshift.cloud.phases import FAILED, SUCCEEDED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws

#: Step Functions API, GetExecutionHistory: an answer holds at most 1000 events.
_MOST_EVENTS: Final = 1000
#: A poll usually finds the nine events of one phase, or none. More events are on further pages.
_EVENTS: Final = 30
#: The data of this many events is read at most: of the last ten phases.
_EVENTS_WITH_DATA: Final = 90
#: States that do something, and states that wait. Choices and computations are of no interest to people.
_ENTERED: Final = frozenset({"TaskStateEntered", "WaitStateEntered", "MapStateEntered", "ParallelStateEntered"})
_LEFT: Final = "TaskStateExited"
_FAILED: Final = {"TaskFailed": "taskFailedEventDetails", "TaskTimedOut": "taskTimedOutEventDetails"}
#: The state between two phases. Its name says nothing: the phase before it says what the run waits for.
_BETWEEN: Final = "Wait"
#: The integration through which a machine calls its function. The machines of former releases called AWS themselves; an
#: error there was often the answer that something does not exist.
_FUNCTION: Final = "lambda"
_LONGEST_CAUSE: Final = 160


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in an execution: one of the fields after ``at`` says what.

    Args:
        at: when it happened.
        entered: the state that was entered.
        says: what a phase said as it ended.
        again: whether that phase is called again, so that ``says`` is how far it is.
        failed: why a call of the machine's function failed. The machine calls it again.
    """

    at: datetime
    entered: str = ""
    says: str = ""
    again: bool = False
    failed: str = ""


class History:
    """The history of one execution, read from look to look.

    Args:
        aws: calls to AWS.
        arn: the execution's ARN.
    """

    def __init__(self, aws: Aws, arn: str) -> None:
        self._aws = aws
        self._arn = arn
        self._last = 0

    def news(self) -> list[Event]:
        """What happened since the last look, the oldest first. Of a long history, only its beginning and its end.

        Raises:
            CliError: the Region does not answer, or the history may not be read.
        """
        new = {event["id"]: event for event in self._new()}
        if not new:
            return []
        newest = max(new)
        ended = [one for one, event in new.items() if event["type"] == _LEFT and one > newest - _EVENTS_WITH_DATA]
        if ended:
            with_data = self._back_to(min(ended), most=_EVENTS_WITH_DATA, data=True, maxResults=newest - min(ended) + 1)
            new |= {event["id"]: event for event in with_data if event["id"] in new}
        self._last = newest
        return [found for _, event in sorted(new.items()) if (found := _event(event)) is not None]

    def _new(self) -> list[Mapping[str, Any]]:
        """The new events without their data."""
        first_look = self._last == 0
        most = _MOST_EVENTS if first_look else _EVENTS
        events = self._back_to(self._last + 1, most=_MOST_EVENTS, data=False, maxResults=most)
        if first_look and events[-1:] and events[-1]["id"] > 1:
            events += self._answer(data=False, maxResults=_MOST_EVENTS)["events"]
        return [event for event in events if event["id"] > self._last]

    def _back_to(self, number: int, *, most: int, data: bool, **options: object) -> list[Mapping[str, Any]]:
        """The events from the newest one back to that number, page by page, and not much more than ``most``."""
        events: list[Mapping[str, Any]] = []
        page: dict[str, object] = {}
        while True:
            answer = self._answer(data=data, reverseOrder=True, **options, **page)
            events += answer["events"]
            token = answer.get("nextToken")
            if token is None or len(events) >= most or (events[-1:] and events[-1]["id"] <= number):
                return events
            page = {"nextToken": token}

    def _answer(self, *, data: bool, **options: object) -> dict[str, Any]:
        region = executions.region_of(self._arn)
        return self._aws.call(
            region,
            "stepfunctions",
            "GetExecutionHistory",
            executionArn=self._arn,
            includeExecutionData=data,
            **options,
        )


def _event(event: Mapping[str, Any]) -> Event | None:
    """What an event says to people. None: nothing."""
    kind, at = event["type"], event["timestamp"]
    if kind in _ENTERED:
        name = event["stateEnteredEventDetails"]["name"]
        return None if name == _BETWEEN else Event(at=at, entered=name)
    if kind == _LEFT:
        details = event["stateExitedEventDetails"]
        answer = executions.as_object(details.get("output"))
        says, following = answer.get("says"), answer.get("next")
        if not says or following in {SUCCEEDED, FAILED}:  # the end says the outcome, which is shown with its report
            return None
        return Event(at=at, says=str(says), again=following == details["name"])
    if kind in _FAILED:
        details = event.get(_FAILED[kind], {})
        if details.get("resourceType") != _FUNCTION:
            return None
        cause = " ".join(str(details.get("cause", "")).split())[:_LONGEST_CAUSE]
        return Event(at=at, failed=f"{details.get('error', 'failed')} {cause}".rstrip())
    return None
