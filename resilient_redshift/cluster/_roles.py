"""The IAM roles that are added to a cluster after it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.arns import check_role_count

if TYPE_CHECKING:
    from aws_cdk import aws_redshift as redshift
    from aws_cdk.interfaces.aws_iam import IRoleRef
    from constructs import IConstruct

    from resilient_redshift.cluster_ref.facts import ClusterFacts


@typed
class ClusterRoles:
    """Adds ``add_iam_role`` to a cluster that keeps its facts and its L1."""

    if TYPE_CHECKING:
        _facts: ClusterFacts
        _l1: redshift.CfnCluster

    def add_iam_role(self, role: IRoleRef) -> None:
        """Let the cluster assume one more role, as with ``iam_roles``. A role that it has already changes nothing.

        Add all roles before you call ``protect``. The plan records the roles that the cluster has at that moment, and a
        role that is added later stops the synth (rule RR008).

        Args:
            role: the role, which trusts ``redshift.amazonaws.com``. A role of another stack needs a ``role_name`` of
                its own, as with ``iam_roles``.

        Raises:
            ResilientRedshiftError: for more than 50 roles (quotas of Redshift).
        """
        problems = Problems(lambda: f"{path_of(cast('IConstruct', self))} ({type(self).__name__}.add_iam_role)")
        arn = role.role_ref.role_arn
        before = self._facts.iam_role_arns or ()
        arns = before if arn in before else (*before, arn)
        check_role_count(problems, "role", arns)
        problems.raise_if_any()
        self._facts = replace(self._facts, iam_role_arns=arns)
        self._l1.iam_roles = list(arns)
