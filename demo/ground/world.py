"""The kept AWS as the ground sees it: its door, the plan of app.py, and a note of the exercise under way."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from demo.errors import DemoError
from demo.story import PLAN, PRIMARY, RECOVERY, TABLE, WAY_HOME
from resilient_redshift.contract.names import plan_record_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from emulator.aws.door import Door

CLUSTER: Final = "sales"
#: What a shell is given beside the settings of AWS's tools.
NAMES: Final = {"PRIMARY": PRIMARY, "RECOVERY": RECOVERY, "CLUSTER": CLUSTER, "PLAN": PLAN, "WAY_HOME": WAY_HOME}
DATABASE: Final = "dev"
_STATEMENT_TIME: Final = timedelta(seconds=10)


@dataclasses.dataclass
class Ground:
    """A kept AWS with app.py deployed.

    Args:
        door: the emulated AWS.
        folder: where the note of the exercise lies.
    """

    door: Door
    folder: Path

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no common type
        """Make a boto3 client that waits its turn where the Region is throttled."""
        return boto3.client(
            service,
            region,
            endpoint_url=self.door.endpoint,
            aws_access_key_id=self.door.account,
            aws_secret_access_key="test",  # noqa: S106 - of the emulated AWS
            config=Config(retries={"mode": "standard", "total_max_attempts": 10}, proxies={}),
        )

    def record(self) -> dict[str, Any]:
        """The plan record in the recovery Region."""
        return dict(self.parameter(plan_record_name(PLAN)) or {})

    def parameter(self, name: str, region: str = RECOVERY) -> Any:  # noqa: ANN401 - JSON
        """The JSON of a parameter, or its text; None if there is none."""
        found = self.client("ssm", region).get_parameters(Names=[name])["Parameters"]
        text = found[0]["Value"] if found else None
        return json.loads(text) if text is not None and text.startswith("{") else text

    def cluster(self, region: str, name: str = CLUSTER) -> dict[str, Any] | None:
        """A cluster as DescribeClusters shows it; None if there is none."""
        return next((each for each in self.clusters(region) if each["ClusterIdentifier"] == name), None)

    def clusters(self, region: str) -> list[dict[str, Any]]:
        """All clusters of a Region."""
        pages = self.client("redshift", region).get_paginator("describe_clusters").paginate()
        return [cluster for page in pages for cluster in page["Clusters"]]

    def copies(self) -> list[dict[str, Any]]:
        """The usable copies of the warehouse's snapshots in the recovery Region."""
        pages = self.client("redshift", RECOVERY).get_paginator("describe_cluster_snapshots").paginate()
        found = [each for page in pages for each in page["Snapshots"]]
        return [each for each in found if each.get("SourceRegion") == PRIMARY and each["Status"] == "available"]

    def rows(self, region: str, table: str = TABLE, cluster: str = CLUSTER) -> int:
        """How many rows a table of the warehouse has; 0 without the table."""
        tables = self.door.model("content", region, cluster)["tables"]
        return int(tables[table]["rows"]) if table in tables else 0

    def write(self, rows: int, region: str = PRIMARY) -> None:
        """Add rows to the orders, as a client of the warehouse does."""
        self.run(f"insert into orders values {', '.join(['(1)'] * rows)}", region)  # noqa: S608 - ours

    def run(self, sql: str, region: str = PRIMARY) -> None:
        """Run a statement in the warehouse."""
        data, cluster = self.client("redshift-data", region), self.cluster(region)
        if cluster is None:
            raise DemoError(f"there is no cluster {CLUSTER} in {region}")
        given = {"ClusterIdentifier": CLUSTER, "Database": DATABASE, "DbUser": cluster["MasterUsername"]}
        asked = data.execute_statement(**given, Sql=sql)["Id"]
        self.door.advance(_STATEMENT_TIME)
        ended = data.describe_statement(Id=asked)
        if ended["Status"] != "FINISHED":
            raise DemoError(f"{sql[:40]}: {ended['Status']}: {ended.get('Error')}")

    # the exercise under way

    def note(self, exercise: str, **facts: Any) -> None:  # noqa: ANN401 - JSON
        """Remember what an exercise began with."""
        text = json.dumps({"exercise": exercise, "at": self.door.now().isoformat(), **facts})
        self.folder.mkdir(parents=True, exist_ok=True)
        self._note.write_text(text, encoding="utf-8")

    def noted(self) -> Mapping[str, Any]:
        """What was noted when the exercise began.

        Raises:
            DemoError: none has begun.
        """
        if not self._note.exists():
            raise DemoError("no exercise is under way: begin one with `ground begin NAME`")
        return dict(json.loads(self._note.read_text(encoding="utf-8")))

    def began(self) -> datetime:
        """When the exercise under way began, in virtual time."""
        return datetime.fromisoformat(str(self.noted()["at"])).astimezone(UTC)

    @property
    def _note(self) -> Path:
        return self.folder / "exercise.json"
