"""Reads the templates of a cloud assembly; those of Stages (nested assemblies) and of nested stacks too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.creation import creation_lines
from resilient_redshift.planning.reading.template import SynthesizedTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
#: CDK lists the template of a nested stack only among the assets of its parent.
_ASSETS: Final = "{}.assets"
_NESTED_TEMPLATE: Final = ".nested.template.json"
#: The file that makes a folder a cloud assembly.
MANIFEST: Final = "manifest.json"
#: How CDK writes an account or Region that only the deployment decides.
_UNKNOWN: Final = ("unknown-account", "unknown-region")


class AssemblyError(ValueError):
    """A folder that is no cloud assembly, or a cloud assembly with a file that cannot be read."""


def read_assembly(folder: Path | str) -> tuple[SynthesizedTemplate, ...]:
    """Read every stack's template of a cloud assembly.

    Args:
        folder: the folder that ``cdk synth`` wrote; ``cdk.out`` unless the app names another one.

    Returns:
        The templates in the order of the manifests, each with its account and Region. The templates of nested stacks
        follow the template of their parent.

    Raises:
        AssemblyError: when a manifest or a template is missing or is not JSON.
    """
    root = Path(folder)
    manifest = _json(root / MANIFEST, f"'{root}' is not a cloud assembly (run `cdk synth` first)")
    artifacts = values.mapping(values.mapping(manifest).get("artifacts"))
    templates: list[SynthesizedTemplate] = []
    for artifact_id, artifact in artifacts.items():
        kind = values.mapping(artifact).get("type")
        properties = values.mapping(values.mapping(artifact).get("properties"))
        if kind == _NESTED and isinstance(name := properties.get("directoryName"), str):
            templates += read_assembly(root / name)
        elif kind == _STACK and isinstance(file := properties.get("templateFile"), str):
            stack = str(properties.get("stackName") or values.mapping(artifact).get("displayName") or artifact_id)
            account, region = _place(values.mapping(artifact).get("environment"))
            template = _json(root / file, f"the template of stack '{artifact_id}' cannot be read")
            nested_files = dict(_nested_files(root, artifacts.get(_ASSETS.format(artifact_id))))
            assets = tuple(nested_files)
            created_at = creation_lines(root, values.mapping(artifact))
            found = SynthesizedTemplate(stack, region, values.mapping(template), account, assets, str(root / file))
            templates.append(replace(found, created_at=created_at))
            for nested in nested_files.values():
                template = _json(root / nested, f"a nested template of stack '{artifact_id}' cannot be read")
                name = f"{stack}/{nested.removesuffix(_NESTED_TEMPLATE)}"
                found = SynthesizedTemplate(name, region, values.mapping(template), account, assets, str(root / nested))
                templates.append(replace(found, created_at=created_at))
    return tuple(templates)


def _nested_files(root: Path, assets: object) -> Iterator[tuple[str, str]]:
    """The nested stacks' templates among the assets of a stack: the id of each asset, and its file."""
    manifest = values.mapping(values.mapping(assets).get("properties")).get("file")
    if not isinstance(manifest, str):
        return
    files = values.mapping(values.mapping(_json(root / manifest, "the assets of a stack cannot be read")).get("files"))
    for asset_id, asset in files.items():
        path = values.mapping(values.mapping(asset).get("source")).get("path")
        if isinstance(path, str) and path.endswith(_NESTED_TEMPLATE):
            yield asset_id, path


def _place(environment: object) -> tuple[str | None, str | None]:
    """The account and the Region of ``aws://account/region``; None for one that only the deployment decides."""
    parts = environment.removeprefix("aws://").split("/") if isinstance(environment, str) else []
    account, region, *_ = [part if part and part not in _UNKNOWN else None for part in [*parts, "", ""]]
    return account, region


def _json(file: Path, problem: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssemblyError(f"{problem}: {error.strerror or error}: {file.name}") from error
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{problem}: {file.name} is not JSON") from error
