"""The families and parameters of parameter groups."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cluster_ref.parameter_groups import check_family, check_parameters, with_enforced
from resilient_redshift.errors import Problems, ResilientRedshiftError


def refused(check: Any, *arguments: Any) -> bool:
    problems = Problems("here")
    check(problems, *arguments)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError:
        return True
    return False


@pytest.mark.parametrize("family", ["redshift-1.0", "redshift-2.0"])
def test_families(family: str) -> None:
    assert not refused(check_family, family)


@pytest.mark.parametrize("family", ["", "redshift", "redshift-1", "postgres-1.0", None])
def test_no_families(family: Any) -> None:
    assert refused(check_family, family)


@pytest.mark.parametrize(
    ("parameters", "ok"),
    [
        ({}, True),
        ({"wlm_json_configuration": '[{"auto_wlm": true}]'}, True),
        ({"wlm_json_configuration": "[{"}, False),
        ({"search_path": "[{"}, True),
        ({"Search_Path": "x"}, False),
        ({"a b": "x"}, False),
        ({1: "x"}, False),
        ({"statement_timeout": 1}, False),
        ({"require_ssl": True}, False),
    ],
)
def test_parameters(parameters: Any, ok: bool) -> None:
    assert refused(check_parameters, parameters) is not ok


@pytest.mark.parametrize("name", ["require_ssl", "enable_user_activity_logging"])
@pytest.mark.parametrize(
    ("value", "ok"), [("true", True), ("false", False), ("TRUE", False), ("${Token[TOKEN.1]}", False)]
)
def test_enforced_parameters(name: str, value: str, ok: bool) -> None:
    # a token is refused too, because synth does not know whether it switches TLS on
    assert refused(with_enforced, {name: value}) is not ok


def test_parameters_come_sorted() -> None:
    assert list(with_enforced(Problems("here"), {"z": "1", "a": "2"})) == [
        "a",
        "enable_user_activity_logging",
        "require_ssl",
        "z",
    ]
