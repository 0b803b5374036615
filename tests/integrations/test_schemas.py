"""What the services say of our files: their published schemas, which check-jsonschema brings."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from tests.docs.tables import rows
from tests.integrations.runner import ROOT

PAGE = ROOT / "docs" / "pull-request-checks.md"
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: The whole workflows on the page.
WORKFLOWS = [block for block in YAML_BLOCK.findall(PAGE.read_text(encoding="utf-8")) if block.startswith("name:")]


def schema(name: str) -> Any:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    return json.loads(vendored.read_text(encoding="utf-8"))


def faults(name: str, content: Any) -> list[str]:
    if True in content:  # YAML 1.1 reads the key "on" as a truth value
        content = {"on" if key is True else key: value for key, value in content.items()}
    kind = jsonschema.validators.validator_for(schema(name))
    return [f"{'/'.join(map(str, each.path))}: {each.message}" for each in kind(schema(name)).iter_errors(content)]


@pytest.mark.parametrize(
    ("file", "name"), [("action.yml", "github-actions"), ("integrations/gitlab-ci.yml", "gitlab-ci")]
)
def test_a_file_follows_the_schema_of_its_service(file: str, name: str) -> None:
    content = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    assert faults(name, content) == []
    # THEN the schema sees a fault
    assert faults(name, {**content, "runs": {"using": "composite"}, "job": {"script": 1}}) != []


@pytest.mark.parametrize("number", range(len(WORKFLOWS)))
def test_a_workflow_on_the_page_follows_the_schema_and_passes_inputs_that_exist(number: int) -> None:
    workflow = yaml.safe_load(WORKFLOWS[number])
    assert faults("github-workflows", workflow) == []
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    for step in (each for each in steps if "resilient-redshift@" in each.get("uses", "")):
        assert step["with"].keys() <= action["inputs"].keys()
        used = re.findall(rf"steps\.{step['id']}\.outputs\.([\w-]+)", WORKFLOWS[number])
        assert {*used} <= action["outputs"].keys()


def test_the_page_shows_the_action_in_a_workflow() -> None:
    assert any("resilient-redshift@" in each for each in WORKFLOWS)


def test_the_page_names_each_input_and_output_of_the_action_once() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for kind in ("input", "output"):
        named = [name for row in rows(PAGE, kind) for name in re.findall(r"`([^`]+)`", row.cells[kind])]
        assert sorted(named) == sorted(action[f"{kind}s"])


def test_the_hook_has_what_pre_commit_needs() -> None:
    # GIVEN the keys that a hook must have, and the languages with which pre-commit installs this package
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert hook["language"] == "python"


def test_the_buildspec_has_the_version_and_phases_of_codebuild() -> None:
    # GIVEN CodeBuild's reference of a buildspec, which has no published schema
    content = yaml.safe_load((ROOT / "integrations" / "buildspec.yml").read_text(encoding="utf-8"))
    assert content["version"] == 0.2
    assert content.keys() <= {"version", "env", "phases", "reports", "artifacts"}
    assert content["phases"].keys() <= {"install", "pre_build", "build", "post_build"}
    assert all(isinstance(each, str) for phase in content["phases"].values() for each in phase["commands"])
