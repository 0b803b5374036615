"""Bootstraps and deploys with the real cdk CLI, and shows what its events tell."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from demo.cli import ROOT
from demo.events import event_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from demo.aws import Aws
    from demo.cli import Cdk
    from demo.screen import Bar, Screen

#: No notices from the internet, no colours, all on standard output.
_ALWAYS = ("--no-notices", "--no-color", "--ci")
_KINDS_NAMED = 4


def bootstrap(screen: Screen, aws: Aws, cdk: Cdk, regions: Sequence[str], folder: Path) -> None:
    """Run ``cdk bootstrap`` for all Regions."""
    empty = folder / "empty"  # where no cdk.json makes the CLI synthesize an app first
    empty.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with screen.bar("cdk bootstrap") as bar:
        places = [f"aws://{aws.account}/{region}" for region in regions]
        cdk(["bootstrap", *places, *_ALWAYS], env=aws.env, cwd=empty, on_line=lambda line: bar(0, None, line.strip()))
    screen.good(f"cdk bootstrap of {' and '.join(regions)} in {time.monotonic() - begun:.0f} s")


def synth(screen: Screen, aws: Aws, cdk: Cdk, app: Path, out: Path) -> None:
    """Run ``cdk synth`` of an app into a folder, as strictly as a pull request would; it asks no AWS anything."""
    begun = time.monotonic()
    # without the emulator's environment: a synth that asked AWS something would fail here, as in a pull request
    with screen.bar("cdk synth") as bar:
        account = ("--context", f"account={aws.account}")
        words = ["synth", "--quiet", "--strict", "--app", f'python "{app}"', "--output", str(out), *account, *_ALWAYS]
        cdk(words, env={}, cwd=ROOT, on_line=lambda line: bar(0, None, line.strip()))
    screen.good(f"cdk synth --strict of {app.name}, with cdk-nag, in {time.monotonic() - begun:.0f} s")


def deploy(screen: Screen, aws: Aws, cdk: Cdk, assembly: Path) -> None:
    """Run ``cdk deploy --all`` of an assembly, showing each resource as it is ready."""
    begun = time.monotonic()
    ready: dict[str, Counter[str]] = {}
    with screen.bar("cdk deploy") as bar:
        words = ["deploy", "--all", "--app", str(assembly), "--require-approval", "never", "--progress", "events"]
        told = _listener(screen, bar, ready)
        cdk([*words, *_ALWAYS], env=aws.env, cwd=ROOT, on_line=told)
    for stack, kinds in ready.items():
        most = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(_KINDS_NAMED))
        rest = sum(kinds.values()) - sum(count for _, count in kinds.most_common(_KINDS_NAMED))
        screen.good(f"{stack}: {sum(kinds.values())} resources ({most}{f', {rest} others' if rest else ''})")
    screen.good(f"cdk deploy --all in {time.monotonic() - begun:.0f} s")


def unchanged(screen: Screen, aws: Aws, cdk: Cdk, assembly: Path) -> None:
    """Run ``cdk diff --fail`` of what is deployed: DemoError if a deployment would change anything."""
    with screen.bar("cdk diff") as bar:
        words = ["diff", "--fail", "--app", str(assembly), *_ALWAYS]
        cdk(words, env=aws.env, cwd=ROOT, on_line=lambda line: bar(0, None, line.strip()))
    screen.good("cdk diff: there is nothing to deploy")


def _listener(screen: Screen, bar: Bar, ready: dict[str, Counter[str]]) -> Callable[[str], None]:
    def told(line: str) -> None:
        event = event_of(line)
        if event is None:
            return
        bar(event.done, event.total, f"{event.stack} {event.kind} {event.what}")
        if event.finished:
            ready.setdefault(event.stack, Counter())[event.kind] += 1
            if not screen.live:
                screen.say(f"{event.stack}  {event.status}  {event.kind}  {event.what}")

    return told
