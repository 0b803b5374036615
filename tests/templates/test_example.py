"""The example's templates, whole: a change of any property is seen in review (``pytest --snapshot-update`` where it is meant)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from resilient_redshift import definitions
from tests.templates import shapes
from tests.templates.resolve import of_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from tests.templates.resolve import Template


def normalised(template: Template) -> Any:
    """The template without hashes of assets and definitions, which have files and tests of their own."""
    told = json.loads(re.sub(r"\b[0-9a-f]{64}\b", "<asset>", json.dumps(template)))
    for machine in of_type(told, "AWS::StepFunctions::StateMachine").values():
        if machine["Properties"]["DefinitionString"] == definitions.definition_string(definitions.TAKE_SNAPSHOT):
            machine["Properties"]["DefinitionString"] = "<take_snapshot.asl.json>"
    return told


@pytest.mark.parametrize("stack", shapes.STACKS["example"])
def test_the_template_is_the_reviewed_one(
    stack: str, shape_named: Callable[[str], shapes.Shape], snapshot: SnapshotAssertion
) -> None:
    assert normalised(shape_named("example").templates[stack]) == snapshot(extension_class=JSONSnapshotExtension)


def test_only_assets_are_normalised() -> None:
    template = {"Resources": {}, "S3Key": f"{'0a' * 32}.zip", "Other": "0a" * 20}
    assert normalised(template) == {"Resources": {}, "S3Key": "<asset>.zip", "Other": "0a" * 20}
