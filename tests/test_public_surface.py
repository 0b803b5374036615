"""The public surface: what can be imported, and what importing it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import resilient_redshift


@pytest.mark.parametrize("name", resilient_redshift.__all__)
def test_each_public_name_is_there_and_documented(name: str) -> None:
    # WHEN
    value = getattr(resilient_redshift, name)

    # THEN
    assert name in {"FOREVER", "Keep", "Span", "__version__"} or value.__doc__
    assert name in dir(resilient_redshift)


def test_lazy_homes_and_public_names_are_the_same_list() -> None:
    assert {*resilient_redshift._HOMES, "__version__"} == {*resilient_redshift.__all__}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'RedshiftClusters'"):
        resilient_redshift.RedshiftClusters  # noqa: B018


@pytest.mark.parametrize(
    "module",
    [
        "cli",
        "cloud.custom_resources.index",
        "contract.record",
        "definitions",
        "errors",
        "planning",
        "recovery.objectives",
        "rules.naming",
        "rules.retention",
        "schedules.eventbridge",
    ],
)
def test_what_planning_and_the_command_line_use_needs_no_cdk(module: str) -> None:
    # GIVEN a new interpreter, WHEN only that module is imported
    code = f"import sys, resilient_redshift.{module}; print('aws_cdk' in sys.modules, 'jsii' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    # THEN neither CDK nor jsii, and so no Node, came along
    assert done.stdout.split() == ["False", "False"]
