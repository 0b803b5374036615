"""The copy of exactly one snapshot, recognized by what it is of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli import copy_waiting
from resilient_redshift.cli.copy_waiting import Copy, find, wait
from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
from tests.cli.scene import HERE, THERE, Scene

if TYPE_CHECKING:
    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

    from resilient_redshift.cli.tools import Tools

BORN, TAKEN = dt.datetime(2026, 10, 24, tzinfo=dt.UTC), dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
COPY: dict[str, Any] = {
    "SnapshotIdentifier": "any-name",
    "ClusterIdentifier": "sales",
    "SnapshotType": "manual",
    "Status": "available",
    "SourceRegion": HERE,
    "SnapshotCreateTime": TAKEN,
    "ClusterCreateTime": BORN,
}
OTHER_TIME = dt.timedelta(seconds=1)


def source() -> RecoveryPoint:
    point = RecoveryPoint.of({**COPY, "SnapshotIdentifier": "sales-nightly"})  # type: ignore[typeddict-item]
    assert point is not None
    return replace(point, source_region=None)


def found(**changes: Any) -> Copy:
    snapshot: SnapshotTypeDef = {**COPY, **changes}  # type: ignore[typeddict-item]
    return find([snapshot], source(), HERE)


def test_whatever_its_name_is_it_is_the_copy() -> None:
    assert found() == Copy(state=copy_waiting.AVAILABLE, identifier="any-name")


@pytest.mark.parametrize(
    "changes",
    [
        {"ClusterIdentifier": "crm"},
        {"SourceRegion": "eu-west-1"},
        {"SourceRegion": None},
        {"SnapshotCreateTime": TAKEN + OTHER_TIME},
        {"ClusterCreateTime": BORN + OTHER_TIME},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_cluster_region_or_time_is_another_snapshot(changes: dict[str, Any]) -> None:
    assert found(**{**changes, "SnapshotIdentifier": "sales-nightly"}).state == copy_waiting.MISSING


@pytest.mark.parametrize(("status", "state"), [("creating", "creating"), ("failed", "failed"), ("cancelled", "failed")])
def test_its_status_is_said(status: str, state: str) -> None:
    assert found(Status=status).state == state


def test_how_far_it_is_is_said() -> None:
    progress = {
        "BackupProgressInMegaBytes": 250.0,
        "TotalBackupSizeInMegaBytes": 1000.0,
        "EstimatedSecondsToCompletion": 90,
    }
    assert found(Status="creating", **progress).progress == "25 %, about 1 min 30 s left"


@pytest.fixture
def tools(scene: Scene) -> Tools:
    return scene.tools()


def waited(tools: Tools, **given: Any) -> Copy:
    return wait(tools, source(), source_region=HERE, region=THERE, timeout=given.get("timeout", 600))


def test_a_region_that_does_not_answer_is_waited_for(
    scene: Scene, tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a connection that fails twice WHEN waited THEN the screen says so, and the copy is found all the same
    point = source()
    scene.copied("sales-nightly", kind="manual")
    [snapshot] = scene.model.world.snapshots.values()
    snapshot.create_time, snapshot.cluster_create_time = point.created, point.lineage
    scene.account.lost["redshift:DescribeClusterSnapshots"] = 2
    assert waited(tools).state == copy_waiting.AVAILABLE
    assert "us-west-2 does not answer" in capsys.readouterr().out


def test_a_log_is_never_silent_for_long(tools: Tools, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN a copy that does not come within an hour WHEN nobody watches a terminal THEN a line comes every five minutes
    assert waited(tools, timeout=3600).state == copy_waiting.MISSING
    assert 12 <= capsys.readouterr().out.count("waiting for the copy in us-west-2") <= 13


def test_milliseconds_that_an_answer_does_not_have_make_no_other_snapshot() -> None:
    milliseconds = dt.timedelta(milliseconds=312)
    assert found(SnapshotCreateTime=TAKEN + milliseconds, ClusterCreateTime=BORN + milliseconds).identifier
