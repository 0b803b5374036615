"""The model itself: its clock, its clients, clusters and tags."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import botocore.exceptions
import pytest

from emulator.redshift_model import OPERATIONS, ApiError, Clock, RedshiftModel, api_error
from emulator.redshift_model.errors import COMMON_ERRORS, service_model
from tests.emulator.scene import DAY, HERE, HOUR, THERE, code, ids, snapshot


class TestClock:
    def test_what_falls_due_runs_in_order_each_at_its_own_time(self) -> None:
        # GIVEN two timers, set in the wrong order, one of which sets a third
        clock = Clock()
        seen: list[tuple[str, float]] = []

        def note(name: str) -> None:
            seen.append((name, clock.monotonic()))

        def early() -> None:
            note("early")
            clock.call_later(5, lambda: note("then"))

        clock.call_later(20, lambda: note("late"))
        clock.call_later(10, early)
        # WHEN time passes over all of them at once
        clock.sleep(60)
        # THEN each saw its own time
        assert seen == [("early", 10.0), ("then", 15.0), ("late", 20.0)]
        assert clock.now() == clock.now().astimezone(dt.UTC)
        assert clock.monotonic() == 60


class TestClient:
    def test_botocore_refuses_what_it_would_not_send(self, model: RedshiftModel) -> None:
        # GIVEN a client and the bare call WHEN a parameter has the wrong type THEN botocore refuses and nothing is recorded
        with pytest.raises(botocore.exceptions.ParamValidationError):
            model.client(HERE).enable_snapshot_copy(
                ClusterIdentifier="warehouse", DestinationRegion=THERE, RetentionPeriod="7"
            )
        with pytest.raises(botocore.exceptions.ParamValidationError):
            model.call(
                HERE,
                "EnableSnapshotCopy",
                {"ClusterIdentifier": "warehouse", "DestinationRegion": THERE, "Colour": "red"},
            )
        assert model.calls == []

    def test_errors_are_the_typed_exceptions_with_the_wire_code(self, model: RedshiftModel) -> None:
        # GIVEN no cluster WHEN it is described
        client = model.client(HERE)
        with pytest.raises(client.exceptions.ClusterNotFoundFault) as caught:
            client.describe_clusters(ClusterIdentifier="warehouse")
        # THEN the wire code is not the shape's name
        assert caught.value.response["Error"]["Code"] == "ClusterNotFound"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404

    def test_the_bare_call_raises_the_same_error(self, model: RedshiftModel) -> None:
        with pytest.raises(ApiError) as caught:
            model.call(HERE, "DescribeClusters", {"ClusterIdentifier": "warehouse"})
        assert (caught.value.code, caught.value.shape, caught.value.status) == (
            "ClusterNotFound",
            "ClusterNotFoundFault",
            404,
        )

    def test_calls_are_recorded_with_what_they_changed(self, model: RedshiftModel) -> None:
        # GIVEN a read and a refused change WHEN both are made
        client = model.client(HERE)
        client.describe_clusters()
        code(client.disable_snapshot_copy, ClusterIdentifier="warehouse")
        # THEN both stand there, and only the second is mutating
        assert [(c.region, c.operation, c.mutating, c.error, c.took_effect) for c in model.calls] == [
            (HERE, "DescribeClusters", False, None, True),
            (HERE, "DisableSnapshotCopy", True, "ClusterNotFound", False),
        ]
        assert [c.operation for c in model.mutating_calls()] == ["DisableSnapshotCopy"]

    def test_an_unknown_operation_is_loud(self, model: RedshiftModel) -> None:
        with pytest.raises(NotImplementedError, match="RotateEncryptionKey"):
            model.client(HERE).rotate_encryption_key(ClusterIdentifier="warehouse")

    def test_every_operation_is_one_of_aws(self) -> None:
        for service, known in OPERATIONS.items():
            assert set(known) <= set(service_model(service).operation_names)

    def test_an_invented_error_code_is_refused(self, model: RedshiftModel) -> None:
        with pytest.raises(ValueError, match="NoSuchFault"):
            api_error("NoSuchFault")
        with pytest.raises(ValueError, match="lists no"):
            model.faults.fail_next("DisableSnapshotCopy", "SnapshotCopyGrantNotFoundFault")

    def test_the_package_needs_no_cdk(self) -> None:
        script = (
            "import sys; import emulator.redshift_model; sys.exit(any(m.startswith('aws_cdk') for m in sys.modules))"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


class TestClusters:
    def test_a_cluster_is_creating_for_a_while(self, model: RedshiftModel) -> None:
        # GIVEN a create call
        client = model.client(HERE)
        created = client.create_cluster(
            ClusterIdentifier="warehouse", NodeType="ra3.large", MasterUsername="admin", NumberOfNodes=2
        )
        # WHEN its time has passed THEN it is available; until then it takes no change
        assert created["Cluster"]["ClusterStatus"] == "creating"
        assert (
            code(client.enable_snapshot_copy, ClusterIdentifier="warehouse", DestinationRegion=THERE)
            == "InvalidClusterState"
        )
        model.clock.advance(300)
        found = client.describe_clusters(ClusterIdentifier="warehouse")["Clusters"][0]
        assert found["ClusterStatus"] == "available"
        assert "ClusterSnapshotCopyStatus" not in found

    def test_a_modified_cluster_is_busy_then_available(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        model.client(HERE).modify_cluster(ClusterIdentifier="warehouse", NumberOfNodes=4)
        assert code(model.client(HERE).disable_snapshot_copy, ClusterIdentifier="warehouse") == "InvalidClusterState"
        model.clock.advance(600)
        cluster = model.cluster(HERE, "warehouse")
        assert cluster is not None
        assert (cluster.status, cluster.number_of_nodes) == ("available", 4)

    @pytest.mark.parametrize("change", [{"Encrypted": False}, {"NewClusterIdentifier": "renamed"}])
    def test_encryption_and_name_are_fixed_while_copying(self, copying: RedshiftModel, change: dict[str, Any]) -> None:
        assert (
            code(copying.client(HERE).modify_cluster, ClusterIdentifier="warehouse", **change) == "InvalidClusterState"
        )

    def test_a_paused_cluster_takes_no_snapshot_and_no_change(self, copying: RedshiftModel) -> None:
        # GIVEN a cluster on its way to paused WHEN it is there
        client = copying.client(HERE)
        client.pause_cluster(ClusterIdentifier="warehouse")
        copying.clock.advance(HOUR)
        # THEN pausing took a snapshot, and nothing else works until it is resumed
        assert client.describe_clusters()["Clusters"][0]["ClusterStatus"] == "paused"
        taken = len(ids(copying, HERE))
        assert taken == 1
        assert code(client.disable_snapshot_copy, ClusterIdentifier="warehouse") == "InvalidClusterState"
        assert (
            code(client.create_cluster_snapshot, ClusterIdentifier="warehouse", SnapshotIdentifier="a")
            == "InvalidClusterState"
        )
        copying.clock.advance(2 * DAY)
        assert len(ids(copying, HERE)) == taken
        client.resume_cluster(ClusterIdentifier="warehouse")
        copying.clock.advance(HOUR)
        client.disable_snapshot_copy(ClusterIdentifier="warehouse")

    def test_deletion_with_a_final_snapshot(self, copying: RedshiftModel) -> None:
        # GIVEN a cluster with both kinds of snapshots
        client = copying.client(HERE)
        copying.clock.advance(9 * HOUR)
        snapshot(copying, "by-hand")
        copying.clock.advance(HOUR)
        # WHEN it is deleted with a final snapshot
        client.delete_cluster(ClusterIdentifier="warehouse", FinalClusterSnapshotIdentifier="warehouse-final")
        assert client.describe_clusters()["Clusters"][0]["ClusterStatus"] == "final-snapshot"
        copying.clock.advance(HOUR)
        # THEN it is gone with its automated snapshots, the manual ones stay, and what was copied stays
        assert client.describe_clusters()["Clusters"] == []
        assert ids(copying, HERE) == ["by-hand", "warehouse-final"]
        assert ids(copying, THERE, "automated") != []
        assert "warehouse-final" not in ids(copying, THERE)

    def test_a_taken_final_name_refuses_the_deletion(self, model: RedshiftModel) -> None:
        cluster = model.given_cluster(HERE, "warehouse")
        model.given_snapshot(HERE, cluster, "final")
        got = code(
            model.client(HERE).delete_cluster, ClusterIdentifier="warehouse", FinalClusterSnapshotIdentifier="final"
        )
        assert got == "ClusterSnapshotAlreadyExists"
        assert cluster.status == "available"

    def test_deletion_says_what_happens_to_the_data(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        assert code(model.client(HERE).delete_cluster, ClusterIdentifier="warehouse") == "InvalidParameterCombination"


class TestTags:
    def test_tags_are_added_changed_and_removed(self, model: RedshiftModel) -> None:
        # GIVEN a tagged cluster
        model.given_cluster(HERE, "warehouse", tags={"kept": "1", "changed": "1", "gone": "1"})
        client, arn = model.client(HERE), model.arn(HERE, "cluster:warehouse")
        # WHEN one is overwritten and one deleted
        client.create_tags(ResourceName=arn, Tags=[{"Key": "changed", "Value": "2"}])
        client.delete_tags(ResourceName=arn, TagKeys=["gone", "never-there"])
        # THEN both ways of reading agree
        rows = client.describe_tags(ResourceName=arn)["TaggedResources"]
        assert {row["Tag"]["Key"]: row["Tag"]["Value"] for row in rows} == {"kept": "1", "changed": "2"}
        assert len(client.describe_clusters()["Clusters"][0]["Tags"]) == 2

    def test_a_resource_of_another_region_is_not_found(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        arn = model.arn(HERE, "cluster:warehouse")
        assert code(model.client(THERE).describe_tags, ResourceName=arn) == "ResourceNotFoundFault"

    def test_the_51st_tag_changes_nothing(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse", tags={str(n): "" for n in range(50)})
        arn = model.arn(HERE, "cluster:warehouse")
        assert (
            code(model.client(HERE).create_tags, ResourceName=arn, Tags=[{"Key": "more", "Value": ""}])
            == "TagLimitExceededFault"
        )
        assert len(model.client(HERE).describe_tags(ResourceName=arn)["TaggedResources"]) == 50

    def test_snapshots_and_grants_have_tags_too(self, copying: RedshiftModel) -> None:
        snapshot(copying, "tagged", Tags=[{"Key": "rule", "Value": "nightly"}])
        copying.client(THERE).create_snapshot_copy_grant(
            SnapshotCopyGrantName="g", Tags=[{"Key": "plan", "Value": "p"}]
        )
        here = copying.client(HERE).describe_tags(ResourceName=copying.arn(HERE, "snapshot:warehouse/tagged"))
        there = copying.client(THERE).describe_tags(ResourceType="Snapshot copy grant", TagKeys=["plan"])
        assert here["TaggedResources"][0]["Tag"] == {"Key": "rule", "Value": "nightly"}
        assert there["TaggedResources"][0]["ResourceName"] == copying.arn(THERE, "snapshotcopygrant:g")


def test_no_rule_answers_an_error_that_the_operation_does_not_declare() -> None:
    # GIVEN every error that the rules raise by name, read from the sources
    import ast
    import pathlib

    import emulator.redshift_model as package

    names: set[str] = set()
    for path in pathlib.Path(str(package.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "api_error"
                and isinstance(node.args[0], ast.Constant)
            ):
                names.add(str(node.args[0].value))
    # THEN botocore knows each one, and some modelled operation declares it
    declared = {
        shape.name
        for service, operations in OPERATIONS.items()
        for operation in operations
        for shape in service_model(service).operation_model(operation).error_shapes
    }
    assert len(names) > 15
    assert names - set(COMMON_ERRORS) <= declared
