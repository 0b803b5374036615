"""Reads the templates of a cloud assembly, those of nested assemblies (Stages) and nested stacks included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from resilient_redshift.planning import _values as values
from resilient_redshift.planning._pictures import SynthesizedTemplate

_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
#: CDK tells a nested stack's template nowhere but among its parent's assets.
_ASSETS: Final = "{}.assets"
_NESTED_TEMPLATE: Final = ".nested.template.json"
_MANIFEST: Final = "manifest.json"
#: How CDK writes an account or Region that is decided at deployment.
_UNKNOWN: Final = ("unknown-account", "unknown-region")


class AssemblyError(ValueError):
    """A folder that is no cloud assembly, or one that cannot be read."""


def read_assembly(folder: Path | str) -> tuple[SynthesizedTemplate, ...]:
    """Read every stack's template of a cloud assembly.

    Args:
        folder: what ``cdk synth`` wrote, ``cdk.out`` by default.

    Returns:
        The templates, in the order of the manifests, each with its account and Region; a stack's nested ones after it.

    Raises:
        AssemblyError: when a manifest or a template is missing or no JSON.
    """
    root = Path(folder)
    found: list[SynthesizedTemplate] = []
    manifest = _json(root / _MANIFEST, f"'{root}' is not a cloud assembly (run `cdk synth` first)")
    artifacts = values.mapping(values.mapping(manifest).get("artifacts"))
    for artifact_id, artifact in artifacts.items():
        kind = values.mapping(artifact).get("type")
        properties = values.mapping(values.mapping(artifact).get("properties"))
        if kind == _NESTED and isinstance(name := properties.get("directoryName"), str):
            found.extend(read_assembly(root / name))
        elif kind == _STACK and isinstance(file := properties.get("templateFile"), str):
            template = _json(root / file, f"the template of stack '{artifact_id}' cannot be read")
            shown = properties.get("stackName") or values.mapping(artifact).get("displayName") or artifact_id
            account, region = _place(values.mapping(artifact).get("environment"))
            found.append(SynthesizedTemplate(str(shown), region, values.mapping(template), account))
            for inner in _nested_files(root, artifacts.get(_ASSETS.format(artifact_id))):
                template = _json(root / inner, f"a nested template of stack '{artifact_id}' cannot be read")
                name = f"{shown}/{inner.removesuffix(_NESTED_TEMPLATE)}"
                found.append(SynthesizedTemplate(name, region, values.mapping(template), account))
    return tuple(found)


def _nested_files(root: Path, assets: object) -> list[str]:
    """The templates of nested stacks among a stack's assets."""
    file = values.mapping(values.mapping(assets).get("properties")).get("file")
    if not isinstance(file, str):
        return []
    files = values.mapping(values.mapping(_json(root / file, "the assets of a stack cannot be read")).get("files"))
    sources = (values.mapping(values.mapping(asset).get("source")).get("path") for asset in files.values())
    return [path for path in sources if isinstance(path, str) and path.endswith(_NESTED_TEMPLATE)]


def _place(environment: object) -> tuple[str | None, str | None]:
    """The account and the Region of ``aws://account/region``."""
    parts = environment.removeprefix("aws://").split("/") if isinstance(environment, str) else []
    known = [part if part and part not in _UNKNOWN else None for part in [*parts, "", ""]]
    return known[0], known[1]


def _json(file: Path, problem: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssemblyError(f"{problem}: {error.strerror or error}: {file.name}") from error
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{problem}: {file.name} is not JSON") from error
