"""Every warning this library can give, by its stable id. Ids are a public contract: never renamed, listed in docs/warnings.md."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from aws_cdk import Validations

if TYPE_CHECKING:
    from constructs import IConstruct


class Warn(StrEnum):
    """The ids of recoverable risks, acknowledgeable with ``Validations.of(...).acknowledge(...)``."""


def warn(construct: IConstruct, warning: Warn, message: str) -> None:
    """Warn of a risk that the user may accept."""
    Validations.of(construct).add_warning(str(warning), message)
