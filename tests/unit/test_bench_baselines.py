"""The baselines of the bench hold the library's resources: else its ratios would compare different things."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from bench import l1, l2, ours

if TYPE_CHECKING:
    from types import ModuleType

POLICY = "AWS::IAM::Policy"


def resources(variant: ModuleType, n: int) -> Counter[str]:
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, analytics_reporting=False)
    variant.build(app, n)
    templates = (stack.template for stack in app.synth().stacks)
    return Counter(resource["Type"] for template in templates for resource in template["Resources"].values())


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
