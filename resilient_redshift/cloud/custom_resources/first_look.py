"""The custom resource that has a watcher look at its watches before their alarms exist.

The deployment fails where the watcher cannot measure, so a green deployment proves that the watch works. An alarm is
made after this resource, so it never begins without data.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_NOTHING, EXPECT_SEEN, expectation
from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.cloud.custom_resources.waiting import NotYet, keep_waiting, read_patiently, waited_for
from resilient_redshift.cloud.errors import Failed, NotKnown, ProviderError
from resilient_redshift.contract.names import WATCH_TYPE
from resilient_redshift.contract.watching import INPUT_FIRST_LOOK, INPUT_INTERVAL, INPUT_SEEN, INPUT_WATCHER

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import FunctionCaller, Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

_FUNCTION: Final = re.compile(
    r"arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):function:[A-Za-z0-9_-]+"
)
_PERIOD: Final = re.compile(r"[1-9][0-9]{1,3}")
#: The ARN of a function, a blank, and the input of the run.
_RUN: Final = re.compile(_FUNCTION.pattern + r" (?P<input>\{.{2,200}\})")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True)
class WantedLook:
    """What a request wants to have been looked at."""

    function: str
    watcher: str
    watches: tuple[str, ...]
    period: int
    runs: tuple[str, ...] = ()

    def question(self, watch: str, **more: bool) -> dict[str, Any]:
        """The input of the function for one watch. It writes data for the periods of the alarms, not for its runs."""
        return {INPUT_WATCHER: self.watcher, INPUT_INTERVAL: self.period, INPUT_FIRST_LOOK: watch, **more}

    @property
    def physical_id(self) -> str:
        """An id that names the watcher, whatever the construct is called."""
        return f"recovery-point-watch/{self.watcher}"


class RecoveryPointWatch:
    """One request for the first look of one watcher.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._runtime = runtime
        self._client = runtime.functions(request.region)
        self._retry = Retry(runtime)

    def create(self) -> dict[str, Any]:
        """Look at every watch."""
        want = wanted(self._request)
        return self._look(want, want.watches, want.runs)

    def update(self) -> dict[str, Any]:
        """Look at the watches that are new, or at every watch where something else has changed.

        Nothing is looked at where watches only went. The rollback of new watches is such an update, too. It must not
        fail for the reason for which the deployment failed.
        """
        want = wanted(self._request)
        due, runs = _due(self._request, want), _due_runs(self._request, want)
        if not due:
            self._run_first(runs)
            return {"PhysicalResourceId": want.physical_id, "Expect": EXPECT_NOTHING}
        return self._look(want, due, runs)

    def delete(self) -> dict[str, Any]:
        """Do nothing, because a look changes nothing."""
        log.write("INFO", "nothing to remove", id=self._request.physical_id)
        return {"PhysicalResourceId": self._request.physical_id, "Expect": EXPECT_NOTHING}

    def _run_first(self, runs: tuple[str, ...]) -> None:
        """Run other functions of the stack once, until one fails: it has an alarm of its own, which then rings."""
        for text in runs:
            function, _, given = text.partition(" ")
            log.write("INFO", "Invoke", function=function, input=given)
            question = json.loads(given)
            try:
                self._retry.call(f"run {function}", partial(_asked, self._client, function, question))
            except ProviderError as failure:
                log.write("WARNING", "a first run failed", function=function, because=str(failure))
                return

    def _look(self, want: WantedLook, watches: tuple[str, ...], runs: tuple[str, ...]) -> dict[str, Any]:
        for name in watches:
            log.write("INFO", "Invoke", function=want.function, watch=name)
            given = want.question(name)
            what = f"measure the recovery point of {name!r} for the first time"
            self._retry.call(what, lambda given=given: _asked(self._client, want.function, given))  # type: ignore[misc]
        self._run_first(runs)
        since = self._runtime.now().isoformat()
        return {"PhysicalResourceId": want.physical_id, "Expect": EXPECT_SEEN, "Since": since}


def watch_is_complete(request: Request, runtime: Runtime) -> bool:
    """Whether CloudWatch shows the data of every watch that was looked at."""
    if expectation(request, EXPECT_SEEN) == EXPECT_NOTHING:
        return True
    want = wanted(request)
    client = runtime.functions(request.region)
    waited = waited_for(request, runtime)
    for name in _due(request, want):
        given = want.question(name, **{INPUT_SEEN: True})
        what = f"look for the metrics of {name!r}"
        try:
            answer = read_patiently(waited, what, lambda given=given: _asked(client, want.function, given))  # type: ignore[misc]
        except NotKnown as error:
            return keep_waiting(waited, f"could not {what}: {error}")
        if isinstance(answer, NotYet):
            return False
        if answer.get("seen") is not True:
            return keep_waiting(waited, f"CloudWatch does not show the metrics of the watch {name!r} yet")
    return True


def _due(request: Request, want: WantedLook) -> tuple[str, ...]:
    """The watches that a request must look at. The others have data, or a fault that this deployment may mend."""
    former = request.raw.get("OldResourceProperties")
    if not isinstance(former, dict) or not isinstance(former.get("Watches"), list):
        return want.watches
    known, now = (
        {name: value for name, value in each.items() if name not in {"ServiceToken", "Watches", "FirstRuns"}}
        for each in (former, request.properties)
    )
    return want.watches if known != now else tuple(name for name in want.watches if name not in former["Watches"])


def _due_runs(request: Request, want: WantedLook) -> tuple[str, ...]:
    """The first runs that a request asks for, and the one before it did not."""
    former = request.raw.get("OldResourceProperties")
    known = former.get("FirstRuns") if isinstance(former, dict) else None
    return tuple(run for run in want.runs if not isinstance(known, list) or run not in known)


def wanted(request: Request) -> WantedLook:
    """Read the properties.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    given = request.properties
    reader = Reader(WATCH_TYPE, given)
    function = reader.text("FunctionArn", _FUNCTION, "the ARN of a function")
    matched = _FUNCTION.fullmatch(function or "")
    if matched is not None and (matched["region"], matched["account"]) != (request.region, request.account):
        reader.problem("FunctionArn", f"a function of {request.region} and account {request.account}")
    watcher = reader.text("Watcher", _NAME, "the id of a watcher")
    watches = reader.texts("Watches", _NAME, "names of watches")
    runs = reader.texts("FirstRuns", _RUN, "ARNs of functions, each with an input") if "FirstRuns" in given else ()
    period = reader.text("PeriodSeconds", _PERIOD, "seconds of whole minutes")
    reader.done()
    return WantedLook(function or "", watcher or "", watches, int(period or 0), runs)


def _asked(client: FunctionCaller, function: str, given: dict[str, Any]) -> dict[str, Any]:
    """The answer of the watcher.

    Raises:
        NotKnown: the run of the watcher failed. Its role may be as new as this resource, so the failure may pass.
        Failed: the answer is not one of a watcher.
    """
    answer = client.invoke(FunctionName=function, Payload=json.dumps(given).encode())
    text = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise NotKnown(f"the run of {function} failed: {_reason(text)}")
    parsed = json.loads(text)
    if not isinstance(parsed, dict):
        raise Failed(f"{function} answered {text[:100]}, which is no answer of a watcher")
    return parsed


def _reason(text: str) -> str:
    """The words of an error, from the payload with which Lambda reports it."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    if not isinstance(parsed, dict):
        return text
    return ": ".join(str(parsed[name]) for name in ("errorType", "errorMessage") if parsed.get(name)) or text
