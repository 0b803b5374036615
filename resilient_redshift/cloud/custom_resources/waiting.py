"""How a request waits: for a cluster in a state that nobody knows, and between two looks of ``is_complete``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import words
from resilient_redshift.cloud.aws.retry import (
    LONGEST_DELAY_SECONDS,
    PATIENCE,
    PATIENCE_ACCESS,
    Retry,
    patience,
)
from resilient_redshift.cloud.errors import Failed, NotKnown

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

T = TypeVar("T")

#: How long a state that is not known may last. The state may pass, and nobody can say so.
PATIENCE_NOT_KNOWN: Final = PATIENCE_ACCESS


class ClusterRetry(Retry):
    """The retry loop of a request about a cluster. It waits for an unknown state for a short time only.

    Args:
        runtime: the surroundings of the invocation.
        limit: the longest wait, counted from now.
    """

    def __init__(self, runtime: Runtime, limit: timedelta = PATIENCE) -> None:
        super().__init__(runtime, limit)
        self._clock = runtime.now
        self._not_known_since: datetime | None = None

    def call(self, what: str, attempt: Callable[[], T]) -> T:
        """Repeat an attempt until it works, as :class:`Retry` does.

        Raises:
            Failed: the error is permanent, or lasted too long.
        """
        return super().call(what, lambda: self._judged(what, attempt))

    def _judged(self, what: str, attempt: Callable[[], T]) -> T:
        try:
            return attempt()
        except NotKnown as error:
            now = self._clock()
            self._not_known_since = self._not_known_since or now
            lasted = now - self._not_known_since
            if lasted + timedelta(seconds=LONGEST_DELAY_SECONDS) > PATIENCE_NOT_KNOWN:
                raise Failed(
                    f"could not {what}: {error}, and deploy again once it is 'available' (waited "
                    f"{lasted.total_seconds():.0f} s)"
                ) from error
            raise


class NotYet:
    """The result of a read that failed with an error that passes by itself."""


def waited_for(request: Request, runtime: Runtime) -> timedelta:
    """Return how long ago ``on_event`` answered."""
    since = request.raw.get("Since")
    return runtime.now() - datetime.fromisoformat(since) if isinstance(since, str) else timedelta(0)


def read_patiently(
    waited: timedelta,
    what: str,
    read: Callable[[], T],
) -> T | NotYet:
    """Read once.

    Args:
        waited: how long the request has waited already.
        what: the action, for the reason and the log, like "read the cluster 'sales'".
        read: makes the call.

    Returns:
        What the call returned, or ``NotYet`` after an error that passes by itself.

    Raises:
        Failed: the error is permanent, or has lasted too long.
    """
    try:
        return read()
    except (ClientError, BotoCoreError) as error:
        limit = patience(error)
        if limit is None or waited > limit:
            raise Failed(f"could not {what}: {words(error)}") from error
        log.write("INFO", "waiting", what=what, because=words(error))
        return NotYet()


def keep_waiting(waited: timedelta, reason: str) -> bool:
    """Return False: the request is not done, and ``is_complete`` must be asked again.

    Args:
        waited: how long the request has waited already.
        reason: what is not as wanted.

    Raises:
        Failed: the request has waited long enough.
    """
    if waited > PATIENCE:
        raise Failed(f"{reason}; this did not change within {waited.total_seconds():.0f} s; deploy again")
    log.write("INFO", "waiting", because=reason)
    return False
