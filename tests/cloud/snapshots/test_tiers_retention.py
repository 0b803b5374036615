"""How long each copy is kept: the longest wins, only what was never seen is lowered, and a tier that is over leaves a day."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.contract import names
from tests.cloud.snapshots.world import AWAY, CLUSTER, CONFIGURED, FOREVER, MONTHLY, NIGHTLY, TAG, TiersWorld, counts


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({names.TAG_RULE: "nightly", names.TAG_KEEP_IN_RECOVERY: "10"}, 10),
        ({names.TAG_RULE: "monthly"}, 180),
        ({names.TAG_KEEP_IN_RECOVERY: "90"}, 90),
        ({names.TAG_KEEP_IN_RECOVERY: "5"}, 10),
        ({names.TAG_KEEP_IN_RECOVERY: "365"}, 365),
        ({names.TAG_KEEP_IN_RECOVERY: "-1"}, FOREVER),
        ({names.TAG_KEEP_IN_RECOVERY: "for ever"}, 10),
        ({names.TAG_KEEP_IN_RECOVERY: "9999"}, 10),
        ({names.TAG_RULE: "unknown"}, 10),
    ],
    ids=str,
)
def test_where_tags_and_name_disagree_the_longest_wins(tags: dict[str, str], expected: int) -> None:
    # GIVEN a copy of the nightly rule that carries tags (which AWS does not promise) WHEN run
    world = TiersWorld()
    copy = world.copied(tags=tags)
    output = world.applied()
    # THEN the longest that name and tags tell is its retention
    assert copy.retention == expected
    assert counts(output)["tiered" if expected <= CONFIGURED and expected != FOREVER else "raised"] == 1


def test_a_copy_on_demand_is_lowered_only_if_its_tag_says_so() -> None:
    # GIVEN snapshots on demand, whose runs may have asked for more than the rule WHEN run
    world = TiersWorld()
    told = world.copied(name=f"{CLUSTER}-nightly-ondemand-20261124t030001z", tags={names.TAG_KEEP_IN_RECOVERY: "10"})
    untold = world.copied(name=f"{CLUSTER}-nightly-ondemand-20261124t030002z")
    output = world.applied()
    # THEN the one without tag keeps what it has, in doubt, once
    assert (told.retention, untold.retention) == (10, CONFIGURED)
    assert counts(output) == {"tiered": 1, "in_doubt": 1}
    assert counts(world.applied()) == {}


def test_forever_is_the_longest() -> None:
    # GIVEN a rule whose copies are kept for ever, and so a copy configuration of for ever WHEN run
    world = TiersWorld()
    world.tell(FOREVER, nightly=10, yearly=FOREVER)
    nightly, yearly = world.copied("nightly", retention=FOREVER), world.copied("yearly", retention=FOREVER)
    # THEN the one is lowered, the other stays
    assert counts(world.applied()) == {"tiered": 2}
    assert (nightly.retention, yearly.retention) == (10, FOREVER)
    assert (nightly.tags[TAG], yearly.tags[TAG]) == ("10", "-1")


@pytest.mark.parametrize("held", [FOREVER, 3653, 200, CONFIGURED])
def test_what_an_operator_keeps_longer_stays(held: int) -> None:
    # GIVEN a copy that got its tier WHEN an operator keeps it longer, even as long as copies arrive THEN no run lowers it
    world = TiersWorld()
    copy = world.copied()
    world.applied()
    copy.retention = held
    for _ in range(3):
        assert counts(world.applied()) == {}
    assert copy.retention == held


@pytest.mark.parametrize("held", [FOREVER, 365])
def test_what_an_operator_kept_longer_before_the_first_sight_stays(held: int) -> None:
    # GIVEN a copy that arrived, and was kept longer by hand before the function saw it WHEN run THEN it is in doubt
    world = TiersWorld()
    copy = world.copied(retention=held)
    assert counts(world.applied()) == {"in_doubt": 1}
    assert (copy.retention, copy.tags) == (held, {TAG: str(held)})
    assert world.numbers()["CopiesInDoubt"] == 1
    # AND counted once
    assert counts(world.applied()) == {}


@pytest.mark.parametrize("short", [1, 9])
def test_a_copy_that_would_go_too_early_is_raised(short: int) -> None:
    # GIVEN a copy with less than its rule's tier, at first sight or later WHEN run THEN it is raised, and marked anew
    world = TiersWorld()
    copy = world.copied(retention=short)
    assert counts(world.applied()) == {"raised": 1, "in_doubt": 1}
    assert copy.retention == NIGHTLY
    copy.retention = short
    assert counts(world.applied()) == {"raised": 1}
    assert copy.retention == NIGHTLY


def test_where_copies_arrive_for_ever_a_hold_by_another_number_stays() -> None:
    # GIVEN a plan that keeps some copies for ever, and an operator who holds two that no run has seen yet
    world = TiersWorld()
    world.tell(FOREVER, nightly=NIGHTLY, yearly=FOREVER)
    held = world.copied("nightly", retention=3653, age_hours=1)
    not_seen = world.copied("nightly", retention=FOREVER, age_hours=2)
    # WHEN the function runs
    output = world.applied()
    # THEN it takes 3653 days for a hold; for ever is how copies arrive, as the page for three in the morning says
    assert (held.retention, not_seen.retention) == (3653, NIGHTLY)
    assert counts(output) == {"tiered": 1, "in_doubt": 1}


def test_a_record_that_somebody_shortened_lets_no_marked_copy_go() -> None:
    # GIVEN copies with their tiers WHEN somebody writes a record of one day, and another copy arrives
    world = TiersWorld()
    marked = [world.copied("nightly", age_hours=30), world.copied("monthly", age_hours=30)]
    world.applied()
    world.tell(CONFIGURED, nightly=1, monthly=1)
    arrived = world.copied("nightly", age_hours=0)
    world.applied()
    # THEN only what arrived is kept for that
    assert [copy.retention for copy in marked] == [NIGHTLY, MONTHLY]
    assert arrived.retention == 1


def test_a_removed_and_a_renamed_rule_leave_their_copies() -> None:
    # GIVEN copies of two rules, one not seen yet WHEN one rule is removed, the other one renamed THEN nothing is touched
    world = TiersWorld()
    monthly = world.copied("monthly")
    world.applied()
    nightly = world.copied("nightly")
    world.tell(CONFIGURED, night=NIGHTLY, weekly=CONFIGURED)
    assert counts(world.applied()) == {}
    assert (monthly.retention, nightly.retention) == (MONTHLY, CONFIGURED)


def test_a_raised_rule_raises_its_copies_and_a_lowered_one_leaves_them() -> None:
    # GIVEN a copy with its tier WHEN the rule keeps its copies longer, and then shorter
    world = TiersWorld()
    copy = world.copied()
    world.applied()
    world.tell(nightly=30, monthly=180)
    assert counts(world.applied()) == {"raised": 1}
    assert (copy.retention, copy.tags) == (30, {TAG: "30"})
    world.tell(nightly=5, monthly=180)
    # THEN only what arrives from now on is kept shorter, as with AWS's own retention of copies
    later = world.copied(age_hours=2)
    assert counts(world.applied()) == {"tiered": 1}
    assert (copy.retention, later.retention) == (30, 5)


def test_from_equal_tiers_to_different_ones() -> None:
    # GIVEN copies that arrived while all rules kept theirs 14 days WHEN a longer rule comes and the first is lowered
    world = TiersWorld()
    same, lowered = world.copied("weekly", retention=14), world.copied("nightly", retention=14)
    world.tell(nightly=10, weekly=14, monthly=180)
    # THEN what stands as its rule says is marked, the other is in doubt and stays
    assert counts(world.applied()) == {"tiered": 1, "in_doubt": 1}
    assert (same.retention, lowered.retention) == (14, 14)


@pytest.mark.parametrize("hours", [10 * 24 - 0.5, 10 * 24, 10 * 24 + 1, 15.5 * 24, 100 * 24])
def test_a_tier_that_is_over_leaves_one_more_day(hours: float) -> None:
    # GIVEN a function that stood still until a copy was older than its tier WHEN it runs again
    world = TiersWorld()
    copy = world.copied(age_hours=hours)
    assert counts(world.applied()) == {"tiered": 1}
    # THEN the copy has a day or more left, and less than two and an hour
    left = (copy.retention or 0) * 24 - hours
    assert 24 <= left <= 49
    world.clock.advance(23 * 3600)
    assert world.model.snapshots(AWAY)
    world.clock.advance(26.1 * 3600)
    assert not world.model.snapshots(AWAY)


def test_a_tier_that_is_over_is_never_raised_for_that() -> None:
    # GIVEN a copy in its last hours under the copy configuration itself WHEN run THEN it goes as AWS would let it go
    world = TiersWorld()
    copy = world.copied(age_hours=CONFIGURED * 24 - 2)
    assert counts(world.applied()) == {"tiered": 1}
    assert copy.retention == CONFIGURED


def test_a_tier_of_a_day_is_a_day() -> None:
    # GIVEN a rule whose copies are kept a day WHEN one is seen an hour or two after its snapshot THEN it is a day
    world = TiersWorld()
    world.tell(hourly=1, monthly=180)
    copy = world.copied("hourly", age_hours=2)
    world.applied()
    assert copy.retention == 1


@pytest.mark.parametrize(("data", "start"), [(20, 1), (1, 20)])
def test_age_counts_from_whichever_start_is_earlier(data: float, start: float) -> None:
    # GIVEN that nobody says whether AWS counts from the data's or the copy's time WHEN one of them makes the tier over
    world = TiersWorld()
    copy = world.copied(age_hours=data * 24, retention_start=world.clock.now() - dt.timedelta(days=start))
    world.applied()
    # THEN it is over
    assert copy.retention == 21


def test_a_tier_over_at_the_end_of_what_aws_counts_is_left() -> None:
    # GIVEN a copy kept for ever that is older than the longest retention WHEN run THEN it stays for ever
    world = TiersWorld()
    world.tell(FOREVER, nightly=10, yearly=FOREVER)
    copy = world.copied(age_hours=3653 * 24 + 1, retention=FOREVER)
    assert counts(world.applied()) == {"in_doubt": 1}
    assert copy.retention == FOREVER


def test_a_copy_that_cannot_be_marked_is_not_lowered() -> None:
    # GIVEN a copy that has as many tags as AWS allows WHEN run
    world = TiersWorld()
    copy = world.copied(tags={f"t{number}": "" for number in range(50)})
    # THEN it is in doubt each time, as an operator's wish could not be told from the first sight; a raise still holds
    assert counts(world.applied()) == {"in_doubt": 1}
    assert copy.retention == CONFIGURED
    copy.retention = 3
    assert counts(world.applied()) == {"in_doubt": 1, "raised": 1}
    assert copy.retention == NIGHTLY
    assert world.calls("CreateTags") == 0
