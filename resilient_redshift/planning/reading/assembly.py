"""Reads the templates of a cloud assembly: those of Stages (nested assemblies), nested stacks and products, too."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.creation import creation_lines
from resilient_redshift.planning.reading.nested import Found, with_nested
from resilient_redshift.planning.reading.source import AssemblyError, is_device
from resilient_redshift.planning.reading.template import SynthesizedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MANIFEST", "AssemblyError", "is_manifest", "read_assembly", "stacks_of"]

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
#: CDK lists the template of a nested stack only among the assets of its parent.
_ASSETS: Final = "{}.assets"
_NESTED_TEMPLATE: Final = ".nested.template.json"
#: How the names of templates end that CDK makes as assets: ``.nested``, ``.product``, ``.stackset``.
_ENDING: Final = re.compile(r"(\.[a-z]+)?\.template\.json$")
_ASSET_PATH: Final = "aws:asset:path"
_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
#: The file that makes a folder a cloud assembly.
MANIFEST: Final = "manifest.json"
#: What a manifest of a cloud assembly may have ("Cloud Assembly Schema", CDK); other tools have a manifest.json, too.
_MANIFEST_KEYS: Final = frozenset({"artifacts", "minimumCliVersion", "missing", "properties", "runtime", "version"})
#: How CDK writes an account or Region that only the deployment decides.
_UNKNOWN: Final = ("unknown-account", "unknown-region")
_DEEPEST: Final = 20


def read_assembly(folder: Path | str) -> tuple[SynthesizedTemplate, ...]:
    """Read every stack's template of a cloud assembly.

    Args:
        folder: the folder that ``cdk synth`` wrote; ``cdk.out`` unless the app names another one.

    Returns:
        The templates in the order of the manifests, each with its account and Region. The templates of nested stacks
        follow the template of their parent, those of products and stack sets too.

    Raises:
        AssemblyError: when a manifest or a template is missing or is not JSON.
    """
    found: list[SynthesizedTemplate] = []
    for template, library in stacks_of(folder):
        found += with_nested(template, library)
    return tuple(found)


def is_manifest(content: object) -> bool:
    """Whether the content of a ``manifest.json`` is that of a cloud assembly."""
    return isinstance(content, dict) and bool(content) and content.keys() <= _MANIFEST_KEYS


def stacks_of(
    folder: Path | str, depth: int = 0, read: set[str] | None = None
) -> Iterator[tuple[SynthesizedTemplate, _Assets]]:
    """The stacks of a cloud assembly, each with the templates among its assets.

    Args:
        folder: as for :func:`read_assembly`.
        depth: how many assemblies contain this one. Default: none.
        read: the folders that were read already; this one is added. An assembly that contains itself is read once.
            Default: none.

    Raises:
        AssemblyError: as for :func:`read_assembly`.
    """
    root = Path(folder)
    manifest = _json(root / MANIFEST, f"'{root}' is not a cloud assembly (run `cdk synth` first)")
    known = set[str]() if read is None else read
    if os.path.realpath(root) in known:
        return
    known.add(os.path.realpath(root))
    artifacts = values.mapping(values.mapping(manifest).get("artifacts"))
    for artifact_id, each in artifacts.items():
        artifact = values.mapping(each)
        kind, properties = artifact.get("type"), values.mapping(artifact.get("properties"))
        if kind == _NESTED and isinstance(name := properties.get("directoryName"), str) and depth < _DEEPEST:
            yield from stacks_of(root / name, depth + 1, known)
        elif kind == _STACK and isinstance(file := properties.get("templateFile"), str):
            stack = str(properties.get("stackName") or artifact.get("displayName") or artifact_id)
            account, region = _place(artifact.get("environment"))
            template = SynthesizedTemplate(
                stack,
                region,
                values.mapping(_json(root / file, f"the template of stack '{artifact_id}' cannot be read")),
                account,
                file=(root / file).as_posix(),
                parameters=_texts(properties.get("parameters")),
                created_at=creation_lines(root, artifact),
                tags=_texts(properties.get("tags")),
            )
            yield (
                template,
                _Assets(root, stack, dict(_templates(root, artifacts.get(_ASSETS.format(artifact_id)), file))),
            )


@dataclass(slots=True)
class _Assets:
    """The templates among the assets of a stack.

    Attributes:
        root: the folder of the cloud assembly.
        stack: the name of the stack.
        files: the path of each template below the folder, by the asset's id.
        used: the paths that a resource of the stack names.
    """

    root: Path
    stack: str
    files: dict[str, str]
    used: set[str] = field(default_factory=set)

    def find(
        self,
        parent: SynthesizedTemplate,  # noqa: ARG002 - a library of files needs it
        logical_id: str,
        location: object,
        metadata: Mapping[str, Any],
    ) -> Found | None:
        """The template that a URL names by its asset's id, or that the metadata of its resource name by its path."""
        path = metadata.get(_ASSET_PATH)
        if path not in self.files.values():
            path = next((self.files[word] for word in _WORD.findall(str(location)) if word in self.files), None)
        if not isinstance(path, str):
            return None
        self.used.add(path)
        return self._read(path, f"the template of '{logical_id}' in stack '{self.stack}' cannot be read")

    def rest(self, stack: SynthesizedTemplate) -> Iterator[SynthesizedTemplate]:
        """The nested stacks' templates that no resource names."""
        for path in self.files.values():
            if path.endswith(_NESTED_TEMPLATE) and path not in self.used:
                found = self._read(path, f"a nested template of stack '{self.stack}' cannot be read")
                yield SynthesizedTemplate(
                    found.name,
                    stack.region,
                    found.template,
                    stack.account,
                    file=found.file,
                    parameters={"AWS::StackName": None},
                    created_at=stack.created_at,
                    tags=stack.tags,
                )

    def _read(self, path: str, problem: str) -> Found:
        file = self.root / path
        return Found(f"{self.stack}/{_ENDING.sub('', path)}", file.as_posix(), values.mapping(_json(file, problem)))


def _templates(root: Path, assets: object, own: str) -> Iterator[tuple[str, str]]:
    """The templates among the assets of a stack, without its own: the id of each asset, and its file."""
    manifest = values.mapping(values.mapping(assets).get("properties")).get("file")
    if not isinstance(manifest, str):
        return
    files = values.mapping(values.mapping(_json(root / manifest, "the assets of a stack cannot be read")).get("files"))
    for asset_id, asset in files.items():
        path = values.mapping(values.mapping(asset).get("source")).get("path")
        if isinstance(path, str) and _ENDING.search(path) and path != own:
            yield asset_id, path


def _texts(written: object) -> dict[str, str | None]:
    """The entries of a mapping whose values are texts."""
    return {key: value for key, value in values.mapping(written).items() if isinstance(value, str)}


def _place(environment: object) -> tuple[str | None, str | None]:
    """The account and the Region of ``aws://account/region``; None for one that only the deployment decides."""
    parts = environment.removeprefix("aws://").split("/") if isinstance(environment, str) else []
    account, region, *_ = [part if part and part not in _UNKNOWN else None for part in [*parts, "", ""]]
    return account, region


def _json(file: Path, problem: str) -> Any:  # noqa: ANN401 - any JSON value
    if is_device(file):
        raise AssemblyError(f"{problem}: {file.name} is a device or a pipe")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssemblyError(f"{problem}: {error.strerror or error}: {file.name}") from error
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{problem}: {file.name} is not JSON") from error
