"""Reads the rules that take manual snapshots. What a rule sends to the snapshot machine identifies the rule."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.planning.quota import SnapshotRule
from resilient_redshift.planning.reading import values
from resilient_redshift.rules.retention import FOREVER_DAYS
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource


#: What a rule of this library sends; another tool's rule that names a cluster does not send all of it.
_OWN_INPUT: Final = frozenset({"cluster_identifier", "rule", "scheduled_time", "keep_days"})


def snapshot_input(resource: Resource) -> Mapping[str, Any] | None:
    """The input that a rule sends to the snapshot machine; None for a rule with another purpose."""
    for target in values.items(resource.properties.get("Targets")):
        transformer = values.mapping(values.mapping(target).get("InputTransformer"))
        for source in (values.mapping(target).get("Input"), transformer.get("InputTemplate")):
            sent = values.decoded(values.text(source, resource.pseudo))
            if sent.keys() >= _OWN_INPUT:
                return sent
    return None


def named_in_rule(resource: Resource) -> str | None:
    """The identifier of the cluster of which a rule takes snapshots; None when it is unknown."""
    sent = snapshot_input(resource)
    return None if sent is None else values.text(sent["cluster_identifier"], resource.pseudo)


def read_rule(resource: Resource, cluster: ClusterPicture) -> None:
    """Add a rule to the picture of its cluster. A rule that is not counted becomes a note with the reason.

    Args:
        resource: the EventBridge rule, which exists wherever the cluster does.
        cluster: the cluster of which the rule takes snapshots.
    """
    machine_input = snapshot_input(resource)
    if machine_input is None:
        return
    name = machine_input["rule"] if isinstance(machine_input.get("rule"), str) else resource.logical_id
    state = "ENABLED" if values.absent(resource.properties.get("State")) else resource.literal("State")
    expression = resource.literal("ScheduleExpression")
    schedule = check_schedule(Problems("Rule"), "schedule", expression) if expression is not None else None
    gap = cluster.pauses.gap_of([schedule]) if schedule is not None else None
    keep = values.integer(machine_input["keep_days"], {}, FOREVER_DAYS)
    # copies are kept as long as their snapshots unless the rule sends another retention for copies
    in_recovery = values.integer(machine_input.get("keep_in_recovery_days"), {}, FOREVER_DAYS if keep is None else keep)
    why = None
    if state is None:
        why = "whether it is enabled is decided at deployment"
    elif not state.startswith("ENABLED"):
        why = "it is disabled"
    elif isinstance(gap, str):
        why = gap
    elif schedule is None or gap is None or keep is None or in_recovery is None:
        why = "its schedule or its retention is decided at deployment"
    elif gap >= UNBOUNDED:
        why = "its schedule ends"
    else:
        with suppress(ResilientRedshiftError):
            cluster.rules.append(SnapshotRule(name=name, schedule=schedule, keep=keep, keep_in_recovery=in_recovery))
            return
        why = "Redshift has no such retention"
    if why is not None:
        cluster.note(f"rule {name} is not counted: {why}")
