"""A Redshift client for the readers of ``cloud/redshift``, whose calls are those of ``cli/aws``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from resilient_redshift.cli.errors import ApiError, CliError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cli.aws import Aws


class _ClusterNotFoundError(ApiError):
    """The Region has no cluster of that identifier."""


class _ScheduleNotFoundError(ApiError):
    """The Region has no snapshot schedule of that identifier."""


class _Exceptions:
    """The errors that the readers catch, under the names of boto3."""

    ClusterNotFoundFault = _ClusterNotFoundError
    SnapshotScheduleNotFoundFault = _ScheduleNotFoundError


class _Redshift:
    exceptions = _Exceptions

    def __init__(self, aws: Aws, region: str) -> None:
        self._aws = aws
        self._region = region

    def describe_clusters(self, **parameters: object) -> dict[str, Any]:
        with _not_found(self._region, "ClusterNotFound", _ClusterNotFoundError):
            answer = self._aws.call(self._region, "redshift", "DescribeClusters", **parameters)
        identifier = parameters.get("ClusterIdentifier")
        if identifier is not None and not answer.get("Clusters"):
            raise CliError(
                f"redshift:DescribeClusters in {self._region} answers without the cluster {identifier} and "
                "without an error, so it is unknown whether the cluster exists",
                "run it again",
            )
        return answer

    def describe_cluster_snapshots(self, **parameters: object) -> dict[str, Any]:
        return self._aws.call(self._region, "redshift", "DescribeClusterSnapshots", **parameters)

    def describe_snapshot_schedules(self, **parameters: object) -> dict[str, Any]:
        with _not_found(self._region, "SnapshotScheduleNotFound", _ScheduleNotFoundError):
            return self._aws.call(self._region, "redshift", "DescribeSnapshotSchedules", **parameters)


@contextmanager
def _not_found(region: str, code: str, kind: type[ApiError]) -> Iterator[None]:
    """Turn the error of one code into the error that the reader catches. Every other code proves nothing."""
    try:
        yield
    except ApiError as error:
        if error.code != code:
            raise
        raise kind(region, "redshift", code, error.words) from error


def client(aws: Aws, region: str) -> RedshiftClient:
    """A client that only describes clusters, snapshots and snapshot schedules.

    Args:
        aws: calls to AWS. Each call of the client is one of these, so a failure is a ``CliError``.
        region: the Region.
    """
    return cast("RedshiftClient", _Redshift(aws, region))
