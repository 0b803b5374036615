"""Who owns a schedule, or a cluster's association with one, as tags: written, and put back where the deed failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.custom_resources import ownership

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.retry import Retry

#: On a schedule: who owns it. On a cluster: who owns its association.
KIND: Final = "schedule"
#: On a cluster: the schedule that it had before ours; empty for none.
TAG_FORMER: Final = "resilient-redshift:schedule-former"


class OwnerTags:
    """The owner's record on one thing.

    Args:
        client: of the thing's Region.
        retry: the invocation's clock.
        arn: the thing.
        what: the thing, for reasons and the log, like "the snapshot schedule 'often'".
    """

    def __init__(self, client: RedshiftClient, retry: Retry, arn: str, what: str) -> None:
        self._client = client
        self._retry = retry
        self._arn = arn
        self._what = what

    def write(self, live: Mapping[str, str], wanted: Mapping[str, str]) -> None:
        """Write what is missing; nothing where nothing is."""
        new = ownership.missing(live, wanted)
        if not new:
            return
        log.write("INFO", "CreateTags", resource=self._arn, tags=new)
        self._retry.call(
            f"record the owner of {self._what}",
            lambda: self._client.create_tags(ResourceName=self._arn, Tags=ownership.as_list(new)),
        )

    def put_back(self, before: Mapping[str, str], written: Mapping[str, str]) -> None:
        """Give the former tags back after a failure; a record too many does no harm, so that this never fails."""
        former = {name: before[name] for name in written if name in before}
        self._try(
            "the owner's record stays",
            lambda: former and self._client.create_tags(ResourceName=self._arn, Tags=ownership.as_list(former)),
        )
        self.forget(*(set(written) - set(former)))

    def forget(self, *names: str) -> None:
        """Take tags away, if that is allowed; a record of something that is gone does no harm."""
        if names:
            self._try(
                "the owner's record stays",
                lambda: self._client.delete_tags(ResourceName=self._arn, TagKeys=sorted(names)),
            )

    def _try(self, message: str, deed: Callable[[], object]) -> None:
        try:
            deed()
        except (ClientError, BotoCoreError) as error:
            log.write("WARNING", message, resource=self._arn, because=str(error))
