"""The check of the bucket that keeps the reports of failovers and drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.environment import check_environment

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_s3 import IBucketRef

    from resilient_redshift.core.environment import Environment
    from resilient_redshift.errors import Problems


def check_report_bucket(problems: Problems, bucket: IBucketRef | None, here: Environment) -> None:
    """Record a problem when the bucket is in another Region or account than the restore function; None passes.

    Args:
        problems: collects the problems of the call.
        bucket: the bucket that the user passed.
        here: the environment of the restore function.
    """
    if bucket is not None:
        why = "the restore function must reach it while every other Region is lost"
        check_environment(problems, "report_bucket", bucket, here, why=why)
