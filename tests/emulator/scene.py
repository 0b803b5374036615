"""The scene that the model's tests share: two Regions and short words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

HERE, THERE = "eu-central-1", "eu-west-1"
HOUR, DAY = 3600, 86_400


def snapshot(model: RedshiftModel, name: str, **more: Any) -> dict[str, Any]:
    answer = model.client(HERE).create_cluster_snapshot(ClusterIdentifier="warehouse", SnapshotIdentifier=name, **more)
    found: dict[str, Any] = answer["Snapshot"]
    return found


def code(call: Any, **params: Any) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**params)
    found: str = caught.value.response["Error"]["Code"]
    return found


def ids(model: RedshiftModel, region: str, kind: str | None = None) -> list[str]:
    return [s.identifier for s in model.snapshots(region, kind=kind)]
