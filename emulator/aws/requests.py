"""Each request as it comes in: whose is it, is its Region reachable, and may its sender do this?"""

from __future__ import annotations

import datetime as dt
import logging
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from hypercorn.protocol.http_stream import ASGIHTTPState
from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import get_region

from emulator.aws.authorization import Right, denied
from emulator.aws.call_log import Call, is_read
from emulator.aws.callers import Caller, caller
from emulator.aws.request_names import params_of, precise
from emulator.aws.service_rights import rights
from emulator.aws.sessions import function_principal, principal_of
from emulator.aws.troubles import leave_unanswered, watched

if TYPE_CHECKING:
    from emulator.aws.control import Control
    from emulator.aws.world import EmulatedWorld

_log = logging.getLogger("emulated-aws.requests")


def install(world: EmulatedWorld, control: Control) -> None:
    """Stand before ministack's ASGI application and its dispatcher."""
    inner = app.app
    dispatch = app._dispatch_service_request

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope.get("type") != "http":
            await inner(scope, receive, send)
            return
        if scope["path"].startswith("/_emulator/"):
            await control.answer(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode())
        region = router.extract_region(headers, query)
        if region in world.down and "authorization" in headers:
            world.unanswered[region] = world.unanswered.get(region, 0) + 1
            await leave_unanswered(world, region, headers, query, receive)
            send.__self__.state = ASGIHTTPState.CLOSED  # hypercorn then closes the connection without a word
            return
        key = router.extract_access_key_id(headers, query)
        caller.set(Caller.FUNCTION if function_principal(key) else Caller.OUTSIDE if key else Caller.NOBODY)
        await inner(scope, receive, _dated(_date(world, headers), send))

    async def checked(  # noqa: PLR0917  # ministack's own signature
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str
    ) -> Any:
        principal = principal_of(router.extract_access_key_id(headers, query))
        params = app._routing_params(method, path, headers, body, query)
        service = router.detect_service(method, path, headers, params)
        if principal is None:
            answer = await dispatch(method, path, headers, body, query, request_id)
            if service == "kms" and answer[0] < 400:
                operation = str(headers.get("x-amz-target", "")).rpartition(".")[2]
                call = Call(world.now(), "root", get_region(), service, operation, params_of(body), "http")
                call.mutating = not is_read(operation)
                world.trail.note(call, "root")
            return answer
        if service in {"redshift", "redshift-data"}:  # their own door asks
            return await dispatch(method, path, headers, body, query, request_id)
        region = get_region()
        action = precise(iam_actions.extract_iam_action(service, method, path, headers, body, params), method)
        resource = iam_actions.extract_resource_arn(service, method, path, headers, body, params, region, world.account)
        operation = (action or f"{service}:{method} {path}").split(":", 1)[1]
        given, via = params_of(body), "lambda" if principal.function_arn else "http"
        entry = Call(world.now(), principal.role_arn, region, service, operation, given, via)
        with world.calls.record(entry):
            # what nobody can name is asked under no action's name, which only a right to everything allows
            right = Right(action or f"{service}:?", resource)
            refusal = denied(world, principal, rights(right, given, body, region, world.account), region)
            if refusal is not None:
                entry.error = "AccessDenied"
                _log.warning("%s", refusal.message)
                return iam_actions.access_denied_response(
                    service, right.action, principal.session_arn, request_id, headers=headers, resource_arn=resource
                )
            answer = await dispatch(method, path, headers, body, query, request_id)
            entry.error = str(answer[0]) if answer[0] >= 400 else None
            world.trail.note(entry, principal, answer[2])
            return answer

    app.app = outer
    app._dispatch_service_request = watched(world, checked)


def _date(world: EmulatedWorld, headers: dict[str, str]) -> dt.datetime:
    """Virtual time, which callers compare their clocks with; not for the cdk CLI: its SDK asks again after a minute."""
    real = "aws-sdk-js" in headers.get("user-agent", "")
    return dt.datetime.now(dt.UTC) if real else world.now()


def _dated(now: dt.datetime, send: Any) -> Any:
    """Answer with that date."""

    async def dated(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"date"]
            message = {**message, "headers": [*kept, (b"date", format_datetime(now, usegmt=True).encode())]}
        await send(message)

    return dated
