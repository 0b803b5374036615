"""Changes that CloudFormation makes by a new cluster."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.changes.replacement import REPLACING_PROPERTIES
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import HERE, change_of, findings, sales
from tests.planning.templates import cluster, copy, stack

if TYPE_CHECKING:
    from resilient_redshift.planning import SynthesizedTemplate


def replaced(before: SynthesizedTemplate, after: SynthesizedTemplate) -> str:
    """The message about the replacement; empty without one."""
    change = change_of(before, after)
    found = findings(change, CheckRule.CLUSTER_REPLACED)
    assert all(each.level is Level.ERROR for each in found)
    assert change.direction is Direction.WORSE or not found
    return found[0].message if found else ""


def test_the_replacing_properties_are_those_of_the_published_schema() -> None:
    # GIVEN CloudFormation's schema, as a file of cfn-lint, whose import takes seconds
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    schemas = Path(spec.origin).parent / "data" / "schemas"
    names = json.loads((schemas / "providers" / f"{HERE}.json").read_text())
    schema = json.loads((schemas / "resources" / f"{names['AWS::Redshift::Cluster']}.json").read_text())

    assert [f"/properties/{name}" for name in REPLACING_PROPERTIES] == sorted(schema["createOnlyProperties"])


def test_a_renamed_construct_fails_on_the_name_of_the_cluster() -> None:
    message = replaced(stack(Old=sales()), stack(New=sales()))

    assert "another logical id, New instead of Old" in message
    assert "a second cluster with the name sales, and the deployment fails" in message
    assert "override_logical_id" in message
    assert "`cdk refactor`" in message


@pytest.mark.parametrize(
    ("policy", "fate"),
    [
        ("Delete", "is deleted without a final snapshot"),
        ("Snapshot", "its data stays in a final snapshot"),
        ("Retain", "stays with its data, outside the stack"),
    ],
)
def test_a_renamed_construct_whose_name_aws_chooses_is_a_new_and_empty_cluster(policy: str, fate: str) -> None:
    message = replaced(stack(Old=cluster(policy)), stack(New=cluster("Snapshot")))

    assert "CloudFormation makes a new and empty cluster" in message
    assert fate in message
    assert f"(DeletionPolicy {policy})" in message


def test_a_cluster_that_moves_to_another_stack_fails_on_its_name() -> None:
    message = replaced(stack("Old", Main=sales()), stack("New", Main=sales()))

    assert message.startswith("The cluster moves from stack Old to stack New")
    assert "stack_name" in message
    assert "the deployment fails" in message


def test_another_file_is_no_other_stack() -> None:
    assert replaced(stack("old.yaml", None, Main=sales()), stack("new.yaml", None, Main=sales())) == ""


@pytest.mark.parametrize("name", ["DBName", "MasterUsername", "ClusterSubnetGroupName", "SnapshotIdentifier"])
def test_another_value_of_a_replacing_property_fails_on_the_name(name: str) -> None:
    message = replaced(stack(Main=sales(**{name: "one"})), stack(Main=sales(**{name: "two"})))

    assert message == (
        f"The change of {name} replaces the cluster, and the deployment fails: the name sales is taken until the "
        "former cluster is gone."
    )


def test_a_replaced_cluster_whose_name_aws_chooses_has_the_fate_of_its_update_replace_policy() -> None:
    def with_policy(policy: str, **properties: Any) -> SynthesizedTemplate:
        return stack(Main={**cluster("Retain", **properties), "UpdateReplacePolicy": policy})

    kept = replaced(with_policy("Snapshot"), with_policy("Snapshot", SnapshotIdentifier="s"))
    lost = replaced(with_policy("Snapshot"), with_policy("Delete", SnapshotIdentifier="s"))

    assert "its data stays in a final snapshot (UpdateReplacePolicy Snapshot)" in kept
    assert "deleted without a final snapshot (UpdateReplacePolicy Delete)" in lost


def test_another_identifier_replaces_the_cluster_by_an_empty_one() -> None:
    message = replaced(stack(Main=sales()), stack(Main=sales(ClusterIdentifier="orders")))

    assert message.startswith("The change of ClusterIdentifier replaces the cluster by a new and empty one.")


def test_a_value_that_the_deployment_decides_may_replace_the_cluster() -> None:
    before, after = (stack(Main=cluster(ClusterSubnetGroupName={"Ref": name})) for name in ("Old", "New"))

    assert "ClusterSubnetGroupName may replace the cluster" in replaced(before, after)


@pytest.mark.parametrize("properties", [{"NumberOfNodes": 4}, {"NodeType": "ra3.4xlarge"}, {"MultiAZ": True}])
def test_other_properties_replace_nothing(properties: dict[str, Any]) -> None:
    assert replaced(stack(Main=sales()), stack(Main=sales(**properties))) == ""


def test_a_cluster_that_exists_already_is_imported_and_not_made() -> None:
    message = replaced(stack(Copy=copy("sales")), stack(Main=sales(), Copy=copy("sales")))

    assert "exists already" in message
    assert "`cdk import`" in message
