"""The Lambda function of a watcher. A rule of EventBridge calls it, by default every 15 minutes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.runtime import client, time_of
from resilient_redshift.cloud.watch import first_look
from resilient_redshift.cloud.watch.calls import CallFailed, Surroundings
from resilient_redshift.cloud.watch.run import DEFAULT_INTERVAL, Run
from resilient_redshift.contract.watching import INPUT_FIRST_LOOK, INPUT_INTERVAL, INPUT_SEEN, INPUT_WATCHER

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import LambdaContext

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
#: The longest and the shortest time from one run to the next, in seconds.
_SHORTEST, _LONGEST = 300, 3600
_SHOWN: Final = 10


class NotWatched(Exception):  # noqa: N818 - the name says what is the case
    """Something could not be read or told. The text names it. What could be read was told all the same."""


def watch(event: object, context: LambdaContext) -> dict[str, Any]:
    """Watch the clusters of a watcher. Lambda's handler string is ``handler.watch.watch``.

    Args:
        event: ``{"watcher": "<id>"}``, and ``interval_seconds`` if the rule calls in another interval than 900 seconds.
            A first look has the ``first_look``, the name of its watch, and ``seen`` from its second call on.
        context: Lambda's context object.

    Returns:
        How many watches there are, the number of those with a problem and with a warning, and the number of calls. A
        first look answers ``{"seen": bool}``.

    Raises:
        NotWatched: something could not be read or told. Lambda counts the error, and an alarm watches the count.
    """
    _, _, _, region, _, _, function = context.invoked_function_arn.split(":")[:7]
    surroundings = Surroundings(region=region, client=client, function=function, **vars(time_of(context)))
    return watch_in(event, surroundings)


def watch_in(event: object, surroundings: Surroundings) -> dict[str, Any]:
    """Do the work of :func:`watch` with the clients, the clock and the limits of ``surroundings``."""
    given = event if isinstance(event, Mapping) else {}
    watcher, only, interval = given.get(INPUT_WATCHER), given.get(INPUT_FIRST_LOOK, ""), given.get(INPUT_INTERVAL)
    wrong = [] if isinstance(watcher, str) and _ID.fullmatch(watcher) else [f"{INPUT_WATCHER} must be the watcher's id"]
    wrong += [] if isinstance(only, str) else [f"{INPUT_FIRST_LOOK} must be the name of a watch"]
    if interval is not None and (
        isinstance(interval, bool) or not isinstance(interval, int) or not _SHORTEST <= interval <= _LONGEST
    ):
        wrong.append(f"{INPUT_INTERVAL} must be a whole number from {_SHORTEST} to {_LONGEST}")
    if wrong:
        raise _failed(str(watcher), wrong)
    run = Run(surroundings, str(watcher), DEFAULT_INTERVAL if interval is None else timedelta(seconds=interval), only)
    try:
        if only:
            return first_look.look(run, again=given.get(INPUT_SEEN) is True)
        watched = run.look()
    except (CallFailed, first_look.NotSeen) as failure:
        raise _failed(run.watcher, [*run.problems, str(failure)]) from failure
    run.repair(watched)
    run.tell(watched)
    if run.problems:
        raise _failed(run.watcher, run.problems)
    severities = [[one.is_problem for one in each.findings] for each in watched]
    answer = {
        "watches": len(watched),
        "problems": sum(any(each) for each in severities),
        "warnings": sum(bool(each) and not any(each) for each in severities),
        "calls": run.calls.made,
    }
    log.write("INFO", "run ended", watcher=run.watcher, watches=len(watched), calls=run.calls.made)
    return answer


def _failed(watcher: str, problems: list[str]) -> NotWatched:
    shown = list(dict.fromkeys(problems))
    log.write("ERROR", "not watched", watcher=watcher, problems=shown)
    more = f"; and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return NotWatched(f"watcher {watcher}: {'; '.join(shown[:_SHOWN])}{more}")
