"""A Redshift client for the readers of ``cloud/redshift``, whose calls are those of ``cli/aws``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from resilient_redshift.cli.errors import ApiError
from resilient_redshift.cloud.aws.meanings import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cli.aws import Aws


class _NotFoundError(ApiError):
    """AWS has nothing of the name that a call asked for."""


class _Exceptions:
    """The errors that the readers catch, under the names of boto3."""

    ClusterNotFoundFault = _NotFoundError
    SnapshotScheduleNotFoundFault = _NotFoundError


class _Redshift:
    exceptions = _Exceptions

    def __init__(self, aws: Aws, region: str) -> None:
        self._aws = aws
        self._region = region

    def describe_clusters(self, **parameters: object) -> dict[str, Any]:
        with self._as_not_found():
            return self._aws.call(self._region, "redshift", "DescribeClusters", **parameters)

    def describe_cluster_snapshots(self, **parameters: object) -> dict[str, Any]:
        return self._aws.call(self._region, "redshift", "DescribeClusterSnapshots", **parameters)

    def describe_snapshot_schedules(self, **parameters: object) -> dict[str, Any]:
        with self._as_not_found():
            return self._aws.call(self._region, "redshift", "DescribeSnapshotSchedules", **parameters)

    @contextmanager
    def _as_not_found(self) -> Iterator[None]:
        try:
            yield
        except ApiError as error:
            if error.meaning is not Meaning.MISSING:
                raise
            raise _NotFoundError(self._region, "redshift", error.code, error.words) from error


def client(aws: Aws, region: str) -> RedshiftClient:
    """A client that only describes clusters, snapshots and snapshot schedules.

    Args:
        aws: calls to AWS. Each call of the client is one of these, so a failure is a ``CliError``.
        region: the Region.
    """
    return cast("RedshiftClient", _Redshift(aws, region))
