"""How a state machine and its function work together: the machine calls a phase, and the phase says what comes next.

Each Task of a machine calls the function with ``{"phase", "run"}``, and gets ``{"run", "next", "wait_seconds",
"says"}``. The machine then waits, and calls the next phase with that ``run``. ``run`` is everything that a run knows.

Step Functions calls a phase again when Lambda fails, so a phase may run twice with the same ``run``. A phase looks at
the live state first, and then makes at most one call that changes something.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The phase that a machine calls when a function died. Its event has the reason as ``crash``.
CRASHED: Final = "Crashed"
#: The states in which an execution ends. A phase names one of them as its next phase.
SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
#: The longest ``run``, in bytes of JSON. Step Functions passes 256 KiB at most between states (Step Functions Developer
#: Guide, "Service quotas"). Lambda's Python runtimes since 3.12 return characters as they are, in UTF-8 (Lambda
#: Developer Guide, "Define Lambda function handler in Python").
LONGEST_RUN: Final = 96 * 1024
#: The longest cause of a failed execution, in characters (Step Functions API, StopExecution: cause).
LONGEST_CAUSE: Final = 32_768


class RunTooLarge(Exception):  # noqa: N818 - the name says what is the case
    """A run grew over :data:`LONGEST_RUN`. That is a bug of this library."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a phase says of the way on.

    Args:
        next: the name of the next phase.
        wait_seconds: how long the machine waits before it calls that phase. Default: not at all.
        says: a sentence for whoever follows the run. Default: none.
    """

    next: str
    wait_seconds: int = 0
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of a run.

    Args:
        outcome: the outcome. It is the error of a failed execution.
        succeeded: whether the execution succeeds.
        report: the output of an execution that succeeds, and, as JSON, the cause of one that fails.
    """

    outcome: str
    succeeded: bool
    report: Mapping[str, Any]


def size(value: object) -> int:
    """The length of a value as JSON in UTF-8, in bytes."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))


def cut(text: str, most: int) -> str:
    """The beginning of a text.

    Args:
        text: the text. A surrogate without its other half becomes a question mark, because UTF-8 has none.
        most: how many bytes the beginning has at most, as JSON in UTF-8 and without the quotes.
    """
    text = text[:most].encode(errors="replace").decode()
    if size(text) - 2 <= most:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        fits, too_long = (middle, too_long) if size(text[:middle]) - 2 <= most else (fits, middle)
    return text[:fits]


def answer(run: Mapping[str, Any], way: Step | End) -> dict[str, Any]:
    """The function's answer to the machine.

    Args:
        run: what the run knows, as JSON.
        way: what comes next.

    Raises:
        RunTooLarge: the run is larger than :data:`LONGEST_RUN`.
    """
    if isinstance(way, Step):
        length = size(run)
        if length > LONGEST_RUN:
            raise RunTooLarge(f"a run of {length} bytes; at most {LONGEST_RUN} are allowed")
        return {"run": dict(run), "next": way.next, "wait_seconds": way.wait_seconds, "says": way.says}
    cause = json.dumps(way.report, separators=(",", ":"), ensure_ascii=False)[:LONGEST_CAUSE]
    return {
        "run": {},
        "next": SUCCEEDED if way.succeeded else FAILED,
        "wait_seconds": 0,
        "says": way.outcome,
        "report": dict(way.report),
        "error": way.outcome,
        "cause": cause,
    }
