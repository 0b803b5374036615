"""The command's Redshift client: cloud's readers, with the command's own errors."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cli import redshift
from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.errors import ApiError, CliError, DeniedError, UnreachableError
from resilient_redshift.cloud.aws.meanings import CODES, Meaning
from resilient_redshift.cloud.redshift import clusters, snapshot_schedules, snapshots
from tests.cli.scene import HERE, NAME, Scene


@pytest.fixture
def client(scene: Scene) -> Any:
    return redshift.client(Aws(scene.account.session, region=HERE, clock=scene.clock.now), HERE)


READERS = [
    ("DescribeClusters", lambda client: clusters.read(client, NAME)),
    ("DescribeClusterSnapshots", snapshots.read_all),
    ("DescribeSnapshotSchedules", lambda client: snapshot_schedules.read(client, "often")),
]


def test_what_does_not_exist_is_none(client: Any) -> None:
    assert clusters.describe(client, "absent") is None
    assert snapshot_schedules.read(client, "absent") is None


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("DescribeClusters", "SnapshotScheduleNotFound"),
        ("DescribeClusters", "ClusterSubnetGroupNotFoundFault"),
        ("DescribeSnapshotSchedules", "ClusterNotFound"),
        ("DescribeSnapshotSchedules", "ClusterSnapshotNotFound"),
    ],
)
def test_only_the_code_of_what_was_asked_for_says_that_it_does_not_exist(
    scene: Scene, client: Any, operation: str, code: str
) -> None:
    # GIVEN an error that says that something else does not exist
    assert CODES[code] is Meaning.MISSING
    scene.model.faults.fail_next(operation, code, undeclared=True)
    # WHEN a reader asks THEN the error reaches the command
    with pytest.raises(ApiError, match=f"redshift:{operation} in {HERE}: {code}: "):
        dict(READERS)[operation](client)


def test_an_answer_that_holds_no_cluster_is_no_proof_that_there_is_none(
    scene: Scene, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a Redshift that answers without the cluster and without an error
    monkeypatch.setattr(scene.model, "perform", lambda *_: {"Clusters": []})
    # WHEN the cluster is read THEN that is an error of the command
    with pytest.raises(CliError, match=f"^redshift:DescribeClusters in {HERE} answers without the cluster sales"):
        clusters.describe(client, NAME)


@pytest.mark.parametrize(("operation", "read"), READERS, ids=[name for name, _ in READERS])
def test_a_missing_right_is_the_commands_error(scene: Scene, client: Any, operation: str, read: Any) -> None:
    scene.account.denied.add(f"redshift:{operation}")
    with pytest.raises(DeniedError, match=f"^redshift:{operation} in {HERE}: AccessDenied"):
        read(client)


@pytest.mark.parametrize(("operation", "read"), READERS, ids=[name for name, _ in READERS])
def test_a_region_that_does_not_answer_is_the_commands_error(
    scene: Scene, client: Any, operation: str, read: Any
) -> None:
    scene.account.dark.add(HERE)
    with pytest.raises(UnreachableError, match=f"^{HERE} does not answer"):
        read(client)
