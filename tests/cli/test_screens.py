"""Each screen in a terminal of 80 columns: nothing that a reader copies is broken."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cli import output
from resilient_redshift.cli.endings import complain
from resilient_redshift.cli.output import Screen
from resilient_redshift.contract import names
from tests.cli.restoring import FULL, SECRET, machine, report
from tests.cli.scene import HERE, PLAN, THERE, Scene

if TYPE_CHECKING:
    from click.testing import Result

WIDTH = 80
#: Names as long as people give them.
LONG = "copy:rs:warehouse-production-2026-11-23-06-15-00"
ENDPOINT = "sales.c9akexample0.us-west-2.redshift.amazonaws.com"
#: What a reader copies: ARNs, times, schedules, endpoints, and words with a digit or a colon in them.
COPIED = re.compile(
    r"arn:[^\s,;]+|\d{4}-\d\d-\d\d \d\d:\d\d UTC|(?:cron|rate)\([^)]*\)|[\w.-]+\.amazonaws\.com(?::\d+)?|"
    r"[\w!/:.-]*\d[\w!/:.-]*\w|/resilient-redshift/[\w/-]+"
)
SCREENS = (
    ("status", PLAN),
    ("status", PLAN, "--history"),
    ("check", PLAN),
    ("failover", PLAN, "--yes"),
    ("drill", PLAN, "--yes"),
    ("snapshot", PLAN, "--reason", "before the change", "--wait"),
    ("freeze", PLAN, "--yes"),
)


def full(*, mode: str) -> Scene:
    """A plan with long names, and a machine that ends with a full report."""
    scene = Scene()
    scene.region = THERE
    scene.copied(LONG, hours=2)
    scene.copied("sales-nightly-20261123t0300z", hours=5.25, kind="manual", retention=14)
    scene.model.given_snapshot(HERE, scene.cluster, "rs:sales-2026-11-23-06-15-00", kind="automated", age_days=2 / 24)
    scene.put(THERE, names.lineage_name(PLAN), "2026-10-24T08:15:00Z")
    cluster = {**FULL["cluster"], "endpoint": ENDPOINT, "secret_arn": f"{SECRET}-of-the-warehouse-in-production-AbCdEf"}
    missing = ["the security group sg-0123456789abcdef0 is not there, and the subnet group site-subnets has no subnet"]
    machine(scene, "Preflight", ends=report(mode=mode, **{**FULL, "cluster": cluster, "missing": missing}))
    return scene


def in_a_terminal(scene: Scene, patch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> Result:
    with patch.context() as narrow:
        narrow.setattr(output, "_PLAIN_WIDTH", WIDTH)
        narrow.setattr(Screen, "live", property(lambda _: True))
        narrow.setattr(Screen, "line", lambda _: nullcontext(lambda _: None))
        return scene.run(*arguments)


@pytest.mark.parametrize("arguments", SCREENS, ids=" ".join)
def test_nothing_that_is_copied_is_broken(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    # GIVEN the same screen in a file, whose lines are never broken WHEN a terminal of 80 columns shows it
    copied = set(COPIED.findall(full(mode=arguments[0]).run(*arguments).stdout))
    shown = in_a_terminal(full(mode=arguments[0]), monkeypatch, arguments).stdout.splitlines()
    # THEN each name, ARN and time is whole on a line
    assert copied
    assert [one for one in copied if not any(one in line for line in shown)] == []
    # and only a command, or a word that no line holds, is longer than a line
    for line in shown:
        assert len(line) <= WIDTH or " " not in line.strip() or re.search(r"(resilient-redshift|aws) [a-z]", line), line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_error_is_broken_between_words_and_a_command_never(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a terminal of 80 columns WHEN a command ends with an error THEN names are whole, and so is the command
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    command = (
        "watch it: resilient-redshift failover sales-us-east-1 --region us-west-2 --attach failover-sales-us-east-1"
    )
    complain(f"a failover of the plan sales-us-east-1 runs already, for 2 h 12 min, restoring {LONG}", command)
    assert terminal.getvalue().splitlines() == [
        "resilient-redshift: a failover of the plan sales-us-east-1 runs already, for",
        f"  2 h 12 min, restoring {LONG}",
        f"  hint: {command}",
    ]


def test_a_command_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a command longer than a line WHEN written in a terminal THEN a pasted line is the whole command
    monkeypatch.setattr(output, "_PLAIN_WIDTH", WIDTH)
    monkeypatch.setattr(Screen, "live", property(lambda _: True))
    command = f"aws ec2 authorize-security-group-ingress {'--option value ' * 10}".strip()
    Screen().command(command)
    assert capsys.readouterr().out == f"    {command}\n"
