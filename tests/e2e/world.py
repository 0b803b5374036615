"""The example, deployed, and what its roles can be asked to do there; each deed says why it failed, None if it did not."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import Duration
from aws_cdk import aws_kms as kms

import app as example
import resilient_redshift as rr
from tests.e2e.providers import Provider, Resource, Trigger, described, run_machine
from tests.e2e.scene import (
    CLUSTER,
    PRIMARY,
    RECOVERY,
    copy_status,
    is_free,
    snapshots,
    switch_rules,
    synth,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws

HOME, THERE = "Warehouse", "WarehouseRecovery"
PLAN = "sales-us-east-1"
SPARE, BY_HAND, OFTEN = "spare", "by-hand", "often"
TIMES = (["rate(4 hours)"], ["rate(6 hours)"])
LONGEST = 180  # days: the example's monthly tier, and so what copies arrive with

_numbers = itertools.count(1)


class World:
    """The example, deployed, with what it lacks to use every right that the library can ask for."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        """Deploy it."""
        self.aws = aws
        run = aws.cdk("deploy", "--all", app=synth(folder, self._build))
        assert run.ok, run.output
        for region in (PRIMARY, RECOVERY):
            switch_rules(aws, region, on=False)  # what a rule starts would meet the faults that are meant for a step
        self.trigger = Trigger()
        self.copies = Provider.of(aws, PRIMARY, HOME, self.trigger)
        self.grants = Provider.of(aws, RECOVERY, THERE, self.trigger)
        self.schedules = Provider.of(aws, PRIMARY, HOME, self.trigger, "ResilientRedshiftScheduleProvider")
        self.home = aws.client("redshift", PRIMARY)
        self.there = aws.client("redshift", RECOVERY)
        self._found = [*described(aws, PRIMARY, HOME), *described(aws, RECOVERY, THERE)]
        self.site_grant = str((copy_status(aws) or {})["SnapshotCopyGrantName"])
        self.there.create_snapshot_copy_grant(SnapshotCopyGrantName=BY_HAND, KmsKeyId=self.key_of(self.site_grant))

    def _build(self, app: cdk.App) -> None:
        app.node.set_context("account", self.aws.account)
        warehouse, _ = example.build(app)
        prod, recovery = app.node.find_child(HOME), app.node.find_child(THERE)
        destroy = cdk.RemovalPolicy.DESTROY
        rr.SnapshotSchedule(
            prod,
            "Often",
            schedule_identifier=OFTEN,
            times=[rr.SnapshotTimes.every(Duration.hours(4))],
            clusters=[warehouse],
            removal_policy=destroy,
        )
        key = kms.Key(recovery, "SpareKey")
        rr.SnapshotCopyGrant(
            recovery, "Spare", snapshot_copy_grant_name=SPARE, encryption_key=key, removal_policy=destroy
        )
        rr.ManualSnapshotRule(
            prod,
            "First",
            cluster=warehouse,
            schedule=cdk.aws_events.Schedule.cron(minute="0", hour="12", day="1", month="1"),
            keep=Duration.days(7),
            run_on_deploy=True,
        )

    def resource(self, physical_id: str) -> Resource:
        """A deployed custom resource."""
        found = next(each for each in self._found if each["PhysicalResourceId"] == physical_id)
        return Resource(found["ResourceType"], found["LogicalResourceId"], physical_id)

    def thing(self, logical_id: str) -> str:
        """The physical id of a deployed resource by its logical id without the hash."""
        return str(next(e["PhysicalResourceId"] for e in self._found if e["LogicalResourceId"][:-8] == logical_id))

    def key_of(self, grant: str) -> str:
        """The key of a grant."""
        (found,) = self.there.describe_snapshot_copy_grants(SnapshotCopyGrantName=grant)["SnapshotCopyGrants"]
        return str(found["KmsKeyId"])

    def points(self) -> set[tuple[str, str]]:
        """The recovery points that can be used, in both Regions."""
        return {
            (region, each["SnapshotIdentifier"])
            for region in (PRIMARY, RECOVERY)
            for each in snapshots(self.aws, region)
            if each["Status"] == "available"
        }

    # the copy

    def wanted(self, **changes: str) -> dict[str, str]:
        """The copy's properties as they are live, or as deployed where it is off, with changes."""
        live = copy_status(self.aws) or {}
        return {
            "ClusterIdentifier": CLUSTER,
            "DestinationRegion": RECOVERY,
            "SnapshotCopyGrantName": live.get("SnapshotCopyGrantName", self.site_grant),
            "RetentionPeriod": str(live.get("RetentionPeriod", 14)),
            "ManualSnapshotRetentionPeriod": str(LONGEST),
            **changes,
        }

    def send_copy(self, kind: str, **changes: str) -> str | None:
        """Send a request for the copy."""
        return self.copies.send(kind, self.resource("snapshot-copy/sales"), self.wanted(**changes), self.wanted())

    def switched_off(self) -> None:
        """The copy off, and nobody's."""
        if copy_status(self.aws) is not None:
            self.home.disable_snapshot_copy(ClusterIdentifier=CLUSTER)
        self.untag("copy")

    def switched_on(self) -> None:
        """The copy on, whoever did it."""
        if copy_status(self.aws) is None:
            assert self.send_copy("Create") is None

    def made_anew(self) -> None:
        """The copy switched on by its resource, which then has the second key."""
        self.switched_off()
        self.switched_on()

    def swap(self) -> str | None:
        """Another grant: the site's, or the one made by hand."""
        other = BY_HAND if self.wanted()["SnapshotCopyGrantName"] != BY_HAND else self.site_grant
        return self.send_copy("Update", SnapshotCopyGrantName=other)

    def kept_for(self, days: int) -> None:
        """Automated copies kept for so long, by hand, and no memory of a raise."""
        self.switched_on()
        self.untag("copy-raised")
        if self.wanted()["RetentionPeriod"] != str(days):
            self.home.modify_snapshot_copy_retention_period(ClusterIdentifier=CLUSTER, RetentionPeriod=days)

    def start_first(self) -> str | None:
        """A first snapshot, by a resource that was never deployed."""
        given = {"cluster_identifier": CLUSTER, "rule": "first", "keep_days": 7, "reason": f"{next(_numbers)}"}
        asked = Resource("Custom::RedshiftSnapshotOnDeploy", "Another", "")
        machine = self.thing("ResilientRedshiftSnapshots")
        reason = self.copies.send("Create", asked, {"StateMachineArn": machine, "Input": json.dumps(given)})
        self.aws.settle()
        return reason

    # the grant

    def send_grant(self, kind: str, grant: str = SPARE) -> str | None:
        """Send a request for a grant."""
        return self.grants.send(kind, self.resource(f"snapshot-copy-grant/{grant}"), self.grant(grant))

    def grant(self, name: str = SPARE) -> dict[str, str]:
        """Its properties."""
        key = self.thing("SpareKey") if name == SPARE else self.key_of(name).rpartition("/")[2]
        arn = f"arn:aws:kms:{RECOVERY}:{self.aws.account}:key/{key}"
        removal = {"RemovalPolicy": "destroy"} if name == SPARE else {}
        return {"SnapshotCopyGrantName": name, "KmsKeyId": arn, **removal}

    def no_spare(self) -> None:
        """The spare grant gone."""
        names = [g["SnapshotCopyGrantName"] for g in self.there.describe_snapshot_copy_grants()["SnapshotCopyGrants"]]
        if SPARE in names:
            self.there.delete_snapshot_copy_grant(SnapshotCopyGrantName=SPARE)

    def a_spare(self) -> None:
        """The spare grant made by its resource."""
        self.no_spare()
        assert self.send_grant("Create") is None

    def somebodys_spare(self) -> None:
        """The spare grant made by hand."""
        self.no_spare()
        self.there.create_snapshot_copy_grant(SnapshotCopyGrantName=SPARE, KmsKeyId=self.grant()["KmsKeyId"])

    # the schedule

    def send_schedule(self, kind: str, times: list[str] = TIMES[0], **more: str) -> str | None:
        """Send a request for the schedule."""
        properties = {"ScheduleIdentifier": OFTEN, "ScheduleDefinitions": times, "RemovalPolicy": "destroy", **more}
        return self.schedules.send(kind, self.resource(f"snapshot-schedule/{OFTEN}"), properties)

    def send_association(self, kind: str) -> str | None:
        """Send a request for the cluster's schedule."""
        properties = {"ClusterIdentifier": CLUSTER, "ScheduleIdentifier": OFTEN, "RemovalPolicy": "destroy"}
        return self.schedules.send(kind, self.resource(f"snapshot-schedule-association/{CLUSTER}"), properties)

    def no_schedule(self) -> None:
        """No schedule, and no cluster that has it."""
        self.loose()
        if self.live_schedule() is not None:
            self.home.delete_snapshot_schedule(ScheduleIdentifier=OFTEN)

    def loose(self) -> None:
        """A cluster without a schedule, and no record of one."""
        if self._cluster().get("SnapshotScheduleState") == "MODIFYING":
            self.aws.advance(dt.timedelta(minutes=2))
        if self._cluster().get("SnapshotScheduleIdentifier"):
            self.home.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, DisassociateSchedule=True)
            self.aws.advance(dt.timedelta(minutes=2))
        self.untag("schedule")

    def _cluster(self) -> dict[str, Any]:
        found: dict[str, Any] = self.home.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0]
        return found

    def a_schedule(self) -> None:
        """The schedule made by its resource, with no cluster."""
        self.no_schedule()
        assert self.send_schedule("Create") is None

    def an_association(self) -> None:
        """The cluster given the schedule by its resource."""
        self.a_schedule()
        assert self.send_association("Create") is None

    def somebodys_schedule(self) -> None:
        """One made by hand, with other times."""
        self.no_schedule()
        self.home.create_snapshot_schedule(ScheduleIdentifier=OFTEN, ScheduleDefinitions=TIMES[1])

    def live_schedule(self) -> dict[str, Any] | None:
        """The schedule as Redshift tells it."""
        found = self.home.describe_snapshot_schedules()["SnapshotSchedules"]
        return next((each for each in found if each["ScheduleIdentifier"] == OFTEN), None)

    def other_times(self) -> str | None:
        """Every 4 hours or every 6."""
        live = (self.live_schedule() or {})["ScheduleDefinitions"]
        return self.send_schedule("Update", TIMES[1] if live == TIMES[0] else TIMES[0])

    def taken_over_in_vain(self) -> str | None:
        """Somebody's schedule taken over, which fails after it was tagged; so does this step, unless the tags are gone."""
        self.aws.faults("fail_next", "ModifySnapshotSchedule", "ValidationError")
        reason = self.send_schedule("Create", ReplaceExisting="true")
        assert reason is not None
        return None if not (self.live_schedule() or {})["Tags"] else reason

    # the machines

    def free(self) -> None:
        """No snapshot under way: beside one, each run asks again and again."""
        wait_until(self.aws, lambda: is_free(self.aws), dt.timedelta(minutes=1))

    def take(self) -> str | None:
        """A snapshot on demand, by the machine."""
        given = {"cluster_identifier": CLUSTER, "rule": "nightly", "keep_days": 7, "keep_in_recovery_days": 10}
        return ended(self.run_snapshots(given))

    def run_snapshots(self, given: dict[str, Any]) -> dict[str, Any]:
        """Run the machine that takes snapshots."""
        self.trigger.pull()
        return run_machine(self.aws, PRIMARY, self.thing("ResilientRedshiftSnapshots"), given)

    def take_when_failing(self) -> str | None:
        """The first try fails, so that it is deleted."""
        self.aws.faults("next_manual_snapshots", "failed")
        return self.take()

    def take_when_busy(self) -> str | None:
        """The cluster is busy at first, so that it is asked how it does."""
        self.aws.faults("busy", PRIMARY, CLUSTER, 240)
        return self.take()

    def join(self) -> str | None:
        """A snapshot that stands already, with another retention and without a tag."""
        minute = self._by_hand()
        given = {
            "cluster_identifier": CLUSTER,
            "rule": "nightly",
            "keep_days": 7,
            "keep_in_recovery_days": 10,
            "scheduled_time": f"{minute:%Y-%m-%dT%H:%M}:00Z",
        }
        return ended(self.run_snapshots(given))

    def _by_hand(self) -> dt.datetime:
        """Take a snapshot under the name of this minute, as soon as no other is under way."""
        for _ in range(60):
            self.aws.advance(dt.timedelta(minutes=1))
            minute = self.aws.now()
            with contextlib.suppress(self.home.exceptions.InvalidClusterStateFault):
                self.home.create_cluster_snapshot(
                    ClusterIdentifier=CLUSTER,
                    SnapshotIdentifier=f"{CLUSTER}-nightly-{minute:%Y%m%dt%H%M}z",
                    ManualSnapshotRetentionPeriod=3,
                    Tags=[{"Key": "resilient-redshift:rule", "Value": "nightly"}],
                )
                return minute
        raise AssertionError(f"the cluster stays busy: {self._cluster()}")

    def untiered(self) -> None:
        """A copy that was given no tier yet."""
        name = self._a_copy()
        arn = f"arn:aws:redshift:{RECOVERY}:{self.aws.account}:snapshot:{CLUSTER}/{name}"
        self.there.modify_cluster_snapshot(SnapshotIdentifier=name, ManualSnapshotRetentionPeriod=LONGEST)
        self.there.delete_tags(ResourceName=arn, TagKeys=["resilient-redshift:tier-applied"])

    def _a_copy(self) -> str:
        found = self._copied()
        if not found:
            self.switched_on()
            assert self.join() is None
            self.aws.advance(dt.timedelta(hours=1))
            found = self._copied()
        return found[0]

    def _copied(self) -> list[str]:
        found = [each["SnapshotIdentifier"] for each in snapshots(self.aws, RECOVERY, kind="manual")]
        return [name for name in found if "-nightly-" in name and "ondemand" not in name]

    def tier(self) -> str | None:
        """The tiers, given by the function."""
        self.trigger.pull()
        return self.give_tiers().get("errorMessage")

    def give_tiers(self) -> dict[str, Any]:
        """Call the function that gives tiers; its answer, or its error."""
        answer = self.aws.client("lambda", RECOVERY).invoke(
            FunctionName=self.thing("SiteTiersFunction"), Payload=json.dumps({"plan": PLAN}).encode()
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found

    def untreated(self) -> list[str]:
        """Copies of the nightly rule that have not their tier."""
        found = snapshots(self.aws, RECOVERY, kind="manual")
        names = set(self._copied())
        return [
            each["SnapshotIdentifier"]
            for each in found
            if each["SnapshotIdentifier"] in names and each["ManualSnapshotRetentionPeriod"] == LONGEST
        ]

    def untag(self, kind: str) -> None:
        """Take our records from the cluster."""
        arn = f"arn:aws:redshift:{PRIMARY}:{self.aws.account}:cluster:{CLUSTER}"
        names = [name for name in self.tags() if name.startswith(f"resilient-redshift:{kind}")]
        if names:
            self.home.delete_tags(ResourceName=arn, TagKeys=names)

    def tags(self) -> set[str]:
        """The names of the cluster's tags."""
        return {tag["Key"] for tag in self._cluster()["Tags"]}


def ended(execution: dict[str, Any]) -> str | None:
    """Why an execution failed."""
    if execution["status"] == "SUCCEEDED":
        return None
    return f"{execution['status']}: {execution.get('error')}: {execution.get('cause')}"
