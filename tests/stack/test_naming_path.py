"""The path that generated names contain a hash of, in every place that a stack can have in an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from constructs import Construct

from resilient_redshift import StackSettings
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from tests.scenes.clusters import new_app

if TYPE_CHECKING:
    from collections.abc import Callable


def in_app(app: cdk.App) -> Construct:
    return app


def in_construct(app: cdk.App) -> Construct:
    return Construct(app, "Env")


def in_stage(app: cdk.App) -> Construct:
    return cdk.Stage(app, "Live")


def in_construct_of_a_stage(app: cdk.App) -> Construct:
    return Construct(cdk.Stage(app, "Live"), "Env")


def in_stage_of_a_stage(app: cdk.App) -> Construct:
    return cdk.Stage(cdk.Stage(app, "Live"), "Blue")


PLACES = {
    in_app: "Dr/Site",
    in_construct: "Env/Dr/Site",
    in_stage: "Live/Dr/Site",
    in_construct_of_a_stage: "Live/Env/Dr/Site",
    in_stage_of_a_stage: "Live/Blue/Dr/Site",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_stack_that_cdk_names_has_the_whole_path_as_in_former_releases(place: Callable[[cdk.App], Construct]) -> None:
    # GIVEN a stack whose default name changes with its path WHEN a name is generated THEN it has the whole path
    assert naming_path(Construct(cdk.Stack(place(new_app()), "Dr"), "Site")) == PLACES[place]


@pytest.mark.parametrize("place", PLACES)
def test_a_stack_with_a_chosen_name_has_the_same_path_in_every_place(place: Callable[[cdk.App], Construct]) -> None:
    # GIVEN a stack that keeps its name WHEN the app is wrapped, or a parent is renamed THEN the path stays
    stack = cdk.Stack(place(new_app()), "Dr", stack_name="warehouse-dr")
    assert naming_path(Construct(stack, "Site")) == "Dr/Site"
    assert naming_path(stack) == "Dr"


def test_a_chosen_name_that_begins_with_the_stage_keeps_the_whole_path() -> None:
    # GIVEN a name that changes with the Stage WHEN a name is generated THEN it has the path of former releases
    stack = cdk.Stack(cdk.Stage(new_app(), "Live"), "Dr", stack_name="Live-warehouse")
    assert naming_path(stack) == "Live/Dr"


def test_a_nested_stack_has_the_path_and_the_name_of_the_stack_that_is_deployed() -> None:
    # GIVEN a nested stack, whose own name is a token
    stack = cdk.Stack(cdk.Stage(new_app(), "Live"), "Dr", stack_name="warehouse-dr")
    nested = cdk.NestedStack(stack, "Nested")
    # WHEN / THEN
    assert (naming_stack(nested), naming_path(nested)) == ("warehouse-dr", "Dr/Nested")


def test_the_setting_keeps_the_path_of_a_stack_whose_construct_is_renamed() -> None:
    # GIVEN a stack that was "Live/Dr", and is renamed WHEN its settings say so THEN generated names do not change
    stack = cdk.Stack(new_app(), "Recovery", stack_name="warehouse-dr")
    StackSettings(naming_path="Live/Dr").apply(stack)
    assert naming_path(Construct(stack, "Site")) == "Live/Dr/Site"
    assert naming_path(cdk.NestedStack(stack, "Nested")) == "Live/Dr/Nested"
