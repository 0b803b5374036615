"""The one writer of the tags that record an owner, and what an owner must remember, on a cluster, grant or schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.custom_resources import ownership

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.retry import Retry


def _no_check(_error: ClientError) -> None:
    """Leave the decision to the retry loop."""


class OwnerTags:
    """The owner's tags on one thing.

    Args:
        client: a Redshift client of the thing's Region.
        retry: the retry loop of the invocation.
        arn: the thing's ARN.
        what: the thing, for reasons and the log, like "the snapshot schedule 'often'".
        check: is called with each error of a write. It raises an error of its own where waiting cannot help.
    """

    def __init__(
        self,
        client: RedshiftClient,
        retry: Retry,
        arn: str,
        what: str,
        check: Callable[[ClientError], None] = _no_check,
    ) -> None:
        self._client = client
        self._retry = retry
        self._arn = arn
        self._what = what
        self._check = check

    def write(self, live: Mapping[str, str], wanted: Mapping[str, str], action: str | None = None) -> None:
        """Write the wanted tags that are missing. Make no call where none is missing.

        A record is written as a whole. Another request may remove it between the read and the write, and a part of a
        record says nothing.

        Args:
            live: the thing's tags now.
            wanted: the tags that the thing must have.
            action: the action, for the reason and the log. Default: to record the owner of the thing.

        Raises:
            Failed: AWS refused the tags for good, or for longer than the handler waits.
        """
        new = ownership.missing(live, wanted)
        if new:
            self._retry.call(action or f"record the owner of {self._what}", lambda: self._create(new))

    def put_back(self, before: Mapping[str, str], written: Mapping[str, str]) -> None:
        """Restore the former tags after a failure.

        This never fails, so that the reason of the failed request reaches the user. Tags that stay name this request's
        resource as the owner, until the next Create overwrites them.

        Args:
            before: the thing's tags before the write.
            written: the tags that were written.
        """
        former = {name: before[name] for name in written if name in before}
        if former:
            self._try(
                "the former owner's tags could not be restored: if an update of that owner is refused, do what its "
                "reason says",
                lambda: self._client.create_tags(ResourceName=self._arn, Tags=ownership.as_list(former)),
            )
        self.forget(*(set(written) - set(former)))

    def forget(self, *names: str) -> None:
        """Remove tags. This never fails, because the next Create overwrites tags that stay."""
        if names:
            self._try(
                "the owner's tags could not be removed: no action is needed, the next Create overwrites them",
                lambda: self._client.delete_tags(ResourceName=self._arn, TagKeys=sorted(names)),
            )

    def _create(self, tags: Mapping[str, str]) -> None:
        log.write("INFO", "CreateTags", resource=self._arn, tags=tags)
        try:
            self._client.create_tags(ResourceName=self._arn, Tags=ownership.as_list(tags))
        except ClientError as error:
            self._check(error)
            raise

    def _try(self, message: str, action: Callable[[], object]) -> None:
        try:
            action()
        except (ClientError, BotoCoreError) as error:
            log.write("WARNING", message, resource=self._arn, because=str(error))
