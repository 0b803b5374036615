"""The ways to restore when AWS has no capacity: as recorded, in each Zone, smaller, and all of these again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.restore.calls import FEW, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.ladder_progress import Rung
from resilient_redshift.cloud.words import span
from resilient_redshift.contract.outcomes import FAILED, NO_CAPACITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

#: How long a run tries to get capacity, and how long it waits before it tries every way again.
PATIENCE: Final = timedelta(hours=2)
ROUND_SECONDS: Final = 300
_MOST_SMALLER: Final = 8
#: A restore needs room beside the data: a configuration whose disks would be fuller than this is left out.
_FULLEST_PERCENT: Final = 90
_XLARGE: Final = re.compile(r"(\d+)xlarge")


def next_rung(run: Run, aws: Aws) -> int:
    """Go on to the next way.

    Returns:
        How many seconds to wait before the next attempt.

    Raises:
        Ended: there is no other way, or the run has no patience left.
    """
    ladder, now = run.ladder, aws.now()
    if ladder.no_capacity and ladder.until is None:
        ladder.until = now + PATIENCE
    if ladder.rung + 1 < len(ladder.rungs):
        ladder.rung += 1
        return 0
    request = run.request
    if not ladder.smaller_asked and request.node_type is None and request.number_of_nodes is None:
        ladder.smaller_asked = True
        ladder.rungs += _smaller(run, aws)
        if ladder.rung + 1 < len(ladder.rungs):
            ladder.rung += 1
            return 0
    if ladder.until is not None and now < ladder.until:
        ladder.rung, ladder.round = 0, ladder.round + 1
        return ROUND_SECONDS
    if ladder.until is None:
        raise Ended(FAILED, f"{run.target} could not be restored in any way: {ladder.last_refusal}")
    raise Ended(
        NO_CAPACITY,
        f"no capacity for {run.target} in {aws.region} in two hours, in no Zone of the subnet group and in no smaller "
        f"configuration: {ladder.refusals} attempts, the last: {ladder.last_refusal}",
    )


def next_way(run: Run, wait_seconds: int) -> str:
    """What the run tries next, for whoever follows it: round, Zone, size, and when it gives up.

    Args:
        run: the run.
        wait_seconds: how long it waits before.
    """
    ladder, chosen = run.ladder, run.chosen
    now, first = ladder.now, ladder.rungs[0]
    kind = now.node_type or first.node_type or (chosen.node_type if chosen else None)
    nodes = now.number_of_nodes if now.node_type else first.number_of_nodes or (chosen.number_of_nodes if chosen else 0)
    when = f"in {span(wait_seconds)}" if wait_seconds else "now"
    ends = f"; gives up at {ladder.until:%Y-%m-%d %H:%M} UTC" if ladder.until else ""
    zone = f"Zone {now.zone}" if now.zone else "any Zone"
    return f"next, {when}: round {ladder.round}, {zone}, {nodes or '?'} x {kind or '?'}{ends}"


def _smaller(run: Run, aws: Aws) -> list[Rung]:
    """Legal configurations that hold the data and are no larger than what is recorded."""
    if run.chosen is None:
        return []
    try:
        answer = aws.call(
            "redshift",
            "DescribeNodeConfigurationOptions",
            ActionType="restore-cluster",
            SnapshotIdentifier=run.chosen.identifier,
            MaxRecords=100,
        )
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        run.warn(str(error))
        return []
    first = run.ladder.rungs[0]
    node_type = first.node_type or run.chosen.node_type or ""
    nodes = first.number_of_nodes or run.chosen.number_of_nodes or 1
    multi_az = run.record.get("restore", {}).get("multi_az") is True
    options = answer.get("NodeConfigurationOptionList", [])
    return [
        Rung(name=f"{number} x {kind}", node_type=kind, number_of_nodes=number)
        for kind, number in smaller_configurations(options, node_type=node_type, nodes=nodes, multi_az=multi_az)
    ]


def smaller_configurations(
    options: Iterable[Mapping[str, Any]], *, node_type: str, nodes: int, multi_az: bool
) -> list[tuple[str, int]]:
    """Choose among the configurations that AWS offers for a snapshot.

    Args:
        options: the items of DescribeNodeConfigurationOptions.
        node_type: the node type that has no capacity.
        nodes: the number of nodes that has no capacity.
        multi_az: whether the cluster runs in two Zones, and so needs two nodes.

    Returns:
        The node type and the number of nodes of each configuration: of each node type the largest and the smallest, the
        largest first, eight at most.
    """
    whole = _size(node_type) * nodes
    fitting: dict[str, set[int]] = {}
    for option in options:
        kind, number = str(option.get("NodeType", "")), int(option.get("NumberOfNodes", 0))
        fuller = option.get("EstimatedDiskUtilizationPercent", 0) >= _FULLEST_PERCENT
        if fuller or number < (2 if multi_az else 1) or (kind, number) == (node_type, nodes):
            continue
        if _size(kind) * number <= whole:
            fitting.setdefault(kind, set()).add(number)
    ends = {(kind, number) for kind, numbers in fitting.items() for number in (min(numbers), max(numbers))}
    # of equally large ones first the cluster's own node type
    ordered = sorted(ends, key=lambda one: (-_size(one[0]) * one[1], one[0] != node_type, f"{one[1]} x {one[0]}"))
    return ordered[:_MOST_SMALLER]


def _size(node_type: str) -> int:
    """The size of a node in virtual CPUs, as far as the name of its type says: xlarge is 4, large is 2."""
    size = node_type.partition(".")[2]
    many = _XLARGE.fullmatch(size)
    return int(many[1]) * 4 if many else 2 if size == "large" else 4
