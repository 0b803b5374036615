"""Laws of the function of retention tiers, tried at random: enough for each rule, never less than somebody wished, nothing else."""

from __future__ import annotations

import copy
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.cloud.snapshots import tiers_run
from tests.cloud.snapshots.world import CLUSTER, TAG, TiersWorld

DAYS = st.sampled_from([-1, 1, 2, 10, 14, 180, 3653])
RULES = st.dictionaries(st.sampled_from(["a", "a-b", "nightly", "z9"]), DAYS, min_size=1, max_size=4)
COPIES = st.lists(
    st.fixed_dictionaries(
        {
            "rule": st.sampled_from(["a", "a-b", "nightly", "z9", "gone"]),
            "age_hours": st.sampled_from([0.5, 2, 23.5, 24, 239, 240, 241, 900, 5000]),
            "retention": st.one_of(st.none(), DAYS),
            "marked": st.booleans(),
            "ours": st.booleans(),
            "on_demand": st.booleans(),
            "keeps": st.sampled_from(["", "5", "200", "-1", "nonsense"]),
        }
    ),
    max_size=6,
)
FAULTS = st.lists(
    st.tuples(st.integers(1, 20), st.sampled_from(["ServiceUnavailable", "AccessDenied", "InvalidTagFault"])),
    max_size=2,
)


def longest(*days: int) -> int:
    return -1 if -1 in days else max(days)


def at_least(days: int | None, least: int | None) -> bool:
    assert days is not None
    assert least is not None
    return days == -1 or (least != -1 and days >= least)


def _copies(world: TiersWorld, wanted: list[dict[str, Any]], configured: int) -> list[tuple[dict[str, Any], Any]]:
    found = []
    for number, one in enumerate(wanted):
        stamp = f"20261001t03{number:02}" + ("00z" if one["on_demand"] else "z")
        infix = "ondemand-" if one["on_demand"] else ""
        tags = {TAG: "10"} if one["marked"] else {}
        if one["keeps"]:
            tags["resilient-redshift:keep-in-recovery"] = one["keeps"]
        found.append(
            (
                one,
                world.copied(
                    name=f"{CLUSTER}-{one['rule']}-{infix}{stamp}",
                    age_hours=one["age_hours"],
                    retention=configured if one["retention"] is None else one["retention"],
                    source_region="us-east-1" if one["ours"] else "eu-west-1",
                    tags=tags,
                ),
            )
        )
    return found


@settings(max_examples=60, deadline=None)
@given(rules=RULES, wanted=COPIES, faults=FAULTS, others=st.sampled_from([0, 19, 45]))
@mock.patch.object(tiers_run, "_PAGE", 20)
def test_laws(rules: dict[str, int], wanted: list[dict[str, Any]], faults: list[tuple[int, str]], others: int) -> None:
    # GIVEN any plan and any copies, some already expired for the model, which are left out, over up to three pages
    world = TiersWorld()
    strangers = [world.copied(name=f"other-{number}") for number in range(others)]
    configured = longest(*rules.values())
    world.tell(configured, **rules)
    copies = [
        (one, found, copy.deepcopy(found))
        for one, found in _copies(world, wanted, configured)
        if found.retention == -1 or found.retention * 24 > one["age_hours"]
    ]
    for number, code in faults:
        world.model.faults.fail_at(number, code)
    # WHEN the function runs, as often as it takes to end well
    for _ in range(6):
        if world.run().outcome == "Applied":
            break
    else:
        raise AssertionError("it never ended well")
    for one, now, before in copies:
        if not one["ours"] or one["rule"] not in rules:
            # THEN what is not the plan's is untouched
            assert (now.retention, now.tags) == (before.retention, before.tags)
            continue
        # AND each copy is kept as long as its rule says, or longer
        assert at_least(now.retention, rules[one["rule"]])
        assert TAG in now.tags
        # AND never less than it had, unless it was never seen and had what the copy configuration gives
        fresh = not one["marked"] and before.retention == configured
        if not fresh or (one["on_demand"] and one["keeps"] in {"", "nonsense"}):
            assert at_least(now.retention, before.retention)
        # AND a lowered one has an hour left at least, and a day where its tier was over already
        if not at_least(now.retention, before.retention):
            left = now.retention * 24 - one["age_hours"]
            assert left >= (1 if rules[one["rule"]] * 24 - one["age_hours"] > 1 else 24)
    # AND nothing of anybody else's is touched
    assert [(one.retention, one.tags) for one in strangers] == [(180, {})] * others
    # AND a further run changes nothing
    world.model.faults.clear()  # what no run came to
    before_calls = len(world.model.calls)
    assert world.run().outcome == "Applied"
    assert not world.model.mutating_calls(before_calls)
    assert all("Force" not in call.params for call in world.model.mutating_calls())
