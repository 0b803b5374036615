"""A warehouse in two Regions that a switchover moves: rows, clients, and a machine that restores in the model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import Cluster, CopyConfig
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract import names
from tests.cli.fakes import ACCOUNT
from tests.cli.scene import HERE, NAME, PLAN, RESTORE, THERE, Scene, record

if TYPE_CHECKING:
    from click.testing import Result

    from tests.cli.fakes import Run

BACK = f"{NAME}-{THERE}"
#: The restore machine of the cluster's own Region, for the way home.
RESTORE_HOME = RESTORE.replace(THERE, HERE)
CLIENTS, VPC = "sg-clients", "vpc-1"


class Warehouse(Scene):
    """The cluster is open for clients; the plan has a way home."""

    def __init__(self) -> None:
        super().__init__()
        self.region = THERE
        self.interactive = True
        self.ready()
        self.open(self.cluster)
        self.model.given_content(HERE, NAME, tables={"public.orders": 1000})
        self.account.machines.add(RESTORE_HOME)
        self.account.on_poll = self.work
        self.outcome = ""
        self.put_record(THERE, record(THERE, reversed_by=BACK))
        settings = self.model.world.settings
        settings.modify_seconds = settings.snapshot_seconds = settings.copy_seconds = settings.pause_seconds = 2
        settings.copy_start_seconds = settings.restore_starting_seconds = settings.delete_seconds = 1
        settings.restore_seconds = settings.resume_seconds = 2

    def open(self, cluster: Cluster) -> None:
        """Let clients in."""
        cluster.described.update(VpcId=VPC, VpcSecurityGroups=[{"VpcSecurityGroupId": CLIENTS, "Status": "active"}])

    def is_open(self, cluster: Cluster) -> bool:
        """Whether clients reach the cluster."""
        groups: Any = cluster.described["VpcSecurityGroups"]
        return [group["VpcSecurityGroupId"] for group in groups] == [CLIENTS]

    def switchover(self, *options: str, plan: str = PLAN, answer: str | None = None) -> Result:
        """Run the command. The operator agrees."""
        return self.run("switchover", plan, *options, *([] if answer else ["--yes"]), answer=answer)

    def away(self) -> None:
        """The warehouse is in the other Region, and the old cluster is fenced, as a switchover leaves both."""
        now = iso(self.clock.now())
        there = self.model.given_cluster(THERE, NAME, automated_retention=7)
        there.content = self.model.content(HERE, NAME).copy()
        self.publish(THERE, PLAN, "switchover-1")
        fence = {"version": 1, "plan": PLAN, "cluster": NAME, "created": iso(self.cluster.create_time), "by": "alice"}
        fence |= {"groups": [CLIENTS], "fence_group": "sg-fence0", "at": now, "complete": now}
        self.put(HERE, names.fence_name(PLAN), json.dumps(fence))
        self.cluster.described["VpcSecurityGroups"] = [{"VpcSecurityGroupId": "sg-fence0", "Status": "active"}]
        self.prepare_way_home()
        self.clock.advance(3600)

    def prepare_way_home(self) -> None:
        """What ``plan.reverse()`` deploys, and what the machine does to the new cluster."""
        grant = self.model.given_grant(HERE, "sales-grant-home", self.model.given_key(HERE))
        site = {"encryption_key": grant.kms_key_id, "subnet_group": "site-subnets"}
        site |= {"security_groups": [CLIENTS], "parameter_group": "site-parameters"}
        cluster = {"identifier": NAME, "region": THERE, "account": ACCOUNT}
        common: dict[str, Any] = {"plan": BACK, "cluster": cluster, "rules": [], "reverse_of": PLAN}
        home = {**site, "region": HERE, "snapshot_copy_grant_name": grant.name, "site": "Warehouse/Home"}
        self.put_record(HERE, {**record(HERE), **common, "recovery": home, "machines": {"restore": RESTORE_HOME}})
        self.put_record(THERE, {**record(THERE), **common, "recovery": home, "machines": {}})
        self.model.given_subnet_group(HERE, "site-subnets")
        self.model.given_parameter_group(HERE, "site-parameters")
        there = self.model.cluster(THERE, NAME)
        if there is not None:
            there.copy = CopyConfig(HERE, 14, 14, grant.name)
            self.open(there)

    def write(self, region: str = HERE, rows: int = 1) -> None:
        """Write rows, as a client does that reaches the cluster."""
        content = self.model.content(region, NAME)
        table = content.tables["public.orders"]
        self.model.given_content(region, NAME, tables={"public.orders": table.rows + rows})

    def rows(self, region: str) -> int:
        """The rows that are in a cluster."""
        return int(self.model.content(region, NAME).tables["public.orders"].rows)

    def fence(self, region: str = HERE, plan: str = PLAN) -> dict[str, Any] | None:
        """What is written down of a fence."""
        return self.read(region, names.fence_name(plan))

    def state(self, region: str = THERE, plan: str = PLAN) -> dict[str, Any]:
        """The state of the last switchover."""
        return self.read(region, names.switchover_name(plan)) or {}

    def locked(self, region: str = THERE, plan: str = PLAN) -> bool:
        """Whether a switchover is under way."""
        return self.read(region, names.switchover_lock_name(plan)) is not None

    def read(self, region: str, name: str) -> dict[str, Any] | None:
        """A parameter that holds JSON."""
        text = self.account.parameters.get((region, name))
        return None if text is None else dict(json.loads(text))

    def published(self, region: str, plan: str) -> bool:
        """Whether an endpoint is published."""
        return (region, names.endpoint_name(plan)) in self.account.parameters

    def work(self, run: Run) -> None:
        """One look at the machine: it restores, waits, publishes or deletes, and ends."""
        if run.status != "RUNNING":
            return
        given, region = json.loads(run.input), run.machine.split(":")[3]
        drill = given["mode"] == "drill"
        target = "drill-1" if drill else NAME
        cluster = self.model.cluster(region, target)
        if cluster is None:
            asked = {"ClusterIdentifier": target, "SnapshotIdentifier": given["snapshot"]}
            self.model.call(region, "RestoreFromClusterSnapshot", {**asked, "ClusterSubnetGroupName": "site-subnets"})
            return
        if cluster.status != "available":
            return
        outcome = self.outcome or ("Passed" if drill else "Restored")
        if drill:
            asked = {"ClusterIdentifier": target, "SkipFinalClusterSnapshot": True}
            self.model.call(region, "DeleteCluster", asked)
        elif outcome.startswith("Restored"):
            self.open(cluster)
            self.publish(region, given["plan"], run.name, verified=outcome == "Restored")
        report = {
            "version": 1,
            "plan": given["plan"],
            "mode": given["mode"],
            "outcome": outcome,
            "message": "the cluster answered every check",
            "warnings": [] if drill else ["nobody asked the primary: if sales is alive, there are two writers now"],
        }
        report |= {"execution": run.name, "started": iso(run.started), "ended": iso(self.clock.now())}
        report |= {"cluster": {"identifier": target, "endpoint": f"{target}.{region}", "port": 5439}}
        self.account.end(run, report, failed=outcome not in {"Passed", "Restored"})

    def publish(
        self, region: str, plan: str, execution: str, *, verified: bool = True, snapshot: str | None = None
    ) -> None:
        """Publish the cluster of a Region, as a failover does."""
        value = {"cluster": NAME, "endpoint": f"{NAME}.{region}", "port": 5439, "database": "dev"}
        value |= {"admin_user": "admin", "execution": execution, "at": iso(self.clock.now()), "verified": verified}
        value |= {"snapshot": {"identifier": snapshot}} if snapshot else {}
        self.put(region, names.endpoint_name(plan), json.dumps(value))
