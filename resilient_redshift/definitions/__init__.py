"""The state machines, as Amazon States Language files that other tools open too (no CDK, no AWS)."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any, Final, cast

MANUAL_SNAPSHOT: Final = "manual_snapshot"
RECOVERY_TIERS: Final = "recovery_tiers"
RECOVERY_RESTORE: Final = "recovery_restore"


def path_name(name: str) -> str:
    """The file of a definition, inside this package."""
    return f"{name}.asl.json"


@functools.cache
def definition_string(name: str) -> str:
    """A definition as one line, with its ``${Partition}`` still to be substituted (``DefinitionSubstitutions``)."""
    return json.dumps(load(name), separators=(",", ":"), ensure_ascii=False)


def load(name: str) -> dict[str, Any]:
    """A definition as it stands in its file; a new object each time."""
    return cast("dict[str, Any]", json.loads(files(__name__).joinpath(path_name(name)).read_text(encoding="utf-8")))


def actions(name: str) -> tuple[str, ...]:
    """The SDK integrations that a definition calls, such as ``redshift:createClusterSnapshot``, sorted."""
    resources = (state["Resource"] for state in load(name)["States"].values() if state["Type"] == "Task")
    return tuple(sorted({":".join(resource.split(":")[-2:]) for resource in resources}))
