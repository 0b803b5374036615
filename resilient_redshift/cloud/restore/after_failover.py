"""Judges a plan after a failover: the published cluster, its own recovery point, and a primary that may still write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.redshift.snapshots import newest_first, same_cluster
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.restore.standing_parts import judge_age, judge_cluster
from resilient_redshift.contract.names import endpoint_name
from resilient_redshift.contract.watching import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cloud.redshift import states
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.restore.sight import Sight
    from resilient_redshift.cloud.restore.standing_parts import Standing


def judge_published(
    standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published, now: datetime
) -> None:
    """Judge the published cluster and its own recovery point."""
    region, cluster = record["recovery"]["region"], standing.restored
    if sight.clusters.problem:
        return
    if cluster is None or is_gone(standing, sight):
        _judge_gone(standing, record, sight, published)
        return
    name = f"{published.cluster} in {region}"
    judge_cluster(standing, f"the published cluster {name}", cluster)
    _judge_checks(standing, name, sight, published)
    if not cluster.copied_to:
        standing.found(
            "FailedOverUnprotected",
            f"failed over to {name}, which has no recovery point elsewhere: its snapshots are copied to no other "
            "Region (docs/failback.md, step 2)",
        )
        return
    where = cluster.copied_to
    if not sight.elsewhere.made:
        standing.fine = f"failed over to {name}, which is copied to {where}"
        return
    if sight.elsewhere.problem:
        problem = f"the copies of {name} in {where} could not be read: {sight.elsewhere.problem}"
        standing.not_read(problem, severity=PROBLEM)
        return
    copies = newest_first(
        point
        for point in sight.elsewhere.value or ()
        if (point.cluster, point.source_region) == (cluster.identifier, region)
        and point.available
        and (cluster.created is None or same_cluster(point.lineage, cluster.created))
    )
    if not copies:
        standing.found("FailedOverUnprotected", f"failed over to {name}, and no copy of it is available in {where} yet")
        return
    standing.copied = copies[0]
    judge_age(standing, record, sight, f"failed over to {name}; its newest copy in {where}", copies[0], now=now)


def _judge_gone(standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published) -> None:
    """Say that the published cluster is gone. Nobody is told to fence a primary that lives: nothing else does."""
    region, cluster = record["recovery"]["region"], standing.restored
    namesake = any(one.identifier == published.cluster for one in sight.clusters.value or ())
    gone = "another run's cluster has its name" if namesake else "it does not exist any more"
    gone = gone if cluster is None else f"it is {cluster.state.name!r}, so it is being deleted"
    again = [f"resilient-redshift failover {record['plan']} --region {region}"]
    alive = _may_write(sight.primary.value)
    if alive:
        home = f"{record['cluster']['identifier']} in {record['cluster']['region']} is {alive.name!r}"
        to_do = (
            f"{home}: withdraw the endpoint if the warehouse is there again; otherwise fence that cluster and restore"
        )
        ways = [_withdraw(record)], [fence(record), *again]
    elif namesake and cluster is None:
        # a failover into that name would be refused
        to_do = "Publish that one (docs/cli.md, 'After a failover'), or withdraw the endpoint"
        ways = [], [_withdraw(record)]
    else:
        to_do, ways = "Restore again, or withdraw the endpoint", (again, [_withdraw(record)])
    text = f"the published cluster is gone: {published.cluster} in {region}, {gone}. {to_do}"
    standing.found("FailedOverUnprotected", text)
    standing.commands, standing.instead = ways


def is_gone(standing: Standing, sight: Sight) -> bool:
    """Whether the published cluster is certainly gone, or going."""
    restored_cluster = standing.restored
    if restored_cluster is None:
        return not sight.clusters.problem
    return restored_cluster.state.meaning is Meaning.GOING


def _may_write(primary: Seen | None) -> states.State | None:
    """The state of a primary that may take writes. None: there is no such primary."""
    if primary is None or primary.fenced:
        return None
    return primary.state if primary.state.meaning is Meaning.AVAILABLE or primary.state.passes else None


def _judge_checks(standing: Standing, name: str, sight: Sight, published: Published) -> None:
    """Judge whether the published cluster answered its checks. A run publishes the cluster before it asks them."""
    if published.verified:
        return
    if published.execution in (sight.running.value or ()):
        standing.remarks.append(f"{published.execution} still checks the published cluster {name}")
    elif sight.running.made and not sight.running.problem:
        standing.found(
            "FailedOverUnprotected",
            f"the published cluster {name} is not verified: a check failed, or its run ended before all were answered",
        )


def judge_other_writer(standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published) -> None:
    """Judge whether the primary's cluster may take writes beside the published cluster."""
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    name, primary = f"{cluster} in {region}", sight.primary
    if not primary.made:
        return
    if primary.silent:
        standing.remarks.append(
            f"primary unreachable: when {region} answers again, fence {cluster} first: {primary.problem}"
        )
        return
    if primary.problem:
        standing.not_read(f"it is unknown whether {name} takes writes: {primary.problem}")
        return
    if primary.value is None:
        return
    state = primary.value.state
    if primary.value.fenced:
        standing.remarks.append(f"{name} is fenced: no client reaches it. It still costs: pause or delete it")
        return
    if _may_write(primary.value):
        if not is_gone(standing, sight):
            _judge_two_writers(standing, record, state, published)
    elif state.meaning is Meaning.UNKNOWN:
        unknown = f"{name} is {state.name!r}, and this release does not know that state: it may take writes"
        standing.findings.append(finding("ClusterStateUnknown", unknown, unknown=True))
    elif state.meaning is not Meaning.GOING:
        standing.remarks.append(f"{name} is {state.name!r}: fence it before it takes writes again")


def _judge_two_writers(
    standing: Standing, record: Mapping[str, Any], primary: states.State, published: Published
) -> None:
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    name, here = f"{cluster} in {region}", f"{published.cluster} in {record['recovery']['region']}"
    there = standing.restored.state if standing.restored else None
    # a former release published also what somebody restored beside, only to look at it
    looked_at = published.cluster != cluster and not published.snapshot
    idle = there and not there.passes and there.meaning in {Meaning.PAUSED, Meaning.NEEDS_SOMEBODY}
    if there and (idle or looked_at):
        standing.found(
            "TwoWriters",
            f"{name} is {primary.name!r}, and the published {here} is {there.name!r}. If the warehouse is back in "
            f"{region}, or never left it, withdraw the endpoint; otherwise fence {name}",
        )
        standing.commands, standing.instead = [_withdraw(record)], [fence(record)]
        return
    standing.found(
        "TwoWriters",
        f"two writers: {name} is {primary.name!r} beside the published {here}. Fence {name}, or, if the "
        "warehouse is back there, withdraw the endpoint",
    )
    standing.commands, standing.instead = [fence(record)], [_withdraw(record)]


def fence(record: Mapping[str, Any]) -> str:
    """The command that keeps clients out of the primary's cluster. Its data stays, and it can be undone."""
    return f"resilient-redshift fence {record['plan']} --region {record['cluster']['region']}"


def _withdraw(record: Mapping[str, Any]) -> str:
    return f"aws ssm delete-parameter --region {record['recovery']['region']} --name {endpoint_name(record['plan'])}"
