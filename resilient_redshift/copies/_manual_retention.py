"""How long copies of manual snapshots are kept: one number per cluster, which a plan's rules decide after the copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import Construct, Node

PROPERTY: Final = "ManualSnapshotRetentionPeriod"


class ManualRetention:
    """The retention of one copy's manual snapshots, which may still change until synth.

    Args:
        node: the node of the copy's custom resource.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def change(self, days: int) -> None:
        """Change the retention.

        Args:
            days: 1 to 3653, or -1 for ever; the caller has checked it.
        """
        resource = cast("cdk.CfnCustomResource", self._node.default_child)
        resource.add_property_override(PROPERTY, days_property(days))


@Remembered
def manual_retention_of(copy: Construct) -> ManualRetention:
    """The retention of a ``SnapshotCopy``, which the copy sets when it is made."""
    raise LookupError(f"{copy.node.path} is no SnapshotCopy")


def days_property(days: int) -> str | int:
    """Days as CloudFormation passes them to the provider: a string. A token stays a number, as only that resolves."""
    return str(days) if known(days) else days
