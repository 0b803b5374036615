"""The checks of the arguments of ``protect``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.cluster_ref.source_key import source_key_arn
from resilient_redshift.copies.copy import check_copy_retentions
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.regions import check_other_region
from resilient_redshift.core.tree import path_of
from resilient_redshift.recovery._restore_checks import check_restore
from resilient_redshift.rules.naming import LONGEST_LABEL, check_plan_group, check_plan_name, short_hash
from resilient_redshift.rules.retention import FOREVER
from resilient_redshift.stack.topics import check_topic
from resilient_redshift.watching.declared import check_size_drop

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems
    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._site_base import SiteBase


def default_plan_name(facts: ClusterFacts) -> str:
    """The cluster's identifier and Region. A name that is too long is cut, and ends with a hash of the whole name."""
    name = f"{facts.identifier}-{facts.region}"
    if len(name) <= LONGEST_LABEL:
        return name
    suffix = f"-{short_hash(name)}"
    return name[: LONGEST_LABEL - len(suffix)].rstrip("-") + suffix


def check_plan_arguments(
    problems: Problems, site: SiteBase, cluster: IClusterRef, facts: ClusterFacts, arguments: PlanArguments
) -> None:
    """Record every problem of one call of ``protect``, except those with its ``checks``.

    ``joined_checks`` records the problems with ``checks``, because it returns the plan's checks.

    Args:
        problems: where to record each problem.
        site: the site that protects the cluster.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        arguments: the other arguments of the call.
    """
    _check_identifier(problems, facts)
    check_other_region(problems, "site", site.region, facts.region)
    _check_account(problems, site, facts)
    if arguments.plan_name is not None:
        check_plan_name(problems, arguments.plan_name)
    if arguments.group is not None:
        check_plan_group(problems, arguments.group)
    check_copy_retentions(problems, arguments.keep_automated, FOREVER)
    if arguments.cluster_encryption_key is None:
        source_key_arn(problems, facts, stack_of(cluster), path_of(cluster))
    if arguments.notify_primary is not None:
        check_topic(problems, "notify_primary", arguments.notify_primary, cdk.Stack.of(cluster))
    if arguments.manual_snapshot_quota is not None:
        problems.check_count("manual_snapshot_quota", arguments.manual_snapshot_quota)
    check_size_drop(problems, arguments.size_drop_percent)
    check_restore(problems, site, cluster, facts, arguments.restore)


def _check_identifier(problems: Problems, facts: ClusterFacts) -> None:
    allowed = (
        f"a cluster with a literal {facts.named_by}; for a cluster that is deployed under a generated name, pass "
        "ExistingCluster.from_identifier with that name, because a new name would replace the cluster with an empty one"
    )
    why = "the recovery Region finds the copies by the cluster's identifier"
    got = "a cluster whose identifier is generated or a token"
    problems.check(facts.identifier is not None, "cluster", got, allowed, why)


def _check_account(problems: Problems, site: SiteBase, facts: ClusterFacts) -> None:
    if facts.account is not None and site.account is not None:
        allowed = f"a cluster of the site's account, {site.account}"
        same = facts.account == site.account
        problems.check(same, "cluster", f"a cluster of {facts.account}", allowed, "AWS copies within an account only")
