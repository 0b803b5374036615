"""One look of ``is_complete``: an error that passes means "ask again", any other error ends the request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import words
from resilient_redshift.cloud.aws.retry import PATIENCE, patience
from resilient_redshift.cloud.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

T = TypeVar("T")


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
