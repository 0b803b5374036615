"""Watches an execution of the restore machine, a new or a running one, and shows how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, outlook, redshift, restore_view, words
from resilient_redshift.cli.errors import FINE, MISSED, CliError, DeniedError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.contract.names import TAG_EXECUTION
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


def execution_arn(tools: Tools, plan: Plan, mode: str, name: str) -> str:
    """The ARN of the execution to watch.

    Args:
        tools: the world around the command.
        plan: the plan record of the recovery Region.
        mode: ``failover``, ``drill`` or ``cleanup``.
        name: the name or the ARN of the execution. If empty, the only running one of this plan and mode.

    Raises:
        CliError: no such execution runs, or several do.
    """
    machine = outlook.restore_machine(plan)
    if name:
        return executions.arn_for(machine, name)
    runs = [
        run
        for run in executions.running(tools.aws, machine)
        if run.input.get("plan") == plan.name and run.input.get("mode") == mode
    ]
    if not runs:
        list_them = f"aws stepfunctions list-executions --state-machine-arn {machine} --region {plan.recovery}"
        hint = f"for one that has ended: --attach NAME; list the names: {list_them}"
        raise CliError(f"no {mode} of {plan.name} is under way", hint)
    if len(runs) > 1:
        raise CliError(f"several run: {', '.join(run.name for run in runs)}", "name one: --attach NAME")
    return runs[0].arn


def follower(tools: Tools, plan: Plan, arn: str, watch_command: str) -> Follower:
    """A follower of the execution that also shows what Redshift says about its cluster."""
    return Follower(tools, arn, watch_command, lambda execution: _cluster_line(tools, plan, execution))


def show_result(tools: Tools, execution: Execution) -> int:
    """Show how the execution ended.

    Returns:
        The exit status: 0 for Restored, Passed and Cleaned, 1 for any other outcome.
    """
    restore_view.show_outcome(tools.screen, execution)
    outcome = execution.outcome
    if tools.json:
        value = {"version": JSON_VERSION, "execution": execution.arn, "status": execution.status, "outcome": outcome}
        print_json({**value, "report": dict(execution.report)})
    return FINE if outcome in GOOD_RESTORE_OUTCOMES else MISSED


def _cluster_line(tools: Tools, plan: Plan, execution: Execution) -> str:
    try:
        cluster = _cluster(tools, plan, execution)
    except DeniedError:
        return ""
    return "" if cluster is None else f"{cluster['ClusterIdentifier']}: {cluster_text(cluster)}"


def _cluster(tools: Tools, plan: Plan, execution: Execution) -> Mapping[str, Any] | None:
    """The cluster that an execution restores. None as long as Redshift does not know it.

    A drill's cluster has a prefix of the plan. Once the machine has tagged the cluster, the tag must name the
    execution.
    """
    aws = tools.aws
    if execution.input.get("mode") == "failover":
        name = execution.input.get("target") or plan.cluster
        return clusters.describe(redshift.client(aws, plan.recovery), name)
    prefix = outlook.drill_cluster_prefix(plan)
    for cluster in aws.pages(plan.recovery, "redshift", "DescribeClusters", "Clusters"):
        tags = tags_of(cluster.get("Tags", []))
        if (
            cluster["ClusterIdentifier"].startswith(prefix)
            and tags.get(TAG_EXECUTION, execution.name) == execution.name
        ):
            return cluster
    return None


def cluster_text(cluster: Mapping[str, Any]) -> str:
    """What Redshift says about a cluster: its status, and the progress of its restore."""
    restore = cluster.get("RestoreStatus") or {}
    status = str(cluster.get("ClusterStatus", "?"))
    if restore.get("Status") in {None, "", "completed"}:
        return status
    part, whole = restore.get("ProgressInMegaBytes"), restore.get("SnapshotSizeInMegaBytes")
    progress = f" {words.size(part)} of {words.size(whole)}" if part is not None and whole else ""
    left = restore.get("EstimatedTimeToCompletionInSeconds")
    return f"{status}, restore {restore['Status']}{progress}" + (f", about {words.span(left)} left" if left else "")
