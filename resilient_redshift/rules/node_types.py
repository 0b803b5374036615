"""What each family of node types can do, as data. No CDK: plans, restores and the command line ask the same rules.

Sources: Redshift API CreateCluster (node types, ports, retention); Redshift management guide, "Overview of clusters"
(nodes per cluster), "Configuring Multi-AZ deployment" and "Managing cluster relocation" (what they need).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems

MOST_NODES: Final = 128
_ZONES_FOR_MULTI_AZ: Final = 3
_ZONES_FOR_RELOCATION: Final = 2
_NODES_FOR_MULTI_AZ: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """What one family of node types can do; ``None`` where AWS documents neither yes nor no."""

    name: str
    ports: tuple[range, ...]
    multi_az: bool | None
    relocation: bool | None
    shortest_automated_retention: int


_MANAGED_STORAGE_PORTS: Final = (range(5431, 5456), range(8191, 8216))
FAMILIES: Final = {
    "ra3": Family(
        name="RA3", ports=_MANAGED_STORAGE_PORTS, multi_az=True, relocation=True, shortest_automated_retention=1
    ),
    "rg": Family(
        name="RG", ports=_MANAGED_STORAGE_PORTS, multi_az=None, relocation=None, shortest_automated_retention=1
    ),
    "dc2": Family(
        name="DC2", ports=(range(1150, 65536),), multi_az=False, relocation=False, shortest_automated_retention=0
    ),
}
# the sizes known to need two nodes; a size that is not listed passes, because AWS adds sizes
_NO_SINGLE_NODE: Final = frozenset({"ra3.4xlarge", "ra3.16xlarge", "dc2.8xlarge"})


def family_of(node_type: str | None) -> Family | None:
    """The family of a node type, or None where it is a token or a family that this version does not know."""
    return FAMILIES.get(node_type.partition(".")[0]) if node_type is not None and known(node_type) else None


def check_node_type(problems: Problems, argument: str, node_type: str) -> None:
    """Check that a node type reads like one: family, dot, size (a typing slip such as ``ra3large``)."""
    if not known(node_type):
        return
    family, _, size = node_type.partition(".") if isinstance(node_type, str) else ("", "", "")
    ok = family.isalnum() and size.isalnum() and node_type == node_type.lower()
    problems.check(ok, argument, node_type, "a node type such as 'ra3.large'", "Redshift API: NodeType")


def check_nodes(problems: Problems, argument: str, node_type: str, number_of_nodes: int) -> None:
    """Check how many nodes a cluster may have."""
    if not known(number_of_nodes):
        return
    why = "Redshift management guide, overview of clusters"
    whole = isinstance(number_of_nodes, int) and not isinstance(number_of_nodes, bool)
    allowed = f"a whole number from 1 to {MOST_NODES}"
    if problems.check(whole and 1 <= number_of_nodes <= MOST_NODES, argument, number_of_nodes, allowed, why):
        single_allowed = number_of_nodes > 1 or node_type not in _NO_SINGLE_NODE
        problems.check(single_allowed, argument, number_of_nodes, f"2 or more for {node_type}", why)


def check_port(problems: Problems, argument: str, node_type: str, port: int) -> None:
    """Check the port against the ranges of the node type's family."""
    if not known(port):
        return
    family = family_of(node_type)
    ports = family.ports if family else (range(1150, 65536),)
    allowed = " or ".join(f"{ports_.start} to {ports_.stop - 1}" for ports_ in ports)
    if family:
        allowed += f" for {family.name} nodes"
    problems.check(any(port in ports_ for ports_ in ports), argument, port, allowed, "Redshift API: Port")


def check_zones(
    problems: Problems,
    node_type: str,
    number_of_nodes: int,
    *,
    multi_az: bool,
    relocation: bool | None,
    zones: int | None,
) -> None:
    """Check Multi-AZ and relocation against family, nodes and the Availability Zones of the subnets, where known."""
    family = family_of(node_type)
    if multi_az:
        why = "Redshift management guide, Multi-AZ"
        if family:
            problems.check(family.multi_az is not False, "multi_az", multi_az, f"False for {family.name} nodes", why)
        problems.check(
            relocation is not True, "availability_zone_relocation", relocation, "False or None with multi_az", why
        )
        enough = not known(number_of_nodes) or number_of_nodes >= _NODES_FOR_MULTI_AZ
        problems.check(enough, "number_of_nodes", number_of_nodes, "2 or more in each Zone with multi_az", why)
        spread = zones is None or zones >= _ZONES_FOR_MULTI_AZ
        problems.check(
            spread, "vpc_subnets", f"subnets in {zones}", "in 3 or more Availability Zones with multi_az", why
        )
    elif relocation:
        why = "Redshift management guide, cluster relocation"
        if family:
            can = family.relocation is not False
            problems.check(
                can, "availability_zone_relocation", relocation, f"False or None for {family.name} nodes", why
            )
        spread = zones is None or zones >= _ZONES_FOR_RELOCATION
        allowed = "in 2 or more Availability Zones with availability_zone_relocation"
        problems.check(spread, "vpc_subnets", f"subnets in {zones}", allowed, why)


def check_automated_retention(problems: Problems, argument: str, days: int, node_type: str | None) -> None:
    """Check the one value of automated retention that hardware decides: 0 turns automated snapshots off."""
    family = family_of(node_type)
    if family and known(days):
        shortest = family.shortest_automated_retention
        allowed = f"{shortest} to {MOST_AUTOMATED_DAYS} whole days for {family.name} nodes"
        problems.check(
            days >= shortest, argument, f"{days} days", allowed, "Redshift API: AutomatedSnapshotRetentionPeriod"
        )
