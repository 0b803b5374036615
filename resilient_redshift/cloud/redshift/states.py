"""What each state of a cluster means: the one table for whoever reads clusters.

A state that is not in the table is unknown. It counts neither as busy nor as fine.

Where AWS documents no next step of its own, the text says that Redshift does nothing more by itself. That is the safer
assumption: somebody acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

AVAILABLE: Final = "available"
PAUSED: Final = "paused"
#: How long a long operation waits for a cluster in a state that this release does not know.
UNKNOWN_PATIENCE: Final = timedelta(minutes=30)


class Meaning(Enum):
    """The classes of states."""

    #: The cluster takes every change.
    AVAILABLE = "available"
    #: The state ends by itself.
    PASSING = "passing"
    #: The cluster is paused, or on the way into or out of the pause.
    PAUSED = "paused"
    #: The cluster is being deleted. Nothing of it is left to manage.
    GOING = "going"
    #: The state does not end until somebody acts.
    NEEDS_SOMEBODY = "needs somebody"
    #: This release does not know the state.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class State:
    """A state of a cluster.

    Args:
        name: the state, as DescribeClusters returns it under ClusterStatus.
        meaning: its class.
        happens: what is the case, and what AWS does next. Empty if the state ends by itself or is unknown.
        to_do: what somebody must do. Empty if nobody must do anything, or if that is unknown.
    """

    name: str
    meaning: Meaning
    happens: str = ""
    to_do: str = ""

    @property
    def passes(self) -> bool:
        """Whether the state ends by itself, and leaves a cluster that goes on working."""
        return self.meaning is Meaning.PASSING or (self.meaning is Meaning.PAUSED and not self.to_do)


#: Redshift API, Cluster.ClusterStatus. While a resize is prepared or cleaned up, the cluster answers queries, but takes
#: no operation such as a snapshot (Management Guide, "Cluster status").
_PASSING: Final = (
    "available, prep-for-resize",
    "available, resize-cleanup",
    "cancelling-resize",
    "creating",
    "modifying",
    "rebooting",
    "renaming",
    "resizing",
    "rotating-keys",
    "updating-hsm",
    # AWS re:Post, "Redshift cluster status".
    "maintenance",
    # Seen by Terraform's users (terraform-provider-aws, issue 23638). AWS does not document it.
    "recovering",
    # Seen by Terraform's acceptance tests (docs/evidence.md). The API names it as a RestoreStatus only.
    "restoring",
)

_STATES: Final = (
    State(AVAILABLE, Meaning.AVAILABLE),
    *(State(name, Meaning.PASSING) for name in _PASSING),
    # Management Guide, "Pausing and resuming clusters".
    State(PAUSED, Meaning.PAUSED, "a paused cluster takes no change and no scheduled snapshot", "resume the cluster"),
    State("pausing", Meaning.PAUSED, "a pause cannot be cancelled", "resume the cluster once it is paused"),
    State("resuming", Meaning.PAUSED),
    # Redshift API, Cluster.ClusterStatus.
    State("deleting", Meaning.GOING),
    State("final-snapshot", Meaning.GOING),
    # Management Guide, "Amazon Redshift database encryption".
    State(
        "inaccessible-kms-key",
        Meaning.NEEDS_SOMEBODY,
        "Redshift cannot use the cluster's KMS key: the cluster answers no query and makes no copy in another Region, "
        "and Redshift deletes it after 14 days in this state",
        "enable the key",
    ),
    # Management Guide, "Cluster status" and "Amazon Redshift event notifications" (events 3512 to 3516).
    State(
        "hardware-failure",
        Meaning.NEEDS_SOMEBODY,
        "Redshift may restore the newest snapshot by itself (see the cluster's events), but it never replaces the node "
        "of a single-node cluster",
        "restore the cluster from a snapshot",
    ),
    # Management Guide, "Cluster status".
    State(
        "incompatible-hsm",
        Meaning.NEEDS_SOMEBODY,
        "Redshift cannot connect to the cluster's HSM, and does nothing more by itself",
        "repair the HSM's configuration",
    ),
    State(
        "incompatible-network",
        Meaning.NEEDS_SOMEBODY,
        "the cluster's VPC is gone or its settings do not fit, and Redshift does nothing more by itself",
        "repair the cluster's network",
    ),
    State(
        "incompatible-parameters",
        Meaning.NEEDS_SOMEBODY,
        "Redshift cannot apply a value of the cluster's parameter group, and does nothing more by itself",
        "repair the cluster's parameter group",
    ),
    State(
        "incompatible-restore",
        Meaning.NEEDS_SOMEBODY,
        "Redshift could not restore the snapshot, and does nothing more by itself",
        "restore the cluster once more, from another snapshot",
    ),
    State(
        "storage-full",
        Meaning.NEEDS_SOMEBODY,
        "the cluster has no storage left, and Redshift adds none by itself",
        "resize the cluster",
    ),
    # AWS's own error text of DeleteCluster names these two (terraform-provider-aws, pull request 4563; airflow, issue
    # 69574). The events 2021 and 2022 of "Amazon Redshift event notifications" say what to do.
    State(
        "insufficient-capacity",
        Meaning.NEEDS_SOMEBODY,
        "AWS has no capacity for the cluster's nodes, and Redshift does nothing more by itself",
        "create or restore the cluster in another Availability Zone",
    ),
    State(
        "insufficient-vpce",
        Meaning.NEEDS_SOMEBODY,
        "Redshift cannot make the cluster's VPC endpoint, and does nothing more by itself",
        "look at the cluster's events and at the quota of VPC endpoints",
    ),
)

#: Every known state, by its name.
STATES: Final[Mapping[str, State]] = {state.name: state for state in _STATES}
#: Redshift cannot use the cluster's key. The cluster holds data, and works again once somebody enables the key.
KEY_UNUSABLE: Final = STATES["inaccessible-kms-key"]


def of(status: str) -> State:
    """Return what a state means.

    AWS's error texts write states in capitals and with underscores. Both spellings are the same state.

    Args:
        status: the state, as DescribeClusters returns it under ClusterStatus.

    Returns:
        The state. A state that is not in the table keeps its name and is unknown.
    """
    return STATES.get(status.lower().replace("_", "-"), State(status, Meaning.UNKNOWN))
