"""Watches a run of the restore machine, a new one or one that is under way, and tells how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, look, restore_view, words
from resilient_redshift.cli.errors import FINE, MISSED, ApiError, CliError, DeniedError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.output import print_json
from resilient_redshift.contract.names import TAG_EXECUTION
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


def execution(tools: Tools, plan: Plan, mode: str, given: str) -> str:
    """The ARN of the run to watch: the one given by name or ARN, or the only one of this plan and mode.

    Raises:
        CliError: there is none, or there are several.
    """
    machine = look.restore_machine(plan)
    if given:
        return executions.arn_for(machine, given)
    found = [
        one
        for one in executions.running(tools.aws, machine)
        if one.input.get("plan") == plan.name and one.input.get("mode") == mode
    ]
    if not found:
        hint = "one that is over: --attach NAME; the names: aws stepfunctions list-executions --state-machine-arn"
        raise CliError(f"no {mode} of {plan.name} is under way", f"{hint} {machine} --region {plan.recovery}")
    if len(found) > 1:
        raise CliError(f"several run: {', '.join(one.name for one in found)}", "name one: --attach NAME")
    return found[0].arn


def follower(tools: Tools, plan: Plan, arn: str, again: str) -> Follower:
    """What follows that run, and says what Redshift says about its cluster."""
    return Follower(tools, arn, again, lambda run: _redshift(tools, plan, run))


def tell(tools: Tools, ended: Execution) -> int:
    """Show the outcome, and return the exit status: 0 for Restored, Passed and Cleaned, 1 for any other."""
    restore_view.show_outcome(tools.screen, ended)
    if tools.json:
        value = {"version": JSON_VERSION, "execution": ended.arn, "status": ended.status, "outcome": ended.outcome}
        print_json({**value, "report": dict(ended.report)})
    return FINE if ended.outcome in GOOD_RESTORE_OUTCOMES else MISSED


def _redshift(tools: Tools, plan: Plan, run: Execution) -> str:
    try:
        cluster = _cluster(tools, plan, run)
    except DeniedError:
        return ""
    return "" if cluster is None else f"{cluster['ClusterIdentifier']}: {cluster_words(cluster)}"


def _cluster(tools: Tools, plan: Plan, run: Execution) -> Mapping[str, Any] | None:
    """The cluster that a run makes, once it is there; a drill's is found by its prefix and, once tagged, its run."""
    aws = tools.aws
    if run.input.get("mode") == "failover":
        name = run.input.get("target") or plan.cluster
        try:
            answer = aws.call(plan.recovery, "redshift", "DescribeClusters", ClusterIdentifier=name)
        except ApiError as error:
            if error.code.startswith("ClusterNotFound"):
                return None
            raise
        found: Mapping[str, Any] = answer["Clusters"][0]
        return found
    for cluster in aws.pages(plan.recovery, "redshift", "DescribeClusters", "Clusters"):
        tags = {tag["Key"]: tag.get("Value") for tag in cluster.get("Tags", [])}
        named = cluster["ClusterIdentifier"].startswith(look.drill_clusters(plan))
        if named and tags.get(TAG_EXECUTION, run.name) == run.name:
            return cluster
    return None


def cluster_words(cluster: Mapping[str, Any]) -> str:
    """What Redshift says about a cluster: its status, and how far the restore is."""
    restore = cluster.get("RestoreStatus") or {}
    said = str(cluster.get("ClusterStatus", "?"))
    if restore.get("Status") in {None, "", "completed"}:
        return said
    done, whole = restore.get("ProgressInMegaBytes"), restore.get("SnapshotSizeInMegaBytes")
    progress = f" {words.size(done)} of {words.size(whole)}" if done is not None and whole else ""
    left = restore.get("EstimatedTimeToCompletionInSeconds")
    return f"{said}, restore {restore['Status']}{progress}" + (f", about {words.span(left)} left" if left else "")
