"""Turns an exception of botocore into one line with a hint.

The names are those of botocore's exceptions and of AWS's common error codes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.errors import ApiError, CliError, DeniedError, ThrottledError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DENIED: Final = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired")
_EXPIRED: Final = re.compile(r"ExpiredToken|RequestExpired|TokenRefreshRequired")
_UNKNOWN_KEY: Final = re.compile(r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId")
_THROTTLED: Final = re.compile(r"Throttl|RequestLimitExceeded|TooManyRequests|LimitExceededException$")
#: A Region in trouble still answers, with one of these codes.
_IN_TROUBLE: Final = re.compile(r"ServiceUnavailable|InternalFailure|InternalServerError|ServiceException|^50\d$")
_FIRST_SERVER_STATUS: Final = 500
#: botocore's exceptions for a connection that fails, by class name. Names need no import of botocore.
_CONNECTION: Final = frozenset(
    {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "HTTPClientError",
        "IncompleteReadError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "ResponseStreamingError",
        "SSLError",
    },
)
_LOG_IN: Final = "log in again (aws sso login), or set AWS_PROFILE, or pass --profile"


def cli_error(error: Exception, region: str, operation: str) -> CliError | None:
    """Turn an exception into an error of the command.

    Args:
        error: the exception.
        region: the Region of the call.
        operation: the call, such as ``redshift:DescribeClusters``.

    Returns:
        The error to raise. None if the exception is not botocore's.
    """
    kinds = [kind.__name__ for kind in type(error).__mro__]
    words = " ".join(str(error).split())
    if "ClientError" in kinds:
        return _from_response(getattr(error, "response", {}), region, operation)
    if _CONNECTION & set(kinds):
        return UnreachableError(region, words)
    if "BotoCoreError" in kinds or "Boto3Error" in kinds:
        return _before_the_call(kinds[0], words, region, operation)
    return None


def _before_the_call(name: str, words: str, region: str, operation: str) -> CliError:
    if name == "ProfileNotFound":
        return CliError(words, "list the profiles that exist: aws configure list-profiles")
    if name == "NoRegionError":
        return CliError("no Region is configured", "pass --region or set AWS_REGION")
    if "Credential" in name or "Token" in name or "SSO" in name or "Login" in name:
        return CliError(f"no usable credentials: {words}", _LOG_IN)
    return CliError(f"{operation} in {region}: {words}", "--debug shows more")


def _from_response(response: Mapping[str, Any], region: str, operation: str) -> CliError:
    error = response.get("Error", {})
    code = str(error.get("Code", "")) or "an answer without a code"
    words = " ".join(str(error.get("Message", "")).split())
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if _THROTTLED.search(code):
        return ThrottledError(region, operation, code, words, "wait a moment and try again")
    if _DENIED.search(code):
        hint = "these credentials lack a right: docs/cli.md has the policy that an operator needs"
        return DeniedError(region, operation, code, words, hint)
    if _EXPIRED.search(code):
        return CliError(f"the credentials have expired ({code})", _LOG_IN)
    if _UNKNOWN_KEY.search(code):
        return CliError(f"AWS does not know these credentials ({code})", _LOG_IN)
    if _IN_TROUBLE.search(code) or status >= _FIRST_SERVER_STATUS:
        return UnreachableError(region, f"{operation}: {code} {words}".rstrip())
    return ApiError(region, operation, code, words)
