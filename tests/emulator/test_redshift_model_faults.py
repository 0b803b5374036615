"""The model: faults on demand."""

from __future__ import annotations

import pytest

from emulator.redshift_model import Clock, RedshiftModel, Settings, SimulatedKill
from tests.emulator.scene import HERE, THERE, code


class TestFaults:
    def test_the_next_call_of_an_operation_fails_the_given_times(self, copying: RedshiftModel) -> None:
        # GIVEN two prepared failures, by the shape's name WHEN it is called three times
        client = copying.client(HERE)
        copying.faults.fail_next("DescribeClusters", "ClusterNotFoundFault", times=2, region=HERE)
        copying.client(THERE).describe_clusters()
        # THEN the third passes
        assert [code(client.describe_clusters), code(client.describe_clusters)] == [
            "ClusterNotFound",
            "ClusterNotFound",
        ]
        client.describe_clusters()

    def test_the_nth_call_fails_whichever_it_is(self, copying: RedshiftModel) -> None:
        copying.faults.fail_at(2, "InternalFailure")
        copying.client(THERE).describe_snapshot_copy_grants()
        assert code(copying.client(HERE).disable_snapshot_copy, ClusterIdentifier="warehouse") == "InternalFailure"
        assert copying.copy_of(HERE, "warehouse") is not None

    def test_the_nth_changing_call_fails(self, copying: RedshiftModel) -> None:
        copying.faults.fail_at(1, "Throttling", mutating_only=True)
        copying.client(HERE).describe_clusters()
        assert code(copying.client(HERE).disable_snapshot_copy, ClusterIdentifier="warehouse") == "Throttling"

    def test_an_answer_can_be_lost_after_the_change(self, copying: RedshiftModel) -> None:
        copying.faults.fail_next("DisableSnapshotCopy", "InternalFailure", after=True)
        assert code(copying.client(HERE).disable_snapshot_copy, ClusterIdentifier="warehouse") == "InternalFailure"
        assert copying.copy_of(HERE, "warehouse") is None
        assert copying.calls[-1].took_effect

    @pytest.mark.parametrize("after", [False, True])
    def test_a_kill_passes_every_except_exception(self, copying: RedshiftModel, after: bool) -> None:
        # GIVEN a kill at the second call
        client = copying.client(HERE)
        copying.faults.kill_at(2, after=after)

        def careless() -> None:
            try:
                client.describe_clusters()
                client.disable_snapshot_copy(ClusterIdentifier="warehouse")
            except Exception:  # noqa: BLE001
                pytest.fail("a kill must not be caught")

        # WHEN code that catches everything runs THEN it dies, before or after the change, and the client works on
        with pytest.raises(SimulatedKill):
            careless()
        assert (copying.copy_of(HERE, "warehouse") is None) == after
        client.describe_clusters()

    def test_access_is_denied_for_a_time(self, copying: RedshiftModel) -> None:
        key = copying.given_key(HERE)
        copying.faults.deny_for(120)
        assert code(copying.client(HERE).describe_clusters) == "AccessDenied"
        assert code(copying.kms_client(HERE).describe_key, KeyId=key) == "AccessDeniedException"
        copying.clock.advance(120)
        copying.client(HERE).describe_clusters()

    def test_copying_to_a_region_is_switched_off_for_a_time(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        model.faults.copy_disabled_for(60)
        enable = model.client(HERE).enable_snapshot_copy
        assert code(enable, ClusterIdentifier="warehouse", DestinationRegion=THERE) == "CopyToRegionDisabledFault"
        model.clock.advance(60)
        enable(ClusterIdentifier="warehouse", DestinationRegion=THERE)

    def test_a_busy_cluster_comes_back(self, copying: RedshiftModel) -> None:
        copying.faults.busy(HERE, "warehouse", 60)
        disable = copying.client(HERE).disable_snapshot_copy
        assert code(disable, ClusterIdentifier="warehouse") == "InvalidClusterState"
        copying.clock.advance(60)
        disable(ClusterIdentifier="warehouse")

    def test_faults_queue_up_and_can_be_forgotten(self, copying: RedshiftModel) -> None:
        client = copying.client(HERE)
        copying.faults.throttle()
        copying.faults.fail_next("*", "ServiceUnavailable", times=9)
        assert [code(client.describe_clusters), code(client.describe_clusters)] == ["Throttling", "ServiceUnavailable"]
        copying.faults.clear()
        client.describe_clusters()

    def test_calls_can_take_time(self) -> None:
        model = RedshiftModel(Clock(), settings=Settings(seconds_per_call=2))
        model.client(HERE).describe_clusters()
        model.client(HERE).describe_clusters()
        assert model.clock.monotonic() == 4
