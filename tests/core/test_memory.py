"""What is remembered about an object."""

from __future__ import annotations

import aws_cdk as cdk

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of


class Thing:
    """Has attributes, as every object of jsii has."""


def counting() -> tuple[list[Thing], Remembered[Thing, int]]:
    asked: list[Thing] = []

    def number(thing: Thing) -> int:
        asked.append(thing)
        return len(asked)

    return asked, Remembered(number)


def test_a_fact_is_computed_once_for_each_object() -> None:
    # GIVEN two objects WHEN a fact is read twice of each THEN it was computed once for each
    asked, number = counting()
    one, other = Thing(), Thing()
    assert [number(one), number(one), number(other), number(other)] == [1, 1, 2, 2]
    assert asked == [one, other]


def test_a_fact_that_is_none_is_remembered_too() -> None:
    asked: list[Thing] = []
    remembered = Remembered(asked.append)
    thing = Thing()
    remembered(thing)
    remembered(thing)
    assert asked == [thing]


def test_a_fact_that_was_set_is_not_computed() -> None:
    asked, number = counting()
    thing = Thing()
    number.remember(thing, 7)
    assert number(thing) == 7
    assert asked == []


def test_two_facts_of_one_object_are_two() -> None:
    thing = Thing()
    length, name = Remembered(lambda _: 3), Remembered(str)
    assert (length(thing), name(thing)) == (3, str(thing))


def test_two_apps_share_nothing() -> None:
    # GIVEN two apps with a stack of the same name WHEN paths are set THEN each app has its own
    one, other = (cdk.Stack(cdk.App(), "Prod") for _ in range(2))
    path_of.remember(one, "Elsewhere")
    assert (path_of(one), path_of(other)) == ("Elsewhere", "Prod")
