"""The removal policies that a construct declares for a resource, and whether the finished template still has them.

A removal policy can be set from outside a construct: by ``apply_removal_policy``, ``RemovalPolicies``, an Aspect or an
override. Such a policy may keep more than the construct declares, but never less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The removal policies that keep a resource when its stack or its construct goes.
KEEPING: Final = (cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
DELETION: Final = "DeletionPolicy"
REPLACEMENT: Final = "UpdateReplacePolicy"
#: How much each policy keeps (CloudFormation User Guide, DeletionPolicy attribute). A policy that is not here, such as
#: an intrinsic function, counts as one that keeps nothing.
_KEEPS: Final[Mapping[str, int]] = {"Delete": 0, "Snapshot": 1, "RetainExceptOnCreate": 2, "Retain": 2}
#: The two attributes that CDK writes for each removal policy (CfnResource.applyRemovalPolicy).
_ATTRIBUTES: Final[Mapping[cdk.RemovalPolicy, tuple[str, str]]] = {
    cdk.RemovalPolicy.DESTROY: ("Delete", "Delete"),
    cdk.RemovalPolicy.SNAPSHOT: ("Snapshot", "Snapshot"),
    cdk.RemovalPolicy.RETAIN: ("Retain", "Retain"),
    cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE: ("RetainExceptOnCreate", "Retain"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """The removal policies that a construct declares for one resource.

    Attributes:
        deletion: the DeletionPolicy; None where the construct leaves it out.
        replacement: the UpdateReplacePolicy; None where the construct leaves it out.
        to_remove: how the user has the resource deleted on purpose, in words that follow "if you mean it,".
    """

    deletion: str | None
    replacement: str | None
    to_remove: str

    @classmethod
    def of(cls, policy: cdk.RemovalPolicy | None, *, to_remove: str) -> Declared:
        """What a construct declares that applied a removal policy; None for a construct that applied none."""
        deletion, replacement = (None, None) if policy is None else _ATTRIBUTES[policy]
        return cls(deletion=deletion, replacement=replacement, to_remove=to_remove)


def weakened(declared: str | None, actual: object) -> bool:
    """Whether a policy in the finished template keeps less than the construct declares.

    A construct that declares ``Delete`` has both keys already. Where the construct declares no policy, CloudFormation
    deletes the resource; a policy with that effect which is written down is still somebody's decision from outside.

    Args:
        declared: the policy that the construct declares; None where it declares none.
        actual: the policy in the template; None where the template has none.
    """
    if declared in ("Delete", actual):
        return False
    keeps = _KEEPS.get(actual, 0) if isinstance(actual, str) else 0
    return keeps == 0 if declared is None else keeps < _KEEPS[declared]
