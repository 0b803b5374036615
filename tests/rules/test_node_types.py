"""The hardware rules, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.rules.node_types import (
    FAMILIES,
    ZoneArguments,
    check_automated_retention,
    check_node_type,
    check_nodes,
    check_port,
    check_zones,
    family_of,
)

if TYPE_CHECKING:
    from botocore.model import StructureShape


def refused(check: Any, *arguments: Any, **named: Any) -> bool:
    problems = Problems("here")
    check(problems, *arguments, **named)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError:
        return True
    return False


def api_node_types() -> list[str]:
    """The node types that botocore's service model names in CreateCluster."""
    shape = cast("StructureShape", get_session().get_service_model("redshift").shape_for("CreateClusterMessage"))
    text: str = shape.members["NodeType"].documentation
    return [part.split("</code>")[0] for part in text.split("<code>")[1:]]


@pytest.mark.parametrize("node_type", api_node_types())
def test_every_node_type_of_the_api_has_a_family(node_type: str) -> None:
    assert family_of(node_type) is not None
    assert not refused(check_node_type, "node_type", node_type)


def test_the_api_names_node_types_at_all() -> None:
    assert {"ra3.large", "rg.12xlarge", "dc2.8xlarge"} <= set(api_node_types())


@pytest.mark.parametrize("node_type", [None, "ra4.large", "ra3x.large", "xra3.large", "${Token[TOKEN.1]}"])
def test_what_is_no_known_family(node_type: str | None) -> None:
    assert family_of(node_type) is None


def test_a_new_size_of_a_known_family_follows_the_family() -> None:
    assert family_of("ra3.64xlarge") is FAMILIES["ra3"]


@pytest.mark.parametrize("node_type", ["ra3", "ra3.", ".large", "ra3.large.x", "Ra3.large", "ra3 .large", "", 3])
def test_what_is_no_node_type(node_type: Any) -> None:
    assert refused(check_node_type, "node_type", node_type)


@given(st.integers(min_value=0, max_value=70000))
def test_ports(port: int) -> None:
    managed = 5431 <= port <= 5455 or 8191 <= port <= 8215
    assert refused(check_port, "port", "ra3.large", port) is not managed
    assert refused(check_port, "port", "rg.large", port) is not managed
    assert refused(check_port, "port", "dc2.large", port) is not (1150 <= port <= 65535)
    # of an unknown family only what no family allows is refused
    assert refused(check_port, "port", "ra4.large", port) is not (1150 <= port <= 65535)


@pytest.mark.parametrize(
    ("node_type", "nodes", "ok"),
    [
        ("ra3.large", 1, True),
        ("ra3.xlplus", 1, True),
        ("ra3.4xlarge", 1, False),
        ("ra3.16xlarge", 1, False),
        ("dc2.large", 1, True),
        ("dc2.8xlarge", 1, False),
        ("rg.large", 1, True),
        ("rg.xlarge", 1, False),
        ("rg.4xlarge", 1, False),
        ("rg.12xlarge", 1, False),
        ("rg.24xlarge", 1, True),  # a size that this version does not know: passes
        ("ra3.4xlarge", 2, True),
        ("ra3.16xlarge", 128, True),
        ("ra3.16xlarge", 129, False),
        ("ra3.large", 0, False),
        ("ra3.large", True, False),
        ("ra3.large", "2", False),
    ],
)
def test_nodes(node_type: str, nodes: Any, ok: bool) -> None:
    assert refused(check_nodes, "number_of_nodes", node_type, nodes) is not ok


@pytest.mark.parametrize(
    ("node_type", "nodes", "settings", "ok"),
    [
        ("ra3.large", 2, {"multi_az": True, "relocation": None, "zones": 3}, True),
        ("ra3.large", 2, {"multi_az": True, "relocation": None, "zones": None}, True),
        ("ra3.large", 2, {"multi_az": True, "relocation": False, "zones": 3}, True),
        ("ra3.large", 2, {"multi_az": True, "relocation": True, "zones": 3}, False),
        ("ra3.large", 2, {"multi_az": True, "relocation": None, "zones": 2}, False),
        ("ra3.large", 1, {"multi_az": True, "relocation": None, "zones": 3}, False),
        ("rg.large", 2, {"multi_az": True, "relocation": None, "zones": 3}, True),
        ("dc2.large", 2, {"multi_az": True, "relocation": None, "zones": 3}, False),
        ("ra4.large", 2, {"multi_az": True, "relocation": None, "zones": 3}, True),
        ("ra3.large", 1, {"multi_az": False, "relocation": True, "zones": 2}, True),
        ("ra3.large", 1, {"multi_az": False, "relocation": True, "zones": None}, True),
        ("ra3.large", 1, {"multi_az": False, "relocation": True, "zones": 1}, False),
        ("dc2.large", 2, {"multi_az": False, "relocation": True, "zones": 3}, False),
        ("dc2.large", 2, {"multi_az": False, "relocation": False, "zones": 1}, True),
        ("ra3.large", 1, {"multi_az": False, "relocation": None, "zones": 1}, True),
    ],
)
def test_zones(node_type: str, nodes: int, settings: dict[str, Any], ok: bool) -> None:
    assert refused(check_zones, node_type, nodes, **settings) is not ok


def test_zones_of_hardware_that_synth_does_not_know() -> None:
    # GIVEN an unknown node type and an unknown number of nodes WHEN Multi-AZ is checked THEN only the subnets count
    assert not refused(check_zones, None, None, multi_az=True, relocation=None, zones=3)
    assert refused(check_zones, None, None, multi_az=True, relocation=None, zones=2)


def test_a_problem_with_zones_has_the_names_that_the_caller_gives() -> None:
    # GIVEN names of another call's arguments WHEN everything about Multi-AZ is wrong THEN each problem has its name
    names = ZoneArguments(multi_az="a", number_of_nodes="b", relocation="c", subnets="d")
    problems = Problems("here")
    check_zones(problems, "dc2.large", 1, multi_az=True, relocation=True, zones=2, names=names)
    with pytest.raises(ResilientRedshiftError) as caught:
        problems.raise_if_any()
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["a", "c", "b", "d"]
    assert "in 3 or more Availability Zones with a, got 'subnets in 2'" in str(caught.value)


@pytest.mark.parametrize(
    ("node_type", "days", "ok"),
    [
        ("ra3.large", 0, False),
        ("ra3.large", 1, True),
        ("rg.large", 0, False),
        ("dc2.large", 0, True),
        ("ra4.large", 0, True),
        (None, 0, True),
    ],
)
def test_automated_retention(node_type: str | None, days: int, ok: bool) -> None:
    assert refused(check_automated_retention, "keep", days, node_type) is not ok
