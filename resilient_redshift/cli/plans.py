"""The plan record as the commands read it, and the Region whose record they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.contract.names import PLAN_RECORD_FOLDER, plan_record_name
from resilient_redshift.contract.stored import read_record, unable_to_start, unusable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.aws import Aws

_LISTED_AT_MOST: Final = 8
_BRING_BACK: Final = "docs/recovery.md, 'When the record is gone or changed', brings it back"
_ELSEWHERE: Final = "another Region? --region; another account? --profile"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan record, as one Region has it.

    Args:
        name: the name of the plan.
        read_in: the Region whose record this is.
        cluster: the identifier of the protected cluster.
        primary: the Region of the protected cluster.
        recovery: the recovery Region.
        record: what is understood of the record.
        problems: what is not understood. Each text names the parameter, the Region and the field.
        lacks: what a record of the recovery Region must have so that a restore can start, and this one does not have.
    """

    name: str
    read_in: str
    cluster: str
    primary: str
    recovery: str
    record: Mapping[str, Any]
    problems: Sequence[str] = ()
    lacks: Sequence[str] = ()

    @property
    def objective_seconds(self) -> int | None:
        """The promised recovery point. None if it is not understood."""
        return self.part("objectives").get("recovery_point_seconds")

    @property
    def recovery_time_seconds(self) -> int | None:
        """The promised recovery time. None if it is not understood."""
        return self.part("objectives").get("recovery_time_seconds")

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        """The rules that take manual snapshots. Each has its name; another field may be missing."""
        return list(self.record.get("rules", []))

    @property
    def rule_names(self) -> list[str]:
        """The names of the rules that take manual snapshots."""
        return [rule["rule"] for rule in self.rules]

    @property
    def rehearsals(self) -> list[Mapping[str, Any]]:
        """The scheduled drills, the disabled ones included. Each has its name; another field may be missing."""
        return list(self.part("drill").get("rehearsals", []))

    @property
    def keep_automated_days(self) -> int | None:
        """How long the recovery Region keeps the copies of automated snapshots. None if it is not understood."""
        return self.part("copy").get("keep_automated_days")

    def machine(self, kind: str) -> str | None:
        """The ARN of a state machine. None if this Region's record does not name the machine."""
        return self.part("machines").get(kind)

    def problem_of(self, part: str) -> str:
        """A problem of one part of the record. Empty if there is none."""
        return next((problem for problem in self.problems if f"not understood: {part}" in problem), "")

    def part(self, name: str) -> Mapping[str, Any]:
        """A part of the record. Empty if the record does not have this part."""
        value: Mapping[str, Any] = self.record.get(name) or {}
        return value


def parse(text: str, name: str, region: str) -> Plan:
    """Read the text of a plan record.

    Args:
        text: the text.
        name: the name of the plan.
        region: the Region that the text comes from.

    Raises:
        CliError: the text does not say which cluster the plan is for, and where.
    """
    stored = read_record(text, name)
    where = f"the plan record {stored.parameter} in {region} is not understood"
    wrong = unusable(stored)
    if wrong:
        newer = "a newer release wrote it? install that one. Otherwise "
        raise CliError(f"{where}: {'; '.join(wrong)}", (newer if "version" in wrong[0] else "") + _BRING_BACK)
    record = stored.value
    return Plan(
        name=name,
        read_in=region,
        cluster=record["cluster"]["identifier"],
        primary=record["cluster"]["region"],
        recovery=record["recovery"]["region"],
        record=record,
        problems=tuple(f"{where}: {problem}" for problem in stored.understood.said),
        lacks=tuple(unable_to_start(stored)),
    )


def read(aws: Aws, name: str, region: str) -> Plan | None:
    """Read the record of a plan in one Region.

    Returns:
        The plan. None if the Region has no record of it.

    Raises:
        CliError: the Region does not answer, or the record is not understood.
    """
    try:
        answer = aws.call(region, "ssm", "GetParameter", Name=plan_record_name(name))
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return None
        raise
    return parse(str(answer["Parameter"]["Value"]), name, region)


def read_all(aws: Aws, region: str) -> tuple[list[Plan], list[CliError]]:
    """Read all plan records of a Region.

    Returns:
        The plans, sorted by name, and one error for each record that is not understood.
    """
    folder = PLAN_RECORD_FOLDER.rstrip("/")
    parameters = aws.pages(region, "ssm", "GetParametersByPath", "Parameters", Path=folder)
    plans: list[Plan] = []
    problems: list[CliError] = []
    for parameter in parameters:
        name = str(parameter["Name"]).removeprefix(PLAN_RECORD_FOLDER)
        try:
            plans.append(parse(str(parameter["Value"]), name, region))
        except CliError as error:
            problems.append(error)
    return sorted(plans, key=lambda plan: plan.name), problems


def find(aws: Aws, name: str, region: str | None = None) -> Plan:
    """The record of a plan.

    Args:
        aws: calls to AWS.
        name: the name of the plan.
        region: the Region to read in. Default: the one to begin in.

    Raises:
        CliError: the Region has no record of the plan. The hint names the plans that have one.
    """
    place = region or aws.region
    plan = read(aws, name, place)
    if plan is None:
        raise CliError(f"no plan {name!r} in {place}", _known_plans(aws, name, place))
    return plan


def find_in_recovery_region(aws: Aws, name: str) -> Plan:
    """The record in the recovery Region: only this one names the restore machine and the settings of a restore.

    Raises:
        CliError: there is no record.
    """
    plan = find(aws, name)
    if plan.read_in == plan.recovery:
        return plan
    recovery_plan = read(aws, name, plan.recovery)
    if recovery_plan is None:
        raise CliError(f"the plan {name!r} has no record in its recovery Region, {plan.recovery}", _BRING_BACK)
    return recovery_plan


def of_cluster(aws: Aws, cluster: str) -> tuple[list[Plan], list[CliError]]:
    """The plans of a cluster.

    Args:
        aws: calls to AWS.
        cluster: the cluster's identifier. An empty identifier means all clusters.

    Returns:
        The plans, and one error for each record that is not understood. Such a record may be of the cluster, too.

    Raises:
        CliError: there is no such plan.
    """
    region = aws.region
    all_plans, problems = read_all(aws, region)
    plans = [plan for plan in all_plans if cluster in {"", plan.cluster}]
    if not plans and problems:
        raise problems[0]
    if not plans:
        of = f" of the cluster {cluster!r}" if cluster else ""
        raise CliError(f"no plan{of} in {region}", _ELSEWHERE)
    return plans, problems


def _known_plans(aws: Aws, name: str, region: str) -> str:
    """A hint that names the plans of the Region. If some have a similar name or cluster, it names only those."""
    try:
        plans, problems = read_all(aws, region)
    except CliError:
        return _ELSEWHERE
    if not plans and problems:
        return f"there is one that is not understood: {problems[0].message}"
    if not plans:
        return f"there is none at all: {_ELSEWHERE}; its record deleted? docs/operating.md, RecordMissing"
    similar = [plan.name for plan in plans if plan.cluster == name or name in plan.name]
    names = similar or [plan.name for plan in plans]
    more = f" and {len(names) - _LISTED_AT_MOST} more" if len(names) > _LISTED_AT_MOST else ""
    return f"there {'is' if len(names) == 1 else 'are'}: {', '.join(names[:_LISTED_AT_MOST])}{more}"
