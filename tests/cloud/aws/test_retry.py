"""The retry loop: which errors it waits for, how long, and what it says when it gives up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from emulator.redshift_model import Clock
from resilient_redshift.cloud.aws.retry import (
    PATIENCE,
    PATIENCE_ACCESS,
    PATIENCE_GRANT,
    PATIENCE_NOT_KNOWN,
    Retry,
    ambiguous,
    patience,
    words,
)
from resilient_redshift.cloud.aws.runtime import Runtime
from resilient_redshift.cloud.errors import Busy, Failed, NotKnown, Refused

if TYPE_CHECKING:
    from collections.abc import Callable


def refused(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "words of AWS"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(cast("Any", answer), "EnableSnapshotCopy")


def runtime_of(clock: Clock, remaining: float = 900) -> Runtime:
    """An invocation that makes no call."""
    ends = clock.monotonic() + remaining

    def no_client(_region: str) -> Any:
        raise AssertionError("no call is made")

    return Runtime(
        redshift=no_client,
        kms=no_client,
        stepfunctions=no_client,
        functions=no_client,
        now=clock.now,
        sleep=clock.sleep,
        remaining=lambda: ends - clock.monotonic(),
        allowed_stack="",
    )


def failing(*errors: Exception) -> Callable[[], str]:
    """An attempt that fails with each error in turn, and then works."""
    left = list(errors)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def always(error: Exception) -> Callable[[], str]:
    def attempt() -> str:
        raise error

    return attempt


@pytest.mark.parametrize(
    ("error", "time"),
    [
        (refused("Throttling"), PATIENCE),
        (refused("AnythingElse", 503), PATIENCE),
        (Busy("later"), PATIENCE),
        (ReadTimeoutError(endpoint_url="x"), PATIENCE),
        (refused("AccessDenied"), PATIENCE_ACCESS),
        (refused("SnapshotScheduleNotFound"), PATIENCE_ACCESS),
        (refused("SnapshotCopyGrantNotFoundFault"), PATIENCE_GRANT),
        (refused("ValidationError"), None),
        (NoCredentialsError(), None),
    ],
)
def test_each_error_has_its_time(error: Exception, time: timedelta | None) -> None:
    assert patience(error) == time


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (refused("InternalFailure", 500), True),
        (ConnectionClosedError(endpoint_url="x"), True),
        (EndpointConnectionError(endpoint_url="x"), False),  # the call never left
        (refused("Throttling", 503), False),
        (refused("ValidationError"), False),
    ],
)
def test_only_a_missing_answer_leaves_open_whether_the_call_worked(error: Exception, unknown: bool) -> None:
    assert ambiguous(error) is unknown


def test_the_words_are_awss_or_our_own() -> None:
    assert words(refused("Throttling")) == "Throttling: words of AWS"
    assert words(Busy("the cluster is 'modifying'")) == "the cluster is 'modifying'"
    assert words(ValueError("x")) == "ValueError: x"


def test_an_attempt_is_repeated_until_it_works() -> None:
    # GIVEN two errors that pass
    clock = Clock()
    attempt, before = failing(refused("Throttling"), Busy("later")), clock.monotonic()
    # WHEN
    answer = Retry(runtime_of(clock)).call("try", attempt)
    # THEN the waits are the first two delays
    assert (answer, clock.monotonic() - before) == ("done", 2 + 4)


@pytest.mark.parametrize("error", [Refused("no"), ValueError("a bug")])
def test_a_refusal_or_a_bug_ends_the_loop_at_once(error: Exception) -> None:
    clock = Clock()
    before = clock.monotonic()
    with pytest.raises(type(error)):
        Retry(runtime_of(clock)).call("try", failing(error))
    assert clock.monotonic() == before


def test_one_clock_counts_the_waits_of_all_calls() -> None:
    # GIVEN a loop that has waited almost as long as it may
    clock = Clock()
    retry = Retry(runtime_of(clock), limit=timedelta(seconds=10))
    clock.advance(9)
    # WHEN the next call must wait THEN it fails, and says how long all of them took
    with pytest.raises(Failed, match=r"could not try within 9 s: later; deploy again later"):
        retry.call("try", always(Busy("later")))


def test_the_time_for_the_answer_is_kept() -> None:
    # GIVEN an invocation that ends in 61 seconds WHEN a wait of two seconds is due THEN the loop ends before it
    clock = Clock()
    before = clock.monotonic()
    with pytest.raises(Failed, match="within 0 s: Throttling"):
        Retry(runtime_of(clock, remaining=61)).call("try", always(refused("Throttling")))
    assert clock.monotonic() == before


def in_turn(clock: Clock, *stages: tuple[float, Exception]) -> Callable[[], str]:
    """An attempt that fails with each error for so many seconds, and then works."""
    ends = [clock.monotonic() + sum(seconds for seconds, _ in stages[: index + 1]) for index in range(len(stages))]

    def attempt() -> str:
        for end, (_, error) in zip(ends, stages, strict=True):
            if clock.monotonic() < end:
                raise error
        return "done"

    return attempt


UNHEARD_OF = NotKnown("the cluster is 'unheard-of'")


def test_what_is_not_known_is_waited_for_a_short_time_only() -> None:
    # GIVEN something that stays not known WHEN it is tried THEN the loop gives up before the short time is over
    clock = Clock()
    before = clock.monotonic()
    with pytest.raises(Failed, match=r"^could not try within 110 s: the cluster is 'unheard-of'$"):
        Retry(runtime_of(clock)).call("try", always(UNHEARD_OF))
    assert clock.monotonic() - before <= PATIENCE_NOT_KNOWN.total_seconds()


@pytest.mark.parametrize("between", [Busy("later"), refused("Throttling")])
def test_the_short_time_begins_again_after_any_other_error(between: Exception) -> None:
    # GIVEN something that is not known twice, each time for less than the short time
    clock = Clock()
    attempt = in_turn(clock, (90, UNHEARD_OF), (90, between), (90, UNHEARD_OF))
    # WHEN it is tried THEN it works in the end
    assert Retry(runtime_of(clock)).call("try", attempt) == "done"


def test_the_short_time_begins_again_after_a_call_that_worked() -> None:
    # GIVEN two calls of one loop, and each of them is not known for less than the short time WHEN tried THEN both work
    clock = Clock()
    retry = Retry(runtime_of(clock))
    for _ in range(2):
        assert retry.call("try", in_turn(clock, (90, UNHEARD_OF))) == "done"


def test_a_patient_loop_waits_for_what_is_not_known_as_for_what_is_busy() -> None:
    clock = Clock()
    assert Retry(runtime_of(clock)).patient().call("try", in_turn(clock, (500, UNHEARD_OF))) == "done"


def test_a_patient_loop_has_the_clock_and_the_limit_of_its_origin() -> None:
    # GIVEN a loop of ten seconds that is nine seconds old WHEN its patient copy must wait THEN the copy gives up
    clock = Clock()
    retry = Retry(runtime_of(clock), limit=timedelta(seconds=10))
    clock.advance(9)
    with pytest.raises(Failed, match="within 9 s"):
        retry.patient().call("try", always(UNHEARD_OF))
