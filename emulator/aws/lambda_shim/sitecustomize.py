"""Gives a function's process the emulated AWS's time: Python imports this before anything else.

``time.time``, ``datetime.now`` and their like read the virtual clock; ``time.sleep`` asks the emulator to let time pass.
No code of ours is replaced, and none knows of this.
"""

import datetime as dt
import mmap
import os
import struct
import time

_path = os.environ.get("EMULATED_AWS_CLOCK", "")
_port = os.environ.get("EMULATED_AWS_PORT", "")


def _install() -> None:
    with open(_path, "rb") as file:  # noqa: PTH123  # pathlib would cost every cold start 10 ms
        hands = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

    def now() -> float:
        return struct.unpack("<d", hands[:8])[0]

    def sleep(seconds: float) -> None:
        import http.client

        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        connection = http.client.HTTPConnection("127.0.0.1", int(_port))
        connection.request("POST", f"/_emulator/sleep?seconds={float(seconds)!r}&pid={os.getpid()}", headers={})
        connection.getresponse().read()
        connection.close()

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, _real)

    _real = dt.datetime

    class VirtualDatetime(_real, metaclass=Meta):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return cls.fromtimestamp(now(), tz)

        @classmethod
        def utcnow(cls) -> dt.datetime:
            return cls.fromtimestamp(now(), dt.UTC).replace(tzinfo=None)

    VirtualDatetime.__name__ = VirtualDatetime.__qualname__ = "datetime"
    dt.datetime = VirtualDatetime
    time.time, time.time_ns, time.sleep = now, lambda: int(now() * 1e9), sleep


if _path and _port:
    _install()
