"""What a request meets before its service sees it: time that flows, a quota, a Region that is down; and its line in the log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from ministack import app
from ministack.core import router
from ministack.core.responses import get_region

from emulator.aws.access_log import in_words
from emulator.aws.callers import Caller, caller
from emulator.aws.request_names import action_of
from emulator.aws.sessions import principal_of
from emulator.aws.throttling import refusal

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld

#: How often somebody who hangs looks whether the Region is back.
_HANGS_SECONDS: Final = 0.2


def watched(world: EmulatedWorld, dispatch: Any) -> Any:
    """Build a dispatcher that throttles, logs, and lets ``dispatch`` answer the rest."""

    async def answered(  # noqa: PLR0917  # ministack's own signature
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        log, throttling = world.access_log, world.throttling
        if world.flow.factor and caller.get() is Caller.OUTSIDE:
            await asyncio.to_thread(world.flow.pass_on)
        if not log.on and not throttling.quotas:
            return await dispatch(method, path, headers, body, query, request_id)
        params = app._routing_params(method, path, headers, body, query)
        service, region, at = router.detect_service(method, path, headers, params), get_region(), world.now()
        action = action_of(service, (method, path, headers, body, params))
        if throttling.refuses(region, action):
            answer = refusal(service, action, request_id, headers)
        else:
            answer = await dispatch(method, path, headers, body, query, request_id)
        log.note(at, region, in_words(answer), action, _who(headers, query))
        return answer

    return answered


async def leave_unanswered(
    world: EmulatedWorld, region: str, headers: dict[str, str], query: Any, receive: Any
) -> None:
    """Log a call of a Region that is down; where it hangs, keep the caller waiting until he gives up or it is back."""
    # the body is not read: an operation that is written there is unknown
    scope = headers["authorization"].partition("Credential=")[2].split(",")[0].split("/")
    operation = headers.get("x-amz-target", "").rpartition(".")[2] or "?"
    action = f"{scope[3] if len(scope) > 3 else '?'}:{operation}"
    how = "hangs" if region in world.hanging else "closed"
    world.access_log.note(world.now(), region, how, action, _who(headers, query))
    while region in world.hanging:
        try:
            message = await asyncio.wait_for(receive(), _HANGS_SECONDS)
        except TimeoutError:
            continue
        if message["type"] == "http.disconnect":
            return


def _who(headers: Any, query: Any) -> str:
    """Who calls: a function by its name, a role by its session, the account's root otherwise."""
    principal = principal_of(router.extract_access_key_id(headers, query))
    if principal is None:
        return "root"
    return principal.function_arn.rpartition(":")[2] or principal.session_arn.partition("/")[2]
