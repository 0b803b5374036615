"""Finds and reads the file of a policy: ``resilience.toml``, or a table of ``pyproject.toml``."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning.checks._policy_table import read_table
from resilient_redshift.planning.checks.policy import DEFAULT_POLICY
from resilient_redshift.planning.reading.source import is_device

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.planning.checks.policy import ResiliencePolicy

POLICY_FILE: Final = "resilience.toml"
PROJECT_FILE: Final = "pyproject.toml"
#: The table of a pyproject.toml that holds the policy.
PROJECT_TABLE: Final = ("tool", "resilient-redshift")
#: The place that means the default policy. A file of that name is ``./default``.
DEFAULT: Final = "default"
_REPOSITORY: Final = ".git"


def read_policy(place: str | Path) -> ResiliencePolicy:
    """Read a policy.

    Args:
        place: the path of a file in TOML; of a ``pyproject.toml``, the table ``[tool.resilient-redshift]``. The text
            ``default`` means the default policy.

    Returns:
        The policy. Its ``source`` and its ``file`` are the place.

    Raises:
        ResilientRedshiftError: when the file cannot be read, and with every problem that it has. The problems name the
            keys.
    """
    if place == DEFAULT:
        return DEFAULT_POLICY
    file = Path(place)
    content = _content(file, str(place))
    if file.name != PROJECT_FILE:
        return read_table(content, "", str(place))
    found = _project_table(content)
    if found is None:
        raise ResilientRedshiftError(str(place), [f"has no table [{'.'.join(PROJECT_TABLE)}]"])
    return read_table(found, ".".join(PROJECT_TABLE), str(place))


def find_policy(folder: str | Path = ".") -> ResiliencePolicy:
    """Find and read the policy of a folder.

    The search begins in the folder and goes upward, to the folder that has ``.git`` at most. In each folder, a
    ``resilience.toml`` comes first; then a ``pyproject.toml`` with a table ``[tool.resilient-redshift]``.

    Args:
        folder: the folder in which the search begins. Default: the working directory.

    Returns:
        The policy of the first file that has one, with the file's path seen from the folder; the default policy when
        there is none.

    Raises:
        ResilientRedshiftError: when a file that may hold the policy cannot be read, and with every problem that the
            policy has.
    """
    start = Path(os.path.realpath(folder))
    for each in (start, *start.parents):
        seen_from_start = Path(os.path.relpath(each, start))
        own, project = each / POLICY_FILE, each / PROJECT_FILE
        if os.path.lexists(own):
            return read_table(_content(own, shown := str(seen_from_start / POLICY_FILE)), "", shown)
        if os.path.lexists(project):
            shown = str(seen_from_start / PROJECT_FILE)
            found = _project_table(_content(project, shown))
            if found is not None:
                return read_table(found, ".".join(PROJECT_TABLE), shown)
        if os.path.lexists(each / _REPOSITORY):
            break
    return DEFAULT_POLICY


def _content(file: Path, shown: str) -> Mapping[str, Any]:
    if is_device(file):
        raise ResilientRedshiftError(shown, ["cannot be read: it is a device or a pipe"])
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ResilientRedshiftError(shown, ["cannot be read: it is not UTF-8"]) from error
    except OSError as error:
        raise ResilientRedshiftError(shown, [f"cannot be read: {error.strerror or error}"]) from error
    except (ValueError, RecursionError) as error:  # ValueError: TOML that is wrong, or a path with a NUL
        raise ResilientRedshiftError(shown, [f"is not TOML: {error}"]) from error


def _project_table(content: Mapping[str, Any]) -> object:
    """The policy's table of a ``pyproject.toml``; None when there is none."""
    found: Any = content
    for name in PROJECT_TABLE:
        found = found.get(name) if isinstance(found, dict) else None
    return found
