"""The first ways to restore: with which nodes, and in which Zones.

This module imports no botocore: the command shows the nodes before a run starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.restore.ladder_progress import Rung

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.run import Run


def first_rungs(run: Run) -> list[Rung]:
    """The configuration that is recorded or asked for, and the same in each Zone of the subnet group.

    A Multi-AZ cluster takes no Zone (Redshift API, RestoreFromClusterSnapshot: AvailabilityZone).
    """
    request, recorded = run.request, run.record.get("restore", {})
    nodes = request.number_of_nodes
    if nodes is None and request.node_type is None:
        nodes = recorded.get("number_of_nodes")
    first = Rung(
        name="as recorded",
        node_type=request.node_type or recorded.get("node_type"),
        number_of_nodes=None if nodes is None else int(nodes),
    )
    zones = [] if recorded.get("multi_az") is True or len(run.zones) < 2 else run.zones  # noqa: PLR2004 - one is no choice
    return [first, *(Rung(name=f"Zone {zone}", zone=zone) for zone in zones)]
