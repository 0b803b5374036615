"""Which clusters of two sets of templates are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning.changes import pairing
from resilient_redshift.planning.changes.pairing import pair_clusters
from tests.planning.templates import cluster, copy, stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning._pictures import ClusterPicture


def paired(before: Sequence[SynthesizedTemplate], after: Sequence[SynthesizedTemplate]) -> list[tuple[str, str]]:
    """The stacks and logical ids of each pair; ``-`` for none."""
    pairs = pair_clusters(take_inventory(tuple(before)), take_inventory(tuple(after)))
    return [(shown(pair.before), shown(pair.after)) for pair in pairs]


def shown(picture: ClusterPicture | None) -> str:
    if picture is None:
        return "-"
    return f"{picture.stack}.{picture.resource.logical_id if picture.resource else picture.name}"


def with_path(path: str, **properties: Any) -> dict[str, Any]:
    return {**cluster(**properties), "Metadata": {"aws:cdk:path": path}}


def in_account(
    account: str | None, region: str | None, name: str = "Warehouse", **resources: Any
) -> SynthesizedTemplate:
    return SynthesizedTemplate(name, region, {"Resources": resources}, account)


def test_the_same_identifier_in_one_account_and_region_is_one_cluster_whatever_its_stack_and_construct() -> None:
    before = in_account("1", "us-east-1", Old=cluster(ClusterIdentifier="Sales"))
    after = in_account("1", "us-east-1", "Data", New=cluster(ClusterIdentifier="sales"))

    assert paired([before], [after]) == [("Warehouse.Old", "Data.New")]


@pytest.mark.parametrize(("account", "region"), [("2", "us-east-1"), ("1", "eu-west-1")])
def test_the_same_identifier_elsewhere_is_another_cluster(account: str, region: str) -> None:
    before = in_account("1", "us-east-1", Old=cluster(ClusterIdentifier="sales"))
    after = in_account(account, region, Old=cluster(ClusterIdentifier="sales"))

    assert paired([before], [after]) == [("-", "Warehouse.Old"), ("Warehouse.Old", "-")]


def test_equal_stacks_of_two_accounts_keep_their_own_clusters() -> None:
    stages = [in_account(account, "us-east-1", Main=cluster()) for account in ("1", "2", "3")]

    pairs = pair_clusters(take_inventory(tuple(stages)), take_inventory(tuple(reversed(stages))))

    assert [(pair.before.account, pair.after.account) for pair in pairs if pair.before and pair.after] == [
        ("3", "3"),
        ("2", "2"),
        ("1", "1"),
    ]


def test_equal_names_of_unknown_places_are_told_apart_by_their_stacks() -> None:
    sides = [in_account(None, None, name, Main=cluster(ClusterIdentifier="sales")) for name in ("Dev", "Prod")]

    assert paired(sides, sides[::-1]) == [("Prod.Main", "Prod.Main"), ("Dev.Main", "Dev.Main")]


def test_a_cluster_without_an_identifier_is_the_one_of_its_stack_and_logical_id() -> None:
    assert paired([stack(Main=cluster())], [stack(Main=cluster(NumberOfNodes=4))]) == [
        ("Warehouse.Main", "Warehouse.Main")
    ]


def test_another_identifier_under_the_same_logical_id_is_the_same_resource() -> None:
    before, after = (stack(Main=cluster(ClusterIdentifier=name)) for name in ("sales", "orders"))

    assert paired([before], [after]) == [("Warehouse.Main", "Warehouse.Main")]


def test_another_name_of_the_stack_is_seen_through_by_the_construct_path() -> None:
    before = stack("Old", Main=with_path("App/Main/Resource"), Other=with_path("App/Other/Resource"))
    after = stack("New", Main=with_path("App/Main/Resource"), Other=with_path("App/Other/Resource"))

    assert paired([before], [after]) == [("Old.Main", "New.Main"), ("Old.Other", "New.Other")]


def test_a_stage_around_the_stack_is_seen_through_by_the_logical_id() -> None:
    before = stack("Warehouse", Main1234=with_path("Warehouse/Main/Resource"))
    after = stack("Prod-Warehouse", Main1234=with_path("Prod/Warehouse/Main/Resource"))

    assert paired([before], [after]) == [("Warehouse.Main1234", "Prod-Warehouse.Main1234")]


def test_a_common_logical_id_in_several_stacks_says_nothing() -> None:
    before = [stack(name, Cluster=cluster()) for name in ("A", "B")]
    after = [stack(name, Cluster=cluster()) for name in ("C", "D")]

    assert [old for old, new in paired(before, after) if "-" not in {old, new}] == []


def test_two_files_hold_the_same_cluster_under_one_logical_id() -> None:
    before = stack("old.yaml", None, Main=cluster(ClusterIdentifier="sales"))
    after = stack("new.yaml", None, Main=cluster(ClusterIdentifier="orders"))

    assert paired([before], [after]) == [("old.yaml.Main", "new.yaml.Main")]


def test_a_file_without_a_place_holds_the_cluster_of_an_assembly() -> None:
    before = in_account("1", "us-east-1", Old=cluster(ClusterIdentifier="sales"))
    after = stack("head.json", None, New=cluster(ClusterIdentifier="sales"))

    assert paired([before], [after]) == [("Warehouse.Old", "head.json.New")]


def test_a_renamed_construct_without_an_identifier_is_seen_through_by_equal_properties() -> None:
    def named(name: str) -> SynthesizedTemplate:
        return stack(**{name: cluster(ClusterSubnetGroupName={"Ref": f"{name}Subnets"}, DBName="dev")})

    assert paired([named("Old")], [named("New")]) == [("Warehouse.Old", "Warehouse.New")]


def test_other_properties_make_a_renamed_construct_another_cluster() -> None:
    assert paired([stack(Old=cluster(DBName="dev"))], [stack(New=cluster(DBName="prod"))]) == [
        ("-", "Warehouse.New"),
        ("Warehouse.Old", "-"),
    ]


def test_a_cluster_that_exists_already_is_the_one_of_its_name() -> None:
    before = stack(Copy=copy("sales"))
    after = stack(Main=cluster(ClusterIdentifier="sales"))

    assert paired([before], [after]) == [("Warehouse.sales", "Warehouse.Main")]


def test_each_cluster_is_in_one_pair() -> None:
    # GIVEN twins that exist under opposite conditions, with one name
    twins = {name: cluster(ClusterIdentifier="sales", condition=name) for name in ("Small", "Large")}

    assert paired([stack(**twins)], [stack(**twins, Third=cluster())]) == [
        ("Warehouse.Small", "Warehouse.Small"),
        ("Warehouse.Large", "Warehouse.Large"),
        ("-", "Warehouse.Third"),
    ]


@pytest.mark.parametrize("renamed", [False, True])
def test_a_cluster_is_compared_with_few_others(renamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a fleet of equal stacks in forty accounts, and each comparison of two clusters counted
    compared: list[object] = []
    may_be = pairing._may_be
    monkeypatch.setattr(pairing, "_may_be", lambda *two: compared.append(two) or may_be(*two))
    numbers = range(40)
    before = [in_account(str(number), "us-east-1", Main=cluster()) for number in numbers]
    name = "Renamed" if renamed else "Warehouse"
    after = [in_account(str(number), "us-east-1", name, Main=cluster()) for number in reversed(numbers)]

    # WHEN
    pairs = pair_clusters(take_inventory(tuple(before)), take_inventory(tuple(after)))

    # THEN
    assert len(pairs) == len(numbers)
    assert len(compared) <= 2 * len(numbers)
