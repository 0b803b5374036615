"""The retention of the copies of manual snapshots.

Redshift has one such retention for each cluster. The rules of a plan change it after the copy is declared.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, cast

from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import Construct, Node

PROPERTY: Final = "ManualSnapshotRetentionPeriod"


class ManualRetention:
    """The retention that one SnapshotCopy gives to the copies of manual snapshots. It can change until synth.

    Args:
        node: the node of the SnapshotCopy's custom resource.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def change(self, days: int) -> None:
        """Change the retention.

        Args:
            days: 1 to 3653, or -1 for ever. The caller has checked the range.
        """
        self.resource.add_property_override(PROPERTY, days_property(days))

    @functools.cached_property
    def resource(self) -> cdk.CfnResource:
        """The L1 of the SnapshotCopy's custom resource."""
        return cast("cdk.CfnResource", self._node.default_child)


@Remembered
def manual_retention_of(copy: Construct) -> ManualRetention:
    """The retention of a ``SnapshotCopy``. The construct sets it when it is made."""
    raise LookupError(f"{copy.node.path} is no SnapshotCopy")


def days_property(days: int) -> str | int:
    """Days as a string, as CloudFormation passes them to the provider. A token stays a number, so that it resolves."""
    return str(days) if known(days) else days
