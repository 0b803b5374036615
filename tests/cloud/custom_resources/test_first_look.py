"""The first look: a deployment is green only when the watcher measures, and CloudWatch shows what it measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ACCOUNT
from tests.cloud.custom_resources.cloudformation import WATCH, Resource, Stack
from tests.cloud.custom_resources.scene import HERE, THERE

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Answer

FUNCTION = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:Watcher"

OTHER = FUNCTION.replace("Watcher", "Tiers")


def look(*watches: str, **changes: Any) -> Resource:
    """The resource as the construct renders it."""
    given = {"FunctionArn": FUNCTION, "Watcher": "w1", "PeriodSeconds": "900", "Watches": list(watches), **changes}
    return Resource(WATCH, given, "Retain")


def send(stack: Stack, kind: str, resource: Resource, **more: Any) -> Answer:
    return stack.handler.send(kind, "FirstLook", resource, **more)


def test_a_create_looks_at_every_watch_and_waits_until_cloudwatch_shows_it(stack: Stack) -> None:
    # GIVEN data that CloudWatch shows late WHEN the resource is made THEN it is done when the data is there
    stack.handler.watcher.unseen = 2
    answer = send(stack, "Create", look("a", "b"))
    assert (answer.ok, answer.physical_id) == (True, "recovery-point-watch/w1")
    asked = stack.handler.watcher.asked
    always = {"watcher": "w1", "interval_seconds": 900}
    assert asked[:2] == [{**always, "first_look": name} for name in "ab"]
    assert asked[2:] == [{**always, "first_look": name, "seen": True} for name in "aaab"]


@pytest.mark.parametrize(
    ("former", "changes", "looked_at"),
    [
        (["a"], {}, ["b"]),
        (["a", "b"], {"PeriodSeconds": "3600"}, ["a", "b"]),
        (["a"], {"PeriodSeconds": "3600"}, ["a", "b"]),
        (["a", "b", "c"], {}, []),
    ],
    ids=["new", "period", "new and period", "gone"],
)
def test_an_update_looks_at_what_is_new_or_else_at_everything(
    stack: Stack, former: list[str], changes: dict[str, Any], looked_at: list[str]
) -> None:
    # GIVEN watches of the last deployment WHEN others are deployed THEN the new ones are measured, and shown by
    # CloudWatch; all of them if their periods are new; none if watches only went
    old = dict(look(*former, **changes).properties)
    assert send(
        stack, "Update", look("a", "b"), PhysicalResourceId="recovery-point-watch/w1", OldResourceProperties=old
    ).ok
    asked = stack.handler.watcher.asked
    assert [one["first_look"] for one in asked if "seen" not in one] == looked_at
    assert [one["first_look"] for one in asked if "seen" in one] == looked_at


def test_a_deployment_whose_first_look_fails_is_rolled_back(stack: Stack) -> None:
    # GIVEN a deployed watch WHEN another one is added, and the watcher cannot measure THEN the rollback ends well
    assert stack.deploy({"FirstLook": look("a")}).ok
    stack.handler.watcher.failures = ["the snapshots could not be read"] * 1000
    assert stack.deploy({"FirstLook": look("a", "b")}).status == "UPDATE_ROLLBACK_COMPLETE"


def test_rights_that_are_still_spreading_are_waited_for(stack: Stack) -> None:
    # GIVEN a role that is as new as the resource WHEN the first runs are denied THEN a later one counts
    stack.handler.watcher.failures = ["AccessDenied"] * 3
    assert send(stack, "Create", look("a")).ok


def test_a_watcher_that_cannot_measure_fails_the_deployment_with_its_own_words(
    model: RedshiftModel, stack: Stack
) -> None:
    # GIVEN runs that fail for good WHEN deployed THEN the deployment fails in minutes, and says which watch and why
    stack.handler.watcher.failures = ["the snapshots could not be read"] * 100
    before = model.clock.monotonic()
    answer = send(stack, "Create", look("a"))
    assert not answer.ok
    assert "'a'" in answer.reason
    assert "CannotTell: the snapshots could not be read" in answer.reason
    assert model.clock.monotonic() - before < 200


def test_data_that_never_appears_fails_the_deployment(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN data that CloudWatch never shows WHEN deployed THEN it fails before CloudFormation would give up
    stack.handler.watcher.unseen = 1000
    before = model.clock.monotonic()
    answer = send(stack, "Create", look("a"))
    assert not answer.ok
    assert "does not show the metrics of the watch 'a'" in answer.reason
    assert model.clock.monotonic() - before < 700


def test_a_delete_asks_nothing(stack: Stack) -> None:
    # GIVEN a stack that goes WHEN its first look is deleted THEN nothing happens, whatever the properties are
    assert send(stack, "Delete", look(Watches="?"), PhysicalResourceId="invented").ok
    assert stack.handler.watcher.asked == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"FunctionArn": FUNCTION.replace(HERE, THERE)}, "FunctionArn"),
        ({"Watches": []}, "Watches"),
        ({"Watcher": "a b"}, "Watcher"),
        ({"PeriodSeconds": "0"}, "PeriodSeconds"),
        ({"More": "x"}, "More"),
    ],
    ids=["region", "none", "name", "period", "unknown"],
)
def test_properties_that_cannot_be_used_are_refused(stack: Stack, changes: dict[str, Any], words: str) -> None:
    # GIVEN properties that the construct never writes WHEN they arrive THEN nobody is asked, and the reason names them
    answer = send(stack, "Create", look("a", **changes))
    assert not answer.ok
    assert words in answer.reason
    assert stack.handler.watcher.asked == []


def tiers_of(plan: str) -> str:
    """The first run of another function, as the construct renders it."""
    return f'{OTHER} {{"plan":"{plan}"}}'


def test_an_update_runs_what_is_new_besides(stack: Stack) -> None:
    # GIVEN the first run for one plan WHEN a plan is added THEN the function runs for that plan only
    old = look("a", FirstRuns=[tiers_of("sales")])
    assert send(stack, "Create", old).ok
    new = look("a", FirstRuns=[tiers_of("sales"), tiers_of("hr")])
    more = {"PhysicalResourceId": "recovery-point-watch/w1", "OldResourceProperties": dict(old.properties)}
    assert send(stack, "Update", new, **more).ok
    assert [one["plan"] for one in stack.handler.watcher.asked if "plan" in one] == ["sales", "hr"]


def test_a_first_run_that_fails_leaves_the_deployment_alone(stack: Stack) -> None:
    # GIVEN a function that fails for good, which has an alarm of its own WHEN deployed THEN the looks decide
    stack.handler.watcher.failing = {OTHER}
    assert send(stack, "Create", look("a", FirstRuns=[tiers_of("sales")])).ok
    assert [one for one in stack.handler.watcher.asked if "seen" in one]
