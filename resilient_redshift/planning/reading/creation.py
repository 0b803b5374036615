"""Reads which lines of an app make a resource, from the creation stack traces that CDK writes.

CDK writes the trace of each resource into ``NAME.metadata.json`` beside the template. The frames of Python are in it
when the app ran with ``JSII_HOST_STACK_TRACES=1``, which ``cdk synth --debug`` sets. Earlier releases of CDK wrote the
trace into ``manifest.json``, at the entry of the logical id.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.source import is_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LOGICAL_ID: Final = "aws:cdk:logicalId"
_CREATION: Final = "aws:cdk:creationStack"
#: ``name (file:line)`` of Python, ``name (file:line:column)`` of Node, and ``file:line:column`` without a name.
_PLACE: Final = re.compile(r"(?P<file>[^\n\0]+?):(?P<line>[1-9]\d{0,8})(?::\+?\d+)?")
_FILE_SCHEME: Final = "file://"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of an app.

    Args:
        file: the path of the file on the machine that synthesized the app. It is often absolute, so that no report
            shows it as it is.
        line: the line, 1 or more.
    """

    file: str
    line: int


def creation_lines(folder: Path, artifact: Mapping[str, object]) -> dict[str, tuple[SourceLine, ...]]:
    """The lines that make each resource of a stack.

    Args:
        folder: the folder of the cloud assembly.
        artifact: the stack's entry in the manifest; of any shape.

    Returns:
        The lines by construct path, and by logical id where only one resource of the stack and its nested stacks has
        it. The line that makes the resource comes first, and its callers follow. A resource without a readable trace
        is not there.
    """
    by_path: dict[str, tuple[SourceLine, ...]] = {}
    by_logical_id: dict[str, list[tuple[SourceLine, ...]]] = {}
    for path, entries in _metadata(folder, artifact).items():
        notes = [values.mapping(each) for each in values.items(entries)]
        logical_ids = [each for each in notes if each.get("type") == _LOGICAL_ID]
        traces = [each.get("data") for each in notes if each.get("type") == _CREATION]
        traces += [each.get("trace") for each in logical_ids]
        lines = next((found for trace in traces if (found := tuple(_lines(trace)))), ())
        for each in logical_ids:
            by_logical_id.setdefault(str(each.get("data")), []).append(lines)
        if lines:
            by_path[path.removeprefix("/")] = lines
    unique = {name: found[0] for name, found in by_logical_id.items() if len(found) == 1 and found[0]}
    return {**unique, **by_path}


def _metadata(folder: Path, artifact: Mapping[str, object]) -> dict[str, object]:
    """What CDK notes about each construct, by construct path; nothing when it cannot be read."""
    noted = dict(values.mapping(artifact.get("metadata")))
    file = artifact.get("additionalMetadataFile")
    if isinstance(file, str) and not is_device(folder / file):
        try:
            noted.update(values.mapping(json.loads((folder / file).read_text(encoding="utf-8"))))
        except (OSError, ValueError, RecursionError):
            return noted
    return noted


def _lines(trace: object) -> Iterator[SourceLine]:
    for frame in values.items(trace):
        if not isinstance(frame, str):
            continue
        name, named, place = frame.strip().removeprefix("at ").partition(" (")
        found = _PLACE.fullmatch(place.removesuffix(")") if named else name)
        if found is not None:
            file = found["file"]
            local = unquote(file.removeprefix(_FILE_SCHEME)) if file.startswith(_FILE_SCHEME) else file
            yield SourceLine(local, int(found["line"]))
