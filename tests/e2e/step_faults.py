"""A step with faults that begin with its own first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.e2e.steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws import EmulatedAws
    from tests.e2e.world import World

PROVIDER: Final = (
    "switch the copy on",
    "swap the grant",
    "raise a retention",
    "lower a retention",
    "end the copy",
    "make a grant",
    "adopt a grant",
    "delete a grant",
    "make a schedule",
    "change a schedule",
    "delete a schedule",
    "give a schedule",
    "take a schedule back",
)
MACHINES: Final = (
    "take a snapshot",
    "take a snapshot at the second try",
    "take a snapshot of a busy cluster",
    "join a snapshot",
)
#: What a function does on a schedule.
SCHEDULED: Final = ("give tiers",)
#: Passes by itself, before the call took effect; and the same with an answer that is lost, after it.
TOO_MANY, LOST = "Throttling", "InternalFailure"
#: No waiting mends it.
FOR_GOOD: Final = "ValidationError"


def act(
    aws: EmulatedAws, world: World, name: str, *faults: Callable[[], None]
) -> tuple[str | None, list[dict[str, Any]]]:
    """Do a step with faults that begin with its own first call; why it failed, and what our roles called of Redshift."""
    since: list[int] = []
    world.trigger.set(*faults, lambda: since.append(aws.mark()))
    reason = STEPS[name].act(world)
    aws.faults("clear")
    made = aws.calls(since[0])
    return reason, [call for call in made if call["service"] == "redshift" and call["via"] == "lambda"]


def different(calls: list[dict[str, Any]]) -> list[int]:
    """The numbers of the calls, but for each that is equal to the two right before it: whoever waits asks the same again."""
    asked = [(call["principal"], call["operation"], call["params"]) for call in calls]
    return [
        number for number in range(1, len(asked) + 1) if asked[max(number - 3, 0) : number].count(asked[number - 1]) < 3
    ]
