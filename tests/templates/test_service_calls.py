"""Every call of AWS, in the definitions and in the functions, is one that botocore's model of the service knows."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name

from resilient_redshift import cloud as handler
from resilient_redshift import definitions
from resilient_redshift.cloud.custom_resources.actions import ACTIONS
from resilient_redshift.recovery._tiers_function import COPY_ACTIONS, RECORD_ACTIONS
from resilient_redshift.snapshots.machine import READ_ACTIONS
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.templates import calls
from tests.templates.resolve import of_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.templates.resolve import Template

NAMES = [path.name.removesuffix(".asl.json") for path in Path(definitions.__file__).parent.rglob("*.asl.json")]
SOURCES = sorted(Path(handler.__file__).parent.rglob("*.py"))
SERVICES = ("redshift", "kms", "stepfunctions", "ssm", "cloudwatch")
#: Redshift makes these on the key with its caller's rights.
ON_OUR_BEHALF = {"create_grant", "retire_grant", "revoke_grant"}


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_calls_what_there_is(name: str) -> None:
    assert list(calls.in_definition(definitions.load(name))) == []


def test_the_machines_in_templates_are_the_definitions(any_template: Template) -> None:
    # GIVEN CDK's waiter has a definition of its own, which calls functions
    for machine in of_type(any_template, "AWS::StepFunctions::StateMachine").values():
        definition = machine["Properties"]["DefinitionString"]
        if isinstance(definition, str):
            assert definition in {definitions.definition_string(name) for name in NAMES}
            assert set(machine["Properties"]["DefinitionSubstitutions"]) == {"Partition"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_function_calls_what_there_is(source: Path) -> None:
    _, problems = calls.in_source(source.read_text(), SERVICES)
    assert problems == []


def test_every_call_of_the_functions_is_looked_at() -> None:
    # GIVEN what the policies allow, which tests of the handler and of tiers compare with real runs
    allowed = {action for kinds in ACTIONS.values() for actions in kinds.values() for action in actions}
    allowed |= {*COPY_ACTIONS, *RECORD_ACTIONS, *READ_ACTIONS, *METRIC_ACTIONS}
    names = {xform_name(action.partition(":")[2]) for action in allowed} - ON_OUR_BEHALF

    # WHEN / THEN the parser found each of them, so none was checked by nobody
    called = set().union(*(calls.in_source(source.read_text(), SERVICES)[0] for source in SOURCES))
    assert called == names


def _task(definition: dict[str, Any], name: str) -> Any:
    return definition["States"][name]


def _set(name: str, key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda definition: _task(definition, name)["Arguments"].update({key: value})


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (
            lambda d: _task(d, "CreateSnapshot").update(
                Resource="arn:aws:states:::aws-sdk:redshift:createClusterSnapshot"
            ),
            "partition",
        ),
        (
            lambda d: _task(d, "CreateSnapshot").update(
                Resource="arn:${Partition}:states:::aws-sdk:redshift:createSnapshot"
            ),
            "no operation",
        ),
        (
            lambda d: _task(d, "CreateSnapshot").update(
                Resource="arn:${Partition}:states:::aws-sdk:redshft:createTags"
            ),
            "no operation",
        ),
        (lambda d: _task(d, "CreateSnapshot")["Arguments"].pop("SnapshotIdentifier"), "SnapshotIdentifier is missing"),
        (lambda d: _task(d, "CreateSnapshot").update(Parameters={}), "JSONPath"),
        (_set("CreateSnapshot", "Retention", 1), "has no Retention"),
        (_set("CreateSnapshot", "ManualSnapshotRetentionPeriod", "7"), "is no integer"),
        (_set("CreateSnapshot", "Tags", "x"), "is no list"),
        (_set("CreateSnapshot", "Tags", [{"Name": "x"}]), "Tag has no Name"),
        (_set("CreateSnapshot", "Tags", "{% [{ 'Name': 'x' }] %}"), "an expression writes Name"),
        (_set("PublishMetrics", "MetricData", [{"MetricName": "x", "Unit": "Hours"}]), "is none of"),
    ],
)
def test_a_broken_definition_is_seen(broken: Callable[[dict[str, Any]], None], problem: str) -> None:
    definition = copy.deepcopy(definitions.load(definitions.MANUAL_SNAPSHOT))
    broken(definition)
    assert any(problem in found for found in calls.in_definition(definition))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("client.enable_snapshot_copies(ClusterIdentifier=x)", "no operation enable_snapshot_copies"),
        ("self._client.enable_snapshot_copy(ClusterIdentifier=x)", "EnableSnapshotCopy wants DestinationRegion"),
        ("client.enable_snapshot_copy(ClusterIdentifier=x, DestinationRegion=y, Region=z)", "has no Region"),
        ("client.describe_clusters(ClusterIdentifier=1)", "is no string"),
        ("client.describe_clusters('sales')", "positional"),
        ("try: pass\nexcept client.exceptions.ClusterNotFound: pass", "no exception ClusterNotFound"),
        ("runtime.kms(region).describe_key(Key=x)", "has no Key"),
    ],
)
def test_a_broken_call_is_seen(source: str, problem: str) -> None:
    _, problems = calls.in_source(source, SERVICES)
    assert any(problem in found for found in problems)
