"""In which order CloudFormation calls resources, above all custom ones, as long as things go well, and what it takes for an answer.

Read [D] (user guide: custom resources, update behaviours, DeletionPolicy, stack events; semantics.md 1)
- a resource is created after what it depends on and deleted before it; what did not change is not called; numbers arrive as text
- another physical id: Delete of the old one, last; a removed resource likewise; a failure there is reported and abandoned
- DeletionPolicy, UpdateReplacePolicy; another ServiceToken is refused; ServiceTimeout 1-3600, 3600 unless given
- a response over 4096 bytes fails, and one without a physical id

Guessed
- what a failed one depends on is held back in a stack's deletion, but tried in a clean-up; one attempt in a clean-up; the texts

Simplified: one resource after the other, in alphabetical order where nothing depends on anything (AWS works in parallel).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack")

from emulator.aws.cloudformation.engine.settings import SETTINGS
from tests.emulator.cloudformation_scene import TOKEN, Stacks, custom, parameter

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    yield Stacks()
    SETTINGS.providers.clear()


def test_dependencies_order_creates_and_deletes(stacks: Stacks) -> None:
    # GIVEN a template whose order is not the alphabet's
    template = {"A": custom(needs=["B"]), "B": custom(Other={"Ref": "C"}), "C": custom()}
    # WHEN it is deployed and destroyed
    assert stacks.deploy(template) == "CREATE_COMPLETE"
    assert stacks.destroy() == "DELETE_COMPLETE"
    # THEN dependents come later and go earlier
    assert stacks.provider.seen() == ["Create C", "Create B", "Create A", "Delete A-id", "Delete B-id", "Delete C-id"]


def test_values_arrive_as_text_and_answers_are_attributes(stacks: Stacks) -> None:
    # WHEN one resource reads another
    template = {
        "A": custom(7, Flag=True, Nested={"List": [1, False]}),
        "B": custom({"Fn::GetAtt": ["A", "Seen"]}, Other={"Ref": "A"}),
    }
    stacks.deploy(template)
    # THEN
    first, second = stacks.provider.events
    assert first["ResourceProperties"] == {
        "ServiceToken": TOKEN,
        "V": "7",
        "Flag": "true",
        "Nested": {"List": ["1", "false"]},
    }
    assert second["ResourceProperties"]["V"] == "7"
    assert second["ResourceProperties"]["Other"] == "A-id"
    assert "PhysicalResourceId" not in first
    assert first["StackId"] == stacks.record()["StackId"]  # type: ignore[index]


def test_only_what_changed_is_called(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(1), "B": custom(1)})
    # WHEN one of two changes
    status = stacks.deploy({"A": custom(2), "B": custom(1)})
    # THEN it alone is called, and it alone has events
    assert status == "UPDATE_COMPLETE"
    assert stacks.provider.seen(2) == ["Update A 2<-1"]
    assert stacks.events()[-5:] == [
        "stack UPDATE_IN_PROGRESS",
        "A UPDATE_IN_PROGRESS",
        "A UPDATE_COMPLETE",
        "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "stack UPDATE_COMPLETE",
    ]


def test_an_unchanged_template_is_no_update(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(1)})
    # WHEN / THEN
    with pytest.raises(ValueError, match="No updates are to be performed"):
        stacks.deploy({"A": custom(1)})
    assert len(stacks.provider.events) == 1


def test_another_physical_id_means_delete_of_the_old_one_last(stacks: Stacks) -> None:
    # GIVEN a resource whose id follows its property
    stacks.provider.name("A", lambda e: f"A-{e['ResourceProperties']['V']}")
    stacks.deploy({"A": custom(1), "B": custom(1, Other={"Ref": "A"})})
    # WHEN it changes
    assert stacks.deploy({"A": custom(2), "B": custom(1, Other={"Ref": "A"})}) == "UPDATE_COMPLETE"
    # THEN who refers to it is updated, and the old one goes after that, with its old properties
    assert stacks.provider.seen(2) == ["Update A 2<-1", "Update B 1<-1", "Delete A-1"]
    assert stacks.provider.events[-1]["ResourceProperties"]["V"] == "1"
    assert stacks.physical("A") == "A-2"


def test_a_failing_delete_in_the_clean_up_is_reported_and_abandoned(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(), "B": custom()})
    stacks.provider.fail("Delete", "B", times=9)
    # WHEN a resource is removed and will not go
    status = stacks.deploy({"A": custom()})
    # THEN the stack is complete and forgets it
    assert status == "UPDATE_COMPLETE"
    assert "B DELETE_FAILED" in stacks.events()
    assert stacks.physical("B") is None
    stacks.destroy()
    assert stacks.provider.seen(2) == ["Delete B-id", "Delete A-id"]


def test_a_clean_up_goes_on_after_a_failure(stacks: Stacks) -> None:
    # GIVEN B depends on A
    stacks.deploy({"A": custom(), "B": custom(needs="A"), "C": custom()})
    stacks.provider.fail("Delete", "B")
    # WHEN both are removed, and B will not go
    assert stacks.deploy({"C": custom()}) == "UPDATE_COMPLETE"
    # THEN A is deleted nevertheless
    assert stacks.provider.seen(3) == ["Delete B-id", "Delete A-id"]


def test_moved_means_create_of_the_new_then_delete_of_the_old(stacks: Stacks) -> None:
    # GIVEN
    stacks.provider.name("Old", lambda _: "same")
    stacks.provider.name("New", lambda _: "same")
    stacks.deploy({"Old": custom()})
    # WHEN the logical id changes
    stacks.deploy({"New": custom()})
    # THEN the Delete comes last, even for the same physical id
    assert stacks.provider.seen() == ["Create Old", "Create New", "Delete same"]
    assert stacks.physical("New") == "same"


def test_removed_and_replaced_go_in_one_order_dependents_first(stacks: Stacks) -> None:
    # GIVEN B depends on A; A will be replaced, B removed
    stacks.provider.name("A", lambda e: f"A-{e['ResourceProperties']['V']}")
    stacks.deploy({"A": custom(1), "B": custom(1, needs="A")})
    # WHEN
    stacks.deploy({"A": custom(2)})
    # THEN
    assert stacks.provider.seen(2) == ["Update A 2<-1", "Delete B-id", "Delete A-1"]


def test_removal_keeps_by_the_policy_of_the_template_that_had_it(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(policy="Retain"), "B": custom()})
    # WHEN
    stacks.deploy({"B": custom()})
    # THEN
    assert stacks.provider.seen(2) == []
    assert "A DELETE_SKIPPED" in stacks.events()


def test_update_replace_policy_keeps_the_old_one(stacks: Stacks) -> None:
    # GIVEN
    stacks.provider.name("A", lambda e: f"A-{e['ResourceProperties']['V']}")
    stacks.deploy({"A": custom(1, policy="Retain")})
    # WHEN
    stacks.deploy({"A": custom(2, policy="Retain")})
    # THEN
    assert stacks.provider.seen(1) == ["Update A 2<-1"]


def test_another_service_token_is_refused(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"A": custom(1)})
    other = custom(1)
    other["Properties"]["ServiceToken"] = TOKEN + "-2"
    SETTINGS.providers[TOKEN + "-2"] = stacks.provider
    # WHEN
    status = stacks.deploy({"A": other})
    # THEN nothing was called
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert len(stacks.provider.events) == 1


def test_no_answer_in_time_is_a_failure(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a provider that never answers, and a record of how long is waited
    waited: list[float] = []
    monkeypatch.setattr(SETTINGS, "wait", lambda event, seconds: waited.append(seconds) or event.is_set())
    stacks.provider.rules.append((lambda e: e["RequestType"] == "Create", lambda _: None))
    # WHEN
    status = stacks.deploy({"A": custom(ServiceTimeout="600"), "B": custom()})
    # THEN
    assert status == "ROLLBACK_COMPLETE"
    assert waited == [600.0]
    assert stacks.provider.events[-1]["RequestType"] == "Delete"


@pytest.mark.parametrize(
    "answer",
    [
        {"Status": "SUCCESS"},
        {"Status": "DONE", "PhysicalResourceId": "x"},
        {"Status": "SUCCESS", "PhysicalResourceId": "x", "Data": {"Long": "x" * 4096}},
    ],
)
def test_a_bad_answer_is_a_failure(stacks: Stacks, answer: dict[str, object]) -> None:
    # GIVEN
    stacks.provider.rules.append((lambda e: e["RequestType"] == "Create", lambda _: dict(answer)))
    # WHEN / THEN
    assert stacks.deploy({"A": custom()}) == "ROLLBACK_COMPLETE"


def test_a_failed_delete_holds_back_what_it_depends_on(stacks: Stacks) -> None:
    # GIVEN C stands alone, B depends on A
    stacks.deploy({"A": custom(), "B": custom(needs="A"), "C": custom()})
    stacks.provider.fail("Delete", "B")
    # WHEN
    assert stacks.destroy() == "DELETE_FAILED"
    # THEN A was not touched, C is gone
    assert stacks.provider.seen(3) == ["Delete C-id", "Delete B-id"]
    # AND a second try finishes
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert stacks.provider.seen(5) == ["Delete B-id", "Delete A-id"]


def test_a_stack_tag_reaches_resources_but_no_custom_one(stacks: Stacks) -> None:
    # GIVEN
    group = {
        "Type": "AWS::Redshift::ClusterParameterGroup",
        "Properties": {"Description": "d", "ParameterGroupFamily": "redshift-1.0"},
    }
    stacks.deploy({"A": custom(), "G": group})
    # WHEN only a tag of the stack changes
    stacks.call(
        "UpdateStack",
        StackName="stack",
        UsePreviousTemplate="true",
        Tags__member__1__Key="team",
        Tags__member__1__Value="data",
    )
    # THEN
    assert stacks.status() == "UPDATE_COMPLETE"
    name = stacks.physical("G")
    (found,) = stacks.model.call(stacks.region, "DescribeClusterParameterGroups", {"ParameterGroupName": name})[
        "ParameterGroups"
    ]
    assert found["Tags"] == [{"Key": "team", "Value": "data"}]
    assert len(stacks.provider.events) == 1


def test_ordinary_resources_are_made_changed_and_deleted(stacks: Stacks) -> None:
    # WHEN
    stacks.deploy({"P": parameter("one", Name="/p")})
    assert stacks.deploy({"P": parameter("two", Name="/p")}) == "UPDATE_COMPLETE"
    # THEN
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert stacks.events()[-3:] == ["P DELETE_IN_PROGRESS", "P DELETE_COMPLETE", "stack DELETE_COMPLETE"]
