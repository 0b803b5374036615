"""The baselines of the bench hold the library's resources: else its ratios would compare different things."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from bench import l1, l2, ours
from tests.templates.resolve import listed

if TYPE_CHECKING:
    from types import ModuleType

POLICY = "AWS::IAM::Policy"
#: The logical ids of the watch begin so. No baseline holds it, so the ratios of the bench count it as the library's cost.
WATCH = ("ResilientRedshiftWatcher", "ResilientRedshiftProviderCallWatcher")
QUEUE = "ResilientRedshiftDeadLetters"


def templates(variant: ModuleType, n: int) -> list[dict[str, Any]]:
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, analytics_reporting=False)
    variant.build(app, n)
    return [without_watch(stack.template) for stack in app.synth().stacks]


def without_watch(template: dict[str, Any]) -> dict[str, Any]:
    """The template without the watch, and without a dead-letter queue that only the watcher's rule needs."""
    found = {name: one for name, one in template["Resources"].items() if not name.startswith(WATCH)}
    if not any(one["Type"] == "AWS::Events::Rule" for one in found.values()):
        found = {name: one for name, one in found.items() if not name.startswith(QUEUE)}
    return {**template, "Resources": found}


def rights(variant: ModuleType) -> Counter[tuple[str, ...]]:
    """Every statement of every policy: its effect, its actions, and what it is bound to."""
    found = (
        statement
        for template in templates(variant, 1)
        for resource in template["Resources"].values()
        if resource["Type"] == POLICY
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    )
    return Counter(
        (
            one["Effect"],
            *sorted(listed(one["Action"])),
            *sorted(set(one) - {"Effect", "Action"}),
            *one.get("Condition", {}),
        )
        for one in found
    )


def resources(variant: ModuleType, n: int) -> Counter[str]:
    return Counter(
        resource["Type"] for template in templates(variant, n) for resource in template["Resources"].values()
    )


@pytest.mark.parametrize("n", [1, 3])
def test_l1_holds_the_same_resources(n: int) -> None:
    # GIVEN the same clusters WHEN declared by the library and by hand THEN every type of resource is there as often
    assert resources(l1, n) == resources(ours, n)


@pytest.mark.parametrize("n", [1, 3])
def test_l2_holds_the_same_resources_but_for_a_policy_in_each_stack(n: int) -> None:
    # GIVEN the same clusters WHEN declared with L2s THEN CDK's framework puts one right into its role's own policy
    assert resources(l2, n) + Counter({POLICY: 2}) == resources(ours, n)


@pytest.mark.parametrize("name", ["l1", "l2", "scene"])
def test_baselines_import_nothing_of_the_library(name: str) -> None:
    # GIVEN a baseline WHEN read THEN no import of it is ours
    text = Path(f"bench/{name}.py").read_text(encoding="utf-8")
    assert not any("resilient_redshift" in line for line in text.splitlines() if "import" in line)


def test_l1_gives_the_same_rights() -> None:
    # GIVEN the same cluster WHEN declared by the library and by hand THEN every policy says the same
    assert rights(l1) == rights(ours)
