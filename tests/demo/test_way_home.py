"""The way home: what the story asks, and how it can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.demo.telling import reason, told
from tests.demo.world import FakeAws, FakeCdk, FakeCommand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _one_writer(command: FakeCommand) -> None:
    command.two_writers = "  fine"


def _fences_nothing(command: FakeCommand) -> None:
    command.fences = False


def _loses_rows(command: FakeCommand) -> None:
    def change() -> None:
        command.aws.model_.content("us-east-1", "sales").tables["public.orders"].rows = 0

    command.comes_home = change


def _copies_otherwise(command: FakeCommand) -> None:
    def change() -> None:
        copy = command.aws.model_.copy_of("us-east-1", "sales")
        assert copy is not None
        copy.retention_period += 1

    command.comes_home = change


def _stays_published(command: FakeCommand) -> None:
    command.comes_home = lambda: command.aws.parameters.endpoint.update(cluster="sales")


def _not_fine(command: FakeCommand) -> None:
    def change() -> None:
        command.exits["status"] = 1

    command.comes_home = change


@pytest.mark.parametrize(
    "case",
    [
        (_one_writer, "did not say 'two writers' of a Region that is back"),
        (_fences_nothing, "sales in us-east-1 still has the security groups of its clients after the fence"),
        (_loses_rows, "sales came home with 0 orders of "),
        (_copies_otherwise, "the copy of sales is {"),
        (_stays_published, "the endpoint of sales-us-east-1 is still published, although the warehouse is at home"),
        (_not_fine, "resilient-redshift status ended with status 1: status says so"),
    ],
)
def test_a_way_home_that_is_not_as_it_should_be(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, short: None, case: tuple[Callable[[FakeCommand], None], str]
) -> None:
    # GIVEN a way home on which something is lost or left WHEN told THEN the story does not end well
    mishap, wanted = case
    command = FakeCommand(aws)
    mishap(command)
    status, text = told(aws, cli, tmp_path, command=command)
    assert status == 1
    assert wanted in reason(text)
