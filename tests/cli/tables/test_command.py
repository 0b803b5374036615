"""The options of ``restore-table``: what is refused before any call to AWS."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.cli.scene import PLAN, Scene, words_of
from tests.cli.tables.bad_load import COPIES, LOADED, ROLE, TABLE, copied

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((*TABLE, "--from-copies"), "--from-copies needs --role and --bucket"),
        ((*TABLE, "--role", ROLE), "--role: only with --from-copies"),
        ((*TABLE, "--keep-scratch"), "--keep-scratch: only with --from-copies"),
        ((*COPIES, "--role", "loader"), "'loader' is not the ARN of an IAM role"),
        ((*COPIES, "--role", f"{ROLE}'x"), "is not the ARN of an IAM role"),
        ((*COPIES, "--bucket", "transfer"), "'transfer' is not s3://bucket or s3://bucket/prefix"),
        ((*COPIES, "--bucket", "s3://b/x'y"), "is not s3://bucket"),
        ((*TABLE, "--before", "yesterday"), "is not a time"),
        (("restore-table", PLAN, "orders", "--as", "x"), "'orders' is not schema.table"),
        (TABLE[:3], "Missing option '--as'"),
    ],
    ids=range(10),
)
def test_a_wrong_option_is_refused(scene: Scene, arguments: Sequence[str], reason: str) -> None:
    result = scene.run(*arguments)
    assert result.exit_code == 2
    assert reason in words_of(result)
    assert scene.account.calls == []


def test_the_command_that_goes_on_is_the_same(scene: Scene) -> None:
    # GIVEN a command with every option WHEN it is interrupted THEN the command that it names finds the same work
    copied(scene)

    def stop(seconds: float) -> None:
        scene.clock.advance(seconds)
        if scene.account.runs:
            raise KeyboardInterrupt

    scene._sleep = stop  # type: ignore[method-assign]
    options = ("--database", "dev", "--to-database", "dev", "--snapshot", "copy:rs:sales-5", "--keep-scratch")
    stopped = scene.run(*COPIES, "--before", LOADED, *options, "--yes")
    assert stopped.exit_code == 130
    scene._sleep = Scene._sleep.__get__(scene)  # type: ignore[method-assign]
    line = stopped.stderr.split("resilient-redshift restore-table ")[1].splitlines()[0]
    again = scene.run("restore-table", *shlex.split(line))
    assert again.exit_code == 0, again.output + again.stderr
    assert len(scene.account.runs) == 1
