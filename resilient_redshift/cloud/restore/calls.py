"""Calls to AWS: what a failed call means for a phase, and which phases are called again for it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws.errors import Unread, code, meaning, message, words
from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.aws.runtime import client, time_of
from resilient_redshift.cloud.phases import cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from resilient_redshift.cloud.aws.runtime import LambdaContext
    from resilient_redshift.cloud.restore.run import Run

#: How often a call is made again after an error that passes. FEW is for calls that a run can do without, and for
#: services whose control plane may be in the Region that is lost.
FEW: Final = 3
MANY: Final = 60
AGAIN_SECONDS: Final = 20
#: A phase makes no call when Lambda would end the function this soon. A call takes at most 25 seconds, as the client's
#: timeouts in cloud/aws/runtime say.
RESERVE_SECONDS: Final = 45.0
_LONGEST_WORDS: Final = 1000


class OutOfTimeError(Exception):
    """Lambda would end the function before AWS can answer. The machine calls the phase again, with new time."""


class CallFailed(Unread):
    """A call to AWS failed.

    Args:
        operation: the API's name of the operation.
        error: what boto3 raised.
    """

    def __init__(self, operation: str, error: Exception) -> None:
        super().__init__(
            cut(f"{operation}: {words(error)}", _LONGEST_WORDS),
            code=code(error),
            meaning=Meaning.TRANSIENT if isinstance(error, OutOfTimeError) else meaning(error),
            message=cut(message(error), _LONGEST_WORDS),
        )
        self.operation = operation

    @property
    def passes(self) -> bool:
        """Whether the same call works later."""
        return self.meaning in PASSING_AT_HOME


class Again(Exception):  # noqa: N818 - the name says what is to be done
    """The phase must be called again, with what the run knew before.

    Args:
        call: the call that failed, under which the run counts.
        wait_seconds: how long the machine waits.
        code: AWS's code of the error.
    """

    def __init__(self, call: str, wait_seconds: int, code: str) -> None:
        super().__init__(call)
        self.call = call
        self.code = code
        self.wait_seconds = wait_seconds


class Ended(Exception):  # noqa: N818 - the name says what is the case
    """The run ends with an outcome.

    Args:
        outcome: one of ``RESTORE_OUTCOMES``.
        message: what happened, and what to do.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Aws:
    """The surroundings of one call of the function.

    Args:
        region: the function's own Region. A run asks no other.
        client: returns boto3's client of a service in that Region.
        now: returns the time, timezone-aware, in UTC.
        remaining: returns the seconds until Lambda ends this invocation. Default: it never does.
    """

    region: str
    client: Callable[[str], Any]
    now: Callable[[], datetime]
    remaining: Callable[[], float] = lambda: math.inf

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of any call
        """Make one call.

        Args:
            service: boto3's name of the service.
            operation: the API's name of the operation.
            parameters: the parameters. One that is None is left out.

        Returns:
            The answer.

        Raises:
            CallFailed: AWS refused, or did not answer, or Lambda would end the function before AWS can answer.
        """
        if self.remaining() < RESERVE_SECONDS:
            raise CallFailed(operation, OutOfTimeError("Lambda ends the function soon"))
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            answer: dict[str, Any] = getattr(self.client(service), _method(operation))(**given)
        except (ClientError, BotoCoreError) as error:
            raise CallFailed(operation, error) from error
        return answer


def aws_in(region: str, context: LambdaContext) -> Aws:
    """The real surroundings: boto3, the wall clock and Lambda's own time limit.

    Args:
        region: the function's own Region.
        context: Lambda's context object.
    """
    time = time_of(context)
    return Aws(region=region, client=lambda service: client(service, region), now=time.now, remaining=time.remaining)


def _method(operation: str) -> str:
    """boto3's method for an operation (``botocore.xform_name``, which handles more cases and is slower to import)."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z][a-z])", r"_\1\2", operation).lower()


def wait_out(run: Run, now: datetime, error: CallFailed, most: int, *, seconds: int = AGAIN_SECONDS) -> None:
    """Have the phase called again if an error passes and the run has patience left. Return if it has not.

    Args:
        run: the run, which counts the tries.
        now: the time.
        error: the error.
        most: how often the call is made again.
        seconds: how long the machine waits before that.

    Raises:
        Again: the phase must be called again.
    """
    patient = run.ending or run.give_up_at is None or now < run.give_up_at
    if error.passes and patient and run.tries.get(error.operation, 0) < most:
        raise Again(error.operation, seconds, error.code)
