"""Refuses a run that would fail anyway, before it is started. The rules are those of the restore itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cli import restore_view, words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.restore_run import watch_command
from resilient_redshift.cloud.restore import rivals
from resilient_redshift.contract.names import RESTORED_CLUSTERS
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT

if TYPE_CHECKING:
    from resilient_redshift.cli.outlook import Outlook
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.restore.seen import Seen


def refuse(tools: Tools, view: Outlook) -> None:
    """Refuse a run that would fail anyway, and say what to do.

    Raises:
        CliError: the run would fail.
    """
    _refuse_beside_others(tools, view)
    plan, choice = view.plan, view.choice
    if choice is not None and choice.outcome == AMBIGUOUS_LINEAGE:
        tools.screen.say("  candidates, the newest of each cluster that had this name:", "yellow")
        restore_view.show_points(tools.screen, choice.candidates, plan.rule_names, tools.now())
        hint = "choose the cluster that you want back: --lineage, with the time in the last column; or --snapshot"
        raise CliError(f"{AMBIGUOUS_LINEAGE} of {plan.cluster}: {choice.ambiguous}", hint)
    if choice is not None and choice.outcome == NO_RECOVERY_POINT:
        if view.points:
            tools.screen.say("  the copies that are there, none of them usable:", "yellow")
            restore_view.show_points(tools.screen, view.points, plan.rule_names, tools.now())
        narrowing = view.narrowing_options
        suffix = f" that matches {' and '.join(narrowing)}" if narrowing else ""
        hint = "docs/operating.md says what else to try"
        if narrowing:
            hint = f"without {' and '.join(narrowing)} the newest usable copy is taken"
        raise CliError(f"{NO_RECOVERY_POINT}: no usable copy of {plan.cluster} in {plan.recovery}{suffix}", hint)
    if view.cluster is not None:
        _refuse_a_taken_name(view, view.cluster)


def _refuse_a_taken_name(view: Outlook, cluster: Seen) -> None:
    replace, failed = view.run.request.replace_failed, view.failed_restore is not None
    if replace and failed:
        return
    ours = cluster.made_by if cluster.belongs_to(view.plan.name) else ""
    hint = (
        f"take another name: --target {RESTORED_CLUSTERS}{view.plan.cluster}, and --publish if clients are to go there"
    )
    if failed:
        hint = f"that run restored it in vain: --replace-failed deletes it first; or {hint}"
    elif ours:
        hint = f"if this is the cluster that you want, let people in (docs/operating.md); otherwise {hint}"
    if replace and not failed:
        hint = f"--replace-failed deletes only what a run of this plan restored in vain, not this cluster; {hint}"
    by = f", made by {ours}" if ours else ""
    raise CliError(f"a cluster {view.target} is there already, {cluster.state.name}{by}", hint)


def _refuse_beside_others(tools: Tools, view: Outlook) -> None:
    plan, run = view.plan, view.run
    mode = run.request.mode
    ages = {one.name: words.span(tools.now() - one.started) for one in view.running}
    for name in rivals.of_this_plan(run):
        raise CliError(
            f"a {mode} of {plan.name} runs already, for {ages[name]}: {name}",
            f"watch it: {watch_command(tools, plan, mode, name)}",
        )
    for name, other_plan in rivals.failovers(run):
        hint = "a drill yields to any failover: start it when the failover is over"
        raise CliError(f"a failover of {other_plan} runs, for {ages[name]}: {name}", hint)
