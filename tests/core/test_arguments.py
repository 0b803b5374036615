"""Checks of arguments, and the place that an error text names."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.errors import Problems, ResilientRedshiftError


def test_a_place_is_named_before_its_construct_exists() -> None:
    app = cdk.App()
    assert where(app, "Stack", "Stack") == "Stack (Stack)"
    assert where(cdk.Stack(app, "Prod"), "Copy", "SnapshotCopy") == "Prod/Copy (SnapshotCopy)"


def test_an_alias_is_no_key_and_a_key_is_one() -> None:
    # GIVEN
    stack, problems = cdk.Stack(), Problems("X")
    key = kms.Key(stack, "Key")
    # WHEN
    check_key_itself(problems, "encryption_key", key)
    problems.raise_if_any()
    arn = "arn:aws:kms:us-east-1:111111111111:alias/x"
    for alias in (key.add_alias("alias/x"), kms.Key.from_key_arn(stack, "Imported", arn)):
        check_key_itself(problems, "encryption_key", alias)
        # THEN
        with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be the key itself, got 'an alias'"):
            problems.raise_if_any()
        problems = Problems("X")
