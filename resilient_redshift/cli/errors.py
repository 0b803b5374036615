"""What ends a command: one line, a hint, an exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import CODES, Meaning

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Nothing is missed or unknown, the run ended in Restored, Passed or Taken, or every snapshot is frozen.
FINE: Final = 0
#: An objective is missed, something that a failover needs is not ok, the run did not end in Restored, Passed or Taken,
#: or a snapshot is not frozen.
MISSED: Final = 1
#: The result is unknown, the command line is wrong, or nothing was started.
UNKNOWN: Final = 2
#: The user pressed Ctrl-C. What the command had started keeps running in AWS.
INTERRUPTED: Final = 130


_LOST_REGION: Final = (
    "if that Region is lost, pass the recovery Region: --region. If no Region answers, check your own network"
)


class CliError(Exception):
    """An error that ends the command.

    Args:
        message: what is wrong, in one line, lower case.
        hint: what to do about it. Default: no hint is shown.
        status: the exit status. Default: 2, nothing was started, or the result is unknown.
        facts: what ``--json`` says besides, by name. Default: nothing.
    """

    def __init__(
        self, message: str, hint: str = "", *, status: int = UNKNOWN, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.facts = facts or {}


class UnreachableError(CliError):
    """A Region does not answer, or the network on the way to the Region fails.

    Args:
        region: the Region.
        reason: what happened.
        hint: what to do about it. Default: the words for a lost Region.
    """

    def __init__(self, region: str, reason: str, hint: str = "") -> None:
        super().__init__(
            f"{region} does not answer: {reason}",
            hint or _LOST_REGION,
        )
        self.region = region


class ApiError(CliError):
    """AWS refused a call."""

    def __init__(self, region: str, operation: str, code: str, words: str, hint: str = "") -> None:
        super().__init__(f"{operation} in {region}: {code}: {words}", hint)
        self.code = code
        self.words = words
        self.meaning = CODES.get(code, Meaning.UNKNOWN)


class DeniedError(ApiError):
    """AWS refused a call because the credentials lack a right."""


class ThrottledError(ApiError):
    """AWS refused a call because there were too many at this time. A later attempt can succeed."""
