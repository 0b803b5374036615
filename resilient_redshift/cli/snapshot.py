"""``resilient-redshift snapshot``: take one manual snapshot now, with the machine that the plan's rules use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import copy_waiting, executions, outlook, plans, redshift, words
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.options import LENGTH, NAME, TextType, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.contract.names import TAG_EXECUTION
from resilient_redshift.contract.outcomes import SNAPSHOT_TAKEN
from resilient_redshift.rules.limits import LONGEST_TAG_VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

JSON_VERSION: Final = 1
#: How long to wait for a copy, in seconds.
_TIMEOUT: Final = 4 * 3600


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
@click.option(
    "--wait-copy",
    is_flag=True,
    help="Wait until the recovery Region has the copy, too. Exit status: 1 if it does not come in time.",
)
@click.option(
    "--timeout",
    type=LENGTH,
    metavar="LENGTH",
    help="How long to wait for the copy, such as 90m or 4h.  [default: 4h]",
)
@as_json
@common
@click.pass_obj
def snapshot(
    tools: Tools, plan: str, *, reason: str, rule: str | None, wait: bool, wait_copy: bool, timeout: int | None
) -> None:
    """Take a manual snapshot of PLAN's cluster now, through a rule of the plan.

    The snapshot is taken in the primary Region, with the rule's retention, and copied to the recovery Region like every
    manual snapshot. The command is made for the step before a risky change in a pipeline: it never asks.
    """
    if timeout is not None and not wait_copy:
        raise click.UsageError("--timeout needs --wait-copy: it is how long to wait for the copy")
    record = in_primary_region(tools, plan)
    if wait_copy:
        _check_copy(tools, record)
    copy_timeout = (timeout or _TIMEOUT) if wait_copy else None
    wanted = _Wanted(reason=reason, rule=rule, wait=wait or wait_copy, copy_timeout=copy_timeout)
    click.get_current_context().exit(_take(tools, record, wanted))


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What the user asked for. ``copy_timeout`` in seconds; None: nobody waits for the copy."""

    reason: str
    rule: str | None
    wait: bool
    copy_timeout: int | None


def _check_copy(tools: Tools, plan: Plan) -> None:
    """Refuse to wait for a copy that cannot come.

    Raises:
        CliError: the cluster is not there, or its snapshots are not copied to the recovery Region.
    """
    cluster = clusters.describe(redshift.client(tools.aws, plan.primary), plan.cluster)
    if cluster is None:
        raise CliError(f"there is no cluster {plan.cluster} in {plan.primary}", "nothing was started")
    live = (cluster.get("ClusterSnapshotCopyStatus") or {}).get("DestinationRegion")
    if live != plan.recovery:
        where = f"are copied to {live}" if live else "are not copied"
        hint = "nothing was started. 'status' shows the copy; a deployment of the cluster's stack switches it on"
        raise CliError(f"the snapshots of {plan.cluster} {where}, so none would come to {plan.recovery}", hint)


def _take(tools: Tools, record: Plan, wanted: _Wanted) -> int:
    """Start the snapshot machine, and wait as far as the user wants.

    Raises:
        CliError: the machine or the rule does not exist, or the Region does not answer.
    """
    machine = record.machine("snapshot")
    if machine is None:
        hint = record.problem_of("machines")
        hint = hint or "add a rule (plan.keep_manual_snapshots) and deploy the cluster's stack"
        raise CliError(f"the plan {record.name!r} has no snapshot machine in {record.primary}", hint)
    plan_rule = choose_rule(record, wanted.rule)
    name = executions.name_for("ondemand", f"{record.cluster}-{plan_rule['rule']}", tools.now())
    arn = executions.start(tools, machine, name, machine_input(record, plan_rule, wanted.reason))
    watch_command = f"aws stepfunctions describe-execution --region {record.primary} --execution-arn {arn}"
    tools.screen.say(f"{record.cluster} in {record.primary}: a snapshot of the rule {plan_rule['rule']}, {name}")
    if not wanted.wait:
        tools.screen.command(watch_command, "  see how it ends", "dim")
        if tools.json:
            print_json({"version": JSON_VERSION, "execution": arn, "status": executions.RUNNING})
        return FINE
    execution = Follower(tools, arn, watch_command).follow()
    _show_result(tools, execution)
    good, copied = execution.outcome == SNAPSHOT_TAKEN, {}
    if good and wanted.copy_timeout is not None:
        copied = _wait_for_copy(tools, record, execution, wanted.copy_timeout)
        good = copied["state"] == copy_waiting.AVAILABLE
    if tools.json:
        value = {"version": JSON_VERSION, "execution": arn, "status": execution.status, "outcome": execution.outcome}
        print_json({**value, "report": dict(execution.report), **({"copy": copied} if copied else {})})
    return FINE if good else MISSED


def _wait_for_copy(tools: Tools, plan: Plan, execution: Execution, timeout: int) -> dict[str, Any]:
    """Wait for the copy of the snapshot that an execution took, and say how that ended."""
    source = _snapshot_of(tools, plan, execution)
    copy = copy_waiting.wait(tools, source, source_region=plan.primary, region=plan.recovery, timeout=timeout)
    if copy.state == copy_waiting.AVAILABLE:
        text, style = f"Copied: {plan.recovery} has {copy.identifier}, the copy of {source.identifier}", "green"
    elif copy.state == copy_waiting.FAILED:
        text, style = f"the copy in {plan.recovery} failed: {copy.identifier}; {source.identifier} is there", "red"
    else:
        text = f"no copy in {plan.recovery} within {words.span(timeout)}; {source.identifier} is there"
        text, style = f"{text}, and the copy may still come: see 'status'", "red"
    tools.screen.say(text, style)
    return {"region": plan.recovery, "state": copy.state, "snapshot": copy.identifier, "source": source.identifier}


def _snapshot_of(tools: Tools, plan: Plan, execution: Execution) -> RecoveryPoint:
    """The snapshot that an execution took. The machine tags it with the execution's name.

    Raises:
        CliError: the Region shows no such snapshot.
    """
    for point in outlook.snapshots(tools.aws, plan.primary):
        if point.available and point.cluster == plan.cluster and point.tags.get(TAG_EXECUTION) == execution.name:
            return point
    message = f"{plan.primary} shows no snapshot with the tag {TAG_EXECUTION}={execution.name}"
    raise CliError(message, "so it is unknown which copy to wait for: see 'status'", facts={"execution": execution.arn})


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
