"""Checks of arguments, and the place that an error text names."""

from __future__ import annotations

import aws_cdk as cdk

from resilient_redshift.core.arguments import where


def test_a_place_is_named_before_its_construct_exists() -> None:
    app = cdk.App()
    assert where(app, "Stack", "Stack") == "Stack (Stack)"
    assert where(cdk.Stack(app, "Prod"), "Copy", "SnapshotCopy") == "Prod/Copy (SnapshotCopy)"
