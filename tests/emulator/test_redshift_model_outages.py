"""A Region that is lost for a while, in the model."""

from __future__ import annotations

from emulator.redshift_model import CopyConfig, RedshiftModel

HOME, AWAY = "eu-central-1", "eu-west-1"
HOUR = 3600


def test_a_copy_waits_for_its_destination() -> None:
    # GIVEN a snapshot whose copy is about to begin
    model = RedshiftModel()
    model.given_cluster(HOME, "sales", copy=CopyConfig(AWAY, 7, -1, None))
    model.call(HOME, "CreateClusterSnapshot", {"ClusterIdentifier": "sales", "SnapshotIdentifier": "one"})
    # WHEN the destination is lost for three hours
    model.region_down(AWAY)
    model.clock.advance(3 * HOUR)
    lost = model.snapshots(AWAY, "sales", "manual")
    model.region_up(AWAY)
    model.clock.advance(HOUR)
    # THEN nothing arrives meanwhile, and the copy stands afterwards
    assert (len(lost), [each.status for each in model.snapshots(AWAY, "sales", "manual")]) == (0, ["available"])


def test_no_automated_snapshot_is_taken_in_a_lost_region() -> None:
    # GIVEN a cluster
    model = RedshiftModel()
    model.given_cluster(HOME, "sales")
    # WHEN its Region is lost for a day, and comes back
    model.region_down(HOME)
    model.clock.advance(24 * HOUR)
    lost = model.snapshots(HOME, "sales")
    model.region_up(HOME)
    model.clock.advance(HOUR)
    # THEN none was taken meanwhile, and one soon after
    assert (len(lost), len(model.snapshots(HOME, "sales"))) == (0, 1)
