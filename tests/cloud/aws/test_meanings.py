"""The table of AWS's error codes holds each error of each call that we make, and no error that does not exist."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from emulator.redshift_model.errors import COMMON_ERRORS
from resilient_redshift.cloud.aws import meanings
from resilient_redshift.cloud.aws.meanings import CODES, Meaning
from resilient_redshift.cloud.aws.retry import _PATIENCE_BY_CODE
from tests.cloud.aws.called import CALLS, model

if TYPE_CHECKING:
    from botocore.model import Shape

#: "Errors common to API actions of all AWS services"
#: (docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/common-errors.html).
COMMON = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "MalformedHttpRequestException",
    "NotAuthorized",
    "OptInRequired",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestExpired",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottlingException",
    "UnrecognizedClientException",
    "UnknownOperationException",
    "ValidationError",
}
#: "Common Errors" of the query services' API references (Redshift's among them), in their earlier versions.
QUERY = {
    "InvalidClientTokenId",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "MissingAuthenticationToken",
    "MissingParameter",
}
#: Amazon S3 API Reference, "Error responses": those of PutObject. The model declares four rare ones only. Redshift and
#: IAM refuse a right and credentials by these codes, too.
S3 = {
    "AccessDenied",
    "ExpiredToken",
    "InternalError",
    "InvalidAccessKeyId",
    "NoSuchBucket",
    "RequestTimeout",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "TokenRefreshRequired",
}
#: Amazon EC2 API Reference, "Error codes": those of DescribeSecurityGroups. The model declares no error at all.
EC2 = {
    "AuthFailure",
    "InternalError",
    "InvalidGroup.NotFound",
    "InvalidGroupId.Malformed",
    "RequestLimitExceeded",
    "Unavailable",
    "UnauthorizedOperation",
}
#: The codes that botocore itself takes for throttling and for lost requests, of whatever service.
THROTTLED = set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
LOST = set(TransientRetryableChecker._TRANSIENT_ERROR_CODES)
OUTSIDE_THE_MODELS = COMMON | QUERY | S3 | EC2 | THROTTLED | LOST


def wire_code(error: Shape) -> str:
    return str(error.metadata.get("error", {}).get("code", error.name))


def declared(service: str, *operations: str) -> set[str]:
    shapes = (shape for name in operations for shape in model(service).operation_model(name).error_shapes)
    return {wire_code(shape) for shape in shapes}


@pytest.mark.parametrize(("service", "operation"), sorted(CALLS))
def test_each_error_that_a_call_declares_has_a_row(service: str, operation: str) -> None:
    assert declared(service, operation) - CODES.keys() == set()


def test_each_row_is_an_error_that_exists() -> None:
    services = {service for service, _ in CALLS}
    in_models = set().union(*(declared(service, *model(service).operation_names) for service in services))
    assert CODES.keys() - in_models - OUTSIDE_THE_MODELS == set()


def test_the_calls_are_those_of_all_three_places() -> None:
    # GIVEN the calls that were found WHEN one of each place is looked for THEN the search has missed no place
    assert {
        ("redshift", "EnableSnapshotCopy"),  # the handler
        ("kms", "DescribeKey"),
        ("ssm", "GetParametersByPath"),  # the command
        ("redshift", "CopyClusterSnapshot"),
        ("redshift-data", "GetStatementResult"),  # the restore
        ("route53", "ChangeResourceRecordSets"),
        ("redshift", "EnableLogging"),
        ("lambda", "Invoke"),  # the command
    } <= CALLS


@pytest.mark.parametrize(
    "codes", [COMMON, QUERY, S3, EC2, set(COMMON_ERRORS)], ids=["common", "query", "s3", "ec2", "ours"]
)
def test_each_common_error_has_a_row(codes: set[str]) -> None:
    assert codes - CODES.keys() == set()


def test_each_code_stands_under_one_meaning() -> None:
    counted = collections.Counter(code for codes in meanings._BY_MEANING.values() for code in codes)
    assert [code for code, times in counted.items() if times > 1] == []


def test_what_botocore_takes_for_throttling_is_throttling() -> None:
    assert {code for code in THROTTLED if CODES[code] is not Meaning.THROTTLED} == set()
    assert {CODES[code] for code in LOST} <= {Meaning.THROTTLED, Meaning.TRANSIENT}


def test_an_error_of_the_server_by_its_model_is_no_error_of_the_caller() -> None:
    # GIVEN the HTTP status that the models give WHEN it says that the server failed THEN the table says so, too
    shapes = {shape for service, name in CALLS for shape in model(service).operation_model(name).error_shapes}
    failures = {
        wire_code(shape) for shape in shapes if shape.metadata.get("error", {}).get("httpStatusCode", 400) >= 500
    }
    assert failures
    of_a_person = {code for code in failures if CODES[code] is not Meaning.TRANSIENT}
    assert of_a_person <= {error.error_code for error in model("lambda").operation_model("Invoke").error_shapes}
    # AND Lambda alone answers so, too, where a key, a subnet or a right is what only a person changes
    assert {CODES[code] for code in of_a_person} <= {
        *(Meaning.BUSY, Meaning.DENIED, Meaning.INVALID, Meaning.KEY, Meaning.QUOTA, Meaning.THROTTLED)
    }


def test_the_handlers_exceptions_are_rows() -> None:
    assert _PATIENCE_BY_CODE.keys() <= CODES.keys()
