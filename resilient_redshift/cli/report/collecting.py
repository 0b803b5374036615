"""Asks every reader about all plans, each Region once, and puts together what is known of each plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.gather import gather
from resilient_redshift.cli.report import ages, alarms, bucket, runs, starters, switchovers
from resilient_redshift.cli.report.calls import Reading
from resilient_redshift.cli.report.evidence import Evidence
from resilient_redshift.cli.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.report.evidence import Window
    from resilient_redshift.cli.tools import Tools


def collect(tools: Tools, records: Sequence[Plan], window: Window) -> list[Evidence]:
    """Collect the evidence of all plans. What cannot be read is a gap of the plan.

    Args:
        tools: the world around the command.
        records: the plan records, of either Region.
        window: the time of the report.
    """
    evidence = [
        Evidence(observation=observation, verdict=judge(observation, window.at))
        for observation in gather(tools.aws, records)
    ]
    for one in evidence:
        _say_unseen(one)
    reading = Reading(tools, window)
    # side by side: in an outage each call may take its whole time-out
    readers = (_read_runs, ages.read, alarms.read, switchovers.read)
    for answer in ask_together([partial(reader, reading, evidence) for reader in readers]):
        answer.get()
    return evidence


def _read_runs(reading: Reading, evidence: Sequence[Evidence]) -> None:
    runs.read(reading, evidence, bucket.read(reading, evidence))
    starters.name(reading, evidence)


def _say_unseen(evidence: Evidence) -> None:
    """Note what could not be read of the present state."""
    observation = evidence.observation
    source = now(observation)
    for why in evidence.verdict.unknown:
        evidence.lacks("the present state", why, source)
    for region, answer in (
        (evidence.plan.primary, observation.primary),
        (evidence.plan.recovery, observation.recovery),
    ):
        if answer.problem is not None:
            evidence.lacks(f"what {region} has now", answer.problem.message, source)


def now(observation: Observation) -> str:
    """The calls that say how a plan is now."""
    plan = observation.plan
    return f"redshift:DescribeClusters and DescribeClusterSnapshots in {plan.primary} and {plan.recovery}"
