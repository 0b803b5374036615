"""What ``status`` writes for other monitoring systems: a line for Nagios, metrics for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN
from resilient_redshift.cli.formats import (
    NAGIOS_CRITICAL,
    NAGIOS_OK,
    NAGIOS_UNKNOWN,
    NAGIOS_WARNING,
    Family,
    Performance,
    nagios_line,
    print_families,
    worst_of_nagios,
)
from resilient_redshift.cli.words import count
from resilient_redshift.cloud.redshift.snapshots import newest_first
from resilient_redshift.cloud.restore.standing_parts import AGING, FAILED_OVER
from resilient_redshift.cloud.watch.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from resilient_redshift.cli.errors import CliError
    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.verdict import Verdict
    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

_CODES: Final = {FINE: NAGIOS_OK, MISSED: NAGIOS_CRITICAL, UNKNOWN: NAGIOS_UNKNOWN}
_MEGABYTE: Final = 1024 * 1024


def print_nagios(verdicts: Sequence[tuple[Observation, Verdict]], problems: Sequence[CliError], now: datetime) -> int:
    """Write the line of a Nagios plugin, and return its exit code.

    Args:
        verdicts: each plan, with its verdict.
        problems: the records that are not understood.
        now: the time.
    """
    judged = [(_code(observation, verdict, now), observation, verdict) for observation, verdict in verdicts]
    code = worst_of_nagios([*(code for code, _, _ in judged), *(NAGIOS_UNKNOWN for _ in problems)])
    # the text of each plan that is not fine; of a single plan always
    texts = [
        f"{observation.plan.name} {_text(code, observation, verdict, now)}"
        for code, observation, verdict in judged
        if code != NAGIOS_OK or len(judged) == 1
    ]
    texts += [f"unknown: {problem.message}" for problem in problems]
    fine = sum(code == NAGIOS_OK for code, _, _ in judged)
    texts += [f"{count(fine, 'plan')} fine"] if fine and len(judged) > 1 else []
    click.echo(nagios_line(code, "; ".join(texts), [*_performance(verdicts, now)]))
    return code


def _code(observation: Observation, verdict: Verdict, now: datetime) -> int:
    code = _CODES[verdict.status]
    return NAGIOS_WARNING if code == NAGIOS_OK and _warnings(observation, now) else code


def _text(code: int, observation: Observation, verdict: Verdict, now: datetime) -> str:
    if code != NAGIOS_WARNING:
        return verdict.line
    return f"{verdict.word}, but: {'; '.join(one.text for one in _warnings(observation, now))}"


def _warnings(observation: Observation, now: datetime) -> list[Finding]:
    return [one for one in judge(observation.view, now).findings if not one.is_problem and not one.unknown]


def _performance(verdicts: Sequence[tuple[Observation, Verdict]], now: datetime) -> Iterator[Performance]:
    for observation, verdict in verdicts:
        plan, objective = observation.plan, observation.plan.objective_seconds
        for place, point in _newest(observation, verdict):
            counts = place != plan.primary and objective is not None
            yield Performance(
                label=f"{plan.name} {place}",
                value=max(0, int((now - point.created).total_seconds())),
                unit="s",
                warning=AGING * objective if counts and objective else None,
                critical=objective if counts else None,
            )


def _newest(observation: Observation, verdict: Verdict) -> Iterator[tuple[str, RecoveryPoint]]:
    """The newest usable recovery point of each Region that has one, in the order: recovery, elsewhere, primary."""
    plan, standing = observation.plan, verdict.standing
    if verdict.choice is not None and verdict.choice.point is not None:
        yield plan.recovery, verdict.choice.point
    if standing is not None and standing.where == FAILED_OVER and standing.copied and standing.restored:
        yield standing.restored.copied_to, standing.copied
        return
    points = observation.primary.value.points.value if observation.primary.value else None
    usable = newest_first(point for point in points or () if point.available)
    if usable:
        yield plan.primary, usable[0]


def print_prometheus(
    verdicts: Sequence[tuple[Observation, Verdict]], problems: Sequence[CliError], now: datetime
) -> None:
    """Write the metrics of all plans."""
    status = Family(name="status", says="The verdict: 0 fine, 1 missed, 2 unknown.")
    age = Family(name="recovery_point_age_seconds", says="The age of the newest usable recovery point of a Region.")
    size = Family(name="recovery_point_size_bytes", says="The size of that recovery point.")
    points = Family(name="recovery_points", says="How many usable recovery points the recovery Region has.")
    objective = Family(name="recovery_point_objective_seconds", says="The promised recovery point.")
    findings = Family(name="findings", says="How many findings of a code there are.")
    for observation, verdict in verdicts:
        plan = observation.plan
        labels = {"plan": plan.name, "cluster": plan.cluster}
        status.add(verdict.status, **labels)
        objective.add(plan.objective_seconds, **labels)
        for place, point in _newest(observation, verdict):
            age.add(max(0.0, (now - point.created).total_seconds()), **labels, region=place)
            megabytes = point.size_megabytes
            size.add(None if megabytes is None else megabytes * _MEGABYTE, **labels, region=place)
        points.add(len(verdict.choice.usable) if verdict.choice else None, **labels, region=plan.recovery)
        codes = [one.code for one in judge(observation.view, now).findings]
        for code in dict.fromkeys(codes):
            findings.add(codes.count(code), **labels, code=code)
    unreadable = Family(name="unreadable_records", says="Plan records of the Region that are not understood.")
    unreadable.add(len(problems))
    read = Family(name="read_timestamp_seconds", says="When this was read.")
    read.add(now.timestamp())
    print_families([status, age, size, points, objective, findings, unreadable, read])
