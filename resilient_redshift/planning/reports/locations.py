"""Where a finding lies: in the user's app, else in the template, else in the file that the finding is about.

No location holds the path of a machine. A path is relative to the root of the repository, with forward slashes.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from resilient_redshift.planning.checks.findings import Finding

#: The path of a template that has no file.
STANDARD_INPUT: Final = "standard-input"
#: The folders of libraries: a line there is not the user's.
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages", "node_modules"})
_THIS_LIBRARY: Final = os.path.realpath(Path(__file__).parents[2]) + os.sep
_SEPARATOR: Final = re.compile(r"[\\/]")
_JSON_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:\n]')
#: How much of the path of a file outside the root a report shows: the file and its folder.
_SHOWN_OUTSIDE: Final = 2


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file.

    Attributes:
        path: the path, relative to the root; for a file outside the root, the last parts of its path.
        line: the line, 1 or more; 1 when only the file is known.
        columns: the first column of the line's text, and the column after the last one; None when they are not known.
        in_root: whether the file lies in the root.
    """

    path: str
    line: int = 1
    columns: tuple[int, int] | None = None
    in_root: bool = False


class Locations:
    """Finds the locations of findings.

    Args:
        root: the folder that paths are relative to, such as the root of the repository.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))
        self._roots = (Path(os.path.normpath(root.absolute())), self._root)
        self._below_root = cache(self._find_below_root)
        self._file_of_the_app = cache(self._find_file_of_the_app)
        self._lines = cache(_lines)
        self._text = cache(self._join_lines)
        self._lines_of_resources = cache(self._find_lines_of_resources)
        self._line_of_resource = cache(self._find_line_of_resource)

    def of(self, finding: Finding, *, gone: bool = False) -> Location:
        """Where a finding lies.

        Args:
            finding: the finding.
            gone: whether its cluster is only in the base of a comparison. The files of the app are those of the head,
                where the line may hold something else. Default: the cluster is in the head.

        Returns:
            The line of the app that makes the cluster, where CDK noted it and the file lies in the root; else the line
            of the logical id in the template; else the file. For a cluster that no template contains, it is the place
            of the resource that names it.
        """
        cluster = finding.cluster
        for source in cluster.source if cluster else ():
            path = self._file_of_the_app(source.file)
            if path is not None:
                return self._line_of_the_app(path, 1 if gone else source.line)
        file = cluster.file if cluster else finding.file
        if file is None:
            return Location(STANDARD_INPUT)
        logical_id = (cluster.logical_id or cluster.named_by) if cluster else None
        line = self._line_of_resource(file, logical_id) if logical_id else 1
        path = self._below_root(file)
        shown = _outside(file) if path is None else path
        return Location(shown, line, self._columns(file, line), in_root=path is not None)

    def _line_of_the_app(self, path: str, line: int) -> Location:
        """A line of a file in the root; the first one when the file has changed and is shorter now."""
        columns = self._columns(str(self._root / path), line)
        return Location(path, line if columns else 1, columns, in_root=True)

    def _find_below_root(self, file: str) -> str | None:
        """The path relative to the root; None for a file elsewhere."""
        try:
            places = (os.path.normpath(Path(file).absolute()), os.path.realpath(file))
        except ValueError:  # no name of a file
            return None
        for place, root in zip(places, self._roots, strict=True):
            if PurePath(place).is_relative_to(root):
                return PurePath(place).relative_to(root).as_posix()
        return None

    def _find_file_of_the_app(self, file: str) -> str | None:
        """A file of the user's app; None for a file of a library, and for one that is not in the root.

        The app may have been synthesized on another machine, where the repository lay in another folder. Then the
        longest end of the path counts that is a file in the root.
        """
        parts = _SEPARATOR.split(file)
        if not _LIBRARIES.isdisjoint(parts):
            return None
        ends = [] if _is_file(Path(file)) else ["/".join(parts[first:]) for first in range(1, len(parts))]
        for path in [self._below_root(file), *ends]:
            if path and _is_file(self._root / path):
                is_ours = os.path.realpath(self._root / path).startswith(_THIS_LIBRARY)
                return None if is_ours else path
        return None

    def _join_lines(self, file: str) -> str:
        return "\n".join(self._lines(file))

    def _find_line_of_resource(self, file: str, logical_id: str) -> int:
        text = self._text(file)
        name = re.escape(logical_id)
        key = rf'"{name}"\s*:' if _is_json(text) else rf"^[ \t]*([\"']?){name}\1[ \t]*:"
        found = [each.start() for each in re.finditer(key, text, re.MULTILINE)]
        if len(found) == 1:  # no other key has this name, so that the template need not be parsed
            return text.count("\n", 0, found[0]) + 1
        return self._lines_of_resources(file).get(logical_id, 1)

    def _find_lines_of_resources(self, file: str) -> dict[str, int]:
        text = self._text(file)
        return _json_lines(text) if _is_json(text) else _yaml_lines(text)

    def _columns(self, file: str, line: int) -> tuple[int, int] | None:
        lines = self._lines(file)
        text = lines[line - 1] if line <= len(lines) else ""
        return (len(text) - len(text.lstrip()) + 1, len(text) + 1) if text.strip() else None


def _outside(file: str) -> str:
    """What a report shows of the path of a file outside the root."""
    parts = [part for part in _SEPARATOR.split(file) if part.strip(".")]
    return "/".join(parts[-_SHOWN_OUTSIDE:]) or STANDARD_INPUT


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name of a file, or in a folder that may not be read
        return False


def _lines(file: str) -> list[str]:
    """The lines of a file; none when it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except (OSError, ValueError):
        return []


def _json_lines(text: str) -> dict[str, int]:
    """The line of each logical id of a template in JSON."""
    lines: dict[str, int] = {}
    line, depth, name, in_resources = 1, 0, ("", 1), False
    for token in _JSON_TOKEN.finditer(text):
        word = token[0]
        if word == "\n":
            line += 1
        elif word in "{[":
            depth += 1
        elif word in "}]":
            depth -= 1
        elif word != ":":
            name = (word, line)
        elif depth == 1:
            in_resources = _decoded(name[0]) == "Resources"
        elif depth == 2 and in_resources:  # noqa: PLR2004 - the keys of an entry of the template
            lines.setdefault(_decoded(name[0]), name[1])
    return lines


def _decoded(word: str) -> str:
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word


def _yaml_lines(text: str) -> dict[str, int]:
    """The line of each logical id of a template in YAML; nothing when it cannot be read."""
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError:
        return {}
    try:
        template = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    entries = template.value if isinstance(template, yaml.MappingNode) else []
    resources = [value for key, value in entries if key.value == "Resources" and isinstance(value, yaml.MappingNode)]
    keys = [key for each in resources for key, _ in each.value if isinstance(key, yaml.ScalarNode)]
    return {key.value: key.start_mark.line + 1 for key in keys}
