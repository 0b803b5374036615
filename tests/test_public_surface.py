"""The public surface: what can be imported, and what importing it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import resilient_redshift
from resilient_redshift import planning


@pytest.mark.parametrize("name", resilient_redshift.__all__)
def test_each_public_name_is_there_and_documented(name: str) -> None:
    # WHEN
    value = getattr(resilient_redshift, name)

    # THEN
    assert name in {"FOREVER", "Keep", "Span", "__version__"} or value.__doc__
    assert name in dir(resilient_redshift)


def test_lazy_homes_and_public_names_are_the_same_list() -> None:
    assert {*resilient_redshift._HOMES, "__version__"} == {*resilient_redshift.__all__}
    assert {*planning._HOMES} == {*planning.__all__}


@pytest.mark.parametrize("name", planning.__all__)
def test_each_public_name_of_planning_is_there(name: str) -> None:
    assert getattr(planning, name) is not None
    assert name in dir(planning)


def test_an_app_loads_no_table_of_planning_and_nothing_of_lambda_or_the_command_line() -> None:
    # GIVEN a new interpreter, WHEN it imports every public name
    code = (
        "import sys, resilient_redshift as library; [getattr(library, name) for name in library.__all__]; "
        "print(*(name for name in sys.modules if name.startswith('resilient_redshift.') or name == 'botocore'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    # THEN only the arithmetic of planning came along: all that is loaded, each app waits for
    loaded = done.stdout.split()
    assert "resilient_redshift.planning.quota" in loaded
    assert not {"botocore", "resilient_redshift.cli", "resilient_redshift.cloud"} & {*loaded}
    assert "resilient_redshift.planning.protection" not in loaded


def test_an_import_asks_jsii_nothing() -> None:
    # GIVEN a new interpreter whose questions to jsii fail once CDK is there, WHEN it imports every public name
    code = (
        "import aws_cdk, resilient_redshift as library; from jsii._kernel.providers import process; "
        "process._NodeProcess.send = None; [getattr(library, name) for name in library.__all__]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    # THEN nothing was asked: the first question loads CDK into Node, which costs 0.07 s
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'RedshiftClusters'"):
        resilient_redshift.RedshiftClusters  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'protection_table'"):
        planning.protection_table  # noqa: B018


@pytest.mark.parametrize(
    "module",
    [
        "cli",
        "cloud.custom_resources.index",
        "contract.record",
        "definitions",
        "errors",
        "planning",
        "planning._check_command",
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
