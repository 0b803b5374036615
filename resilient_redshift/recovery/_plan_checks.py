"""What ``protect`` refuses of its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.copies.copy import check_copy_retentions
from resilient_redshift.core.regions import check_other_region
from resilient_redshift.recovery.objectives import Objectives
from resilient_redshift.recovery.restore_options import RestoreOptions
from resilient_redshift.recovery.sql_check import SqlCheck, join_checks
from resilient_redshift.rules.naming import LONGEST_LABEL, check_rule_name, short_hash
from resilient_redshift.rules.retention import FOREVER
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems
    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._site_base import SiteBase


def default_plan_name(facts: ClusterFacts) -> str:
    """The cluster's identifier and Region, shortened with a hash where that is too long."""
    name = f"{facts.identifier}-{facts.region}"
    if len(name) <= LONGEST_LABEL:
        return name
    suffix = f"-{short_hash(name)}"
    return name[: LONGEST_LABEL - len(suffix)].rstrip("-") + suffix


def check_plan(
    problems: Problems, site: SiteBase, cluster: IClusterRef, facts: ClusterFacts, given: PlanArguments
) -> tuple[SqlCheck, ...]:
    """Record every problem of one call of ``protect``; return the plan's checks."""
    _check_identifier(problems, facts)
    check_other_region(problems, "site", site.region, facts.region)
    _check_account(problems, site, facts)
    problems.check(isinstance(given.objectives, Objectives), "objectives", given.objectives, "an Objectives")
    if given.plan_name is not None:
        problems.check(
            known(given.plan_name), "plan_name", "a token", "a literal", "it names a parameter in both Regions"
        )
        check_rule_name(problems, "plan_name", given.plan_name)
    check_copy_retentions(problems, given.keep_automated, FOREVER)
    if given.notify_primary is not None:
        check_topic(problems, "notify_primary", given.notify_primary, cdk.Stack.of(cluster))
    if given.manual_snapshot_quota is not None:
        problems.check_count("manual_snapshot_quota", given.manual_snapshot_quota)
    is_restore = given.restore is None or isinstance(given.restore, RestoreOptions)
    if problems.check(is_restore, "restore", given.restore, "a RestoreOptions"):
        _check_parameters(problems, facts, given.restore)
        _check_roles(problems, site, given.restore)
    return check_sql(problems, (), given.checks)


def check_sql(problems: Problems, present: Sequence[SqlCheck], more: Sequence[SqlCheck]) -> tuple[SqlCheck, ...]:
    """Record what is wrong with more checks; return all."""
    if isinstance(more, SqlCheck | str):
        problems.add("checks", more, "a list of SqlCheck")
        return tuple(present)
    return join_checks(problems, present, more)


def _check_identifier(problems: Problems, facts: ClusterFacts) -> None:
    allowed = (
        f"a cluster with a literal {facts.named_by}; for one that is deployed under a generated name, "
        "ExistingCluster.from_identifier with that name, because a new one would replace it with an empty cluster"
    )
    why = "the copies in the recovery Region are found by it"
    got = "a cluster whose identifier is generated or a token"
    problems.check(facts.identifier is not None, "cluster", got, allowed, why)


def _check_account(problems: Problems, site: SiteBase, facts: ClusterFacts) -> None:
    if facts.account is not None and site.account is not None:
        allowed = f"a cluster of the site's account, {site.account}"
        same = facts.account == site.account
        problems.check(same, "cluster", f"one of {facts.account}", allowed, "AWS copies within an account only")


def _check_parameters(problems: Problems, facts: ClusterFacts, restore: RestoreOptions | None) -> None:
    told = restore is not None and restore.parameters is not None
    known_here = facts.parameters is not None and all(map(known, facts.parameters.values()))
    why = "a snapshot holds no parameters, and those of this cluster are not known at synth"
    allowed = "RestoreOptions(parameters=...); an empty mapping means AWS's defaults"
    problems.check(told or known_here, "restore", restore, allowed, why)


def _check_roles(problems: Problems, site: SiteBase, restore: RestoreOptions | None) -> None:
    for arn in restore.iam_role_arns if restore is not None and site.account is not None else ():
        if known(arn):
            allowed = f"roles of the site's account, {site.account}"
            problems.check(arn.split(":")[4] == site.account, "restore.iam_role_arns", arn, allowed)
