"""``python -m demo``: the whole story; ``--keep`` leaves the emulated AWS running."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from demo.aws import start
from demo.cli import ROOT, run_cdk, run_command
from demo.errors import DemoError
from demo.ground.shell import CALLS, FLOW, write_settings
from demo.ground.world import NAMES
from demo.screen import Screen
from demo.spans import moment
from demo.story import PLAN, RECOVERY, STEPS, Story
from demo.summary import summarize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from demo.aws import Aws, Start
    from demo.cli import Cdk, Command

_STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


#: What a shell has to know.
_TOLD = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")


class Stopped(BaseException):
    """A signal asked the demo to end; no step may catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        #: What a shell expects of a process that a signal ended.
        self.status = 128 + number


def main(
    arguments: Sequence[str] | None = None,
    *,
    screen: Screen | None = None,
    start_aws: Start = start,
    cdk: Cdk = run_cdk,
    command: Command = run_command,
) -> int:
    """Tell the story: 0 if all was well, 1 with the reason in one line, or 128 + the signal's number."""
    options = _parser().parse_args(arguments)
    screen = screen or Screen()
    for number in _STOPPED_BY:
        signal.signal(number, _stop)
    try:
        tell(screen, start_aws, (cdk, command), options.folder, keep=options.keep)
    except Stopped as stopped:
        screen.failed("stopped")
        return stopped.status
    except DemoError as error:
        screen.failed(str(error))
        return 1
    return 0


def tell(screen: Screen, start_aws: Start, tools: tuple[Cdk, Command], folder: Path, *, keep: bool) -> None:
    """Start the AWS, take every step, and end the AWS again unless it is to be kept; DemoError with the reason."""
    begun = time.monotonic()
    work = folder / "demo"
    work.mkdir(parents=True, exist_ok=True)
    log = work / "aws.log"
    with contextlib.ExitStack() as stack:
        screen.step("Start an AWS on this machine")
        with _in_one_line("the emulated AWS did not start", work):
            aws = stack.enter_context(start_aws(log))
        if keep:
            aws.log_calls(work / CALLS)
        screen.good(f"account {aws.account} at {aws.endpoint}; it is {moment(aws.now())} there")
        cdk, command = tools
        story = Story(screen=screen, aws=aws, cdk=cdk, command=command, folder=work, pictures=folder)
        try:
            for step in (*STEPS, summarize):
                with _in_one_line(f"step '{step.__name__}' failed (log: {log})", work):
                    step(story)
        finally:
            if keep and not isinstance(sys.exception(), Stopped):
                leave(screen, aws, work)
        screen.raw(f"{time.monotonic() - begun:.0f} s in all; nothing left this machine.")


def leave(screen: Screen, aws: Aws, work: Path) -> None:
    """Let the AWS run on, and say how to reach it, how to train with it, and how to end it."""
    aws.let_time_flow(FLOW)
    aws.leave_running()
    settings = write_settings(work, aws.env, NAMES)
    screen.raw(f"\nThe emulated AWS keeps running. In each shell, first:  . {shlex.quote(str(settings))}")
    screen.raw("That puts `ground` and `resilient-redshift` on its PATH, and sets:\n")
    for name in _TOLD:
        if name in aws.env:
            screen.raw(f"  export {name}={shlex.quote(aws.env[name])}")
    screen.raw(f"  aws redshift describe-cluster-snapshots --region {RECOVERY} --output table")
    screen.raw(f"  resilient-redshift status {PLAN} --region {RECOVERY}")
    screen.raw(f"\nEvery call: tail -f {shlex.quote(str(settings.parent / CALLS))}")
    screen.raw("Exercises:  docs/exercises.md")
    screen.raw(f"Its log:    {aws.log_path}\nEnd it:  kill {aws.pid}\n")


@contextlib.contextmanager
def _in_one_line(what: str, folder: Path) -> Iterator[None]:
    """Make one line of whatever went wrong; how it came about stands in a file."""
    try:
        yield
    except DemoError:
        raise
    except Exception as error:
        trace = folder / "traceback.txt"
        trace.write_text(traceback.format_exc(), encoding="utf-8")
        first = (str(error).strip() or "no message").splitlines()[0]
        raise DemoError(f"{what}: {type(error).__name__}: {first} (details: {trace})") from error


def _stop(number: int, _: FrameType | None) -> NoReturn:
    # once: what follows is the cleaning up, which no second Ctrl-C may cut short
    for each in _STOPPED_BY:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description="The example on an AWS of this machine's own.")
    parser.add_argument("--keep", action="store_true", help="leave the AWS running, and say how to reach it")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="for pictures and logs (build)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
