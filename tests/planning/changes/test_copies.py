"""Copies of snapshots, their grants and the grants' keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import HERE, THERE, aspects, change_of, findings, protected, sales
from tests.planning.templates import copy, stack

if TYPE_CHECKING:
    from resilient_redshift.planning import SynthesizedTemplate

DESTINATION = "destination of snapshot copies"
NATIVE = "DestinationRegion of the cluster"
GRANT = "grant of the copies"


def kept_copy(policy: str = "Retain", grant: str | None = None, **changed: Any) -> dict[str, Any]:
    resource = {**copy(automated="14", **changed), "DeletionPolicy": policy}
    if grant is not None:
        resource["Properties"]["SnapshotCopyGrantName"] = grant
    return resource


def recovery(grant: str = "one", key: Any = None, **others: Any) -> SynthesizedTemplate:
    """The stack in the recovery Region: a grant, and its key."""
    properties = {"SnapshotCopyGrantName": grant, "RemovalPolicy": "retain", "KmsKeyId": key or {"Ref": "Key"}}
    granted = {"Type": "Custom::RedshiftSnapshotCopyGrant", "Properties": properties}
    return stack("Recovery", THERE, Grant=granted, **others)


def key(policy: str = "Retain") -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "DeletionPolicy": policy, "Properties": {}}


@pytest.mark.parametrize(
    ("policy", "note"),
    [("Retain", "the copy stays on in AWS"), ("Delete", "copied automated snapshots stay until their retention ends")],
)
def test_a_removed_copy_is_worse_and_says_what_stays(policy: str, note: str) -> None:
    change = change_of(protected(Copy=kept_copy(policy)), protected(Copy=None))

    aspect = aspects(change)[DESTINATION]
    assert (aspect.before, aspect.after, aspect.direction) == (THERE, "-", Direction.WORSE)
    assert aspect.note.startswith(note)
    assert [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)] == ["region"]


def test_another_region_is_a_change_with_a_warning() -> None:
    change = change_of(protected(), protected(Copy=copy(automated="14", region="eu-west-1")))

    assert aspects(change)[DESTINATION].direction is Direction.CHANGED
    assert "existing snapshots are not copied again" in aspects(change)[DESTINATION].note
    assert [(each.rule, each.level) for each in change.findings] == [(CheckRule.PROTECTION_WORSE, Level.WARNING)]


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"Copy": copy(region=HERE)}, "copy Copy is not counted: it goes to the cluster's own Region"),
        (
            {"Other": copy(region="eu-west-1")},
            "copies Copy and Other are not counted: a cluster has one copy at a time",
        ),
    ],
    ids=["own Region", "second copy"],
)
def test_a_copy_that_does_not_count_any_more_is_still_there(changed: dict[str, Any], note: str) -> None:
    aspect = aspects(change_of(protected(), protected(**changed)))[DESTINATION]

    assert (aspect.after, aspect.direction) == ("-", Direction.WORSE)
    assert aspect.note.startswith(note)
    assert "no template describes it" not in aspect.note
    assert "stay until their retention ends" not in aspect.note


def test_a_new_copy_is_better() -> None:
    change = change_of(protected(Copy=None), protected())

    assert aspects(change)[DESTINATION].direction is Direction.BETTER
    assert change.direction is Direction.BETTER
    assert change.findings == ()


def test_cloudformations_own_copy_cannot_move_while_it_is_on() -> None:
    sides = [stack(Main=sales(DestinationRegion=region)) for region in (THERE, "eu-west-1")]

    change = aspects(change_of(*sides))[NATIVE]

    assert change.note == "the deployment fails while the copy is on: remove DestinationRegion first, and add it later"


def test_cloudformations_own_copy_is_switched_off_with_its_property() -> None:
    change = change_of(stack(Main=sales(DestinationRegion=THERE)), stack(Main=sales()))

    assert aspects(change)[NATIVE].direction is Direction.WORSE
    assert aspects(change)[NATIVE].note.startswith("CloudFormation switches the copy off")
    assert [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)] == [NATIVE]


def test_our_copy_in_the_place_of_cloudformations_is_better_and_names_the_time_between() -> None:
    change = change_of(stack(Main=sales(DestinationRegion=THERE)), stack(Main=sales(), Copy=copy("sales")))

    assert aspects(change)[NATIVE].direction is Direction.CHANGED
    assert "snapshots in between are not copied" in aspects(change)[NATIVE].note
    assert aspects(change)[DESTINATION].direction is Direction.BETTER


def test_another_grant_is_a_warning_about_the_former_key() -> None:
    change = change_of(protected(Copy=kept_copy(grant="one")), protected(Copy=kept_copy(grant="two")))

    aspect = aspects(change)[GRANT]
    assert (aspect.before, aspect.after, aspect.direction) == ("one", "two", Direction.CHANGED)
    assert "existing copies need the former grant and its key" in aspect.note
    assert [(each.rule, each.level) for each in change.findings] == [(CheckRule.KEY_CHANGED, Level.WARNING)]


def test_another_grant_whose_former_key_is_deleted_is_an_error() -> None:
    before = [protected(Copy=kept_copy(grant="one")), recovery("one", Key=key("Delete"))]
    after = [protected(Copy=kept_copy(grant="two")), recovery("two", {"Ref": "NewKey"}, NewKey=key())]

    change = change_of(before, after)

    assert "deletes the former key" in aspects(change)[GRANT].note
    assert [each.level for each in findings(change, CheckRule.KEY_CHANGED)] == [Level.ERROR]
    assert change.direction is Direction.WORSE


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_key_that_its_stack_keeps_is_not_deleted(policy: str) -> None:
    before = [protected(Copy=kept_copy(grant="one")), recovery("one", Key=key(policy))]
    after = [protected(Copy=kept_copy(grant="two")), recovery("two", {"Ref": "NewKey"}, NewKey=key())]

    assert aspects(change_of(before, after))[GRANT].direction is Direction.CHANGED


def test_another_key_under_the_same_grant_needs_another_name() -> None:
    sides = [
        [protected(Copy=kept_copy(grant="one")), recovery("one", {"Ref": name}, **{name: key()})]
        for name in ("Key", "NewKey")
    ]

    change = aspects(change_of(*sides))["key of grant one"]

    assert (change.before, change.after) == ("${Key}", "${NewKey}")
    assert change.note == "the key of a grant never changes: give the grant of the new key another name"


def test_a_key_of_copies_that_its_stack_deletes_from_now_on_is_an_error() -> None:
    sides = [[protected(Copy=kept_copy(grant="one")), recovery("one", Key=key(each))] for each in ("Retain", "Delete")]

    change = change_of(*sides)

    assert aspects(change)["copies readable after the stack is deleted"].direction is Direction.WORSE
    assert [each.level for each in findings(change, CheckRule.KEY_CHANGED)] == [Level.ERROR]


def test_a_grant_is_found_by_reference_too() -> None:
    def with_key(name: str) -> SynthesizedTemplate:
        properties = {"SnapshotCopyGrantName": "one", "KmsKeyId": name}
        granted = {"Type": "AWS::Redshift::SnapshotCopyGrant", "Properties": properties}
        warehouse = sales(DestinationRegion=THERE, SnapshotCopyGrantName={"Ref": "Grant"})
        return stack(Main=warehouse, Grant=granted)

    change = aspects(change_of(with_key("key/1"), with_key("key/2")))

    assert change["key of grant ${Grant}"].after == "key/2"


def test_a_grant_of_the_same_name_in_another_account_is_another_grant() -> None:
    # GIVEN two accounts with grants of one name WHEN the key of the other account's grant changes
    def in_account(template: SynthesizedTemplate, account: str) -> SynthesizedTemplate:
        return replace(template, account=account)

    def sides(other_key: str) -> list[SynthesizedTemplate]:
        mine = [in_account(protected(Copy=kept_copy(grant="one")), "1"), in_account(recovery(Key=key()), "1")]
        return [*mine, in_account(recovery(key=other_key), "2")]

    assert change_of(sides("alias/old"), sides("alias/new")).direction is Direction.SAME
