"""Golden files: what must not change unless somebody means it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "golden"
UPDATE: Final = "UPDATE_GOLDEN"


def check(name: str, actual: Any, meaning: str) -> None:
    """Compare with a golden file, or write it where ``UPDATE_GOLDEN=1`` is set.

    Args:
        name: the file, without its ending.
        actual: what the code says now; JSON.
        meaning: what a change does to users, for whoever sees the test fail.
    """
    file = FOLDER / f"{name}.json"
    wanted = json.dumps(actual, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get(UPDATE):
        file.write_text(wanted)
    golden = json.loads(file.read_text()) if file.exists() else None
    changes = differences(golden, json.loads(wanted))
    listed = "\n  ".join(changes)
    assert not changes, (
        f"{meaning}\nIf that is meant, say so in CHANGELOG.md, and run the test with {UPDATE}=1.\n  {listed}"
    )


def differences(golden: Any, actual: Any, path: str = "") -> list[str]:
    """What differs, line by line; empty where nothing does."""
    if isinstance(golden, dict) and isinstance(actual, dict):
        return [
            change for key in sorted({*golden, *actual}) for change in _of_key(golden, actual, key, f"{path}/{key}")
        ]
    return [] if golden == actual else [f"{path or '/'}: was {golden!r}, is {actual!r}"]


def _of_key(golden: dict[str, Any], actual: dict[str, Any], key: str, path: str) -> list[str]:
    if key not in golden:
        return [f"{path}: new, {actual[key]!r}"]
    if key not in actual:
        return [f"{path}: gone, was {golden[key]!r}"]
    return differences(golden[key], actual[key], path)
