"""A cluster whose customer's key is not Enabled [D] management guide, database encryption: ``inaccessible-kms-key``.

Redshift takes a backup, makes no copy of it, and deletes the cluster after 14 days; with the key Enabled again it goes on. That Redshift sees
the key at the next call, and that no final snapshot is taken at the end, are guesses.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from emulator.redshift_model import automated, events
from emulator.redshift_model.clusters import remove

if TYPE_CHECKING:
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import World

STATUS: Final = "inaccessible-kms-key"
_GRACE: Final = dt.timedelta(days=14)


def look(world: World) -> None:
    """See which clusters have lost their key, and which have it again."""
    for cluster in list(world.clusters.values()):
        if cluster.kms_key_id is None or cluster.status not in {"available", STATUS}:
            continue
        key = world.keys.get(cluster.kms_key_id)
        lost = key is not None and key.state != "Enabled"
        if lost and cluster.status != STATUS:
            _lose(world, cluster)
        elif not lost and cluster.status == STATUS:
            cluster.status = "available"
            cluster.epoch += 1
            events.happen(world, cluster.region, 4006, cluster.identifier)


def _lose(world: World, cluster: Cluster) -> None:
    if not automated.snapshot_running(world, cluster):
        automated.take(world, cluster)
    events.happen(world, cluster.region, 4005, cluster.identifier)
    world.change_status(cluster, STATUS, _GRACE.total_seconds(), lambda: remove(world, cluster))
