"""docs/compatibility.md says what the package asks for and what `make floor` and `make demo` run."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.docs.tables import ROOT, rows

SUPPORTED = {row.cells["what"]: row.cells["supported"] for row in rows(ROOT / "docs" / "compatibility.md", "what")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FLOOR = (ROOT / "requirements" / "floor.in").read_text()


@pytest.mark.parametrize("package", ["aws-cdk-lib", "constructs"])
def test_the_floor_is_the_same_everywhere(package: str) -> None:
    [told] = re.findall(r"\d+\.\d+\.\d+", SUPPORTED[f"`{package}`"])
    [tested] = re.findall(rf"^{package}==(\S+)", FLOOR, re.MULTILINE)
    [asked] = [needed for needed in PROJECT["dependencies"] if needed.startswith(f"{package}>=")]
    assert told == tested
    assert asked.startswith(f"{package}>={told},")


def test_python() -> None:
    [told] = re.findall(r"\d+\.\d+", SUPPORTED["Python"])
    assert PROJECT["requires-python"] == f">={told}"


def test_the_command_line_that_the_demo_runs_is_a_supported_one() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    [told] = re.findall(r"\^(\d+\.\d+)", SUPPORTED["CDK CLI (`aws-cdk` on npm)"])
    assert pinned.startswith(f"{told}.")
