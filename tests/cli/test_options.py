"""The values of options: what cannot be is refused before any call."""

from __future__ import annotations

import botocore.session
import click
import pytest

from resilient_redshift.cli.options import DAYS, NAME, REGION
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS
from tests.cli.scene import Scene, words_of

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


@pytest.mark.parametrize(("text", "days"), [("1", 1), ("3653", MOST_MANUAL_DAYS), ("forever", FOREVER_DAYS)])
def test_days(text: str, days: int) -> None:
    assert DAYS.convert(text, None, None) == days
