"""The lines of an app that make its resources, from the traces that CDK writes."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_redshift as redshift

from resilient_redshift.planning import read_assembly
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning.checks.findings import key_of
from resilient_redshift.planning.reading.creation import SourceLine, creation_lines

if TYPE_CHECKING:
    from pathlib import Path

ARGUMENTS: Any = {
    "cluster_type": "single-node",
    "db_name": "sales",
    "master_username": "admin",
    "manage_master_password": True,
    "node_type": "ra3.large",
}
FRAMES = ["...jsii runtime...", "(no user code in 10 frames, use --stack-trace-limit to capture more)"]


def made_by(*frames: Any, logical_id: Any = "Sales") -> list[dict[str, Any]]:
    return [
        {"type": "aws:cdk:logicalId", "data": logical_id},
        {"type": "aws:cdk:creationStack", "data": list(frames)},
    ]


def test_cdk_writes_the_line_of_the_app_for_stacks_and_nested_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an app with two clusters of one logical id, which runs as under `cdk synth --debug`
    monkeypatch.setenv("JSII_HOST_STACK_TRACES", "1")
    context = {"aws:cdk:enable-path-metadata": True}  # as the CLI does
    app = cdk.App(
        outdir=str(tmp_path), context=context, analytics_reporting=False, builtin_cloud_formation_validation=False
    )
    stack = cdk.Stack(app, "Warehouse")
    first = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
    redshift.CfnCluster(stack, "Sales", **ARGUMENTS)
    redshift.CfnCluster(cdk.NestedStack(stack, "Nested"), "Sales", **ARGUMENTS)
    app.synth()

    # WHEN
    sources = [key_of(picture).source for picture in take_inventory(read_assembly(tmp_path))]

    # THEN each knows its own line
    assert [source[0] for source in sources] == [SourceLine(__file__, first), SourceLine(__file__, first + 1)]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        pytest.param("__init__ (/app/stacks/dw.py:8)", SourceLine("/app/stacks/dw.py", 8), id="python"),
        pytest.param("<module> (/my (own) app/app.py:8)", SourceLine("/my (own) app/app.py", 8), id="parentheses"),
        pytest.param("<module> (C:\\app\\app.py:8)", SourceLine("C:\\app\\app.py", 8), id="windows"),
        pytest.param("new Dw (/app/lib/dw.ts:12:5)", SourceLine("/app/lib/dw.ts", 12), id="typescript"),
        pytest.param("main (/app/App.java:12:+3)", SourceLine("/app/App.java", 12), id="column of a host language"),
        pytest.param("    at /app/bin/app.js:4:1", SourceLine("/app/bin/app.js", 4), id="no name"),
        pytest.param("x (file:///my%20app/a.mjs:4:1)", SourceLine("/my app/a.mjs", 4), id="url"),
        pytest.param(FRAMES[0], None, id="left out"),
        pytest.param(FRAMES[1], None, id="hint"),
        pytest.param("", None, id="empty"),
        pytest.param("f (/app/app.py:0)", None, id="no line"),
        pytest.param(7, None, id="no text"),
    ],
)
def test_frames(frame: object, expected: SourceLine | None, tmp_path: Path) -> None:
    lines = creation_lines(tmp_path, {"metadata": {"/Dw/Sales": made_by(frame)}})

    assert lines == ({"Sales": (expected,), "Dw/Sales": (expected,)} if expected else {})


def test_earlier_releases_of_cdk_write_the_trace_beside_the_logical_id(tmp_path: Path) -> None:
    entry = {
        "type": "aws:cdk:logicalId",
        "data": "Sales",
        "trace": ["new Dw (/app/dw.ts:12:5)", "main (/app/app.ts:3:1)"],
    }

    lines = creation_lines(tmp_path, {"metadata": {"/Dw/Sales": [entry]}})

    assert lines["Sales"] == (SourceLine("/app/dw.ts", 12), SourceLine("/app/app.ts", 3))


def test_a_logical_id_of_two_resources_says_nothing(tmp_path: Path) -> None:
    # GIVEN a nested stack with the logical id of its parent, and no trace for one of them
    metadata = {"/Dw/Sales": made_by("f (/app/app.py:8)"), "/Dw/Nested/Sales": made_by()}

    assert creation_lines(tmp_path, {"metadata": metadata}) == {"Dw/Sales": (SourceLine("/app/app.py", 8),)}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"/a": 1}',
        '{"/a": [1, {"type": 3}]}',
        '{"/a": [{"type": "aws:cdk:creationStack", "data": "x"}]}',
        "\udcff",
    ],
    ids=["empty", "list", "cut", "number", "odd entries", "no list", "no UTF-8"],
)
def test_metadata_of_any_shape(content: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(content, encoding="utf-8", errors="surrogateescape")

    assert creation_lines(tmp_path, {"additionalMetadataFile": "m.json"}) == {}
    assert creation_lines(tmp_path, {"additionalMetadataFile": "absent.json", "metadata": json.loads("[]")}) == {}
