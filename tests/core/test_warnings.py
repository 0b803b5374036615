"""Warnings: by a stable id, acknowledged on the construct or on a parent."""

from __future__ import annotations

import re

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.core.warnings import Warn, warn
from tests.scenes.clusters import new_app, warnings_of


def test_a_warning_is_on_its_construct_under_its_id() -> None:
    stack = cdk.Stack(new_app(), "Prod")
    child = Construct(stack, "Child")
    warn(child, Warn.AUTOMATED_SNAPSHOTS_OFF, "nothing is kept")
    assert warnings_of(child) == {"resilient-redshift:AutomatedSnapshots.Off": "nothing is kept"}
    assert warnings_of(stack) == {}


def test_an_acknowledged_warning_is_silent() -> None:
    # GIVEN
    stack = cdk.Stack(new_app(), "Prod")
    child = Construct(stack, "Child")
    warn(child, Warn.AUTOMATED_SNAPSHOTS_OFF, "nothing is kept")
    warn(child, Warn.SNAPSHOT_COPY_AWS_OWNED_KEY, "AWS owns the key")
    # WHEN the parent's owner accepts one of the two
    accepted = cdk.Acknowledgment(id=f"Annotation::{Warn.AUTOMATED_SNAPSHOTS_OFF}", reason="a test")
    cdk.Validations.of(stack).acknowledge(accepted)
    # THEN the other one stays
    messages = cdk.App.of(stack).synth().get_stack_by_name("Prod").messages  # type: ignore[union-attr]
    assert [str(message.entry.data).partition(" [")[0] for message in messages] == ["AWS owns the key"]


def test_each_id_names_the_construct_and_the_risk_and_stands_once() -> None:
    ids = [str(warning) for warning in Warn]
    assert len(set(Warn.__members__)) == len(ids)  # an id that stands twice would be an alias
    assert all(re.fullmatch(r"resilient-redshift:[A-Z]\w+\.[A-Z]\w+", one) for one in ids)
