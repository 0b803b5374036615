"""AWS as the commands see it: short time-outs, every failure in one line, and an unreachable Region as a value."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from resilient_redshift.cli.errors import CliError, UnreachableError
from resilient_redshift.cli.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

T = TypeVar("T")
U = TypeVar("U")

#: Seconds. A dead Region is a normal case: nobody waits long for it.
_CONNECT_SECONDS: Final = 3
_READ_SECONDS: Final = 10
_ATTEMPTS: Final = 3
#: Questions asked at the same time at most: AWS throttles, and a client has ten connections (botocore).
_AT_ONCE: Final = 8
_CLOCKS_AGREE: Final = timedelta(seconds=30)
#: What comes with each page, and goes with the next call, by service (the services' API references).
_MARKERS: Final = {"redshift": ("Marker", "Marker"), "ssm": ("NextToken", "NextToken")}
_NEXT: Final = ("nextToken", "nextToken")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a Region said: a value, or the problem that stood in the way."""

    value: T | None = None
    problem: CliError | None = None

    def get(self) -> T:
        """The value, where there is one.

        Raises:
            CliError: the problem.
        """
        if self.problem is not None:
            raise self.problem
        return cast("T", self.value)

    @property
    def unreachable(self) -> bool:
        """Whether the Region did not answer at all."""
        return isinstance(self.problem, UnreachableError)


class Aws:
    """Calls to AWS with the standard configuration: profiles, environment, endpoint variables.

    Args:
        session: what makes a session, as ``boto3.Session`` does. Default: that one, imported at the first call.
        profile: a profile of the AWS configuration. Default: as the AWS configuration says.
        region: the Region to begin in. Default: as the AWS configuration says.
        clock: the time on this machine; AWS's answers tell how wrong it is.
    """

    def __init__(
        self,
        session: Callable[..., Any] | None = None,
        *,
        profile: str | None = None,
        region: str | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        #: How far AWS's clock is ahead of ours, by the date of its last answer; small differences do not count.
        self.skew = timedelta()
        self._clock = clock
        self._factory = session
        self._profile = profile
        self._region = region
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def region(self) -> str:
        """The Region to begin in.

        Raises:
            CliError: none is given and none is configured.
        """
        found = self._region or self._connected().region_name
        if not found:
            raise CliError("no Region is configured", "pass --region or set AWS_REGION")
        return str(found)

    def call(self, region: str, service: str, operation: str, **parameters: object) -> dict[str, Any]:
        """Make one call; ``operation`` and parameters in the API's spelling.

        Raises:
            CliError: whatever went wrong, in one line.
        """
        try:
            client = self._client(service, region)
            method = import_module("botocore").xform_name(operation)
            answer: dict[str, Any] = getattr(client, method)(**parameters)
        except Exception as error:
            told = translated(error, region, f"{service}:{operation}")
            if told is None:
                raise
            raise told from error
        self._compare_clocks(answer)
        return answer

    def pages(
        self, region: str, service: str, operation: str, member: str, **parameters: object
    ) -> list[dict[str, Any]]:
        """All items of a list that comes in pages.

        Raises:
            CliError: whatever went wrong, in one line.
        """
        given, taken = _MARKERS.get(service, _NEXT)
        found: list[dict[str, Any]] = []
        marker: dict[str, object] = {}
        while True:
            answer = self.call(region, service, operation, **{**parameters, **marker})
            found += answer.get(member, [])
            if not answer.get(given):
                return found
            marker = {taken: answer[given]}

    def _compare_clocks(self, answer: dict[str, Any]) -> None:
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if date:
            with suppress(ValueError):
                ahead = parsedate_to_datetime(date) - self._clock()
                self.skew = ahead if abs(ahead) > _CLOCKS_AGREE else timedelta()

    def _connected(self) -> Any:  # noqa: ANN401 - boto3 has no types of its own
        with self._lock:
            if self._session is None:
                factory = self._factory or import_module("boto3").Session
                try:
                    self._session = factory(profile_name=self._profile, region_name=self._region)
                except Exception as error:
                    told = translated(error, self._region or "", "the AWS configuration")
                    if told is None:
                        raise
                    raise told from error
        return self._session

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - likewise
        session = self._connected()
        with self._lock:  # a session makes one client at a time
            if (service, region) not in self._clients:
                config = import_module("botocore.config").Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
                    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                    user_agent_extra="resilient-redshift-cli",
                )
                self._clients[(service, region)] = session.client(service, region_name=region, config=config)
        return self._clients[(service, region)]


def ask(question: Callable[[], T]) -> Answer[T]:
    """Ask, and take a failure as an answer."""
    try:
        return Answer(value=question())
    except CliError as problem:
        return Answer(problem=problem)


def ask_together(questions: Sequence[Callable[[], T]]) -> list[Answer[T]]:
    """Ask all at the same time; one that does not answer holds up no other."""
    with ThreadPoolExecutor(max_workers=min(max(1, len(questions)), _AT_ONCE)) as pool:
        return list(pool.map(ask, questions))


def ask_both(one: Callable[[], T], other: Callable[[], U]) -> tuple[Answer[T], Answer[U]]:
    """Ask both at the same time."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        later = pool.submit(ask, one)
        answer = ask(other)
        return later.result(), answer
