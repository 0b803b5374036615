"""What ``check`` shows: a table for people, JSON, a line for Nagios, metrics for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import words
from resilient_redshift.cli.formats import (
    NAGIOS_CRITICAL,
    NAGIOS_OK,
    NAGIOS_UNKNOWN,
    Family,
    nagios_line,
    print_families,
)
from resilient_redshift.cloud.restore.needs import CANNOT_TELL, NOT_OK, OK, STATES
from resilient_redshift.cloud.watch.readiness import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.restore.needs import Line

JSON_VERSION: Final = 1
_STYLES: Final = {OK: "bold green", NOT_OK: "bold red", CANNOT_TELL: "bold yellow"}
_WORDS: Final = {OK: "ready", NOT_OK: "not ready", CANNOT_TELL: "cannot tell"}
_CODES: Final = {OK: NAGIOS_OK, NOT_OK: NAGIOS_CRITICAL, CANNOT_TELL: NAGIOS_UNKNOWN}


def show(screen: Screen, plan: Plan, lines: Sequence[Line]) -> None:
    """Show each line, then what to do, then the verdict."""
    screen.say(f"{plan.name}: a failover of {plan.cluster} in {plan.recovery}", "bold")
    screen.table(("what it needs", "is", "seen"), [(line.name, _state(line), line.seen) for line in lines])
    screen.say()
    to_dos: dict[str, list[str]] = {}
    for line in lines:
        if line.to_do:
            to_dos.setdefault(line.to_do, []).append(line.name)
    for to_do, names in to_dos.items():
        screen.say(f"{', '.join(names)}: {to_do}", "yellow")
    screen.say(verdict(lines), _STYLES[state_of(lines)])


def _state(line: Line) -> str:
    """The state of a line. What a failover starts without is an advice where it is not as it should be."""
    return "advice" if line.advice and line.state == NOT_OK else line.state


def verdict(lines: Sequence[Line]) -> str:
    """The verdict in one line: what is not ok, or else what cannot be told."""
    state = state_of(lines)
    if state == OK:
        return f"{_WORDS[OK]}: a failover would start now"
    reasons = [f"{line.name}: {line.seen}" for line in lines if line.state == state and not line.advice]
    return f"{_WORDS[state]}: {'; '.join(reasons)}"


def as_mapping(plan: Plan, lines: Sequence[Line], status: int, now: datetime) -> dict[str, Any]:
    """The JSON of one plan: version 1, described in docs/cli.md."""
    return {
        "version": JSON_VERSION,
        "at": words.iso(now),
        "plan": plan.name,
        "region": plan.recovery,
        "verdict": {"status": _WORDS[state_of(lines)], "exit_status": status, "line": verdict(lines)},
        "lines": [
            {
                "name": line.name,
                "state": line.state,
                "seen": line.seen,
                **({"to_do": line.to_do} if line.to_do else {}),
                **({"advice": True} if line.advice else {}),
            }
            for line in lines
        ],
    }


def print_nagios(plan: Plan, lines: Sequence[Line]) -> int:
    """Write the line of a Nagios plugin, and return its exit code."""
    code = _CODES[state_of(lines)]
    click.echo(nagios_line(code, f"{plan.name}: {verdict(lines)}"))
    return code


def print_prometheus(plan: Plan, lines: Sequence[Line], status: int, now: datetime) -> None:
    """Write the metrics of the readiness."""
    each = Family(name="readiness_line", says="One thing that a failover needs: 0 ok, 1 not ok, 2 cannot tell.")
    for line in lines:
        if line.advice:
            continue
        each.add(STATES.index(line.state), plan=plan.name, region=plan.recovery, need=line.name)
    whole = Family(name="readiness", says="Whether a failover would start: 0 yes, 1 no, 2 cannot tell.")
    whole.add(status, plan=plan.name, region=plan.recovery)
    read = Family(name="readiness_read_timestamp_seconds", says="When this was read.")
    read.add(now.timestamp(), plan=plan.name)
    print_families([whole, each, read])
