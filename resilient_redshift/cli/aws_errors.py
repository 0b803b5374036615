"""Turns an exception of botocore into one line with a hint.

The table of ``cloud/aws`` says what a code means. The names here are those of botocore's exceptions.
"""

from __future__ import annotations

from typing import Final

from resilient_redshift.cli.errors import ApiError, CliError, DeniedError, ThrottledError, UnreachableError
from resilient_redshift.cli.network_errors import NotFromAwsError, unreachable
from resilient_redshift.cloud.aws.errors import code, meaning, message, server_failed
from resilient_redshift.cloud.aws.meanings import Meaning

#: The codes of credentials that were good once.
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
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
    words = " ".join(message(error).split())
    if is_answer(error):
        return _from_answer(error, words, region, operation)
    if isinstance(error, NotFromAwsError) or meaning(error) in {Meaning.TRANSIENT, Meaning.UNREACHABLE}:
        return unreachable(error, region, operation)
    if "BotoCoreError" in kinds or "Boto3Error" in kinds:
        return _before_the_call(kinds[0], words, region, operation)
    return None


def is_answer(error: BaseException) -> bool:
    """Whether an exception is an answer of AWS."""
    return any(kind.__name__ == "ClientError" for kind in type(error).__mro__)


def _before_the_call(name: str, words: str, region: str, operation: str) -> CliError:
    if name == "ProfileNotFound":
        return CliError(words, "list the profiles that exist: aws configure list-profiles")
    if name == "NoRegionError":
        return CliError("no Region is configured", "pass --region or set AWS_REGION")
    if "Credential" in name or "Token" in name or "SSO" in name or "Login" in name:
        return CliError(f"no usable credentials: {words}", _LOG_IN)
    return CliError(f"{operation} in {region}: {words}", "--debug shows more")


def _from_answer(error: Exception, words: str, region: str, operation: str) -> CliError:
    name = code(error) or "an answer without a code"
    match meaning(error):
        case Meaning.THROTTLED:
            return ThrottledError(region, operation, name, words, "wait a moment and try again")
        case Meaning.DENIED:
            hint = "these credentials lack a right: docs/cli.md has the policy that an operator needs"
            return DeniedError(region, operation, name, words, hint)
        case Meaning.CREDENTIALS if name in _EXPIRED:
            return CliError(f"the credentials have expired ({name})", _LOG_IN)
        case Meaning.CREDENTIALS:
            return CliError(f"AWS does not know these credentials ({name})", _LOG_IN)
    if meaning(error) is Meaning.TRANSIENT or server_failed(error):
        return UnreachableError(region, f"{operation}: {name} {words}".rstrip())
    return ApiError(region, operation, name, words)
