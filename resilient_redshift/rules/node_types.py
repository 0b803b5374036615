"""What each family of node types can do, as data and checks (no CDK, because plans and the command line use it too).

Sources: Redshift API CreateCluster (node types, ports, retention); Redshift management guide, "Overview of clusters"
(nodes per cluster), "Configuring Multi-AZ deployment" and "Managing cluster relocation" (what each of them needs).

Every check records a problem in ``problems`` for a value that AWS would refuse. A token passes, because its value is
known only at deployment. A node type of a family that this version does not know passes too, because AWS adds families.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.limits import HIGHEST_PORT, LOWEST_PORT, MOST_AUTOMATED_DAYS
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems

#: The most compute nodes of any cluster. Source: Redshift management guide, "Overview of clusters".
MOST_NODES: Final = 128
_ZONES_FOR_MULTI_AZ: Final = 3
_ZONES_FOR_RELOCATION: Final = 2
_NODES_FOR_MULTI_AZ: Final = 2


class BackupBilling(Enum):
    """What AWS bills of the snapshots of a family (docs/evidence.md)."""

    #: The full size of each manual snapshot. Automated snapshots are free.
    FULL_SIZE = auto()
    #: The unique blocks of all manual snapshots, since 8 June 2026. Automated snapshots are free.
    UNIQUE_BLOCKS = auto()
    #: Automated and manual snapshots together, above the provisioned storage.
    ABOVE_PROVISIONED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """What one family of node types can do.

    Attributes:
        name: how AWS writes the family.
        ports: the ranges of ports that it allows.
        multi_az: whether it supports Multi-AZ.
        relocation: whether it supports relocation to another Zone.
        shortest_automated_retention: the lowest retention of automated snapshots in days; 0 means that they can be off.
        billing: what AWS bills of its snapshots.
    """

    name: str
    ports: tuple[range, ...]
    multi_az: bool
    relocation: bool
    shortest_automated_retention: int
    billing: BackupBilling


_ALL_PORTS: Final = (range(LOWEST_PORT, HIGHEST_PORT + 1),)
_MANAGED_STORAGE_PORTS: Final = (range(5431, 5456), range(8191, 8216))
#: The families that this version knows, by the part of the node type before the dot.
FAMILIES: Final = {
    "ra3": Family(
        name="RA3",
        ports=_MANAGED_STORAGE_PORTS,
        multi_az=True,
        relocation=True,
        shortest_automated_retention=1,
        billing=BackupBilling.FULL_SIZE,
    ),
    "rg": Family(
        name="RG",
        ports=_MANAGED_STORAGE_PORTS,
        multi_az=True,
        relocation=True,
        shortest_automated_retention=1,
        billing=BackupBilling.UNIQUE_BLOCKS,
    ),
    "dc2": Family(
        name="DC2",
        ports=_ALL_PORTS,
        multi_az=False,
        relocation=False,
        shortest_automated_retention=0,
        billing=BackupBilling.ABOVE_PROVISIONED,
    ),
}
# the sizes that are known to need two nodes; a size that is not listed passes, because AWS adds sizes
_NO_SINGLE_NODE: Final = frozenset(
    {"ra3.4xlarge", "ra3.16xlarge", "rg.xlarge", "rg.4xlarge", "rg.12xlarge", "dc2.8xlarge"}
)
# the most nodes of a new cluster, where AWS documents fewer than for any cluster
_MOST_WHEN_NEW: Final = {"ra3.xlplus": 16, "rg.large": 16, "rg.xlarge": 16, "rg.4xlarge": 32}


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoneArguments:
    """The names that the errors of :func:`check_zones` give to the arguments.

    Attributes:
        multi_az: the argument with which the user asks for two Zones.
        number_of_nodes: the argument with the number of nodes.
        relocation: the argument that lets AWS move the cluster to another Zone.
        subnets: the argument that chooses the subnets.
    """

    multi_az: str = "multi_az"
    number_of_nodes: str = "number_of_nodes"
    relocation: str = "availability_zone_relocation"
    subnets: str = "vpc_subnets"


_OF_A_CLUSTER: Final = ZoneArguments()


def family_of(node_type: str | None) -> Family | None:
    """The family of a node type.

    Returns:
        The family; None for a token, for no node type, and for a family that this version does not know.
    """
    return FAMILIES.get(node_type.partition(".")[0]) if node_type is not None and known(node_type) else None


def check_node_type(problems: Problems, argument: str, node_type: str) -> None:
    """Check that a node type has the form family, dot, size; the check finds a typing slip such as ``ra3large``."""
    if not known(node_type):
        return
    family, _, size = node_type.partition(".") if isinstance(node_type, str) else ("", "", "")
    ok = family.isalnum() and size.isalnum() and node_type == node_type.lower()
    problems.check(ok, argument, node_type, "a node type such as 'ra3.large'", "Redshift API: NodeType")


def most_nodes_when_new(node_type: str) -> int:
    """The most nodes that CreateCluster takes for a node type. A resize, and so a restore, may have more."""
    return _MOST_WHEN_NEW.get(node_type, MOST_NODES)


def check_nodes(problems: Problems, argument: str, node_type: str, number_of_nodes: int) -> None:
    """Check the number of nodes: 1 to 128, and 2 or more for a size that cannot be a single node."""
    if not known(number_of_nodes):
        return
    why = "Redshift management guide, overview of clusters"
    whole = isinstance(number_of_nodes, int) and not isinstance(number_of_nodes, bool)
    allowed = f"a whole number from 1 to {MOST_NODES}"
    if problems.check(whole and 1 <= number_of_nodes <= MOST_NODES, argument, number_of_nodes, allowed, why):
        single_allowed = number_of_nodes > 1 or node_type not in _NO_SINGLE_NODE
        problems.check(single_allowed, argument, number_of_nodes, f"2 or more for {node_type}", why)


def check_port(problems: Problems, argument: str, node_type: str, port: int) -> None:
    """Check the port against the ranges of the node type's family.

    For an unknown family, the check refuses only a port that no family allows.
    """
    if not known(port):
        return
    family = family_of(node_type)
    ranges = family.ports if family else _ALL_PORTS
    allowed = " or ".join(f"{ports.start} to {ports.stop - 1}" for ports in ranges)
    if family:
        allowed += f" for {family.name} nodes"
    problems.check(any(port in ports for ports in ranges), argument, port, allowed, "Redshift API: Port")


def check_zones(
    problems: Problems,
    node_type: str | None,
    number_of_nodes: int | None,
    *,
    multi_az: bool,
    relocation: bool | None,
    zones: int | None,
    names: ZoneArguments = _OF_A_CLUSTER,
) -> None:
    """Check Multi-AZ and relocation against the family, the number of nodes and the Zones of the subnets.

    Args:
        problems: where to record each problem.
        node_type: the node type; None where it is not known at synth.
        number_of_nodes: the number of nodes, in each of the two Zones with Multi-AZ; None where it is not known at
            synth.
        multi_az: whether the cluster is to run in two Zones.
        relocation: whether AWS may move the cluster to another Zone; None leaves the decision to AWS.
        zones: the number of Availability Zones of the subnets; None where it is not known at synth.
        names: the arguments' names, as the user writes them. Default: those of ``ResilientCluster``.
    """
    family = family_of(node_type)
    if multi_az:
        setting, least, why = names.multi_az, _ZONES_FOR_MULTI_AZ, "Redshift management guide, Multi-AZ"
        if family:
            allowed = f"False for {family.name} nodes"
            problems.check(family.multi_az, names.multi_az, multi_az, allowed, why)
        allowed = f"False or None with {names.multi_az}"
        problems.check(relocation is not True, names.relocation, relocation, allowed, why)
        enough = number_of_nodes is None or not known(number_of_nodes) or number_of_nodes >= _NODES_FOR_MULTI_AZ
        allowed = f"{_NODES_FOR_MULTI_AZ} or more in each Zone with {names.multi_az}"
        problems.check(enough, names.number_of_nodes, number_of_nodes, allowed, why)
    elif relocation:
        setting, least, why = names.relocation, _ZONES_FOR_RELOCATION, "Redshift management guide, cluster relocation"
        if family:
            allowed = f"False or None for {family.name} nodes"
            problems.check(family.relocation, names.relocation, relocation, allowed, why)
    else:
        return
    allowed = f"in {least} or more Availability Zones with {setting}"
    problems.check(zones is None or zones >= least, names.subnets, f"subnets in {zones}", allowed, why)


def check_automated_retention(problems: Problems, argument: str, days: int, node_type: str | None) -> None:
    """Check the retention of automated snapshots against the node type: only DC2 allows 0, which turns them off.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        days: the retention in days, or a token.
        node_type: the node type; nothing is checked for None, a token, or a family that this version does not know.
    """
    family = family_of(node_type)
    if family and known(days):
        shortest = family.shortest_automated_retention
        allowed = f"{shortest} to {MOST_AUTOMATED_DAYS} whole days for {family.name} nodes"
        problems.check(
            days >= shortest, argument, f"{days} days", allowed, "Redshift API: AutomatedSnapshotRetentionPeriod"
        )
