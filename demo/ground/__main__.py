"""``python -m demo.ground``: starts the training ground, switches troubles on and off, begins and checks exercises."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from demo.cli import ROOT
from demo.errors import DemoError
from demo.ground.exercises import EXERCISES
from demo.ground.shell import CALLS, FOLDER_VARIABLE
from demo.ground.world import Ground
from demo.spans import moment
from demo.story import PRIMARY, RECOVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FINE, _NOT_YET, _WRONG = 0, 1, 2
_REGIONS: Final = (PRIMARY, RECOVERY)
_SPAN: Final = re.compile(r"(\d+)([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def main(arguments: Sequence[str] | None = None, *, say: Callable[[str], object] = print) -> int:
    """Do what is asked: 0 if it is done, 1 where an exercise is not yet solved, 2 with the reason in one line."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given, say) or _FINE)
    except DemoError as error:
        say(f"ground: {error}")
    except ConnectionRefusedError:
        say("ground: nothing listens there any more: start a new one with `make ground`")
    return _WRONG


def _start(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    from demo.ground.start import start  # noqa: PLC0415 - heavy

    say("deploying app.py to an AWS on this machine; this takes half a minute ...")
    settings = start(given.folder)
    say(f"The training ground runs, on 127.0.0.1 alone. In each shell:\n\n  . {_quoted(settings)}\n")
    say(f"Every call: tail -f {_quoted(settings.parent / CALLS)}")
    say("Exercises:  docs/exercises.md\nEnd it:     ground stop")


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _state(_: argparse.Namespace, say: Callable[[str], object]) -> None:
    ground = _ground()
    troubles = ground.door.troubles()
    say(f"it is {moment(ground.door.now())} there; a minute passes for each second in which somebody calls")
    for region, how in troubles["down"].items():
        say(f"{region} {how}")
    for quota in troubles["quotas"]:
        what = "each API" if quota["operation"] == "*" else quota["operation"]
        say(f"{quota['region']} throttles {what}: {quota['burst']} calls at once, then {quota['rate']:g} a second")
    if not troubles["down"] and not troubles["quotas"]:
        say("no trouble is on")


def _outage(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    _ground().door.region_down(given.region, hang=given.hang)
    say(f"{given.region} {'accepts connections and never answers' if given.hang else 'closes every connection'}")


def _back(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    _ground().door.region_up(given.region)
    say(f"{given.region} answers again")


def _throttle(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    door = _ground().door
    if given.off:
        door.lift_throttle(given.region)
        say(f"{given.region} throttles nothing any more")
        return
    if given.rate <= 0 or given.burst < 1:
        raise DemoError(f"--rate and --burst: above 0 and at least 1, got {given.rate:g} and {given.burst}")
    door.throttle(given.region, rate=given.rate, burst=given.burst, operation=given.operation)
    say(f"{given.region} answers {given.burst} calls of an API at once, then {given.rate:g} a second")


def _pass(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    found = _SPAN.fullmatch(given.span)
    if found is None:
        raise DemoError(f"SPAN: got {given.span!r}, give minutes, hours or days, such as 90m, 2h or 1d")
    door = _ground().door
    door.advance(int(found[1]) * _UNITS[found[2]])
    say(f"it is {moment(door.now())} there")


def _begin(given: argparse.Namespace, say: Callable[[str], object]) -> None:
    ground = _ground()
    EXERCISES[given.exercise].begin(ground)
    say(f"it is {moment(ground.door.now())} there. Go on with docs/exercises.md")


def _check(given: argparse.Namespace, say: Callable[[str], object]) -> int:
    ground = _ground()
    if ground.noted()["exercise"] != given.exercise:
        raise DemoError(f"the exercise under way is {ground.noted()['exercise']!r}, not {given.exercise!r}")
    missing = list(EXERCISES[given.exercise].missing(ground))
    for each in missing:
        say(f"not yet: {each}")
    if not missing:
        say("ok: you did it")
    return _NOT_YET if missing else _FINE


def _when(_: argparse.Namespace, say: Callable[[str], object]) -> None:
    say(f"{_ground().began():%Y-%m-%dT%H:%M:%SZ}")


def _stop(_: argparse.Namespace, say: Callable[[str], object]) -> None:
    # the process itself says which one it is: a number in a file may be another one's by now
    pid = _ground().door.process_id()
    os.kill(pid, signal.SIGTERM)
    say(f"ended process {pid}")


def _ground() -> Ground:
    """The ground that this shell reaches.

    Raises:
        DemoError: the shell has no settings, or those of another AWS.
    """
    from emulator.aws.door import Door  # noqa: PLC0415 - for --help alone nobody needs it

    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", os.environ.get("AWS_ENDPOINT_URL", ""))
    folder = os.environ.get(FOLDER_VARIABLE)
    if found is None or not folder:
        raise DemoError("this shell does not know the ground: read its settings first, `. build/ground/env`")
    door = Door(int(found[1]))
    door.ask_account()
    return Ground(door, Path(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ground", description="An operator's training ground: docs/exercises.md.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., object], text: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        found.set_defaults(run=run)
        return found

    begun = command("start", _start, "start a ground, and let it run")
    begun.add_argument("--folder", type=Path, default=ROOT / "build" / "ground", help="for settings and the log")
    for name, run, text in (("begin", _begin, "begin an exercise"), ("check", _check, "whether it is solved")):
        command(name, run, text).add_argument("exercise", choices=EXERCISES)
    command("when", _when, "when the exercise under way began, UTC")
    command("state", _state, "which troubles are on")
    outage = command("outage", _outage, "let nobody reach a Region any more")
    outage.add_argument("region", choices=_REGIONS)
    outage.add_argument("--hang", action="store_true", help="accept connections and never answer")
    command("back", _back, "let a Region answer again").add_argument("region", choices=_REGIONS)
    throttle = command("throttle", _throttle, "throttle each API of a Region by a token bucket of its own")
    throttle.add_argument("region", choices=_REGIONS)
    throttle.add_argument("--burst", type=int, default=2, help="calls at once (2)")
    throttle.add_argument("--rate", type=float, default=1.0, help="calls a second after that (1)")
    throttle.add_argument("--operation", default="*", help="one operation, such as DescribeClusters (every one)")
    throttle.add_argument("--off", action="store_true", help="throttle nothing there any more")
    command("pass", _pass, "let time pass").add_argument("span", help="such as 90m, 2h or 1d")
    command("stop", _stop, "end the ground")
    return parser


if __name__ == "__main__":
    sys.exit(main())
