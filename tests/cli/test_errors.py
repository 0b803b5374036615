"""Every error is one line with a hint; a traceback only for those who ask for it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest.mock import MagicMock

import pytest

from resilient_redshift.cli import aws, errors
from resilient_redshift.cli.aws import Aws, ask, ask_both
from resilient_redshift.cli.endings import complain
from tests.cli.scene import PLAN, Scene, words_of

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def test_a_message_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN words of AWS that hold escape sequences WHEN complained of THEN the terminal gets letters only
    complain("no \x1b]0;x\x07 such", "see \x9b2J")
    assert not set("\x1b\x07\x9b") & set(capsys.readouterr().err)


def test_a_defect_of_ours_is_one_line_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("resilient_redshift.cli.status.gather", broken)
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "resilient-redshift: unexpected RuntimeError: two lines",
        "  hint: --debug shows where; please report it",
    ]


def test_debug_shows_where(scene: Scene) -> None:
    quiet, loud = scene.run("status", "nobody"), scene.run("status", "nobody", "--debug")
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert loud.exit_code == quiet.exit_code == 2


def test_common_options_may_stand_before_the_command(scene: Scene) -> None:
    scene.region = None
    assert "no Region is configured hint: pass --region" in words_of(scene.run("status", PLAN))
    scene.copied(hours=2)
    assert scene.run("--region", "us-west-2", "status", PLAN).exit_code == 0


class Dated:
    """A session whose answers bear a date."""

    region_name = "us-west-2"
    meta = MagicMock()

    def __init__(self, date: dt.datetime, **_: Any) -> None:
        self.date = date

    def client(self, *_: Any, **__: Any) -> Dated:
        return self

    def describe_clusters(self) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": f"{self.date:%a, %d %b %Y %H:%M:%S} GMT"}}}


@pytest.mark.parametrize(("ahead", "skew"), [(5, 0), (-7200, -7200), (86400, 86400)])
def test_the_time_is_awss(ahead: int, skew: int) -> None:
    # GIVEN a workstation whose clock is wrong by hours THEN ages are told by AWS's clock; seconds do not matter
    asked = Aws(lambda **_: Dated(NOW + dt.timedelta(seconds=ahead)), region="us-west-2", clock=lambda: NOW)
    asked.call("us-west-2", "redshift", "DescribeClusters")
    assert asked.skew == dt.timedelta(seconds=skew)


def test_a_region_that_does_not_answer_is_a_value() -> None:
    def dead() -> int:
        raise errors.UnreachableError("us-east-1", "gone")

    one, other = ask_both(dead, lambda: 2)
    assert (one.unreachable, one.value, other.get()) == (True, None, 2)
    assert ask(lambda: 1) == aws.Answer(value=1)
    with pytest.raises(errors.UnreachableError):
        one.get()


def test_time_outs_are_short() -> None:
    # GIVEN a real session THEN its clients give up soon
    import boto3

    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-west-2")
    client = Aws(lambda **_: session, region="us-west-2", clock=lambda: NOW)._client("ssm", "us-west-2")
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (3, 10, 3)


def test_a_function_is_called_once_and_waited_for() -> None:
    # GIVEN a real session THEN a call of a function lasts as long as the function, and is made once
    import boto3

    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-west-2")
    client = Aws(lambda **_: session, region="us-west-2", clock=lambda: NOW)._client("lambda", "us-west-2")
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (3, 900, 1)
    assert config.tcp_keepalive
