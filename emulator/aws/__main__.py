"""``python -m emulator.aws --port N``: the emulated AWS in the foreground."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

from emulator.redshift_model import START


class _Life:
    """When this process ends, and whether it takes its files along."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alone = False

    def watch_parent(self) -> None:
        """End when the other end of stdin is gone, however the parent went; a line ``stay`` ends the watch."""
        if sys.stdin.readline().strip() == "stay":
            self._alone = True
        else:
            self.end(files=True)

    def terminate(self, *_: object) -> None:
        """End on SIGTERM; whoever started us wants the log first, and tidies up himself, if he is still there."""
        self.end(files=self._alone)

    def end(self, *, files: bool) -> None:
        """End at once; functions' processes end with their pipes."""
        if files:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m emulator.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=4570)
    parser.add_argument("--fd", type=int, help="the number of an inherited socket that listens on that port")
    parser.add_argument("--start", default=START.isoformat(), help="the virtual time to begin at (ISO 8601)")
    parser.add_argument("--folder", type=Path, help="for all files; a temporary one unless given")
    parser.add_argument("--watch-stdin", action="store_true", help="end when stdin is closed")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="emulated-aws-"))
    life = _Life(folder)
    if given.watch_stdin:
        threading.Thread(target=life.watch_parent, daemon=True).start()
    signal.signal(signal.SIGTERM, life.terminate)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    from emulator.aws.server import serve

    serve(given.port, dt.datetime.fromisoformat(given.start), folder, given.fd)


if __name__ == "__main__":
    main()
