"""Reads templates from wherever people have them: a cloud assembly, a folder, one file, or standard input."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.assembly import MANIFEST, AssemblyError, read_assembly
from resilient_redshift.planning.reading.template import SynthesizedTemplate

STANDARD_INPUT: Final = "-"
_ENDINGS: Final = frozenset({".json", ".yaml", ".yml", ".template"})
_TAG: Final = "!"
#: How much of a name that is too long an error shows.
_SHOWN: Final = 60
#: The short tags whose long form has no ``Fn::`` before the name ("Intrinsic function reference", CloudFormation).
_WITHOUT_PREFIX: Final = frozenset({"Ref", "Condition"})
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


def read_templates(place: str) -> tuple[SynthesizedTemplate, ...]:
    """Read every template of a place.

    Args:
        place: the folder of a cloud assembly (``cdk.out``); another folder, of which every template is read, but no
            folder inside; one template in JSON or YAML; or ``-`` for one template on standard input.

    Returns:
        The templates. A template outside a cloud assembly has the name of its file, and its account and Region are
        unknown.

    Raises:
        AssemblyError: when there is no template, and when a file cannot be read.
    """
    if place == STANDARD_INPUT:
        return (_template("standard input", _standard_input()),)
    if not place.strip():
        raise AssemblyError("no place is named: name a folder, a template, or - for standard input")
    path = Path(place)
    try:
        is_file, is_folder, has_manifest = path.is_file(), path.is_dir(), (path / MANIFEST).exists()
    except OSError as error:  # a whole template instead of its name is too long, or a folder may not be read
        shown = place if len(place) <= _SHOWN else f"{place[:_SHOWN]}..."
        raise AssemblyError(f"'{shown}' cannot be read: {error.strerror or error}") from error
    if is_file:
        return (_template(path.name, _content(path)),)
    if has_manifest or not is_folder:
        return read_assembly(place)
    files = sorted(each for each in path.iterdir() if each.suffix in _ENDINGS and each.is_file())
    read = [(file, _parsed(file.name, _content(file))) for file in files]
    found = [SynthesizedTemplate(file.name, None, content) for file, content in read if "Resources" in content]
    if not found:
        raise AssemblyError(f"'{place}' has no cloud assembly (run `cdk synth` first) and no template in JSON or YAML")
    return tuple(found)


def _template(name: str, source: str) -> SynthesizedTemplate:
    content = _parsed(name, source)
    if "Resources" not in content:
        raise AssemblyError(f"{name} is not a CloudFormation template: it has no Resources")
    return SynthesizedTemplate(name, None, content)


def _standard_input() -> str:
    if sys.stdin is None:  # a closed standard input
        raise AssemblyError("standard input cannot be read: it is closed")
    try:
        return sys.stdin.read()
    except (OSError, ValueError) as error:
        raise AssemblyError(f"standard input cannot be read: {error}") from error


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AssemblyError(f"{file.name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise AssemblyError(f"{file.name} cannot be read: it is not UTF-8") from error


def _parsed(name: str, source: str) -> dict[str, Any]:
    """The entries of a file in JSON or YAML; empty for a file that holds something else than a mapping."""
    try:
        written_as_json = source.lstrip().startswith(("{", "["))
        return dict(values.mapping(json.loads(source) if written_as_json else _yaml(name, source)))
    except AssemblyError:
        raise
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{name} is neither JSON nor YAML") from error


def _yaml(name: str, source: str) -> Any:  # noqa: ANN401 - any YAML value
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError as error:
        raise AssemblyError(f"{name} is YAML: install `resilient-redshift[yaml]` to read it") from error

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Reads CloudFormation's short tags, and leaves dates as texts."""

    Loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_multi_constructor(_TAG, _long_form)
    try:
        return yaml.load(source, Loader)
    except yaml.YAMLError as error:
        raise AssemblyError(f"{name} is neither JSON nor YAML: {' '.join(str(error).split())}") from error


def _long_form(loader: Any, tag: str, node: Any) -> dict[str, Any]:  # noqa: ANN401 - of a library without types
    """What a short tag means: ``!GetAtt a.b`` is ``{"Fn::GetAtt": "a.b"}``."""
    read = {
        "scalar": loader.construct_scalar,
        "sequence": loader.construct_sequence,
        "mapping": loader.construct_mapping,
    }
    value = read[node.id](node) if node.id == "scalar" else read[node.id](node, deep=True)
    return {tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}": value}
