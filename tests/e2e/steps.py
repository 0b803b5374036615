"""Each thing that a role of the example does, as one step that can be repeated: bring about what it needs, do it, say why it failed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tests.e2e import scheduled_steps
from tests.e2e.world import OFTEN, TIMES, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.providers import Provider, Resource


@dataclasses.dataclass(frozen=True)
class Step:
    """Something that a role does; ``act`` says why it failed, None if it did not."""

    act: Callable[[World], str | None]
    prepare: Callable[[World], None] = lambda _: None


def through(which: str, resource: Callable[[World], tuple[Resource, dict[str, Any]]]) -> Callable[[World], str | None]:
    """An update that changes nothing, through CDK's framework."""

    def act(world: World) -> str | None:
        provider: Provider = getattr(world, which)
        return provider.send_through_framework("Update", *resource(world))

    return act


STEPS: dict[str, Step] = {
    "switch the copy on": Step(lambda w: w.send_copy("Create"), World.switched_off),
    "swap the grant": Step(World.swap, World.switched_on),
    "raise a retention": Step(lambda w: w.send_copy("Update", RetentionPeriod="15"), lambda w: w.kept_for(14)),
    "lower a retention": Step(lambda w: w.send_copy("Update", RetentionPeriod="14"), lambda w: w.kept_for(15)),
    "end the copy": Step(
        lambda w: w.send_copy("Delete", RemovalPolicy="destroy"),
        World.made_anew,
    ),
    "start the first snapshot": Step(World.start_first),
    "make a grant": Step(lambda w: w.send_grant("Create"), World.no_spare),
    "adopt a grant": Step(lambda w: w.send_grant("Create"), World.somebodys_spare),
    "delete a grant": Step(lambda w: w.send_grant("Delete"), World.a_spare),
    "make a schedule": Step(lambda w: w.send_schedule("Create"), World.no_schedule),
    "change a schedule": Step(World.other_times, World.a_schedule),
    "take a schedule over in vain": Step(World.taken_over_in_vain, World.somebodys_schedule),
    "delete a schedule": Step(lambda w: w.send_schedule("Delete"), World.a_schedule),
    "give a schedule": Step(lambda w: w.send_association("Create"), World.a_schedule),
    "take a schedule back": Step(lambda w: w.send_association("Delete"), World.an_association),
    "take a snapshot": Step(World.take, World.free),
    "take a snapshot at the second try": Step(World.take_when_failing, World.free),
    "take a snapshot of a busy cluster": Step(World.take_when_busy, World.free),
    "join a snapshot": Step(World.join),
    "give tiers": Step(World.tier, World.untiered),
    "the nightly rule": Step(scheduled_steps.night),
    "the tiers' rule": Step(scheduled_steps.hour),
    "the copies' framework": Step(
        through("copies", lambda w: (w.resource("snapshot-copy/sales"), w.wanted())),
        World.switched_on,
    ),
    "the grants' framework": Step(
        through("grants", lambda w: (w.resource(f"snapshot-copy-grant/{w.site_grant}"), w.grant(w.site_grant))),
    ),
    "the schedules' framework": Step(
        through(
            "schedules",
            lambda w: (
                w.resource(f"snapshot-schedule/{OFTEN}"),
                {"ScheduleIdentifier": OFTEN, "ScheduleDefinitions": TIMES[0], "RemovalPolicy": "destroy"},
            ),
        ),
        World.a_schedule,
    ),
}
