"""The values of options: what cannot be is refused before any call."""

from __future__ import annotations

import botocore.session
import click
import pytest

from resilient_redshift.cli.options import DAYS, DRILL_POINT, NAME, REGION
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS
from tests.cli.scene import PLAN, Scene, words_of

#: 125 characters: more than a name may have, though each letter but the first has a hyphen before it.
HYPHENS = "-".join("a" * 63)


@pytest.mark.parametrize("name", ["a", "sales-us-east-1", "s" * 63, HYPHENS[:63]])
def test_a_name_of_1_to_63_characters_is_taken(name: str) -> None:
    assert NAME.convert(name, None, None) == name


@pytest.mark.parametrize(
    "name", ["", "s" * 64, HYPHENS[:65], HYPHENS, "Sales", "sales_1", "1sales", "a--b", "sales-", "s\n"]
)
def test_another_name_is_not(name: str) -> None:
    # GIVEN a name that is no label, such as one of 64 characters, or 63 letters with a hyphen between each two
    with pytest.raises(click.BadParameter, match="1 to 63 lower-case letters, digits and single hyphens"):
        NAME.convert(name, None, None)


@pytest.mark.parametrize("name", ["Sales", "sales_1", "-sales", "s" * 64, HYPHENS])
def test_a_name_that_cannot_be_is_refused_before_any_call(scene: Scene, name: str) -> None:
    result = scene.run("failover", "--", name)
    assert result.exit_code == 2
    assert "lower-case letters, digits and single hyphens" in words_of(result)
    assert not scene.account.calls


def test_every_region_of_every_partition_is_taken() -> None:
    session = botocore.session.get_session()
    regions = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("redshift", partition)
    }
    assert len(regions) > 40
    for region in regions:
        assert REGION.convert(region, None, None) == region


@pytest.mark.parametrize("region", ["europe", "us-west", "US-WEST-2", "us_west_2", "us-west-2a", ""])
def test_what_is_no_region_is_not(region: str) -> None:
    with pytest.raises(click.BadParameter, match="a Region's name such as us-west-2"):
        REGION.convert(region, None, None)


@pytest.mark.parametrize(
    ("text", "point"), [("newest", "newest"), ("random", "random"), ("30d", 30 * 86_400), ("36h", 36 * 3600)]
)
def test_the_point_of_a_drill(text: str, point: str | int) -> None:
    assert DRILL_POINT.convert(text, None, None) == point


@pytest.mark.parametrize("text", ["oldest", "30", "d", "0d", "-1d", "1.5d", "3654d", "9999999h", ""])
def test_what_is_no_point_is_not(text: str) -> None:
    with pytest.raises(
        click.BadParameter, match="neither 'newest' nor 'random' nor an age such as '30d' or '36h', at most 3653 days"
    ):
        DRILL_POINT.convert(text, None, None)


@pytest.mark.parametrize(("text", "days"), [("1", 1), ("3653", MOST_MANUAL_DAYS), ("forever", FOREVER_DAYS)])
def test_days(text: str, days: int) -> None:
    assert DAYS.convert(text, None, None) == days


#: What a shell can pass: a byte that is no UTF-8 comes as half of a surrogate pair.
HOSTILE = ["", " ", "\udcff", "\U0001f4a5", "\x1b[2J", "9" * 5000, "1e30", "-1", "2026-02-30", "0001-01-01T00:00+23:59"]
HOSTILE += ["9999-12-31T23:59:59-23:59", "arn:", "arn:aws:states", "arn:aws:states:us-west-2:1:execution:a", "x" * 9000]


@pytest.mark.parametrize("value", HOSTILE, ids=[f"value {number}" for number in range(len(HOSTILE))])
def test_no_option_ends_a_command_unexpectedly(scene: Scene, value: str) -> None:
    # GIVEN a hostile value in each option that people type WHEN run THEN the command says what is wrong, or goes on
    scene.copied(hours=2)
    options = {
        "failover": [
            "snapshot",
            "not-before",
            "lineage",
            "node-type",
            "number-of-nodes",
            "target",
            "copy-to",
            "attach",
        ],
        "freeze": ["keep", "newest", "lineage"],
        "snapshot": ["reason", "rule"],
        "status": ["cluster", "region", "profile"],
    }
    for command, names in options.items():
        for name in names:
            needed = ["--reason", "x"] if (command, name) == ("snapshot", "rule") else []
            plan = [] if name == "cluster" else [PLAN]
            result = scene.run(command, *plan, *needed, f"--{name}={value}")
            assert "unexpected" not in result.output + result.stderr, (name, result.output, result.stderr)


def test_a_reason_of_any_letters_reaches_the_machine(scene: Scene) -> None:
    # GIVEN an emoji and a broken byte in the reason WHEN a snapshot is taken THEN the machine is started with it
    assert scene.run("snapshot", PLAN, "--region", "us-east-1", "--reason", "\U0001f4a5 \udcff").exit_code == 0
