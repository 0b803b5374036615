"""``resilient-redshift snapshot``: take one manual snapshot now, with the machine that the plan's rules use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import executions, plans, words
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.options import NAME, TextType, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.contract.outcomes import SNAPSHOT_TAKEN
from resilient_redshift.rules.limits import LONGEST_TAG_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


class _Reason(TextType):
    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text without surrounding spaces if it fits into a tag."""
        if not 1 <= len(value.strip()) <= LONGEST_TAG_VALUE:
            allowed = f"1 to {LONGEST_TAG_VALUE} characters, as it becomes a tag"
            self.fail(f"must be {allowed}; got {len(value.strip())}", param, ctx)
        return value.strip()


@click.command
@plan_argument
@click.option(
    "--reason",
    type=_Reason(),
    required=True,
    help=f"Why, in 1 to {LONGEST_TAG_VALUE} characters. The reason becomes a tag of the snapshot.",
)
@click.option(
    "--rule",
    type=NAME,
    metavar="NAME",
    help="The rule whose name and retention the snapshot gets.  [default: the plan's only one]",
)
@click.option("--wait", is_flag=True, help="Wait for the outcome. Exit status: 0 for Taken, 1 for any other.")
@as_json
@common
@click.pass_obj
def snapshot(tools: Tools, plan: str, *, reason: str, rule: str | None, wait: bool) -> None:
    """Take a manual snapshot of PLAN's cluster now, through a rule of the plan.

    The snapshot is taken in the primary Region, with the rule's retention, and copied to the recovery Region like every
    manual snapshot. The command is made for the step before a risky change in a pipeline: it never asks.
    """
    status = take(tools, plan, reason=reason, rule=rule, wait=wait)
    click.get_current_context().exit(status)


def take(tools: Tools, plan: str, *, reason: str, rule: str | None = None, wait: bool = False) -> int:
    """Start the snapshot machine.

    Args:
        tools: the world around the command.
        plan: the name of the plan.
        reason: why the snapshot is taken.
        rule: the name of the rule. Default: the plan's only one.
        wait: whether to follow the execution to its end.

    Returns:
        The exit status.

    Raises:
        CliError: the plan, the machine or the rule does not exist, or the Region does not answer.
    """
    record = in_primary_region(tools, plan)
    machine = record.machine("snapshot")
    if machine is None:
        hint = record.problem_of("machines")
        hint = hint or "add a rule (plan.keep_manual_snapshots) and deploy the cluster's stack"
        raise CliError(f"the plan {plan!r} has no snapshot machine in {record.primary}", hint)
    plan_rule = choose_rule(record, rule)
    name = executions.name_for("ondemand", f"{record.cluster}-{plan_rule['rule']}", tools.now())
    arn = executions.start(tools, machine, name, machine_input(record, plan_rule, reason))
    watch_command = f"aws stepfunctions describe-execution --region {record.primary} --execution-arn {arn}"
    tools.screen.say(f"{record.cluster} in {record.primary}: a snapshot of the rule {plan_rule['rule']}, {name}")
    if not wait:
        tools.screen.command(watch_command, "  see how it ends", "dim")
        if tools.json:
            print_json({"version": JSON_VERSION, "execution": arn, "status": executions.RUNNING})
        return FINE
    execution = Follower(tools, arn, watch_command).follow()
    _show_result(tools, execution)
    return FINE if execution.outcome == SNAPSHOT_TAKEN else MISSED


def in_primary_region(tools: Tools, name: str) -> Plan:
    """The record in the cluster's own Region: only this one names the snapshot machine.

    Raises:
        CliError: there is no record.
    """
    plan = plans.find(tools.aws, name)
    if plan.read_in == plan.primary:
        return plan
    primary_plan = plans.read(tools.aws, name, plan.primary)
    if primary_plan is None:
        raise CliError(f"the plan {name!r} has no record in its cluster's Region, {plan.primary}")
    return primary_plan


def choose_rule(plan: Plan, name: str | None) -> Mapping[str, Any]:
    """A rule of the plan.

    Args:
        plan: the plan.
        name: the name of the rule. Default: the plan's only one.

    Raises:
        CliError: there is no such rule, or the plan has several and no name was passed.
    """
    names = ", ".join(plan.rule_names)
    if not plan.rules:
        hint = plan.problem_of("rules") or "add one: plan.keep_manual_snapshots"
        raise CliError(f"the plan {plan.name!r} has no rule of manual snapshots", hint)
    rules = [rule for rule in plan.rules if name in {None, rule["rule"]}]
    if not rules:
        raise CliError(f"the plan {plan.name!r} has no rule {name!r}", f"its rules: {names}")
    if len(rules) > 1:
        raise CliError(f"the plan {plan.name!r} has several rules", f"choose one with --rule: {names}")
    if not {"keep_days", "keep_in_recovery_days"} <= rules[0].keys():
        message = f"the plan {plan.name!r} does not say how long the rule {rules[0]['rule']!r} keeps its snapshots"
        raise CliError(message, plan.problem_of("rules"))
    return rules[0]


def machine_input(plan: Plan, rule: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The input of the snapshot machine for one more snapshot of a rule (docs/manual-snapshots.md, on demand)."""
    return {
        "cluster_identifier": plan.cluster,
        "rule": rule["rule"],
        "keep_days": rule["keep_days"],
        "keep_in_recovery_days": rule["keep_in_recovery_days"],
        "plan": plan.name,
        "reason": reason,
    }


def _show_result(tools: Tools, execution: Execution) -> None:
    report = execution.report
    good = execution.outcome == SNAPSHOT_TAKEN
    message = report.get("message") or execution.cause or execution.status
    tools.screen.say(f"{execution.outcome}: {message}", "green" if good else "red")
    if "megabytes" in report:
        tools.screen.fact("size", words.size(report["megabytes"]))
    if tools.json:
        outcome = execution.outcome
        value = {"version": JSON_VERSION, "execution": execution.arn, "status": execution.status, "outcome": outcome}
        print_json({**value, "report": dict(report)})
