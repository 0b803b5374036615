"""Reads the rules that take manual snapshots. What a rule sends to the snapshot machine identifies the rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from resilient_redshift.errors import Problems
from resilient_redshift.planning import _values as values
from resilient_redshift.planning._pictures import ClusterPicture, Resource, Rule
from resilient_redshift.planning.recovery_point import kept_days
from resilient_redshift.rules.retention import FOREVER_DAYS
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping


def snapshot_input(resource: Resource) -> Mapping[str, Any] | None:
    """The input that a rule sends to the snapshot machine; None for a rule with another purpose."""
    for target in values.items(resource.properties.get("Targets")):
        transformer = values.mapping(values.mapping(target).get("InputTransformer"))
        for source in (values.mapping(target).get("Input"), transformer.get("InputTemplate")):
            sent = values.decoded(values.text(source, resource.pseudo))
            if "cluster_identifier" in sent and "keep_days" in sent:
                return sent
    return None


def read_rule(resource: Resource, machine_input: Mapping[str, Any], cluster: ClusterPicture) -> None:
    """Add a rule to the picture of its cluster. A rule that is not counted becomes a note with the reason.

    Args:
        resource: the EventBridge rule.
        machine_input: what the rule sends to the snapshot machine.
        cluster: the cluster of which the rule takes snapshots.
    """
    name = machine_input["rule"] if isinstance(machine_input.get("rule"), str) else resource.logical_id
    state = "ENABLED" if values.absent(resource.properties.get("State")) else resource.literal("State")
    gap = _gap(resource, machine_input, cluster)
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
    elif gap is None or keep is None or in_recovery is None:
        why = "its schedule or its retention is decided at deployment"
    elif gap >= UNBOUNDED:
        why = "its schedule ends"
    else:
        kept, kept_in_recovery = kept_days(keep), kept_days(in_recovery)
        cluster.rules.append(Rule(name=name, gap=gap, keep=kept, keep_in_recovery=kept_in_recovery))
    if why is not None:
        cluster.note(f"rule {name} is not counted: {why}")


def _gap(resource: Resource, machine_input: Mapping[str, Any], cluster: ClusterPicture) -> timedelta | str | None:
    """The longest time between two snapshots of the rule; the reason when it is not certain that it takes one.

    For an unknown schedule, the gap that the rule sends to the machine; None when that is unknown too.
    """
    expression = resource.literal("ScheduleExpression")
    schedule = check_schedule(Problems("Rule"), "schedule", expression) if expression is not None else None
    if schedule is not None:
        return cluster.pauses.gap_of(schedule)
    if cluster.pauses.pausing or cluster.pauses.unread or cluster.pauses.at_once:
        return "its schedule is decided at deployment, and the cluster is paused at times"
    seconds = values.integer(machine_input.get("gap_seconds"), {}, 0)
    return timedelta(seconds=seconds) if seconds is not None and seconds > 0 else None
