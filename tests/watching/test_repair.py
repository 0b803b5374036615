"""What a plan lets its watcher repair: the record, and rights that nobody else needs."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift import Repair, ResilientRedshiftError, RestoreOptions
from resilient_redshift.contract.watching import WATCH_RECORD_SCHEMA
from tests.scenes.recovery import OBJECTIVES, existing, l1_cluster, of_type_with_watch, site_of, template_of, two_stacks

POLICY = "AWS::IAM::Policy"


@functools.cache
def template() -> dict[str, Any]:
    """Plans of one stack: without repairs, with repairs, with swaps, and one of a cluster of the stack."""
    home, away = two_stacks()
    site = site_of(away)
    restore = RestoreOptions(parameters={})
    site.protect(l1_cluster(home, "Own"), objectives=OBJECTIVES, plan_name="own", repair=Repair(), restore=restore)
    for name, asked in (("told", None), ("mended", Repair()), ("swapped", Repair(replace=True))):
        site.protect(existing(home, name), objectives=OBJECTIVES, plan_name=name, repair=asked)
    return template_of(home)


def records() -> dict[str, Any]:
    """Each watch: its record, in which a reference is its name, and what its parameter depends on."""
    found = {}
    for parameter in of_type_with_watch(template(), "AWS::SSM::Parameter").values():
        value = parameter["Properties"]["Value"]
        parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
        record = json.loads("".join(part if isinstance(part, str) else part["Ref"] for part in parts))
        if "watch" in record:
            found[record["watch"]] = (record, parameter["DependsOn"])
    return found


def policies() -> dict[str, Any]:
    return {name: found for name, found in of_type_with_watch(template(), POLICY).items() if "RepairPolicy" in name}


def clusters_of(action: str) -> set[str]:
    """The clusters on which the watcher may make a call: a name, or the logical id of a cluster of the stack."""
    [policy] = policies().values()
    found = set()
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        if action in statement["Action"]:
            ends = [one["Fn::Join"][1][-1] for one in statement["Resource"]]
            found |= {end["Ref"] if isinstance(end, dict) else end.rpartition(":")[2] for end in ends}
    return found


def test_the_record_of_a_watch_says_what_is_repaired_and_which_stack_must_own_the_copy() -> None:
    repairs = {}
    for name, (record, _) in records().items():
        jsonschema.validate(record, WATCH_RECORD_SCHEMA)
        repairs[name] = record.get("repair")
    keys = {"copy": True, "accept_loss_of_copies": False, "stack": "AWS::StackId"}
    keys["replace"] = False
    assert repairs == {"told": None, "mended": keys, "own": keys, "swapped": {**keys, "replace": True}}


def test_the_watcher_may_change_the_copies_that_it_repairs_and_swap_those_with_the_key() -> None:
    # GIVEN one policy for all plans of the stack, because a role has a limit
    assert clusters_of("redshift:EnableSnapshotCopy") == {"mended", "swapped", "Own"}
    assert clusters_of("redshift:DisableSnapshotCopy") == {"swapped"}


def test_a_watch_that_repairs_goes_before_the_rights_and_comes_after_them() -> None:
    # GIVEN the policy WHEN CloudFormation orders the stack THEN the record of a repairing watch depends on it
    [policy] = policies()
    needing = {name for name, (_, needed) in records().items() if policy in needed}
    assert needing == {"mended", "own", "swapped"}


@pytest.mark.parametrize("name", ["replace", "accept_loss_of_copies"])
def test_a_key_is_a_bool(name: str) -> None:
    with pytest.raises(ResilientRedshiftError, match=name):
        Repair(**{name: "yes"})
