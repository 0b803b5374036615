"""Says what remains of a cluster that a change removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.changes import _texts
from resilient_redshift.planning.changes._counts import kept
from resilient_redshift.planning.changes.pairing import stack_of
from resilient_redshift.planning.changes.settings import DELETE

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.changes._resources import Resources

_NO_STACK_DELETED: Final = "Nothing happens until somebody deletes the stack"


def fate_of(cluster: ClusterPicture, later: Resources, head: str, *, certain: bool) -> str:
    """What happens to a cluster that is not in the head any more, and what remains of its data.

    Args:
        cluster: the cluster, as it was before.
        later: the resources of the head.
        head: the name of the head.
        certain: whether every part of the head was read.
    """
    doubt = "" if certain else f"The cluster may be gone: parts of {head} were not read. If it is gone: "
    if cluster.resource is None:
        return f"{doubt}Nothing in {head} protects the cluster any more; the cluster itself stays."
    policy = _texts.attribute(cluster.resource, "DeletionPolicy", DELETE)
    remains = f"{_what_happens(policy)} (DeletionPolicy {policy}){_what_remains(cluster, policy)}."
    if _stack_is_there(cluster, later):
        return f"{doubt}{remains}"
    what = f"{'Stack' if stack_of(cluster) else 'Template'} {cluster.stack}"
    if later.has_stack(cluster.stack):
        # a stack of another account or Region may have the same name
        what += f" of {cluster.account or 'an unknown account'} in {cluster.region or UNKNOWN_REGION}"
    return f"{doubt}{what} is not in {head}. {_NO_STACK_DELETED}; then: {remains}"


def conditional_fate_of(before: ClusterPicture, after: ClusterPicture) -> str | None:
    """What happens to a cluster that exists only under a condition after the change; None when it exists as before.

    Args:
        before: the cluster before.
        after: the cluster after.
    """
    old, new = before.resource, after.resource
    if old is None or new is None or new.exists_with(old):
        return None
    policy = _texts.attribute(old, "DeletionPolicy", DELETE)
    return (
        f"The cluster may be gone: after the change, it exists only where condition {new.condition} holds. Elsewhere: "
        f"{_what_happens(policy)} (DeletionPolicy {policy}){_what_remains(before, policy)}."
    )


def _stack_is_there(cluster: ClusterPicture, later: Resources) -> bool:
    """Whether the cluster's stack is in the head, or for a nested stack, its parent."""
    place = cluster.account, cluster.region
    return any(later.has_stack(name, place) for name in (cluster.stack, cluster.stack.partition("/")[0]))


def _what_happens(policy: str) -> str:
    match policy:
        case "Retain" | "RetainExceptOnCreate":
            return "The cluster stays, and no template describes it any more"
        case "Snapshot":
            return "CloudFormation deletes the cluster, and a final snapshot stays for ever"
        case "Delete":
            return "CloudFormation deletes the cluster without a final snapshot"
    return "Whether CloudFormation deletes the cluster is decided at deployment"


def _what_remains(cluster: ClusterPicture, policy: str) -> str:
    """What remains of the snapshots, for a cluster that is deleted."""
    if policy not in {DELETE, "Snapshot"}:
        return ""
    counts = kept(cluster)[0]
    automated = (
        "its automated snapshots" if not counts.automated else f"its automated snapshots, at most {counts.automated}"
    )
    deleted = f"; Redshift deletes {automated}, with it" if counts.automated != 0 else ""
    manual = "; manual snapshots stay until their retention ends" if cluster.rules or cluster.backups else ""
    return f"{deleted}{manual}"
