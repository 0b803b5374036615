"""The plans of all Regions of the account. A Region that does not answer is a result, not an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import plans
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cli.patience import together
from resilient_redshift.cloud.aws.errors import code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.plans import Plan

#: What a Region answers that the account has not enabled: it knows nothing of the account's credentials.
_NOT_ENABLED: Final = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "OptInRequired"})


@dataclass
class Found:
    """The plans of some Regions.

    Args:
        plans: the plans, each once, sorted by name. A record of the recovery Region comes before one of the primary.
        problems: one error for each record that is not understood.
        unread: why a Region's records could not be read, by Region.
        regions: the Regions that were asked.
        note: what is worth knowing about the Regions. Empty if nothing is.
    """

    plans: list[Plan] = field(default_factory=list)
    problems: list[CliError] = field(default_factory=list)
    unread: Mapping[str, CliError] = field(default_factory=dict)
    regions: Sequence[str] = ()
    note: str = ""


def find(aws: Aws, *, all_regions: bool) -> Found:
    """Find the plans.

    Args:
        aws: calls to AWS.
        all_regions: whether to ask all Regions of the account. Default: only the Region to begin in.

    Raises:
        CliError: the only Region does not answer.
    """
    if not all_regions:
        found, problems = plans.read_all(aws, aws.region)
        return Found(found, problems, regions=[aws.region])
    regions, note = _regions(aws)
    # each Region in a place of its own: one that hangs keeps no other one waiting
    answers = together([partial(ask, partial(plans.read_all, aws, region)) for region in regions], len(regions))
    by_region = dict(zip(regions, answers, strict=True))
    if note:
        # what the Region to begin in answers is true of the credentials
        kept = {region for region, answer in by_region.items() if region == aws.region or not _is_off(answer.problem)}
        by_region = {region: answer for region, answer in by_region.items() if region in kept}
    read = [answer.get() for answer in by_region.values() if answer.problem is None]
    return Found(
        plans=_each_once([plan for found, _ in read for plan in found]),
        problems=[problem for _, problems in read for problem in problems],
        unread={region: answer.problem for region, answer in by_region.items() if answer.problem is not None},
        regions=list(by_region),
        note=note,
    )


def _regions(aws: Aws) -> tuple[list[str], str]:
    """The account's Regions, and a note if AWS did not say which ones the account has enabled."""
    try:
        answer = aws.call(aws.region, "ec2", "DescribeRegions")
        return sorted({aws.region, *(str(one["RegionName"]) for one in answer["Regions"])}), ""
    except CliError as error:
        session = import_module("botocore.session").Session()
        partition = session.get_partition_for_region(aws.region)
        known = session.get_available_regions("redshift", partition_name=partition)
        why = error.code if isinstance(error, ApiError) else "no answer"
        note = f"cannot ask which Regions are enabled (ec2:DescribeRegions: {why}); asked each Region that has Redshift"
        return sorted({aws.region, *known}), note


def _is_off(problem: CliError | None) -> bool:
    cause = problem.__cause__ if problem is not None else None
    return isinstance(cause, Exception) and code(cause) in _NOT_ENABLED


def _each_once(found: Sequence[Plan]) -> list[Plan]:
    """Each plan once: it has a record in both of its Regions."""
    ordered = sorted(found, key=lambda plan: (plan.name, plan.read_in != plan.recovery))
    once: dict[tuple[str, str, str], Plan] = {}
    for plan in ordered:
        once.setdefault((plan.name, plan.primary, plan.recovery), plan)
    return list(once.values())
