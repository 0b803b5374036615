"""Reads and writes the parameters of a switchover: its state, its lock, and the fence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli.errors import ApiError
from resilient_redshift.cloud.aws.meanings import Meaning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.aws import Aws


def get(aws: Aws, region: str, name: str) -> str | None:
    """The text of a parameter. None: there is no such parameter.

    Raises:
        CliError: the parameter could not be read.
    """
    try:
        return str(aws.call(region, "ssm", "GetParameter", Name=name)["Parameter"]["Value"])
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return None
        raise


def put(aws: Aws, region: str, name: str, value: Mapping[str, Any] | str) -> None:
    """Write a parameter, whether it exists or not."""
    aws.call(region, "ssm", "PutParameter", Name=name, Value=_text(value), Type="String", Overwrite=True)


def create(aws: Aws, region: str, name: str, value: Mapping[str, Any]) -> bool:
    """Write a parameter that does not exist yet.

    Returns:
        Whether it was written. An attempt whose answer was lost may have written it, too.
    """
    try:
        aws.call(region, "ssm", "PutParameter", Name=name, Value=_text(value), Type="String", Overwrite=False)
    except ApiError as error:
        if error.meaning is Meaning.EXISTS:
            return False
        raise
    return True


def delete(aws: Aws, region: str, name: str) -> bool:
    """Delete a parameter.

    Returns:
        Whether it existed.
    """
    try:
        aws.call(region, "ssm", "DeleteParameter", Name=name)
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return False
        raise
    return True


def _text(value: Mapping[str, Any] | str) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
