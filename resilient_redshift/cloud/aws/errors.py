"""Reads an error of boto3: its code, its meaning, AWS's words, and whether the call may have worked all the same.

AWS's words are shown and never parsed. This module imports no botocore, because the command shows its help without it.
So botocore's exceptions are recognized by the names of their classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import CODES, Meaning
from resilient_redshift.cloud.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_SERVER_STATUS: Final = 500
#: The errors that say that the caller lacks a right.
REFUSING: Final = frozenset({Meaning.DENIED, Meaning.CREDENTIALS})
#: The request was sent, and its answer got lost (botocore.exceptions: time-outs and closed connections derive from it).
_ANSWER_LOST: Final = "HTTPClientError"
#: botocore.exceptions: the connection itself failed (the endpoint, a proxy, TLS), or an answer's body broke off.
_NO_CONNECTION: Final = frozenset({"ConnectionError", "IncompleteReadError"})


class Unread(Exception):  # noqa: N818 - the name says what is the case
    """A call to AWS has no answer that can be used. Whoever judges what was read gets it in place of the answer.

    Args:
        words: what happened, in one line.
        code: AWS's code of the error.
        meaning: what the error means.
        message: AWS's message.
    """

    def __init__(self, words: str, *, code: str, meaning: Meaning, message: str) -> None:
        super().__init__(words)
        self.code = code
        self.meaning = meaning
        self.message = message

    @property
    def refused(self) -> bool:
        """Whether the caller lacks a right."""
        return self.meaning in REFUSING


def code(error: Exception) -> str:
    """Return AWS's error code, or the name of the error's class where AWS gave no answer."""
    answer = _answer(error)
    return type(error).__name__ if answer is None else str(answer.get("Error", {}).get("Code", ""))


def message(error: Exception) -> str:
    """Return AWS's message, or the error's own text where AWS gave no answer."""
    answer = _answer(error)
    return str(error) if answer is None else str(answer.get("Error", {}).get("Message", ""))


def words(error: Exception) -> str:
    """Return AWS's own words: the error code and the message."""
    return str(error) if isinstance(error, Busy) else f"{code(error)}: {message(error)}"


def meaning(error: Exception) -> Meaning:
    """Return what an error means.

    The code decides. A code that the table does not know is the service's own problem where the HTTP status says so
    (500 and more), as botocore's standard retries have it.
    """
    if _answer(error) is None:
        names = {kind.__name__ for kind in type(error).__mro__}
        if _ANSWER_LOST in names:
            return Meaning.TRANSIENT
        return Meaning.UNREACHABLE if names & _NO_CONNECTION else Meaning.UNKNOWN
    return CODES.get(code(error), Meaning.TRANSIENT if server_failed(error) else Meaning.UNKNOWN)


def ambiguous(error: Exception) -> bool:
    """Return whether the call may have worked although it failed.

    That is so where the answer got lost, and for every error of the server other than "too many calls".
    """
    if _answer(error) is None:
        return any(kind.__name__ == _ANSWER_LOST for kind in type(error).__mro__)
    return server_failed(error) and meaning(error) is not Meaning.THROTTLED


def server_failed(error: Exception) -> bool:
    """Return whether AWS answered with an HTTP status of the server's own failures."""
    status = (_answer(error) or {}).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(status >= _FIRST_SERVER_STATUS)


def _answer(error: Exception) -> Mapping[str, Any] | None:
    """Return AWS's answer. Only botocore's ClientError has one; the ``response`` of other errors is no mapping."""
    response = getattr(error, "response", None)
    return response if isinstance(response, dict) else None
