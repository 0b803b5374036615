"""What ends a command: one line, a hint, an exit status."""

from __future__ import annotations

from typing import Final

#: All is well, or the outcome is the good one.
FINE: Final = 0
#: An objective is missed, or the outcome is another one than the good one.
MISSED: Final = 1
#: Nobody can tell, the command was not understood, or nothing was started.
CANNOT_TELL: Final = 2
#: Somebody pressed Ctrl-C; what was started runs on.
INTERRUPTED: Final = 130


class CliError(Exception):
    """The command ends here.

    Args:
        message: what is wrong, in one line, lower case.
        hint: what to do about it. Default: nothing is known.
        status: the exit status. Default: 2, nothing was started and nobody can tell.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = CANNOT_TELL) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status


class UnreachableError(CliError):
    """A Region, or what lies before it, does not answer."""

    def __init__(self, region: str, reason: str) -> None:
        super().__init__(
            f"{region} does not answer: {reason}",
            "is that Region lost? Then give the recovery Region: --region. Does none answer, look at your own network",
        )
        self.region = region


class ApiError(CliError):
    """AWS refused a call."""

    def __init__(self, region: str, operation: str, code: str, words: str, hint: str = "") -> None:
        super().__init__(f"{operation} in {region}: {code}: {words}", hint)
        self.code = code
        self.words = words


class DeniedError(ApiError):
    """These credentials may not do it."""


class ThrottledError(ApiError):
    """Too many calls at this time; later is fine."""
