"""What botocore raises becomes one line with a hint."""

from __future__ import annotations

import botocore.exceptions
import pytest

from resilient_redshift.cli import errors
from resilient_redshift.cli.aws_errors import cli_error


def answered(code: str, status: int = 400) -> botocore.exceptions.ClientError:
    response = {"Error": {"Code": code, "Message": "AWS's\nwords"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.exceptions.ClientError(response, "DescribeClusters")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (answered("AccessDenied", 403), errors.DeniedError, "redshift:X in us-west-2: AccessDenied: AWS's words"),
        (answered("AccessDeniedException"), errors.DeniedError, "AccessDeniedException"),
        (answered("ExpiredTokenException"), errors.CliError, "the credentials have expired"),
        (answered("UnrecognizedClientException"), errors.CliError, "AWS does not know these credentials"),
        (answered("ThrottlingException"), errors.ThrottledError, "ThrottlingException"),
        (answered("SlowDown", 503), errors.ThrottledError, "SlowDown"),
        (answered("RequestTimeout"), errors.UnreachableError, "us-west-2 does not answer: redshift:X: RequestTimeout"),
        (answered("MissingAuthenticationToken", 403), errors.CliError, "AWS does not know these credentials"),
        (answered(""), errors.ApiError, "an answer without a code: AWS's words"),
        (answered("ServiceUnavailable", 503), errors.UnreachableError, "us-west-2 does not answer"),
        (answered("Odd", 500), errors.UnreachableError, "us-west-2 does not answer"),
        (answered("ClusterNotFound", 404), errors.ApiError, "ClusterNotFound"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="u"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="u"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.SSLError(endpoint_url="u", error="e"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.NoCredentialsError(), errors.CliError, "no usable credentials"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), errors.CliError, "no usable credentials"),
        (botocore.exceptions.ProfileNotFound(profile="p"), errors.CliError, "profile (p)"),
        (botocore.exceptions.NoRegionError(), errors.CliError, "no Region is configured"),
        (botocore.exceptions.ParamValidationError(report="bad"), errors.CliError, "bad"),
    ],
)
def test_what_botocore_raises_becomes_one_line(error: Exception, kind: type, words: str) -> None:
    told = cli_error(error, "us-west-2", "redshift:X")
    assert told is not None
    assert type(told) is kind
    assert words in told.message
    assert "\n" not in told.message
    assert told.status == 2


def test_what_is_not_botocores_is_left_alone() -> None:
    assert cli_error(ValueError("ours"), "us-west-2", "redshift:X") is None
