"""Reads the rules that take manual snapshots, by what they send to the snapshot machine."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from resilient_redshift.errors import Problems
from resilient_redshift.planning import _values as values
from resilient_redshift.planning._pictures import ClusterPicture, Resource, Rule
from resilient_redshift.planning.recovery_point import kept_days
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping


def snapshot_input(resource: Resource) -> Mapping[str, Any] | None:
    """The snapshot machine's input that a rule sends, or None for a rule that does something else."""
    for target in values.items(resource.properties.get("Targets")):
        transformer = values.mapping(values.mapping(target).get("InputTransformer"))
        for source in (values.mapping(target).get("Input"), transformer.get("InputTemplate")):
            found = values.decoded(values.text(source, resource.pseudo))
            if "cluster_identifier" in found and "keep_days" in found:
                return found
    return None


def read_rule(resource: Resource, given: Mapping[str, Any], cluster: ClusterPicture) -> None:
    """Add a rule to its cluster's picture, or note why it is not counted."""
    name = given["rule"] if isinstance(given.get("rule"), str) else resource.logical_id
    state = "ENABLED" if values.absent(resource.properties.get("State")) else resource.literal("State")
    gap = _gap(resource, given)
    keep = values.integer(given["keep_days"], {}, -1)
    in_recovery = values.integer(given.get("keep_in_recovery_days"), {}, -1 if keep is None else keep)
    why = None
    if state is None:
        why = "whether it is enabled is decided at deployment"
    elif not state.startswith("ENABLED"):
        why = "it is disabled"
    elif gap is None or keep is None or in_recovery is None:
        why = "its schedule or its retention is decided at deployment"
    elif gap >= UNBOUNDED:
        why = "its schedule ends"
    else:
        kept, kept_in_recovery = kept_days(keep), kept_days(in_recovery)
        cluster.rules.append(Rule(name=name, gap=gap, keep=kept, keep_in_recovery=kept_in_recovery))
    if why is not None:
        cluster.note(f"rule {name} is not counted: {why}")


def _gap(resource: Resource, given: Mapping[str, Any]) -> timedelta | None:
    """The longest gap of the rule's schedule, or the one that the rule passes on where the schedule is unknown."""
    expression = resource.literal("ScheduleExpression")
    schedule = check_schedule(Problems("Rule"), "schedule", expression) if expression is not None else None
    if schedule is not None:
        return schedule.longest_gap()
    seconds = values.integer(given.get("gap_seconds"), {}, 0)
    return timedelta(seconds=seconds) if seconds is not None and seconds > 0 else None
