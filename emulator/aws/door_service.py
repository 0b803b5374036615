"""What a service module is to ministack's dispatcher: one class for all that the door answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region

if TYPE_CHECKING:
    from emulator.aws.redshift_calls import RedshiftDoor

Answer = tuple[int, dict[str, str], bytes]


class DoorService:
    """A service module whose calls go through the door; how they are written, each service says."""

    def __init__(self, door: RedshiftDoor) -> None:
        """Answer from behind ``door``."""
        self._door = door

    async def handle_request(
        self, _method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any
    ) -> Answer:
        """Answer one request; off the event loop, for the lock may be held by somebody who waits for the loop."""
        return await asyncio.to_thread(self._answer, headers, body, get_region())

    def reset(self) -> None:
        """Nothing: this process lives for one story."""

    def get_state(self) -> None:
        """Nothing to save."""

    def _answer(self, headers: dict[str, str], body: bytes, region: str) -> Answer:
        raise NotImplementedError
