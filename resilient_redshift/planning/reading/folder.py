"""Finds the templates of a folder of any kind, such as a repository, and the cloud assemblies in it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.assembly import MANIFEST, is_manifest
from resilient_redshift.planning.reading.source import AssemblyError, content_of, documents, is_device, template_of
from resilient_redshift.planning.reading.template import SynthesizedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDINGS: Final = frozenset({".json", ".yaml", ".yml", ".template"})
#: Folders that hold other people's code, beside hidden ones and virtual environments.
_NOT_OURS: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
_VIRTUAL_ENVIRONMENT: Final = "pyvenv.cfg"
#: CloudFormation takes templates of 1 MB ("CloudFormation quotas"); a larger file is data.
_LARGEST: Final = 8 * 2**20
#: What every template has, and what a file with a Redshift resource has.
_SIGNS: Final = ("Resources", "AWS::Redshift")
_TYPE: Final = "::"
#: "Template sections", CloudFormation; Globals is SAM's.
_SECTIONS: Final = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_REDSHIFT: Final = "AWS::Redshift::"
_DEEPEST: Final = 40


@dataclass(slots=True)
class Folder:
    """What a folder holds.

    Attributes:
        templates: the templates; for a file that is no readable template, an empty one with the reason.
        assemblies: the folders of cloud assemblies.
    """

    templates: list[SynthesizedTemplate] = field(default_factory=list)
    assemblies: list[Path] = field(default_factory=list)


def templates_in(folder: Path) -> Folder:
    """Find the templates of a folder and of the folders inside.

    It passes hidden folders, ``node_modules``, virtual environments, and files that hold something else than a
    template. A file that is like a template and cannot be read becomes an empty template with the reason.

    Args:
        folder: the folder.
    """
    found = Folder()

    def unreadable(error: OSError) -> None:
        name = _below(folder, Path(error.filename or folder))
        why = f"the folder cannot be read: {error.strerror or error}"
        found.templates.append(SynthesizedTemplate(name, None, {}, file=name, not_read=(why,)))

    for current, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(current)
        if MANIFEST in files and is_assembly(here):
            found.assemblies.append(here)
            folders.clear()
            continue
        folders[:] = sorted(each for each in folders if _is_ours(here / each))
        for file in sorted(files):
            if Path(file).suffix in _ENDINGS:
                found.templates += _templates_of(here / file, _below(folder, here / file))
    found.templates.sort(key=lambda template: (template.file or "").count("/"))
    return found


def is_assembly(folder: Path) -> bool:
    """Whether a folder is a cloud assembly. A manifest that cannot be read counts as one."""
    try:
        return is_manifest(documents(MANIFEST, content_of(folder / MANIFEST))[0])
    except (AssemblyError, IndexError):
        return True


def templates_of_file(file: Path, name: str) -> list[SynthesizedTemplate]:
    """The templates of one file: one, or in YAML one for each document that is a template.

    Args:
        file: the file.
        name: what the stack is called for the reader.

    Raises:
        AssemblyError: when the file cannot be read, or has no template.
    """
    return named_templates(name, file.as_posix(), documents(file.name, content_of(file)))


def named_templates(name: str, file: str | None, contents: Iterable[object]) -> list[SynthesizedTemplate]:
    """The templates among documents.

    Args:
        name: what the stack is called for the reader.
        file: the path of the file; None without one.
        contents: the documents.

    Raises:
        AssemblyError: when there is no template.
    """
    found = [template for each in contents if (template := template_of(each)) is not None]
    if not found:
        raise AssemblyError(f"{name} is not a CloudFormation template: it has no Resources")
    names = [name] if len(found) == 1 else [f"{name} (document {number})" for number in range(1, len(found) + 1)]
    return [
        SynthesizedTemplate(each, None, template, file=file, parameters={"AWS::StackName": None})
        for each, template in zip(names, found, strict=True)
    ]


def _templates_of(file: Path, name: str) -> list[SynthesizedTemplate]:
    """The templates of one file of a folder; none for a file of another kind."""
    try:
        if file.stat().st_size > _LARGEST or is_device(file):
            return []
        text = content_of(file)
    except (OSError, AssemblyError) as error:
        return [_unread(file, name, str(error))] if _is_like_a_template(file) else []
    if not any(sign in text for sign in _SIGNS):
        return []
    try:
        contents = documents(file.name, text)
    except AssemblyError as error:
        return [_unread(file, name, str(error))] if "AWS::" in text else []
    found = [each for each in contents if _has_resources(each)]
    templates = named_templates(name, file.as_posix(), found) if found else []
    if any(_names_redshift(each) for each in contents if not _has_resources(each)):
        templates.append(_unread(file, name, f"{file.name} has a resource of Redshift, and is no template"))
    return templates


def _unread(file: Path, name: str, why: str) -> SynthesizedTemplate:
    return SynthesizedTemplate(name, None, {}, file=file.as_posix(), not_read=(why,))


def _is_like_a_template(file: Path) -> bool:
    """Whether a file that is no readable text mentions a type of AWS."""
    try:
        return b"AWS::" in file.read_bytes().replace(b"\0", b"")
    except OSError:
        return file.exists()


def _has_resources(content: object) -> bool:
    """Whether a document is a template: it has resources with types, or it has nothing but sections of a template."""
    template = template_of(content)
    if template is None:
        return False
    resources = values.mapping(template["Resources"])
    kinds = [values.mapping(each).get("Type") for each in resources.values()]
    typed = any(isinstance(kind, str) and _TYPE in kind for kind in kinds)
    return typed or any(each.startswith("Fn::") for each in resources) or template.keys() <= _SECTIONS


def _names_redshift(content: object, depth: int = 0) -> bool:
    """Whether a document of another kind has a resource of Redshift somewhere."""
    if depth > _DEEPEST or not isinstance(content, dict | list):
        return False
    if isinstance(content, dict) and str(content.get("Type")).startswith(_REDSHIFT):
        return True
    inner = content.values() if isinstance(content, dict) else content
    return any(_names_redshift(each, depth + 1) for each in inner)


def _is_ours(folder: Path) -> bool:
    hidden = folder.name.startswith(".")
    return not hidden and folder.name not in _NOT_OURS and not (folder / _VIRTUAL_ENVIRONMENT).exists()


def _below(folder: Path, file: Path) -> str:
    return Path(os.path.relpath(file, folder)).as_posix()
