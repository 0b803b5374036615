"""The state machines, as Amazon States Language files that other tools can open too (no CDK, no AWS)."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any, Final, cast

RESTORE: Final = "restore"
TAKE_SNAPSHOT: Final = "take_snapshot"


def path_name(name: str) -> str:
    """The name of a definition's file in this folder."""
    return f"{name}.asl.json"


@functools.cache
def definition_string(name: str) -> str:
    """A definition as one line of JSON.

    The text still holds ``${Partition}`` and ``${Function}``; ``DefinitionSubstitutions`` of the state machine replaces
    them.
    """
    return json.dumps(load(name), separators=(",", ":"), ensure_ascii=False)


def load(name: str) -> dict[str, Any]:
    """A definition as its file holds it; a new object at each call."""
    return cast("dict[str, Any]", json.loads(files(__name__).joinpath(path_name(name)).read_text(encoding="utf-8")))
