"""cfn-lint and CDK's own CloudFormation validation find nothing."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from cfnlint.config import ConfigMixIn, ManualArgs
from cfnlint.decode import decode_str
from cfnlint.jsonschema import validators
from cfnlint.jsonschema._filter import FunctionFilter
from cfnlint.runner import Runner, run_template_by_data

from tests.templates import shapes
from tests.templates.resolve import Template, of_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cfnlint.match import Match
    from cfnlint.rules import Rules

#: What is not held against a template, each with its reason.
IGNORED = {
    "W3005": "a copy depends on its cluster by word as well as by reference, so that neither can be lost alone; CDK's waiter likewise",
}
#: A function's ARN, for a definition.
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:name"
#: CDK's own, in the example's VPC only: its stack knows its Zones, so that synth asks AWS nothing.
ZONES = "W3010"


@functools.cache
def _rules() -> Rules:
    """All rules, read once; cfnlint.api.lint would read them, and all of their files, for each template."""
    return Runner(ConfigMixIn()).rules


def _building_once(create: Callable[..., type]) -> Callable[..., type]:
    """Build each class of validators once: cfn-lint builds one for each value that it checks, a fifth of its time."""
    built: dict[Any, type] = {}

    def build(validators: Any = None, function_filter: Any = None, fn_resolvers: Any = None) -> type:
        kept = () if function_filter is None else dataclasses.astuple(function_filter)[1:]
        key = (frozenset((validators or {}).items()), kept, frozenset((fn_resolvers or {}).items()))
        if key not in built:
            built[key] = create(validators, function_filter, fn_resolvers)
        return built[key]

    return build


@pytest.fixture(scope="module", autouse=True)
def quick_validators() -> Iterator[None]:
    """cfn-lint with classes that are built once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validators, "create", _building_once(validators.create))
        yield


def test_a_class_of_validators_is_that_of_its_arguments() -> None:
    # GIVEN the filters and keywords that tell classes apart WHEN built THEN equal ones share a class, others do not
    build = _building_once(lambda *_: type("Validator", (), {}))
    keywords, kept = {"type": len}, FunctionFilter()
    assert next(field.name for field in dataclasses.fields(kept)) == "group_functions"  # the same in each
    assert build(keywords, kept) is build(dict(keywords), FunctionFilter())
    others = [
        build({"type": repr}, kept),
        build(keywords, kept.evolve(add_cfn_lint_keyword=False)),
        build(keywords, kept.evolve(validate_dynamic_references=False)),
        build(keywords, kept, {"Ref": len}),
    ]
    assert len({build(keywords, kept), *others}) == 5


def matches(template: Template, region: str, ignored: Iterable[str]) -> list[Match]:
    """What cfn-lint finds."""
    decoded, errors = decode_str(json.dumps(template))
    assert errors == []
    config = ConfigMixIn(**ManualArgs(regions=[region], ignore_checks=list(ignored)))
    return list(run_template_by_data(decoded, config, _rules()))


def problems(template: Template, region: str) -> list[str]:
    """The same, but for what is ignored, one line each."""
    found = matches(template, region, IGNORED)
    return [f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}" for match in found]


def substituted(template: Template, partition: str = "aws") -> Template:
    """The template as it is deployed to a partition: cfn-lint applies no DefinitionSubstitutions, and its checks of definitions know only aws."""
    told = copy.deepcopy(template)
    for machine in of_type(told, "AWS::StepFunctions::StateMachine").values():
        machine.get("Metadata", {}).pop("cfn-lint", None)
        if machine["Properties"].pop("DefinitionSubstitutions", None):
            definition = machine["Properties"]["DefinitionString"]
            machine["Properties"]["DefinitionString"] = definition.replace("${Partition}", partition).replace(
                "${Function}", FUNCTION
            )
    return told


def _region(shape: shapes.Shape, stack: str) -> str:
    region = shape.stack(stack).region
    return "us-east-1" if "Token" in region else region


@pytest.mark.parametrize("name", [name for name in shapes.TEMPLATES if not name.startswith("twenty/")])
def test_cfn_lint_finds_nothing(name: str, shape_named: Callable[[str], shapes.Shape]) -> None:
    shape, _, stack = name.partition("/")
    assert problems(shape_named(shape).templates[stack], _region(shape_named(shape), stack)) == []


def test_cfn_lint_finds_nothing_where_two_clusters_share_both_stacks(tmp_path: Path) -> None:
    # GIVEN two clusters as twenty would be, whose templates say everything twenty times (other tests hold the limits)
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False, builtin_cloud_formation_validation=False)
    shapes.alike(app, 2)
    # WHEN linted THEN nothing is found
    stacks = app.synth().stacks
    assert sum(len(of_type(each.template, "Custom::RedshiftSnapshotCopy")) for each in stacks) == 2
    for stack in stacks:
        assert problems(stack.template, stack.environment.region) == []


def test_the_definition_is_clean_too_once_it_is_deployed(shape_named: Callable[[str], shapes.Shape]) -> None:
    # GIVEN the one check that the machine is exempt from, E3601, exempt no more
    assert problems(substituted(shape_named("agnostic").templates["Agnostic"]), "us-east-1") == []


def test_a_broken_definition_is_seen(shape_named: Callable[[str], shapes.Shape]) -> None:
    template = substituted(shape_named("agnostic").templates["Agnostic"])
    machines = of_type(template, "AWS::StepFunctions::StateMachine").values()
    (machine,) = (one for one in machines if isinstance(one["Properties"]["DefinitionString"], str))
    definition = json.loads(machine["Properties"]["DefinitionString"])
    definition["States"]["WaitForSnapshot"]["Type"] = "Sleep"
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    assert any(line.startswith("E3601") for line in problems(template, "us-east-1"))


def test_a_broken_template_is_seen(home: Template) -> None:
    next(iter(of_type(home, "AWS::Redshift::Cluster").values()))["Properties"]["NumberOfNodes"] = "two"
    assert any("NumberOfNodes" in line for line in problems(home, "us-east-1"))


def test_every_exception_is_needed(home: Template) -> None:
    assert {match.rule.id for match in matches(home, "us-east-1", ())} == set(IGNORED)


@dataclasses.dataclass(frozen=True)
class Ran:
    """What ``python app.py``, as ``cdk synth`` runs it, says and writes: with CDK's own validation, which tests switch off."""

    said: str
    folder: Path

    def read(self, name: str) -> dict[str, Any]:
        return dict(json.loads((self.folder / name).read_text()))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The example's command, once."""
    folder = tmp_path_factory.mktemp("validated")
    told = json.loads((shapes.ROOT / "cdk.json").read_text())
    assert told["app"] == "python app.py"
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    environment |= {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(told["context"])}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=shapes.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Ran(done.stderr, folder)


def test_the_example_runs_as_the_cli_runs_it_and_asks_aws_nothing(ran: Ran) -> None:
    assert "missing" not in ran.read("manifest.json")
    assert "ERROR" not in ran.said


def test_cdk_validates_the_example(ran: Ran) -> None:
    # GIVEN the reports of those that had something to say: the packs and our own rules had not
    (cdk_itself,) = ran.read("validation-report.json")["pluginReports"]
    assert cdk_itself["pluginName"] == "CloudFormation Validate"
    assert cdk_itself["conclusion"] == "success"

    # THEN it only sees that the example's VPC knows its Zones
    paths = {where["constructPath"] for found in cdk_itself["violations"] for where in found["violatingConstructs"]}
    assert {found["ruleName"] for found in cdk_itself["violations"]} == {ZONES}
    assert all("/Network/" in path for path in paths)
