"""Virtual ``time`` and ``datetime`` for single modules of ministack: what they stamp and compare, never what they wait for.

The process's own ``time`` stays real: asyncio, queues and ministack's pipes to Lambda processes poll with deadlines, which
would never come while the virtual time stands still.
"""

from __future__ import annotations

import datetime as dt
import time
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.aws.timeline import Timeline


def virtual_time(timeline: Timeline) -> types.ModuleType:
    """Build a ``time`` that tells virtual time; its ``sleep`` passes at once (patches do the waiting)."""
    found = types.ModuleType("time")
    found.__dict__.update(time.__dict__)
    found.__dict__.update(time=timeline.epoch, time_ns=lambda: int(timeline.epoch() * 1e9), sleep=lambda _seconds: None)
    found.__dict__.update(gmtime=lambda seconds=None: time.gmtime(timeline.epoch() if seconds is None else seconds))
    return found


def virtual_datetime(timeline: Timeline) -> type[dt.datetime]:
    """Build a ``datetime.datetime`` whose ``now`` is virtual; real instances pass for its own."""

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, dt.datetime)

    class VirtualDatetime(dt.datetime, metaclass=Meta):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            now = timeline.now()
            return now.astimezone(tz) if tz is not None else now.replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> Any:
            return timeline.now().replace(tzinfo=None)

    return VirtualDatetime


def virtual_datetime_module(timeline: Timeline) -> types.ModuleType:
    """Build a ``datetime`` module with such a class."""
    found = types.ModuleType("datetime")
    found.__dict__.update(dt.__dict__)
    found.__dict__["datetime"] = virtual_datetime(timeline)
    return found


def virtualize(module: types.ModuleType, timeline: Timeline) -> None:
    """Let ``module`` tell virtual time, however it imported ``time`` and ``datetime``."""
    for name, value in list(vars(module).items()):
        if value is time:
            setattr(module, name, virtual_time(timeline))
        elif value is dt:
            setattr(module, name, virtual_datetime_module(timeline))
        elif value is dt.datetime:
            setattr(module, name, virtual_datetime(timeline))
