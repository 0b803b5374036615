"""Which errors pass by themselves, how long each is waited for, and the loop that waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.errors import Busy, Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.aws.runtime import Runtime

T = TypeVar("T")

#: Shorter than Lambda's 15 minutes, so that a failure still has time to name itself.
PATIENCE: Final = timedelta(minutes=10)
#: New permissions take a while to spread; after that a refusal is a refusal.
PATIENCE_ACCESS: Final = timedelta(minutes=2)
#: A new grant is eventually consistent (Terraform waits 3 minutes); before its recovery stack, a stack waits in vain.
PATIENCE_GRANT: Final = timedelta(minutes=5)
#: Kept back from Lambda's remaining time, to undo and to answer.
RESERVE_SECONDS: Final = 60.0
FIRST_DELAY_SECONDS: Final = 2.0
LONGEST_DELAY_SECONDS: Final = 20.0
_SERVER_ERROR: Final = 500

#: UnauthorizedOperation is Redshift's own word in its API model, AccessDenied(Exception) that of IAM and KMS.
ACCESS: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
GRANT_NOT_VISIBLE: Final = "SnapshotCopyGrantNotFoundFault"
#: Redshift does not say that a new schedule is seen at once; it was read back before a cluster gets it.
SCHEDULE_NOT_VISIBLE: Final = "SnapshotScheduleNotFound"
_TOO_MANY: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "DependentServiceRequestThrottlingFault",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    },
)
TRANSIENT: Final = _TOO_MANY | {
    "CopyToRegionDisabledFault",
    "DependentServiceUnavailableFault",
    "InternalError",
    "InternalFailure",
    "InvalidClusterSnapshotScheduleState",
    "InvalidClusterState",
    "PriorRequestNotComplete",
    "RequestTimeout",
    "ServiceUnavailable",
    "SnapshotScheduleUpdateInProgress",
}


def code(error: Exception) -> str:
    """AWS's error code, or the class's name where there was no answer."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


def words(error: Exception) -> str:
    """AWS's own words: code and message."""
    if isinstance(error, ClientError):
        return f"{code(error)}: {error.response['Error'].get('Message', '')}"
    return str(error) if isinstance(error, Busy) else f"{code(error)}: {error}"


def ambiguous(error: Exception) -> bool:
    """Whether the call may have worked although it failed: no answer, or a server's error other than "too many"."""
    if not isinstance(error, ClientError):
        return isinstance(error, HTTPClientError)
    return (
        code(error) not in _TOO_MANY
        and error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR
    )


def patience(error: Exception) -> timedelta | None:
    """How long after the invocation's start this error is still waited for; None: it is permanent."""
    name = code(error)
    if isinstance(error, Busy) or name in TRANSIENT or ambiguous(error):
        return PATIENCE
    if name in ACCESS or name == SCHEDULE_NOT_VISIBLE:
        return PATIENCE_ACCESS
    return PATIENCE_GRANT if name == GRANT_NOT_VISIBLE else None


class Retry:
    """One clock for all calls of an invocation.

    Args:
        runtime: the world.
        limit: the longest that anything is waited for, from now.
    """

    def __init__(self, runtime: Runtime, limit: timedelta = PATIENCE) -> None:
        self._runtime = runtime
        self._started = runtime.now()
        self._limit = limit

    def call(self, what: str, attempt: Callable[[], T]) -> T:
        """Call until it works; what is not AWS's error (a refusal of ours, a bug) passes through at once.

        Args:
            what: the deed, for the reason and the log, like "enable the snapshot copy of 'sales'".
            attempt: one try; it reads the live state anew each time.

        Raises:
            Failed: AWS's error is permanent, or lasted too long.
        """
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                return attempt()
            except (ClientError, BotoCoreError, Busy) as error:
                self._judge(what, error, delay)
                log.write("INFO", "waiting", what=what, because=words(error), seconds=delay)
            self._runtime.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _judge(self, what: str, error: Exception, delay: float) -> None:
        limit = patience(error)
        if limit is None:
            raise Failed(f"could not {what}: {words(error)}") from error
        waited = self._runtime.now() - self._started
        if (
            waited + timedelta(seconds=delay) > min(limit, self._limit)
            or self._runtime.remaining() < RESERVE_SECONDS + delay
        ):
            raise Failed(
                f"could not {what} within {waited.total_seconds():.0f} s: {words(error)}{_hint(error)}"
            ) from error


def _hint(error: Exception) -> str:
    name = code(error)
    if name == GRANT_NOT_VISIBLE:
        return "; the grant must exist in the destination Region: deploy that Region's stack first, or check the name"
    if name in ACCESS:
        return "; the handler's role, a permissions boundary, a service control policy or the key's policy denies it"
    return ""
