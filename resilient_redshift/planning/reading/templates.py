"""Reads templates from wherever people have them: cloud assemblies, folders, files, and standard input."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.reading.assembly import MANIFEST, stacks_of
from resilient_redshift.planning.reading.folder import is_assembly, named_templates, templates_in, templates_of_file
from resilient_redshift.planning.reading.local_files import LocalFiles
from resilient_redshift.planning.reading.nested import with_nested
from resilient_redshift.planning.reading.parameters import with_parameters
from resilient_redshift.planning.reading.source import AssemblyError, documents, standard_input
from resilient_redshift.planning.reading.template import SynthesizedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.planning.reading.nested import Library

    #: A template, and where its nested templates are; None for a template that lies among other files.
    _Entry = tuple[SynthesizedTemplate, Library | None]

STANDARD_INPUT: Final = "-"
#: How much of a name that is too long an error shows.
_SHOWN: Final = 60


def read_templates(
    *places: str, parameters: Mapping[str, str | None] | None = None, ignore_undeclared: bool = False
) -> tuple[SynthesizedTemplate, ...]:
    """Read every template of one or more places.

    Args:
        places: each the folder of a cloud assembly (``cdk.out``); another folder, of which every template is read,
            those of the folders inside too, but not of hidden ones, ``node_modules`` and virtual environments; one file
            in JSON or YAML; or ``-`` for standard input. At least one.
        parameters: the values that the deployment gives to parameters, by ``Key`` or ``Stack:Key``, as
            ``parse_parameters`` returns them. ``AWS::Region`` and ``AWS::AccountId`` give a place to templates outside
            a cloud assembly. Default: each parameter has the default that its template declares.
        ignore_undeclared: ignore a given parameter that no template declares: the templates before a change do not
            declare what the change adds. Default: such a parameter is an error.

    Returns:
        The templates. A template outside a cloud assembly has the name of its file, and its account and Region are
        unknown, unless ``parameters`` has them. A nested stack follows its parent, once for each resource that makes
        it. A file of a folder that is like a template and cannot be read is an empty template with the reason.

    Raises:
        AssemblyError: when there is no template, when a place cannot be read, when no template declares a given
            parameter, and when its declaration does not allow the value.
    """
    if not places:
        raise AssemblyError("no place is named: name a folder, a template, or - for standard input")
    entries: list[_Entry] = []
    for place in places:
        entries += _entries(place)
    entries = _once(entries)
    local = LocalFiles(template for template, library in entries if library is None)
    outermost = {id(template) for template in local.roots()}
    roots = [(each, library or local) for each, library in entries if library or id(each) in outermost]
    given = with_parameters([each for each, _ in roots], parameters or {}, ignore_undeclared=ignore_undeclared)
    return tuple(
        each for template, (_, library) in zip(given, roots, strict=True) for each in with_nested(template, library)
    )


def _entries(place: str) -> list[_Entry]:
    if place == STANDARD_INPUT:
        name = "standard input"
        return [(each, None) for each in named_templates(name, None, documents(name, standard_input()))]
    if not place.strip():
        raise AssemblyError("no place is named: name a folder, a template, or - for standard input")
    path = Path(place)
    try:
        is_file, is_folder, has_manifest = path.is_file(), path.is_dir(), (path / MANIFEST).exists()
    except OSError as error:  # a whole template instead of its name is too long, or a folder may not be read
        shown = place if len(place) <= _SHOWN else f"{place[:_SHOWN]}..."
        raise AssemblyError(f"'{shown}' cannot be read: {error.strerror or error}") from error
    if is_file:
        return [(each, None) for each in templates_of_file(path, path.name)]
    if not is_folder:
        raise AssemblyError(f"'{place}' cannot be read: there is no such folder or file (`cdk synth` writes cdk.out)")
    if has_manifest and is_assembly(path):
        return list(stacks_of(path))
    found = templates_in(path)
    entries: list[_Entry] = [(each, None) for each in found.templates]
    for assembly in found.assemblies:
        try:
            entries += stacks_of(assembly)
        except AssemblyError as error:
            name = Path(os.path.relpath(assembly, path)).as_posix()
            file = assembly.as_posix()
            entries.append((SynthesizedTemplate(name, None, {}, file=file, not_read=(str(error),)), None))
    if not entries:
        raise AssemblyError(f"'{place}' has no cloud assembly (run `cdk synth` first) and no template in JSON or YAML")
    return entries


def _once(entries: Iterable[_Entry]) -> list[_Entry]:
    """The entries without the files that several places have. Two files of one name get their paths as names."""
    given = [(template, library, _real(template, number)) for number, (template, library) in enumerate(entries)]
    assembled = {path for _, library, path in given if library is not None}
    found: dict[tuple[str | None, ...], _Entry] = {}
    files_of: dict[str, set[str]] = {}
    for template, library, path in given:
        if library is None and path in assembled:  # the assembly knows more: the account, the Region and the name
            continue
        key = (path, template.name.rpartition(" (document ")[2], template.account, template.region)
        found.setdefault(key, (template, library))
        if library is None:
            files_of.setdefault(template.name, set()).add(path)
    return [
        (replace(template, name=template.file or template.name), library)
        if library is None and len(files_of[template.name]) > 1
        else (template, library)
        for template, library in found.values()
    ]


def _real(template: SynthesizedTemplate, number: int) -> str:
    """What tells a template's file apart from other files; its number for a template without a file."""
    return os.path.realpath(template.file) if template.file else str(number)
