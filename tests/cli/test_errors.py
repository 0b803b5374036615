"""Every error is one line with a hint; a traceback only for those who ask for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import botocore.exceptions
import pytest

from resilient_redshift.cli import aws, errors
from resilient_redshift.cli.aws import Aws, ask, ask_both
from resilient_redshift.cli.faults import translated
from resilient_redshift.cli.main import _complain
from resilient_redshift.cli.tools import Tools
from tests.cli.scene import PLAN, Scene, words_of

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def answered(code: str, status: int = 400) -> botocore.exceptions.ClientError:
    response = {"Error": {"Code": code, "Message": "AWS's\nwords"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.exceptions.ClientError(response, "DescribeClusters")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (answered("AccessDenied", 403), errors.DeniedError, "redshift:X in us-west-2: AccessDenied: AWS's words"),
        (answered("AccessDeniedException"), errors.DeniedError, "AccessDeniedException"),
        (answered("ExpiredTokenException"), errors.CliError, "the credentials have expired"),
        (answered("UnrecognizedClientException"), errors.CliError, "AWS does not know these credentials"),
        (answered("ThrottlingException"), errors.ThrottledError, "ThrottlingException"),
        (answered("ServiceUnavailable", 503), errors.UnreachableError, "us-west-2 does not answer"),
        (answered("Odd", 500), errors.UnreachableError, "us-west-2 does not answer"),
        (answered("ClusterNotFound", 404), errors.ApiError, "ClusterNotFound"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="u"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="u"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.SSLError(endpoint_url="u", error="e"), errors.UnreachableError, "does not answer"),
        (botocore.exceptions.NoCredentialsError(), errors.CliError, "no usable credentials"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), errors.CliError, "no usable credentials"),
        (botocore.exceptions.ProfileNotFound(profile="p"), errors.CliError, "profile (p)"),
        (botocore.exceptions.NoRegionError(), errors.CliError, "no Region is configured"),
        (botocore.exceptions.ParamValidationError(report="bad"), errors.CliError, "bad"),
    ],
)
def test_what_botocore_raises_becomes_one_line(error: Exception, kind: type, words: str) -> None:
    told = translated(error, "us-west-2", "redshift:X")
    assert told is not None
    assert type(told) is kind
    assert words in told.message
    assert "\n" not in told.message
    assert told.status == 2


def test_what_is_not_botocores_is_left_alone() -> None:
    assert translated(ValueError("ours"), "us-west-2", "redshift:X") is None


def test_a_message_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN words of AWS that hold escape sequences WHEN complained of THEN the terminal gets letters only
    _complain(Tools(), "no \x1b]0;x\x07 such", "see \x9b2J")
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


@pytest.mark.parametrize("name", ["Sales", "sales_1", "-sales", "s" * 64])
def test_a_name_that_cannot_be_is_refused_before_any_call(scene: Scene, name: str) -> None:
    result = scene.run("failover", "--", name)
    assert result.exit_code == 2
    assert "lower-case letters, digits and single hyphens" in words_of(result)
    assert not scene.account.calls


class Dated:
    """A session whose answers bear a date."""

    region_name = "us-west-2"

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
