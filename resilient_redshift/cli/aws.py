"""AWS as the commands see it: short time-outs, each failure in one line, an unreachable Region as a value."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from resilient_redshift.cli.aws_errors import cli_error, is_answer
from resilient_redshift.cli.errors import CliError, UnreachableError
from resilient_redshift.cli.network_errors import refuse_pages
from resilient_redshift.cli.patience import DEFAULT, Patience, SilentError, Waiter, abandoned, both, together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

T = TypeVar("T")
U = TypeVar("U")

#: Seconds, for one attempt. :class:`Patience` limits all attempts of a call together.
_CONNECT_SECONDS: Final = 3
_READ_SECONDS: Final = 10
_ATTEMPTS: Final = 3
#: A call of a Lambda function lasts as long as the function, 15 minutes at most, and a second attempt would call the
#: function again.
_FUNCTION_SECONDS, _FUNCTION_ATTEMPTS = 900, 1
_CALLS_A_FUNCTION: Final = "lambda:Invoke"
#: The most queries of one :func:`ask_together` at the same time: AWS throttles, and a client has ten connections
#: (botocore).
_AT_ONCE: Final = 8
#: A smaller difference between AWS's clock and ours is ignored.
_CLOCK_TOLERANCE: Final = timedelta(seconds=30)
#: The names of the page marker in an answer and in the next call, by service (the services' API references).
_MARKERS: Final = {
    "cloudwatch": ("NextToken", "NextToken"),
    "redshift": ("Marker", "Marker"),
    "redshift-data": ("NextToken", "NextToken"),
    "ssm": ("NextToken", "NextToken"),
}
_OTHER_MARKERS: Final = ("nextToken", "nextToken")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The answer of a Region: a value, or the problem that prevented one."""

    value: T | None = None
    problem: CliError | None = None

    def get(self) -> T:
        """The value.

        Raises:
            CliError: the problem, if there is one.
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
        session: makes a session, as ``boto3.Session`` does. Default: ``boto3.Session``, imported at the first call.
        profile: a profile of the AWS configuration. Default: as the AWS configuration says.
        region: the Region to begin in. Default: as the AWS configuration says.
        clock: the time on this machine. AWS's answers show how wrong this time is.
        waiting: called with the name of a Region that has not answered for a moment. Default: nothing is called.
        patience: how long to wait for a Region.
    """

    def __init__(
        self,
        session: Callable[..., Any] | None = None,
        *,
        profile: str | None = None,
        region: str | None = None,
        clock: Callable[[], datetime],
        waiting: Callable[[str], None] = lambda _: None,
        patience: Patience = DEFAULT,
    ) -> None:
        #: How far AWS's clock is ahead of ours, by the date of AWS's last answer. A small difference counts as zero.
        self.skew = timedelta()
        #: The time of AWS's last answer by AWS's own clock, to the second. None: the answer had none.
        self.answered_at: datetime | None = None
        self._clock = clock
        self._factory = session
        self._profile = profile
        self._region = region
        self._waiter = Waiter(patience, waiting, is_answer)
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def region(self) -> str:
        """The Region to begin in.

        Raises:
            CliError: no option and no configuration names a Region.
        """
        name = self._region or self._open_session().region_name
        if not name:
            raise CliError("no Region is configured", "pass --region or set AWS_REGION")
        return str(name)

    def call(self, region: str, service: str, operation: str, **parameters: object) -> dict[str, Any]:
        """Make one call. A service that says nothing for eight seconds counts as unreachable.

        Args:
            region: the Region.
            service: the service, as boto3 names it.
            operation: the operation, as the API spells it.
            parameters: the parameters, as the API spells them.

        Raises:
            CliError: the failure, in one line.
        """
        name = f"{service}:{operation}"

        def send() -> dict[str, Any]:
            client = self._client(service, region)
            answer: dict[str, Any] = getattr(client, import_module("botocore").xform_name(operation))(**parameters)
            return answer

        try:
            answer = self._waiter.wait_for(region, service, send, decide=name != _CALLS_A_FUNCTION)
        except SilentError as error:
            raise UnreachableError(region, f"{name}: {error}") from error
        except Exception as error:
            failure = cli_error(error, region, name)
            if failure is None:
                raise
            raise failure from error
        self._compare_clocks(answer)
        return answer

    def pages(
        self, region: str, service: str, operation: str, member: str, **parameters: object
    ) -> list[dict[str, Any]]:
        """Read all pages of a list.

        Args:
            region: the Region.
            service: the service, as boto3 names it.
            operation: the operation, as the API spells it.
            member: the member of each answer that holds the items.
            parameters: the parameters, as the API spells them.

        Raises:
            CliError: the failure, in one line.
        """
        marker_in_answer, marker_in_call = _MARKERS.get(service, _OTHER_MARKERS)
        items: list[dict[str, Any]] = []
        marker: dict[str, object] = {}
        while True:
            answer = self.call(region, service, operation, **{**parameters, **marker})
            items += answer.get(member, [])
            if not answer.get(marker_in_answer):
                return items
            marker = {marker_in_call: answer[marker_in_answer]}

    def _compare_clocks(self, answer: dict[str, Any]) -> None:
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        self.answered_at = None
        if date:
            with suppress(ValueError):
                self.answered_at = parsedate_to_datetime(date)
                ahead = self.answered_at - self._clock()
                self.skew = ahead if abs(ahead) > _CLOCK_TOLERANCE else timedelta()

    def _open_session(self) -> Any:  # noqa: ANN401 - boto3 has no types of its own
        with self._lock:
            if self._session is None:
                factory = self._factory or import_module("boto3").Session
                try:
                    self._session = factory(profile_name=self._profile, region_name=self._region)
                except Exception as error:
                    failure = cli_error(error, self._region or "", "the AWS configuration")
                    if failure is None:
                        raise
                    raise failure from error
        return self._session

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 has no types of its own
        session = self._open_session()
        with self._lock:  # a session can make only one client at a time
            if (service, region) not in self._clients:
                function = service == "lambda"
                config = import_module("botocore.config").Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_FUNCTION_SECONDS if function else _READ_SECONDS,
                    retries={
                        "mode": "standard",
                        "total_max_attempts": _FUNCTION_ATTEMPTS if function else _ATTEMPTS,
                    },
                    # a router may drop a connection that is silent for minutes
                    tcp_keepalive=function,
                    user_agent_extra="resilient-redshift-cli",
                )
                client = session.client(service, region_name=region, config=config)
                for event, handler in (("before-send", _stop_if_abandoned), ("before-parse", refuse_pages)):
                    client.meta.events.register_first(event, handler, unique_id=handler.__name__)
                self._clients[(service, region)] = client
        return self._clients[(service, region)]


def _stop_if_abandoned(**_: object) -> None:
    """Attempt a call no more that nobody waits for: it would change something after the command said that it failed."""
    if abandoned():
        raise SilentError(0)


def ask(query: Callable[[], T]) -> Answer[T]:
    """Run a query, and return a failure as an answer."""
    try:
        return Answer(value=query())
    except CliError as problem:
        return Answer(problem=problem)


def ask_together(queries: Sequence[Callable[[], T]]) -> list[Answer[T]]:
    """Run all queries, at most eight at the same time.

    A query that waits for its time-out takes one of the eight places.

    Returns:
        The answers, in the order of the queries.
    """
    return together([partial(ask, query) for query in queries], _AT_ONCE)


def ask_both(first: Callable[[], T], second: Callable[[], U]) -> tuple[Answer[T], Answer[U]]:
    """Run two queries of different types at the same time."""
    return both(partial(ask, first), partial(ask, second))
