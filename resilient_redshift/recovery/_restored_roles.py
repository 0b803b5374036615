"""The IAM roles of a restored cluster. IAM is global, so an ARN is valid in both Regions of a plan."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.references import foreign_stack, referred
from resilient_redshift.core.regions import partition_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery.restore_options import RestoreOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoredRoles:
    """The IAM roles of a restored cluster.

    Attributes:
        arns: the ARNs of the roles, as the recovery stack can write them.
        default: the ARN of the default role; None for no default role.
        of_the_cluster: whether the roles come from the cluster's definition. Both stacks can write such ARNs.
        unknown: how many roles of the cluster have an ARN that only the deployment of its stack knows; None where the
            cluster's roles are not known at all. 0 with roles from ``RestoreOptions``.
    """

    arns: tuple[str, ...]
    default: str | None = None
    of_the_cluster: bool = False
    unknown: int | None = 0

    @property
    def to_pass(self) -> tuple[str, ...]:
        """The ARNs of the roles that the restore passes to Redshift; a default role that is a token may be one more."""
        return self.arns if self.default is None or self.default in self.arns else (*self.arns, self.default)

    def warning(self, cluster: str) -> str | None:
        """The text of the warning about roles that are not carried over; None when none is missing.

        Args:
            cluster: the cluster's identifier.
        """
        if self.unknown == 0:
            return None
        what = (
            f"the IAM roles of '{cluster}' are not known at synth"
            if self.unknown is None
            else f"{self.unknown} of the IAM roles of '{cluster}' have names that CloudFormation gives at deployment"
        )
        return (
            f"{what}, so that a restored cluster does not get them: COPY, UNLOAD and Spectrum with such a role fail "
            "after a failover; pass RestoreOptions(iam_role_arns=...) with the ARNs, with roles of the recovery stack, "
            "or with an empty list for no role"
        )


def restored_roles(
    restore: RestoreOptions | None, cluster: IClusterRef, facts: ClusterFacts, stack: cdk.Stack
) -> RestoredRoles:
    """The roles of a restored cluster: those of the options, otherwise those of the cluster.

    Args:
        restore: the options; None for no options.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        stack: the recovery stack.
    """
    chosen = None if restore is None else restore.iam_role_arns
    default = None if restore is None or restore.default_iam_role_arn is None else restore.default_iam_role_arn
    default = None if default is None else _in_recovery(default, stack)
    if chosen is not None:
        return RestoredRoles(arns=tuple(_in_recovery(arn, stack) for arn in chosen), default=default)
    if facts.iam_role_arns is None:
        return RestoredRoles(arns=(), default=default, of_the_cluster=True, unknown=None)
    anywhere = [_anywhere(arn, cluster) for arn in facts.iam_role_arns]
    arns = tuple(arn for arn in anywhere if arn is not None)
    return RestoredRoles(arns=arns, default=default, of_the_cluster=True, unknown=len(anywhere) - len(arns))


def _in_recovery(arn: str, stack: cdk.Stack) -> str:
    """An ARN of the options. A named role of another Region is named by its literal ARN, so no reference is needed."""
    return _of_named_role(arn) or arn if foreign_stack(arn, stack) is not None else arn


def _anywhere(arn: str, cluster: IClusterRef) -> str | None:
    """An ARN of the cluster's stack as any stack of the account can write it; None where none can."""
    return arn if known(arn) else _of_named_role(arn) or _without_references(stack_of(cluster).resolve(arn))


def _of_named_role(arn: str) -> str | None:
    """The ARN of a role of the app whose name and path are literals; None for anything else."""
    role = referred(arn)
    if not isinstance(role, iam.CfnRole) or role.role_name is None:
        return None
    path = role.path or "/"
    if not known(role.role_name) or not known(path):
        return None
    parts = arn_parts_of(stack_of(role))
    partition = partition_of(parts.region) if known(parts.region) else None
    return f"arn:{partition or parts.partition}:iam::{parts.account}:role{path}{role.role_name}"


def _without_references(resolved: Any) -> str | None:  # noqa: ANN401 - whatever a template can hold
    """A resolved text with CDK's own tokens for account and partition; None for any other part that is not literal."""
    if isinstance(resolved, str):
        return resolved
    if not isinstance(resolved, dict) or len(resolved) != 1:
        return None
    if "Ref" in resolved:
        return _global_references().get(resolved["Ref"])
    separator, parts = resolved.get("Fn::Join", ("", [None]))
    texts = [_without_references(part) for part in parts]
    return separator.join(text for text in texts if text is not None) if None not in texts else None


# a function, because the first question to jsii loads CDK into Node, and an import must not wait for that
@functools.cache
def _global_references() -> Mapping[str, str]:
    """The references that have one value in all Regions of an account, as CDK writes them in any stack."""
    return {"AWS::AccountId": cdk.Aws.ACCOUNT_ID, "AWS::Partition": cdk.Aws.PARTITION}
