"""The calls of one run of the watcher: each with patience, and each failure remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from resilient_redshift.cloud.aws.errors import Unread, code, meaning, message, words
from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.aws.runtime import Invocation
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.restore.sight import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_redshift import RedshiftClient

T = TypeVar("T")

#: How long a run waits for one call. The next run makes good what this one gave up.
PATIENCE: Final = timedelta(minutes=2)
#: A run reads nothing more when Lambda would end it this soon. The time is kept for metrics, events and heartbeats.
READ_RESERVE_SECONDS: Final = 180.0
_LONGEST_WORDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class Surroundings(Invocation):
    """The surroundings of one run.

    Args:
        region: the function's own Region.
        client: returns boto3's client of a service in a Region.
        function: the name of the function. Lambda makes it the session name of the function's role.
    """

    region: str
    client: Callable[[str, str], Any]
    function: str = ""


class CallFailed(Unread):
    """A call failed, and patience did not help.

    Args:
        text: which call, where, and AWS's words.
        cause: what boto3 raised. None: the call was not made, because Lambda ends the run soon.
    """

    def __init__(self, text: str, cause: Exception | None = None) -> None:
        what = meaning(cause) if cause else Meaning.TRANSIENT
        words_of_aws = message(cause) if cause else text
        super().__init__(
            cut(text, _LONGEST_WORDS), code=code(cause) if cause else "", meaning=what, message=words_of_aws
        )


class Calls:
    """Calls to AWS. A service that exhausts the patience once gets a single attempt for each later call.

    Args:
        surroundings: the clients, the clock and the time that is left.
        new_role: whether the function's role may be new, so that a refusal may pass. Default: it is not.
    """

    def __init__(self, surroundings: Surroundings, *, new_role: bool = False) -> None:
        self._surroundings = surroundings
        self._new_role = new_role
        self._exhausted: set[tuple[str, str]] = set()
        #: The calls that failed although the run needs them.
        self.failures: dict[str, None] = {}
        self.made = 0

    @property
    def region(self) -> str:
        """The function's own Region."""
        return self._surroundings.region

    @property
    def function(self) -> str:
        """The name of the function."""
        return self._surroundings.function

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of any call
        """Make a call in the function's own Region that reads what the run needs.

        Args:
            service: boto3's name of the service.
            operation: the API's name of the operation.
            parameters: the parameters of the call.

        Raises:
            CallFailed: the error does not pass, or did not pass in time.
        """
        return Way(calls=self).call(service, operation, **parameters)

    @property
    def unneeded(self) -> Way:
        """Calls whose failure is no failure of the run."""
        return Way(calls=self, needed=False)

    def telling(self, region: str = "") -> Way:
        """Calls that tell something. The last minutes of a run are kept for them.

        Args:
            region: the Region. Default: the function's own.
        """
        return Way(calls=self, telling=True, region=region)

    def look(self, attempt: Callable[[], T | None]) -> Look[T]:
        """Return what an attempt reads, or why it cannot be read."""
        try:
            return Look(value=attempt())
        except CallFailed as failure:
            return Look(problem=str(failure))

    def redshift(self) -> RedshiftClient:
        """A client for the readers of ``cloud/redshift`` that only lists clusters and snapshots."""
        return cast("RedshiftClient", _Redshift(self))

    def make(self, way: Way, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call of a way, and repeat it while its error may pass.

        Raises:
            CallFailed: the error does not pass, or did not pass in time.
        """
        place = way.region or self.region
        what = f"{service}:{operation} in {place}"
        try:
            if not way.telling and self._surroundings.remaining() < READ_RESERVE_SECONDS:
                raise CallFailed(f"{what}: not asked, because Lambda ends the run soon")  # noqa: TRY301
            return self._patiently(
                service, place, what, lambda client: getattr(client, method_of(operation))(**parameters)
            )
        except CallFailed as failure:
            if way.needed and failure.meaning is not Meaning.MISSING:
                self.failures[str(failure)] = None
            raise

    def _patiently(self, service: str, place: str, what: str, call: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        def attempt() -> dict[str, Any]:
            self.made += 1
            return call(self._surroundings.client(service, place))

        limit = timedelta(0) if (service, place) in self._exhausted else PATIENCE
        try:
            return Retry(self._surroundings, limit, self._patience_for).call(f"call {what}", attempt)
        except Failed as failure:
            cause = failure.__cause__
            if not isinstance(cause, Exception):
                raise
            if meaning(cause) in PASSING_AT_HOME:
                self._exhausted.add((service, place))
            raise CallFailed(f"{what}: {words(cause)}", cause) from failure

    def _patience_for(self, error: Exception) -> timedelta | None:
        what = meaning(error)
        return PATIENCE if what in PASSING_AT_HOME or (self._new_role and what is Meaning.DENIED) else None


@dataclass(frozen=True, kw_only=True)
class Way:
    """How calls are made.

    Args:
        calls: the calls of the run.
        region: the Region. Default: the function's own.
        needed: whether a failure is a failure of the run.
        telling: whether the calls tell something. Default: they read.
    """

    calls: Calls
    region: str = ""
    needed: bool = True
    telling: bool = False

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of any call
        """Make a call.

        Raises:
            CallFailed: the error does not pass, or did not pass in time.
        """
        return self.calls.make(self, service, operation, parameters)


class _Redshift:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def describe_clusters(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of this call
        return self._calls.call("redshift", "DescribeClusters", **parameters)

    def describe_cluster_snapshots(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of this call
        return self._calls.call("redshift", "DescribeClusterSnapshots", **parameters)


def method_of(operation: str) -> str:
    """boto3's method for an operation (``botocore.xform_name``, which handles more cases and is slower to import)."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z])", r"_\1\2", operation).lower()
