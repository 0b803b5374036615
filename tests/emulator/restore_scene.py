"""The scene of restores: a warehouse whose Region may be lost, its copies, and a recovery site that stands ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import CopyConfig, RedshiftModel
from tests.emulator.scene import HERE, HOUR, THERE

if TYPE_CHECKING:
    from emulator.redshift_model import Settings

SITE: dict[str, Any] = {
    "ClusterSubnetGroupName": "site",
    "ClusterParameterGroupName": "site",
    "VpcSecurityGroupIds": ["sg-site"],
    "Encrypted": True,
}


def ready(settings: Settings | None = None, **cluster: Any) -> RedshiftModel:
    """A warehouse in HERE with one manual snapshot ``one`` that has arrived in THERE, where the site stands."""
    model = RedshiftModel(settings=settings)
    copying = CopyConfig(THERE, 7, -1, None)
    model.given_cluster(HERE, "warehouse", **{"copy": copying, "tags": {"team": "bi"}, **cluster})
    model.given_content(HERE, "warehouse", {"orders": (1000, 60_000), "people": (50, 10_000)})
    model.call(HERE, "CreateClusterSnapshot", {"ClusterIdentifier": "warehouse", "SnapshotIdentifier": "one"})
    model.clock.advance(HOUR)
    model.given_subnet_group(THERE, "site", "a", "b", "c")
    model.given_parameter_group(THERE, "site", require_ssl="true")
    return model


def restore(model: RedshiftModel, name: str = "warehouse", snapshot: str = "one", **params: Any) -> dict[str, Any]:
    """Start a restore in THERE and return what it answers; a parameter of None is left out."""
    given = {"ClusterIdentifier": name, "SnapshotIdentifier": snapshot, **SITE, **params}
    given = {key: value for key, value in given.items() if value is not None}
    found: dict[str, Any] = model.call(THERE, "RestoreFromClusterSnapshot", given)["Cluster"]
    return found


def described(model: RedshiftModel, name: str = "warehouse", region: str = THERE) -> dict[str, Any]:
    found: dict[str, Any] = model.call(region, "DescribeClusters", {"ClusterIdentifier": name})["Clusters"][0]
    return found


def status(model: RedshiftModel, name: str = "warehouse") -> tuple[str, str, str]:
    """Status, availability and how the restore stands."""
    found = described(model, name)
    return found["ClusterStatus"], found["ClusterAvailabilityStatus"], found["RestoreStatus"]["Status"]


def asked(
    model: RedshiftModel, statement: str, *, region: str = THERE, cluster: str = "warehouse", **params: Any
) -> Any:
    """Run SQL and return the first column of its first row as the API writes it; what it failed with; or its status."""
    given = {"ClusterIdentifier": cluster, "Database": "dev", "DbUser": "warehouse_admin", "Sql": statement, **params}
    identifier = model.data_call(region, "ExecuteStatement", given)["Id"]
    model.clock.advance(10)
    found = model.data_call(region, "DescribeStatement", {"Id": identifier})
    if found["Status"] == "FINISHED" and found["HasResultSet"]:
        return model.data_call(region, "GetStatementResult", {"Id": identifier})["Records"][0][0]
    return found.get("Error", found["Status"])
