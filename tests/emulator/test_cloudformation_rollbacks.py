"""How CloudFormation goes back from an operation that failed.

Read [D] (user guide: stack failure options, rollback of updates, RetainExceptOnCreate; semantics.md 1)
- a failed create rolls back: what was made is deleted, the custom resource that failed too, with its own or an invented id
- a failed update: updated resources, and the one that failed, get an update with old and new swapped; new ones a Delete after that
- UPDATE_ROLLBACK_FAILED waits for ContinueUpdateRollback; ROLLBACK_COMPLETE can only be deleted; DisableRollback waits for RollbackStack
- RetainExceptOnCreate lets a rollback of the create delete, Retain does not; CancelUpdateStack takes hold before the next resource

Guessed
- Retain holds for a resource whose Create failed, too; the form of an invented id; what a failed delete depends on is held back
- swapped updates go in the former template's order
- a custom resource that had been replaced gets its swapped update with the new id, and a Delete of that one afterwards
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack")

from emulator.aws.cloudformation.engine.settings import SETTINGS
from tests.emulator.cloudformation_scene import Event, Stacks, custom

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    yield Stacks()
    SETTINGS.providers.clear()


@pytest.mark.parametrize("own", ["half-made", None])
def test_a_failed_create_gets_a_delete(stacks: Stacks, own: str | None) -> None:
    # GIVEN
    stacks.provider.fail("Create", "B", physical_id=own)
    # WHEN the second of two fails
    status = stacks.deploy({"A": custom(), "B": custom(needs="A")})
    # THEN both are deleted, the failed one first, with its own or an invented id
    assert status == "ROLLBACK_COMPLETE"
    *_, gone_b, gone_a = stacks.provider.events
    assert (gone_a["RequestType"], gone_a["PhysicalResourceId"]) == ("Delete", "A-id")
    assert gone_b["RequestType"] == "Delete"
    assert gone_b["PhysicalResourceId"] == own if own else gone_b["PhysicalResourceId"].startswith("stack-B-")
    # AND a rolled-back stack can only be deleted
    with pytest.raises(ValueError, match="ROLLBACK_COMPLETE state"):
        stacks.deploy({"A": custom()})
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert stacks.deploy({"A": custom()}) == "CREATE_COMPLETE"


def test_another_resource_fails_on_create(stacks: Stacks) -> None:
    # GIVEN a resource that is none of ours and cannot be made
    broken = {
        "Type": "AWS::Redshift::ClusterSubnetGroup",
        "Properties": {"Description": "d", "SubnetIds": []},
        "DependsOn": "A",
    }
    # WHEN
    status = stacks.deploy({"A": custom(), "B": broken})
    # THEN ours is deleted by its id
    assert status == "ROLLBACK_COMPLETE"
    assert stacks.provider.seen() == ["Create A", "Delete A-id"]


def test_a_failed_update_is_sent_back_and_others_with_it(stacks: Stacks) -> None:
    # GIVEN two resources
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A")})
    stacks.provider.fail("Update", "B")
    # WHEN both change, a third is new, and the second fails
    status = stacks.deploy({"A": custom(2), "Aa": custom(1), "B": custom(2, needs=["A", "Aa"])})
    # THEN both get the swapped update, and after these the new one its Delete
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.provider.seen(2) == [
        "Update A 2<-1",
        "Create Aa",
        "Update B 2<-1",
        "Update A 1<-2",
        "Update B 1<-2",
        "Delete Aa-id",
    ]
    # AND the stack has its former template again
    assert stacks.physical("Aa") is None
    assert stacks.deploy({"A": custom(2), "B": custom(2, needs="A")}) == "UPDATE_COMPLETE"
    assert stacks.provider.seen(8) == ["Update A 2<-1", "Update B 2<-1"]


def test_the_way_back_goes_in_the_former_templates_order(stacks: Stacks) -> None:
    # GIVEN B after A
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A"), "C": custom(1)})
    stacks.provider.fail("Update", "C")
    # WHEN the new template has A after B, and fails
    stacks.deploy({"A": custom(2, needs="B"), "B": custom(2), "C": custom(2, needs="A")})
    # THEN
    assert stacks.provider.seen(3)[3:] == ["Update A 1<-2", "Update B 1<-2", "Update C 1<-2"]


def test_a_resource_that_failed_on_an_update_stacks_create_gets_a_delete_last(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(1)})
    stacks.provider.fail("Create", "B", physical_id="B-half")
    # WHEN
    status = stacks.deploy({"A": custom(2), "B": custom(1, needs="A")})
    # THEN
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.provider.seen(1) == ["Update A 2<-1", "Create B", "Update A 1<-2", "Delete B-half"]


@pytest.mark.parametrize(
    ("policy", "rolled_back", "destroyed"),
    [
        ("Retain", ["Create A", "Create B", "Delete B-half"], []),
        ("RetainExceptOnCreate", ["Create A", "Create B", "Delete B-half", "Delete A-id"], []),
        ("Delete", ["Create A", "Create B", "Delete B-half", "Delete A-id"], ["Delete A-id"]),
    ],
)
def test_deletion_policies(stacks: Stacks, policy: str, rolled_back: list[str], destroyed: list[str]) -> None:
    # WHEN a create rolls back
    stacks.provider.fail("Create", "B", physical_id="B-half")
    stacks.deploy({"A": custom(policy=policy), "B": custom(needs="A")})
    assert stacks.provider.seen() == rolled_back
    # AND WHEN a stack that stands is destroyed
    stacks.destroy()
    stacks.deploy({"A": custom(policy=policy)})
    since = len(stacks.provider.events)
    stacks.destroy()
    # THEN
    assert stacks.provider.seen(since) == destroyed


def test_a_failed_rollback_waits_for_continue(stacks: Stacks) -> None:
    # GIVEN an update that fails, and whose way back fails too
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A")})
    stacks.provider.fail("Update", "B")
    stacks.provider.fail("Update", "A", value="1")
    # WHEN
    status = stacks.deploy({"A": custom(2), "B": custom(2, needs="A"), "Aa": custom()})
    # THEN nothing of the clean-up has happened
    assert status == "UPDATE_ROLLBACK_FAILED"
    assert not [e for e in stacks.provider.events if e["RequestType"] == "Delete"]
    with pytest.raises(ValueError, match="cannot be updated"):
        stacks.deploy({"A": custom(3)})
    # AND WHEN the operator continues
    since = len(stacks.provider.events)
    stacks.call("ContinueUpdateRollback", StackName="stack")
    # THEN what failed is tried again, and the rest follows
    assert stacks.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.provider.seen(since) == ["Update A 1<-2", "Delete Aa-id"]


def test_a_skipped_resource_stays_as_it_is(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(1)})
    stacks.provider.fail("Update", "A", times=2)
    assert stacks.deploy({"A": custom(2)}) == "UPDATE_ROLLBACK_FAILED"
    # WHEN
    stacks.call("ContinueUpdateRollback", StackName="stack", ResourcesToSkip__member__1="A")
    # THEN
    assert stacks.status() == "UPDATE_ROLLBACK_COMPLETE"
    assert len(stacks.provider.events) == 3


def test_a_create_without_rollback_waits_for_one(stacks: Stacks) -> None:
    # GIVEN
    stacks.provider.fail("Create", "B", physical_id="B-half")
    # WHEN
    body = json.dumps({"Resources": {"A": custom(), "B": custom(needs="A")}})
    stacks.call("CreateStack", StackName="stack", TemplateBody=body, DisableRollback="true")
    # THEN everything stays
    assert stacks.status() == "CREATE_FAILED"
    assert stacks.provider.seen() == ["Create A", "Create B"]
    # AND WHEN it is asked for
    stacks.call("RollbackStack", StackName="stack")
    assert stacks.status() == "ROLLBACK_COMPLETE"
    assert stacks.provider.seen(2) == ["Delete B-half", "Delete A-id"]


def test_a_cancelled_update_goes_back_before_the_next_resource(stacks: Stacks) -> None:
    # GIVEN somebody cancels while the first of two is updated
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A")})

    def cancel(_: Event) -> dict[str, str]:
        stacks.request("CancelUpdateStack", StackName="stack")
        return {"Status": "SUCCESS", "PhysicalResourceId": "A-id"}

    stacks.provider.rules.append(
        (lambda e: e["RequestType"] == "Update" and e["ResourceProperties"]["V"] == "2", cancel)
    )
    # WHEN
    assert stacks.deploy({"A": custom(2), "B": custom(2, needs="A")}) == "UPDATE_ROLLBACK_COMPLETE"
    # THEN
    assert stacks.provider.seen(2) == ["Update A 2<-1", "Update A 1<-2"]


def test_a_replaced_resource_is_sent_back_and_its_new_side_deleted(stacks: Stacks) -> None:
    # GIVEN
    stacks.provider.name("A", lambda e: f"A-{e['ResourceProperties']['V']}")
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A")})
    stacks.provider.fail("Update", "B")
    # WHEN the replacement is done, and something else fails
    assert stacks.deploy({"A": custom(2), "B": custom(2, needs="A")}) == "UPDATE_ROLLBACK_COMPLETE"
    # THEN
    assert stacks.provider.seen(2) == ["Update A 2<-1", "Update B 2<-1", "Update A 1<-2", "Update B 1<-2", "Delete A-2"]
    assert stacks.physical("A") == "A-1"
