"""``resilient-redshift snapshot``: one manual snapshot now, through the machine that the plan's rules use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import executions, plans, words
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.options import NAME, TextType, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.contract.outcomes import SNAPSHOT_TAKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1
_LONGEST_REASON: Final = 256


class _Reason(TextType):
    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take 1 to 256 characters: it becomes a tag."""
        if not 1 <= len(value.strip()) <= _LONGEST_REASON:
            allowed = f"1 to {_LONGEST_REASON} characters, as it becomes a tag"
            self.fail(f"must be {allowed}; got {len(value.strip())}", param, ctx)
        return value.strip()


@click.command
@plan_argument
@click.option("--reason", type=_Reason(), required=True, help="Why; written on the snapshot, 1 to 256 characters.")
@click.option(
    "--rule",
    type=NAME,
    metavar="NAME",
    help="The rule whose name and retention it takes.  [default: the plan's only one]",
)
@click.option("--wait", is_flag=True, help="Wait until it is available: exit status 0 then, 1 for any other outcome.")
@as_json
@common
@click.pass_obj
def snapshot(tools: Tools, plan: str, *, reason: str, rule: str | None, wait: bool) -> None:
    """Take a manual snapshot of PLAN's cluster now, through a rule of the plan.

    It runs in the primary Region, with the rule's retention, and is copied to the recovery Region as every manual
    snapshot is. Made for the step before a risky change in a pipeline: it never asks.
    """
    status = take(tools, plan, reason=reason, rule=rule, wait=wait)
    click.get_current_context().exit(status)


def take(tools: Tools, plan: str, *, reason: str, rule: str | None = None, wait: bool = False) -> int:
    """Start the snapshot machine, follow it if asked to, and return the exit status.

    Raises:
        CliError: no plan, no machine, no such rule, or nobody answers.
    """
    found = in_primary_region(tools, plan)
    machine = found.machine("snapshot")
    if machine is None:
        hint = "add a rule (plan.keep_manual_snapshots) and deploy the cluster's stack"
        raise CliError(f"the plan {plan!r} has no snapshot machine in {found.primary}", hint)
    chosen = the_rule(found, rule)
    name = executions.name_for("ondemand", f"{found.cluster}-{chosen['rule']}", tools.now())
    arn = executions.start(tools, machine, name, machine_input(found, chosen, reason))
    again = f"aws stepfunctions describe-execution --region {found.primary} --execution-arn {arn}"
    tools.screen.say(f"{found.cluster} in {found.primary}: a snapshot of the rule {chosen['rule']}, {name}")
    if not wait:
        tools.screen.say(f"  see how it ends: {again}", "dim")
        if tools.json:
            print_json({"version": JSON_VERSION, "execution": arn, "status": executions.RUNNING})
        return FINE
    ended = Follower(tools, arn, again).follow()
    _tell(tools, ended)
    return FINE if ended.outcome == SNAPSHOT_TAKEN else MISSED


def in_primary_region(tools: Tools, name: str) -> Plan:
    """The record as the cluster's own Region has it: the only one that knows the snapshot machine.

    Raises:
        CliError: there is none.
    """
    found = plans.find(tools.aws, name)
    if found.read_in == found.primary:
        return found
    there = plans.read(tools.aws, name, found.primary)
    if there is None:
        raise CliError(f"the plan {name!r} has no record in its cluster's Region, {found.primary}")
    return there


def the_rule(plan: Plan, name: str | None) -> Mapping[str, Any]:
    """The rule of that name, or the only one.

    Raises:
        CliError: there is none, or it must be named.
    """
    named = ", ".join(plan.rule_names)
    if not plan.rules:
        raise CliError(f"the plan {plan.name!r} has no rule of manual snapshots", "add one: plan.keep_manual_snapshots")
    found = [rule for rule in plan.rules if name in {None, rule["rule"]}]
    if not found:
        raise CliError(f"the plan {plan.name!r} has no rule {name!r}", f"its rules: {named}")
    if len(found) > 1:
        raise CliError(f"the plan {plan.name!r} has several rules", f"choose one with --rule: {named}")
    return found[0]


def machine_input(plan: Plan, rule: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The input of one more snapshot of a rule (docs/manual-snapshots.md, on demand)."""
    return {
        "cluster_identifier": plan.cluster,
        "rule": rule["rule"],
        "keep_days": rule["keep_days"],
        "keep_in_recovery_days": rule["keep_in_recovery_days"],
        "plan": plan.name,
        "reason": reason,
    }


def _tell(tools: Tools, ended: Execution) -> None:
    report = ended.report
    good = ended.outcome == SNAPSHOT_TAKEN
    told = report.get("message") or ended.cause or ended.status
    tools.screen.say(f"{ended.outcome}: {told}", "green" if good else "red")
    if "megabytes" in report:
        tools.screen.fact("size", words.size(report["megabytes"]))
    if tools.json:
        value = {"version": JSON_VERSION, "execution": ended.arn, "status": ended.status, "outcome": ended.outcome}
        print_json({**value, "report": dict(report)})
