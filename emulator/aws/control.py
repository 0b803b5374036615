"""The control plane: /_emulator/..., JSON in, JSON out, dates as ISO 8601. Tests and the demo turn the world with it."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ministack.services.cloudformation import custom_resource

from emulator.aws import functions, kms_keys, machine_history, rules, sessions
from emulator.aws.throttling import Quota
from emulator.redshift_model import CopyConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws.cloudwatch.service import CloudWatch
    from emulator.aws.world import EmulatedWorld


def encode(value: Any) -> Any:
    """Make ``value`` fit for JSON: dataclasses as objects, sets as lists, the rest by its text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return repr(value)


def decode(value: Any) -> Any:
    """Undo what JSON cannot hold: ``{"$copy": {...}}`` is a CopyConfig, ``{"$at": "..."}`` a moment."""
    if isinstance(value, dict):
        if set(value) == {"$copy"}:
            return CopyConfig(**value["$copy"])
        if set(value) == {"$at"}:
            return dt.datetime.fromisoformat(value["$at"])
        return {key: decode(item) for key, item in value.items()}
    return [decode(item) for item in value] if isinstance(value, list) else value


class Control:
    """Answers the control requests of one world."""

    def __init__(self, world: EmulatedWorld, alarms: CloudWatch) -> None:
        """Turn ``world`` and its alarms."""
        self._world = world
        self._alarms = alarms
        self._commands: dict[str, Callable[[dict[str, Any]], Any]] = {
            "health": lambda _: {"account": world.account, "now": world.now(), "pid": os.getpid()},
            "now": lambda _: world.now(),
            "advance_to": self._advance_to,
            "settle": lambda given: world.timeline.settle(dt.timedelta(seconds=given.get("at_most", 86_400 * 7))),
            "state": lambda _: world.timeline.describe(),
            "hold_time": self._hold,
            "cold_start": self._cold_start,
            "stop_execution_at": lambda given: machine_history.ambush(**given),
            "stops_left": lambda _: machine_history.ambushes(),
            "next_firing": lambda given: rules.next_firing(world, **given),
            "enforce_iam": self._enforce,
            "sign_in": lambda given: sessions.sign_in(given["role"]),
            "region_down": self._down,
            "region_up": self._up,
            "let_time_flow": lambda given: world.flow.set(float(given["factor"])),
            "log_calls": lambda given: world.access_log.write_to(Path(given["path"])),
            "throttle": lambda given: world.throttling.set(Quota(**given)),
            "lift_throttle": lambda given: world.throttling.lift(given["region"]),
            "troubles": lambda _: {
                "now": world.now(),
                "down": {region: "hangs" if region in world.hanging else "refuses" for region in world.down},
                "quotas": list(world.throttling.quotas.values()),
            },
            "unanswered": lambda given: world.unanswered.get(given["region"], 0),
            "model": self._model,
            "faults": self._faults,
            "settings": self._settings,
            "mark": lambda _: len(world.calls.entries),
            "calls": lambda given: world.calls.entries[given.get("since", 0) :],
            "alarms": lambda given: alarms.states(given["region"]),
            "alarm_changes": lambda given: alarms.actions.changes[given.get("since", 0) :],
            "deliveries": lambda given: world.deliveries.entries[given.get("since", 0) :],
            "events": lambda given: world.events[given.get("since", 0) :],
            "sleep": self._sleep,
            "kill_function": lambda given: functions.kill(given["function_arn"]),
            "expect_response": lambda given: bool(custom_resource.register_token(given["token"])),
            "response": lambda given: custom_resource._pending.pop(given["token"])["result"],
        }

    async def answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, in a thread: most wait for the world to come to rest."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = {key: values[0] for key, values in parse_qs(scope.get("query_string", b"").decode()).items()}
        name = scope["path"].removeprefix("/_emulator/")
        given = {**query, **(decode(json.loads(body)) if body else {})}
        status, result = await asyncio.to_thread(self._run, name, given)
        written = json.dumps(result, default=encode).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(written)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": written})

    def _run(self, name: str, given: dict[str, Any]) -> tuple[int, Any]:
        command = self._commands.get(name)
        if command is None:
            return 404, {"error": f"no such command: {name}"}
        try:
            return 200, command(given)
        except Exception as error:  # noqa: BLE001  # the other side shall read why
            return 400, {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}

    def _advance_to(self, given: dict[str, Any]) -> dt.datetime:
        self._world.timeline.advance_to(dt.datetime.fromisoformat(given["when"]).astimezone(dt.UTC))
        return self._world.now()

    def _hold(self, given: dict[str, Any]) -> bool:
        self._world.held = bool(given["on"])
        return self._world.held

    def _cold_start(self, given: dict[str, Any]) -> None:
        self._world.cold_start_seconds = float(given["seconds"])

    def _enforce(self, given: dict[str, Any]) -> bool:
        self._world.enforce = bool(given["on"])
        self._world.source_keys = bool(given.get("source_keys"))
        return self._world.enforce

    def _down(self, given: dict[str, Any]) -> None:
        self._world.down.setdefault(given["region"], self._world.timeline.gate())
        (self._world.hanging.add if given.get("hang") else self._world.hanging.discard)(given["region"])
        with self._world.timeline.lock:
            self._world.model.region_down(given["region"])

    def _up(self, given: dict[str, Any]) -> None:
        gate = self._world.down.pop(given["region"], None)
        self._world.hanging.discard(given["region"])
        with self._world.timeline.lock:
            self._world.model.region_up(given["region"])
            self._alarms.watch.region_up()
        if gate is not None:
            gate.open()

    def _model(self, given: dict[str, Any]) -> Any:
        if given["method"] == "given_key":  # keys are ministack's
            return kms_keys.create(self._world.account, *given["args"], **given["kwargs"])
        with self._world.timeline.lock:
            return json.loads(
                json.dumps(
                    getattr(self._world.model, given["method"])(*given["args"], **given["kwargs"]), default=encode
                )
            )

    def _faults(self, given: dict[str, Any]) -> None:
        with self._world.timeline.lock:
            getattr(self._world.model.faults, given["method"])(*given["args"], **given["kwargs"])

    def _settings(self, given: dict[str, Any]) -> dict[str, Any]:
        with self._world.timeline.lock:
            settings = self._world.model.settings
            for name, value in given.items():
                if not hasattr(settings, name):
                    raise ValueError(f"Settings has no {name}")
                setattr(settings, name, value)
            return dataclasses.asdict(settings)

    def _sleep(self, given: dict[str, Any]) -> None:
        functions.sleep(self._world, float(given["seconds"]), int(given["pid"]))
