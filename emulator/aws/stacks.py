"""Joins CloudFormation's part to the virtual time and to Redshift's door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws import cloudformation

if TYPE_CHECKING:
    import threading

    from emulator.aws.redshift_calls import RedshiftDoor
    from emulator.aws.world import EmulatedWorld

_PRINCIPAL = "cloudformation.amazonaws.com"


def install(world: EmulatedWorld, door: RedshiftDoor) -> None:
    """Install Redshift's types and the custom resources' rules."""
    timeline = world.timeline

    def call(region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        return door.call(region, operation, params, principal=_PRINCIPAL, via="cloudformation")

    def sleep(seconds: float) -> None:
        with timeline.acting(), timeline.hurrying():  # the CLI waits outside
            timeline.sleep(seconds, "stack operation")

    def wait(event: threading.Event, seconds: float) -> bool:
        gate = timeline.gate()
        opened = event.set

        def set_and_open() -> None:
            opened()
            gate.open()

        event.set = set_and_open  # type: ignore[method-assign]
        if event.is_set():
            return True
        with timeline.acting(), timeline.hurrying():
            timeline.wait(gate, seconds, "custom resource")
        return event.is_set()

    cloudformation.install(world.model, call=call, sleep=sleep, wait=wait)
