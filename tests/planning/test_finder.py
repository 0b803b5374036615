"""Which cluster a resource means: conditional twins, and names that are used twice."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import ProtectionTable, SynthesizedTemplate, protection_tables
from tests.planning.templates import cluster, copy, row, rule, stack

DELETED = "the cluster deleted by mistake"
CONDITIONS = {
    "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
}


def twins(**resources: Any) -> dict[str, ProtectionTable]:
    """The tables of two clusters of one name under opposite conditions, by their retention."""
    big = cluster(condition="Prod", ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod=30)
    small = cluster(condition="NotProd", ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod=3)
    body = {"Conditions": CONDITIONS, "Resources": {"Big": big, "Small": small, **resources}}
    first, second = protection_tables([SynthesizedTemplate("Warehouse", "us-east-1", body)])
    return {"Big": first, "Small": second}


def protected(tables: dict[str, ProtectionTable], failure: str) -> list[str]:
    return [name for name, table in tables.items() if row(table, failure).worst_loss is not None]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (copy({"Ref": "Big"}), ["Big"]),
        (copy("sales"), ["Big", "Small"]),
        (copy({"Fn::If": ["Prod", {"Ref": "Big"}, {"Ref": "Small"}]}), ["Big", "Small"]),
        (copy({"Fn::If": ["NotProd", "sales", "other"]}), ["Small"]),
        ({**copy("sales"), "Condition": "Prod"}, ["Big"]),
        ({**copy("sales"), "Condition": "Other"}, []),
        (copy("sales", region={"Fn::If": ["Prod", "us-west-2", "us-east-1"]}), ["Big"]),
    ],
    ids=["reference", "name", "one of two", "name in a branch", "condition", "other condition", "region in a branch"],
)
def test_a_copy_protects_the_twins_that_it_certainly_means(resource: Any, expected: list[str]) -> None:
    assert protected(twins(Copy=resource), "the Region") == expected


def test_a_rule_with_the_name_protects_both_twins() -> None:
    assert protected(twins(Nightly=rule("sales")), DELETED) == ["Big", "Small"]


def test_the_properties_of_a_twin_are_those_of_its_condition() -> None:
    choice = {"Fn::If": ["Prod", True, False]}
    big = cluster(condition="Prod", MultiAZ=choice)
    body = {"Conditions": CONDITIONS, "Resources": {"Big": big}}

    (table,) = protection_tables([SynthesizedTemplate("Warehouse", "us-east-1", body)])

    assert row(table, "a Zone").protection.startswith("Multi-AZ")


def test_a_condition_of_another_template_says_nothing() -> None:
    # GIVEN two templates that use the name Prod for a condition
    warehouse = SynthesizedTemplate(
        "Warehouse", "us-east-1", {"Resources": {"Big": cluster(condition="Prod", ClusterIdentifier="sales")}}
    )
    backups = stack("Backups", Nightly=rule("sales", condition="Prod"))

    # THEN
    (table,) = protection_tables([warehouse, backups])
    assert row(table, DELETED).protection == "none"


def test_a_logical_id_is_not_the_name_of_a_cluster() -> None:
    tables = protection_tables([stack(Warehouse=cluster(), Nightly=rule("warehouse"))])

    assert [row(table, DELETED).protection == "none" for table in tables] == [True, False]


def test_the_same_parameter_is_the_same_name() -> None:
    name = {"Ref": "Name"}

    (table,) = protection_tables([stack(Warehouse=cluster(ClusterIdentifier=name), Copy=copy(name))])

    assert row(table, "the Region").worst_loss is not None


@pytest.mark.parametrize(("account", "certain"), [("111122223333", True), (None, False)], ids=["known", "unknown"])
def test_a_name_in_several_templates_is_certain_only_in_a_known_place(account: str | None, certain: bool) -> None:
    # GIVEN two templates with a cluster of one name, and a rule in a third one
    def template(name: str, **resources: Any) -> SynthesizedTemplate:
        return SynthesizedTemplate(name, "us-east-1", {"Resources": resources}, account)

    sales = cluster(ClusterIdentifier="sales")
    templates = [template("Dev", A=sales), template("Prod", A=sales), template("Rules", Nightly=rule("sales"))]

    # WHEN
    tables = protection_tables(templates)[:2]

    # THEN
    assert [row(table, DELETED).protection != "none" for table in tables] == [certain, certain]
    assert any("several templates contain a cluster of that name" in note for note in tables[0].notes) is not certain


def test_a_cluster_whose_copies_go_to_several_regions_has_no_certain_copy() -> None:
    (table,) = protection_tables([stack(Warehouse=cluster(), One=copy(), Two=copy(region="eu-west-1"))])

    assert row(table, "the Region").protection == "none"
    assert any("copies One and Two are not counted" in note for note in table.notes)


def test_a_rule_of_a_nested_stack_means_the_cluster_that_its_parent_names() -> None:
    # GIVEN
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Warehouse": {"Ref": "Sales"}}}}
    parent = stack("Parent", Sales=cluster(), Nested=nested)
    body = {"Parameters": {"Warehouse": {"Type": "String"}}, "Resources": {"Nightly": rule(), "Copy": copy()}}
    child = SynthesizedTemplate("Child", "us-east-1", body, used_by=(parent.key, "Nested"))

    # WHEN
    (table,) = protection_tables([parent, child])

    # THEN
    assert row(table, DELETED).worst_loss is not None
    assert row(table, "the Region").worst_loss is not None
