"""An error of boto3: what it means, and whether the call may have worked all the same."""

from __future__ import annotations

from datetime import timedelta

import botocore.exceptions
import pytest

from resilient_redshift.cloud.aws import errors
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.aws.retry import patience
from resilient_redshift.cloud.errors import Busy

URL = {"endpoint_url": "https://redshift.us-west-2.amazonaws.com"}


def answered(code: str, status: int = 400) -> botocore.exceptions.ClientError:
    response = {"Error": {"Code": code, "Message": "AWS's words"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.exceptions.ClientError(response, "DescribeClusters")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answered("ClusterNotFound", 404), Meaning.MISSING),
        (answered("LimitExceededFault"), Meaning.KEY),
        (answered("Odd"), Meaning.UNKNOWN),
        (answered("Odd", 503), Meaning.TRANSIENT),
        (answered("SlowDown", 503), Meaning.THROTTLED),
        (botocore.exceptions.ReadTimeoutError(**URL), Meaning.TRANSIENT),
        (botocore.exceptions.ConnectionClosedError(**URL), Meaning.TRANSIENT),
        (botocore.exceptions.EndpointConnectionError(**URL), Meaning.UNREACHABLE),
        (botocore.exceptions.ConnectTimeoutError(**URL), Meaning.UNREACHABLE),
        (botocore.exceptions.SSLError(**URL, error="e"), Meaning.UNREACHABLE),
        (botocore.exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), Meaning.UNREACHABLE),
        (botocore.exceptions.ParamValidationError(report="bad"), Meaning.UNKNOWN),
        (ValueError("ours"), Meaning.UNKNOWN),
    ],
)
def test_an_error_has_one_meaning(error: Exception, meaning: Meaning) -> None:
    assert errors.meaning(error) is meaning


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (answered("InternalFailure", 500), True),
        (answered("Odd", 500), True),
        (answered("RequestLimitExceeded", 503), False),
        (answered("InternalFailure"), False),
        (botocore.exceptions.ReadTimeoutError(**URL), True),
        (botocore.exceptions.EndpointConnectionError(**URL), False),
        (ValueError("ours"), False),
    ],
)
def test_a_call_without_a_clear_answer_may_have_worked(error: Exception, ambiguous: bool) -> None:
    assert errors.ambiguous(error) is ambiguous


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (answered("Odd"), "Odd: AWS's words"),
        (Busy("the cluster is 'modifying'"), "the cluster is 'modifying'"),
        (ValueError("ours"), "ValueError: ours"),
    ],
)
def test_the_words_are_awss(error: Exception, words: str) -> None:
    assert errors.words(error) == words


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (answered("InvalidClusterState"), 10),
        (answered("Throttling"), 10),
        (answered("InternalFailure"), 10),
        (answered("Odd", 500), 10),
        (answered("AccessDenied", 403), 2),
        (answered("SnapshotScheduleNotFound"), 2),
        (answered("SnapshotCopyGrantNotFoundFault"), 5),
        (answered("OptInRequired", 403), None),
        (answered("SnapshotCopyDisabledFault"), None),
        (answered("InvalidSnapshotCopyGrantStateFault"), None),
        (answered("Odd"), None),
        (botocore.exceptions.ReadTimeoutError(**URL), 10),
        (botocore.exceptions.EndpointConnectionError(**URL), None),
    ],
)
def test_the_handler_waits_by_what_an_error_means(error: Exception, minutes: int | None) -> None:
    assert patience(error) == (None if minutes is None else timedelta(minutes=minutes))
