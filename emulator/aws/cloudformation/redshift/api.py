"""How a resource handler calls Redshift: in process, in one Region, waiting in virtual time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]
#: Between two looks at a cluster [S] BACKOFF_STRATEGY; the deadline is the schema's timeoutInMinutes [S].
POLL_SECONDS = 10
TIMEOUT_SECONDS = 2160 * 60


class HandlerError(Exception):
    """A handler failed; ``code`` is CloudFormation's (InvalidRequest, NotFound, AlreadyExists, ...)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Redshift:
    """Redshift as CloudFormation's own principal calls it.

    Attributes:
        call: (Region, operation, parameters) -> answer; raises ApiError.
        sleep: lets virtual seconds pass.
        region: the stack's Region at the time of the call.
        arn: ARN of a Redshift resource of this account in the Region.
    """

    call: Callable[[str, str, Properties], Properties]
    sleep: Callable[[float], None]
    region: Callable[[], str]
    arn: Callable[[str, str], str]

    def __call__(self, operation: str, **parameters: Any) -> Properties:
        """Make one call; parameters that are None are left out. AWS's error becomes the handler's."""
        try:
            return self.call(self.region(), operation, {k: v for k, v in parameters.items() if v is not None})
        except ApiError as error:
            raise handler_error(error) from error

    def cluster(self, identifier: str) -> Properties | None:
        """Describe a cluster; None if there is none."""
        try:
            clusters: list[Properties] = self("DescribeClusters", ClusterIdentifier=identifier)["Clusters"]
        except HandlerError as error:
            if error.code == "NotFound":
                return None
            raise
        return clusters[0]

    def until_available(self, identifier: str) -> Properties:
        """Wait until the cluster is available, as isClusterActive does [S] BaseHandlerStd: a paused one never is."""
        for _ in range(TIMEOUT_SECONDS // POLL_SECONDS):
            cluster = self.cluster(identifier)
            if cluster is None:
                break
            if cluster["ClusterStatus"] == cluster["ClusterAvailabilityStatus"].lower() == "available":
                return cluster
            self.sleep(POLL_SECONDS)
        raise HandlerError("NotStabilized", f"Cluster {identifier} did not become available.")

    def until_gone(self, identifier: str) -> None:
        """Wait until the cluster is no more."""
        while self.cluster(identifier) is not None:
            self.sleep(POLL_SECONDS)


def handler_error(error: ApiError) -> HandlerError:
    """Translate as the catch blocks do [S]: NotFound, AlreadyExists, InvalidRequest, else GeneralServiceException."""
    message = f"{error.message} (Service: Redshift, Status Code: {error.status}, Error Code: {error.code})"
    if error.code in {
        "ClusterNotFound",
        "ClusterSubnetGroupNotFoundFault",
        "ClusterParameterGroupNotFound",
        "SubscriptionNotFound",
    }:
        return HandlerError("NotFound", message)
    if error.code == "ClusterAlreadyExists":
        return HandlerError("AlreadyExists", message)
    return HandlerError("InvalidRequest" if error.shape else "GeneralServiceException", message)


def tag_map(properties: Properties) -> dict[str, str]:
    """The tags a handler works with: the resource's and the stack's, never CloudFormation's own aws: tags [S] getSystemTags is not asked."""
    tags = {str(t["Key"]): str(t.get("Value", "")) for t in properties.get("Tags") or ()}
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]] | None:
    """Tags in the API's shape; None for none."""
    return [{"Key": key, "Value": value} for key, value in tags.items()] or None


def change_tags(redshift: Redshift, arn: str, old: Properties, new: Properties) -> bool:
    """Delete and create tags by comparing templates, never with what is live: foreign tags survive [S] updateTags."""
    before, after = set(tag_map(old).items()), set(tag_map(new).items())
    if before - after:
        redshift("DeleteTags", ResourceName=arn, TagKeys=sorted(key for key, _ in before - after))
    if after - before:
        redshift("CreateTags", ResourceName=arn, Tags=tag_list(dict(sorted(after - before))))
    return before != after


__all__ = ["HandlerError", "Properties", "Redshift", "change_tags", "handler_error", "tag_list", "tag_map"]
