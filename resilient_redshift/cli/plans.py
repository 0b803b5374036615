"""The plan record as the commands read it, and where to find it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.contract.names import PLAN_RECORD_FOLDER, plan_record_name
from resilient_redshift.contract.schemas import PLAN_RECORD_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws

#: GetParameter's error names (Systems Manager API).
_NOT_THERE: Final = frozenset({"ParameterNotFound"})
_LISTED_AT_MOST: Final = 8


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan record, as read in one Region."""

    name: str
    read_in: str
    cluster: str
    primary: str
    recovery: str
    account: str
    record: Mapping[str, Any]

    @property
    def objective_seconds(self) -> int:
        """The recovery point that was promised."""
        return int(self.record["objectives"]["recovery_point_seconds"])

    @property
    def recovery_time_seconds(self) -> int:
        """The recovery time that was promised."""
        return int(self.record["objectives"]["recovery_time_seconds"])

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        """The rules of manual snapshots."""
        return list(self.record.get("rules", []))

    @property
    def rule_names(self) -> list[str]:
        """Their names."""
        return [rule["rule"] for rule in self.rules]

    @property
    def rehearsals(self) -> list[Mapping[str, Any]]:
        """The drills that come by themselves, or would if they were on."""
        return list(self.part("drill").get("rehearsals", []))

    @property
    def keep_automated_days(self) -> int:
        """How long copies of automated snapshots live in the recovery Region."""
        return int(self.record["copy"]["keep_automated_days"])

    def machine(self, kind: str) -> str | None:
        """A state machine's ARN; None where this Region's record knows none."""
        found = self.record.get("machines", {}).get(kind)
        return None if found is None else str(found)

    @property
    def lineage(self) -> datetime | None:
        """The ClusterCreateTime that the record itself names; the restore machine's own parameter goes before it."""
        found = self.record.get("lineage")
        return None if found is None else words.parsed(found)

    def part(self, name: str) -> Mapping[str, Any]:
        """A part of the record that may be absent."""
        found: Mapping[str, Any] = self.record.get(name) or {}
        return found


def parse(text: str, name: str, region: str) -> Plan:
    """Read a record's text.

    Raises:
        CliError: it is no plan record of version 1.
    """
    where = f"{plan_record_name(name)} in {region}"
    hint = "docs/recovery.md, 'When the record is gone or changed', brings it back"
    try:
        record = json.loads(text)
        version = record["version"]
        if version != PLAN_RECORD_VERSION:
            newer = "install a newer resilient-redshift, or the one that deployed the stack"
            raise CliError(f"the plan record {where} is of version {version}; this command reads 1", newer)
        if record["plan"] != name:
            raise CliError(f"the plan record {where} is that of another plan, {record['plan']}", hint)
        found = Plan(
            name=name,
            read_in=region,
            cluster=str(record["cluster"]["identifier"]),
            primary=str(record["cluster"]["region"]),
            recovery=str(record["recovery"]["region"]),
            account=str(record["cluster"]["account"]),
            record=record,
        )
        _ = (
            found.objective_seconds,
            found.recovery_time_seconds,
            found.keep_automated_days,
            found.rule_names,
            found.lineage,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CliError(f"the plan record {where} is not understood ({type(error).__name__}: {error})", hint) from error
    return found


def read(aws: Aws, name: str, region: str) -> Plan | None:
    """The record of a plan in one Region; None where there is none.

    Raises:
        CliError: the Region does not answer, or the record is not understood.
    """
    try:
        answer = aws.call(region, "ssm", "GetParameter", Name=plan_record_name(name))
    except ApiError as error:
        if error.code in _NOT_THERE:
            return None
        raise
    return parse(str(answer["Parameter"]["Value"]), name, region)


def listed(aws: Aws, region: str) -> tuple[list[Plan], list[CliError]]:
    """All plans with a record in a Region, by name; and what is wrong with records that are not understood."""
    folder = PLAN_RECORD_FOLDER.rstrip("/")
    found = aws.pages(region, "ssm", "GetParametersByPath", "Parameters", Path=folder)
    plans: list[Plan] = []
    problems: list[CliError] = []
    for parameter in found:
        name = str(parameter["Name"]).removeprefix(PLAN_RECORD_FOLDER)
        try:
            plans.append(parse(str(parameter["Value"]), name, region))
        except CliError as error:
            problems.append(error)
    return sorted(plans, key=lambda plan: plan.name), problems


def find(aws: Aws, name: str, region: str | None = None) -> Plan:
    """The record of a plan in the given or the default Region.

    Raises:
        CliError: there is none; the hint names those that are there.
    """
    place = region or aws.region
    plan = read(aws, name, place)
    if plan is None:
        raise CliError(f"no plan {name!r} in {place}", _those(aws, name, place))
    return plan


def find_in_recovery_region(aws: Aws, name: str) -> Plan:
    """The record as the recovery Region has it: the only one that knows the machine and what a restore is given.

    Raises:
        CliError: there is none.
    """
    plan = find(aws, name)
    if plan.read_in == plan.recovery:
        return plan
    there = read(aws, name, plan.recovery)
    if there is None:
        hint = "docs/recovery.md, 'When the record is gone or changed', brings it back"
        raise CliError(f"the plan {name!r} has no record in its recovery Region, {plan.recovery}", hint)
    return there


def of_cluster(aws: Aws, cluster: str) -> tuple[list[Plan], list[CliError]]:
    """The plans of a cluster; or all, for an empty identifier, and the records that are not understood.

    Raises:
        CliError: there is none.
    """
    region = aws.region
    plans, problems = listed(aws, region)
    found = [plan for plan in plans if cluster in {"", plan.cluster}]
    if not found and problems:
        raise problems[0]
    if not found:
        of = f" of the cluster {cluster!r}" if cluster else ""
        raise CliError(f"no plan{of} in {region}", "another Region? --region; another account? --profile")
    return found, [] if cluster else problems


def _those(aws: Aws, name: str, region: str) -> str:
    """A hint: the plans that are there, the ones of a cluster of that name first."""
    try:
        plans, _ = listed(aws, region)
    except CliError:
        return "another Region? --region; another account? --profile"
    if not plans:
        return (
            "there is none at all: another Region? --region; another account? --profile; "
            "its record deleted? docs/operating.md, RecordMissing"
        )
    near = [plan.name for plan in plans if plan.cluster == name or name in plan.name]
    nearest = near or [plan.name for plan in plans]
    more = f" and {len(nearest) - _LISTED_AT_MOST} more" if len(nearest) > _LISTED_AT_MOST else ""
    return f"there {'is' if len(nearest) == 1 else 'are'}: {', '.join(nearest[:_LISTED_AT_MOST])}{more}"
