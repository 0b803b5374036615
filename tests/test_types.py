"""mypy reads each module of aws_cdk that we import: one that pyproject.toml does not name would be Any, unseen."""

from __future__ import annotations

import ast
import importlib.util
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[1]


def imported(source: str) -> set[str]:
    """The modules of aws_cdk that a file imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.partition(".")[0] == "aws_cdk"}


def is_module(name: str) -> bool:
    """Whether it is one, and no class; found without importing aws_cdk, which starts Node."""
    [folder] = importlib.util.find_spec("aws_cdk").submodule_search_locations  # type: ignore[union-attr,misc]
    return Path(folder, *name.split(".")[1:]).is_dir()


def test_each_module_of_cdk_that_we_import_is_read() -> None:
    # GIVEN what mypy checks
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    files = [file for folder in mypy["files"] for file in (ROOT / folder).rglob("*.py")]
    names = {name for file in files for name in imported(file.read_text())}
    assert len(names) > 20
    # WHEN its modules of aws_cdk are looked up THEN each is named among those that are read
    [read] = [one["module"] for one in mypy["overrides"] if one.get("follow_imports") == "normal"]
    unread = {name for name in names if not any(fnmatchcase(name, each) for each in read)}
    assert sorted(name for name in unread - {"aws_cdk.interfaces"} if is_module(name)) == []


def test_an_import_is_found_wherever_it_stands() -> None:
    text = "import aws_cdk as cdk\ndef f():\n  from aws_cdk import aws_s3 as s3\n  from aws_cdk.interfaces.aws_kms import IKeyRef"
    assert {"aws_cdk", "aws_cdk.aws_s3", "aws_cdk.interfaces.aws_kms"} <= imported(text)
