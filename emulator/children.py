"""Children get the default signal handling, however their parent was started."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What ends a process by default, and what a parent hands down ignored: a shell does so with the first two of a background job,
#: ``nohup`` with the last one.
_ENDING: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def default_signals() -> Iterator[None]:
    """Let every process that is started in this block end by a signal that this process ignores.

    A new program inherits what is ignored, and gets the default for what is caught. So this process catches those signals
    meanwhile, and does nothing with them: for itself they stay ignored. `subprocess` could do the same in the child
    (``preexec_fn``), which is not safe in a process with threads. Call it in the main thread.
    """
    ignored = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, _do_nothing)
    try:
        yield
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def _do_nothing(*_: object) -> None:
    pass
