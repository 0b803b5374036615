"""The clients of what runs in Lambda are made in one place, with one configuration."""

from __future__ import annotations

import ast
from pathlib import Path

from resilient_redshift import cloud

FOLDER = Path(cloud.__file__).parent


def _imports(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_one_module_makes_clients_and_their_configuration() -> None:
    makers = {
        str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.py") if {"boto3", "botocore.config"} & _imports(file)
    }
    assert makers == {"aws/runtime.py"}
