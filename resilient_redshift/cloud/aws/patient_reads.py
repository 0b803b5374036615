"""Reading while one waits: what passes is no answer yet, what does not is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import PATIENCE, patience, words
from resilient_redshift.cloud.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

T = TypeVar("T")


class NotYet:
    """The read failed in a way that passes."""


def waited_for(request: Request, runtime: Runtime) -> timedelta:
    """How long ago on_event answered."""
    since = request.raw.get("Since")
    return runtime.now() - datetime.fromisoformat(since) if isinstance(since, str) else timedelta(0)


def read_patiently(
    waited: timedelta,
    what: str,
    read: Callable[[], T],
) -> T | NotYet:
    """Read once; an error that passes by itself is no answer yet.

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


def not_for_ever(waited: timedelta, reason: str) -> bool:
    """Wait on, false.

    Raises:
        Failed: it has been waited for long enough.
    """
    if waited > PATIENCE:
        raise Failed(f"{reason}, after {waited.total_seconds():.0f} s")
    log.write("INFO", "waiting", because=reason)
    return False
