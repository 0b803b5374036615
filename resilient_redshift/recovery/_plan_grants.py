"""What a plan lets an operator do: read its status, check it, fail over, freeze copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_iam as iam

from resilient_redshift.contract import operator_rights
from resilient_redshift.contract.names import frozen_snapshot_name
from resilient_redshift.core.environment import arn_parts_of, stack_environment, stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.rules.tokens import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

    from resilient_redshift.core.environment import ArnParts
    from resilient_redshift.recovery._clean_up_function import CleanUpFunction
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.restore_options import RestoreOptions


@typed
class PlanGrants:
    """Adds ``grant_*`` to a plan that keeps its site and its cluster's identifier."""

    if TYPE_CHECKING:
        _site: SiteBase
        _identifier: str
        _restore: RestoreOptions | None

    def grant_read_status(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal use ``resilient-redshift status``, and watch runs of the site's restore machine.

        The parameters of every plan of the account, and the clusters and snapshots of the account, may be read too.

        Args:
            grantee: a role, user or group of the site's stack. Import one of another stack there, as with
                ``iam.Role.from_role_name``: its policy names resources of the site's stack.

        Returns:
            The grant.

        Raises:
            ResilientRedshiftError: for a principal of another stack or account, and for one that can have no policy of
                this app, such as a service. CDK also attaches no policy to a role that you import with
                ``mutable=False``, and does not say so: write the rights yourself there (docs/cli.md, "Rights").
        """
        parts = self._checked(grantee, "grant_read_status")
        machine, runs = parts_of(self._site.restore).machine.own_runs
        anywhere = f"arn:{parts.partition}:ssm:*:{parts.account}:{operator_rights.PARAMETERS}"
        return _grant(grantee, operator_rights.read_status(parameters=anywhere, machines=[machine], runs=[runs]))

    def grant_check(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal use ``resilient-redshift check``: look whether a failover would start now.

        It includes what :meth:`grant_read_status` grants. The principal may read what the roles, keys and functions of
        the account are like, and ask IAM what its roles may do. It may change nothing.

        Args:
            grantee: as for :meth:`grant_read_status`.

        Returns:
            The grant.

        Raises:
            ResilientRedshiftError: as for :meth:`grant_read_status`.
        """
        parts = self._checked(grantee, "grant_check")
        machine, _ = parts_of(self._site.restore).machine.own_runs
        record = self._restore.dns_record if self._restore is not None else None
        zones = [] if record is None else [f"arn:{parts.partition}:route53:::hostedzone/{record.hosted_zone_id}"]
        rights = operator_rights.check(
            machines=[machine],
            functions=[parts.arn("lambda", "function", "*")],
            roles=[f"arn:{parts.partition}:iam::{parts.account}:role/*"],
            keys=[parts.arn("kms", "key", "*").replace(":key:", ":key/")],
            quotas=parts.arn("servicequotas", "redshift", "*").replace(":redshift:", ":redshift/"),
            zones=zones,
        )
        return self.grant_read_status(grantee).combine(_grant(grantee, rights))

    def grant_start_failover(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal start failovers and drills of every plan of the site, watch them, and clean up after drills.

        IAM does not see the input of a run, so no right exists for drills alone or for one plan alone. Let only few
        people do this. It includes what :meth:`grant_read_status` grants.

        Args:
            grantee: as for :meth:`grant_read_status`.

        Returns:
            The grant.

        Raises:
            ResilientRedshiftError: as for :meth:`grant_read_status`.
        """
        self._checked(grantee, "grant_start_failover")
        restore = parts_of(self._site.restore)
        machine, _ = restore.machine.own_runs

        def let_clean_up(function: CleanUpFunction) -> None:
            _grant(grantee, operator_rights.clean_up([function.function_arn]))

        restore.with_clean_up(let_clean_up)
        return self.grant_read_status(grantee).combine(_grant(grantee, operator_rights.start_runs([machine])))

    def grant_freeze(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal use ``resilient-redshift freeze``: make copies of this cluster's snapshots permanent.

        It includes what :meth:`grant_read_status` grants. The principal may tag the snapshots that ``freeze`` made, and
        change how long they are kept, also to a shorter time: IAM does not see the retention. It may change no other
        snapshot.

        Args:
            grantee: as for :meth:`grant_read_status`.

        Returns:
            The grant.

        Raises:
            ResilientRedshiftError: as for :meth:`grant_read_status`.
        """
        parts = self._checked(grantee, "grant_freeze")
        snapshots = parts.arn("redshift", "snapshot", f"{self._identifier}/*")
        frozen = parts.arn("redshift", "snapshot", f"{self._identifier}/{frozen_snapshot_name(self._identifier, '*')}")
        rights = operator_rights.freeze([snapshots], [frozen])
        return self.grant_read_status(grantee).combine(_grant(grantee, rights))

    def _checked(self, grantee: iam.IGrantable, method: str) -> ArnParts:
        """Check the principal, and return what the ARNs of the site's stack share."""
        problems = Problems(f"{path_of(cast('IConstruct', self))} (RecoveryPlan.{method})")
        stack = stack_of(self._site)
        principal = grantee.grant_principal
        allowed = "a role, user or group"
        why = "no policy of this app can be attached to it"
        if problems.check(hasattr(principal, "node"), "grantee", type(principal).__name__, allowed, why):
            theirs = stack_of(cast("IConstruct", principal))
            problems.check(
                theirs is stack,
                "grantee",
                f"one of the stack '{path_of(theirs)}'",
                f"one of the stack '{path_of(stack)}', such as iam.Role.from_role_name(<that stack>, ...)",
                "its policy names resources of that stack, which CDK would carry to another stack with an export",
            )
            _check_account(problems, principal, stack_environment(stack).account)
        problems.raise_if_any()
        return arn_parts_of(stack)


def _check_account(problems: Problems, principal: iam.IPrincipal, account: str | None) -> None:
    """Record a problem for a principal of another account, to which CDK attaches no policy without a word."""
    theirs = literal(principal.principal_account)
    other = theirs is not None and account is not None and theirs != account
    allowed = f"one of the account {account}"
    why = "no policy of this app can be attached to it; grant a role of this account, which it may assume"
    problems.check(not other, "grantee", f"one of the account {theirs}", allowed, why)


def _grant(grantee: iam.IGrantable, statements: Sequence[operator_rights.Statement]) -> iam.Grant:
    first, *others = (
        iam.Grant.add_to_principal(grantee=grantee, actions=statement["Action"], resource_arns=statement["Resource"])
        for statement in statements
    )
    for other in others:
        first = first.combine(other)
    return first
