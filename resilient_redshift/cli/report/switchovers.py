"""The planned switchovers of the plans: each state that the command wrote is a version of a parameter.

Parameter Store keeps the last 100 versions, each with its writer (Systems Manager API, GetParameterHistory).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.cli.report.evidence import Switchover, grouped
from resilient_redshift.contract.names import SWITCHOVER_FOLDER, switchover_name
from resilient_redshift.contract.switchovers import read_switchover
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence

_MOST_VERSIONS: Final = 100
_MOST_PAGES: Final = 200


def read(reading: Reading, evidence: Sequence[Evidence]) -> None:
    """Read the switchovers of all plans, in their recovery Regions.

    Args:
        reading: the reading.
        evidence: takes what is found.
    """
    for region, group in grouped(evidence, lambda plan: plan.recovery).items():
        try:
            known = _known(reading, region)
        except CliError as problem:
            for one in group:
                one.lacks(
                    "the switchovers", problem.message, f"ssm:GetParametersByPath {SWITCHOVER_FOLDER} in {region}"
                )
            continue
        wanted = [one for one in group if one.plan.name in known]
        answers = ask_together([partial(_history, reading, region, one.plan.name) for one in wanted])
        for one, answer in zip(wanted, answers, strict=True):
            source = f"ssm:GetParameterHistory {switchover_name(one.plan.name)} in {region}"
            if answer.problem is not None:
                one.lacks("the switchovers", answer.problem.message, source)
                continue
            if len(answer.get()) >= _MOST_VERSIONS:
                why = "Parameter Store keeps the last 100 versions of a parameter"
                one.ends("switchovers before the oldest one here", why, source)
            _take(reading, one, answer.get())


def _known(reading: Reading, region: str) -> set[str]:
    """The plans that have a state."""

    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        return reading.call(region, "ssm", "GetParametersByPath", Path=SWITCHOVER_FOLDER.rstrip("/"), **marker)

    return {str(one["Name"]).removeprefix(SWITCHOVER_FOLDER) for one in pages(ask, "Parameters", most=_MOST_PAGES)[0]}


def _history(reading: Reading, region: str, plan: str) -> list[dict[str, Any]]:
    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        return reading.call(region, "ssm", "GetParameterHistory", Name=switchover_name(plan), MaxResults=50, **marker)

    return pages(ask, "Parameters", most=_MOST_PAGES)[0]


def _take(reading: Reading, evidence: Evidence, versions: Sequence[Mapping[str, Any]]) -> None:
    """Take the last state of each switchover."""
    window, plan = reading.window, evidence.plan
    last: dict[str, Switchover] = {}
    for one in sorted(versions, key=lambda one: int(one["Version"])):
        source = f"ssm {switchover_name(plan.name)} version {one['Version']} in {plan.recovery}"
        stored = read_switchover(one.get("Value"), plan.name)
        state = stored.value
        if stored.problems:
            evidence.lacks("a state of a switchover", "; ".join(stored.problems), source)
        if "id" not in state:
            continue
        started = read_time(state.get("started")) or one["LastModifiedDate"]
        known = last.get(str(state["id"]))
        if known is not None and "outcome" in known.state and "outcome" not in state:
            continue  # another terminal wrote what it knew before the end
        if window.since <= one["LastModifiedDate"] and window.reaches(started):
            last[str(state["id"])] = Switchover(state=state, written=one["LastModifiedDate"], source=source)
    evidence.switchovers = list(last.values())
