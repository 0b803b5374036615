"""How long the provider's handler waits for each error to pass, and the loop in which every function waits."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous, code, meaning, words
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.errors import Busy, Failed, NotKnown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.aws.runtime import Invocation

T = TypeVar("T")

#: The longest wait. It is shorter than Lambda's 15 minutes, so that a failure still has time to report its reason.
PATIENCE: Final = timedelta(minutes=10)
#: New permissions take a while to spread. A refusal that lasts longer than this is final.
PATIENCE_ACCESS: Final = timedelta(minutes=2)
#: How long something that this release does not know may last, counted from when it is seen. It may pass, but nobody
#: knows.
PATIENCE_NOT_KNOWN: Final = PATIENCE_ACCESS
#: A new grant is eventually consistent (Terraform waits 3 minutes). If the recovery stack is not deployed, the grant
#: will never appear, so waiting longer is useless.
PATIENCE_GRANT: Final = timedelta(minutes=5)
#: Lambda time that no wait may use. It is kept for undoing changes and for answering.
RESERVE_SECONDS: Final = 60.0
FIRST_DELAY_SECONDS: Final = 2.0
LONGEST_DELAY_SECONDS: Final = 20.0
#: How long the handler waits, by what the error means. It does not wait for any other error: an UNREACHABLE Region is
#: most often one that does not exist.
_PATIENCE_BY_MEANING: Final[Mapping[Meaning, timedelta]] = {
    Meaning.THROTTLED: PATIENCE,
    Meaning.TRANSIENT: PATIENCE,
    Meaning.BUSY: PATIENCE,
    Meaning.DENIED: PATIENCE_ACCESS,
}
_GRANT_NOT_VISIBLE: Final = "SnapshotCopyGrantNotFoundFault"
#: The codes that the handler treats otherwise than others of the same meaning. None: it does not wait.
_PATIENCE_BY_CODE: Final[Mapping[str, timedelta | None]] = {
    _GRANT_NOT_VISIBLE: PATIENCE_GRANT,
    # Redshift does not document that a new schedule is visible at once. The handler reads a schedule back before it
    # gives the schedule to a cluster.
    "SnapshotScheduleNotFound": PATIENCE_ACCESS,
    # The account has no subscription to the service (Redshift API, Common Errors). Only a person changes that.
    "OptInRequired": None,
}


def patience(error: Exception) -> timedelta | None:
    """Return how long after the start of the invocation the handler still waits for this error to pass.

    Returns:
        The time, or None where the error is permanent.
    """
    if isinstance(error, Busy) or ambiguous(error):
        return PATIENCE
    name = code(error)
    return _PATIENCE_BY_CODE[name] if name in _PATIENCE_BY_CODE else _PATIENCE_BY_MEANING.get(meaning(error))


class Retry:
    """The retry loop. One clock counts the waiting of all calls of an invocation.

    Args:
        runtime: the time of the invocation.
        limit: the longest wait, counted from now.
        patience_for: returns how long to wait for an error to pass, or None where the error is permanent. Default: what
            the provider's handler does.
        not_known: the longest wait while AWS answers with something that this release does not know (``NotKnown``).
    """

    def __init__(
        self,
        runtime: Invocation,
        limit: timedelta = PATIENCE,
        patience_for: Callable[[Exception], timedelta | None] = patience,
        *,
        not_known: timedelta = PATIENCE_NOT_KNOWN,
    ) -> None:
        self._runtime = runtime
        self._patience_for = patience_for
        self._started = runtime.now()
        self._limit = limit
        self._not_known = not_known

    def patient(self) -> Retry:
        """Return a loop with the same clock, for which ``NotKnown`` is an error like ``Busy``."""
        patient = copy.copy(self)
        patient._not_known = self._limit  # noqa: SLF001 - the copy is of this class
        return patient

    def call(self, what: str, attempt: Callable[[], T]) -> T:
        """Repeat an attempt until it works.

        Only errors of AWS and ``Busy`` are waited for. Any other error (a refusal of this handler, a bug) ends the loop
        at once.

        Args:
            what: the action, for the reason and the log, like "enable the snapshot copy of 'sales'".
            attempt: makes one attempt. It must read the live state again each time.

        Returns:
            What the attempt returned.

        Raises:
            Failed: the error is permanent, or lasted too long.
        """
        delay = FIRST_DELAY_SECONDS
        not_known_since: datetime | None = None
        while True:
            try:
                return attempt()
            except (ClientError, BotoCoreError, Busy) as error:
                not_known_since = (not_known_since or self._runtime.now()) if isinstance(error, NotKnown) else None
                self._stop_if_hopeless(what, error, delay, not_known_since)
                log.write("INFO", "waiting", what=what, because=words(error), seconds=delay)
            self._runtime.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _stop_if_hopeless(self, what: str, error: Exception, delay: float, not_known_since: datetime | None) -> None:
        limit = self._patience_for(error)
        if limit is None:
            raise Failed(f"could not {what}: {words(error)}") from error
        now = self._runtime.now()
        waited = now - self._started
        next_wait = timedelta(seconds=delay)
        if (
            waited + next_wait > min(limit, self._limit)
            or (not_known_since is not None and now - not_known_since + next_wait > self._not_known)
            or self._runtime.remaining() < RESERVE_SECONDS + delay
        ):
            raise Failed(
                f"could not {what} within {waited.total_seconds():.0f} s: {words(error)}{_advice(error)}"
            ) from error


def _advice(error: Exception) -> str:
    if isinstance(error, NotKnown):
        return ""
    if isinstance(error, Busy):
        return "; deploy again later"
    if code(error) == _GRANT_NOT_VISIBLE:
        return "; the grant must exist in the destination Region: deploy that Region's stack first, or check the name"
    if meaning(error) is Meaning.DENIED:
        return "; the handler's role, a permissions boundary, a service control policy or the key's policy denies it"
    return ""
