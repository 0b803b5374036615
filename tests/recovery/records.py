"""Reads a plan's record from a stack's template, as its Region would hold it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]

from resilient_redshift.contract import schemas
from tests.scenes.recovery import only, template_of
from tests.templates.resolve import text

if TYPE_CHECKING:
    import aws_cdk as cdk


def record_in(stack: cdk.Stack) -> dict[str, Any]:
    """The only record of a stack. It fits the schema."""
    template = template_of(stack)
    value = only(template, "AWS::SSM::Parameter")["Properties"]["Value"]
    record = json.loads(text(template, value))
    jsonschema.validate(record, schemas.PLAN_RECORD_SCHEMA)
    return dict(record)
