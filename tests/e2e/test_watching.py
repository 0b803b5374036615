"""What a watcher of a deployed plan sees, how soon, and who is told: one fault after another in one small world.

Each test leaves the world as it found it. Each says how soon the fault is found (the event of the watcher), and how soon the only alarm
that pages has rung: three bad periods of 15 minutes after the first look that saw it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_sns as sns

import resilient_redshift as rr
from tests.e2e.pages import WATCH, composites, findings, name_of, rung, wait_for_look
from tests.e2e.scene import (
    CLUSTER,
    PRIMARY,
    RECOVERY,
    copy_status,
    network,
    snapshots,
    switch_rules,
    synth,
    take_snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
#: From one look to the next, and what else a look takes.
PERIOD = 15 * MINUTE
FOUND_WITHIN = PERIOD + MINUTE
#: Silence rings three periods after the last look.
SILENT_WITHIN = 3 * PERIOD + MINUTE
#: The next look of the primary's watcher, the next one of the other, two more, and the minute of the alarm's evaluation.
PAGED_WITHIN = 4 * PERIOD + 2 * MINUTE
OBJECTIVE = 10 * HOUR
#: A cluster without a plan; what is seen of it lasts for days.
LONER = "loner"
#: The cluster of a plan that asks for repairs.
MENDED = "mended"
REGIONS = (PRIMARY, RECOVERY)

_numbers = itertools.count(1)


def whose(name: str) -> str:
    """The cluster of a watch or of an alarm, by its name. The alarm on the primary's watcher is counted to the first plan."""
    return next((each for each in (LONER, MENDED) if each in name), CLUSTER)


class Seen:
    """What was found and who was told since a fault began."""

    def __init__(self, begun: dt.datetime, found: list[dict[str, Any]], pages: list[dict[str, Any]]) -> None:
        """Keep it."""
        self.begun, self.events, self.pages = begun, found, pages

    def after(self, code: str, region: str) -> dt.timedelta | None:
        """How soon a finding opened in a Region; None: it did not."""
        times = [e["at"] for e in self.events if (e["code"], e["region"], e["state"]) == (code, region, "opened")]
        return times[0] - self.begun if times else None

    @property
    def codes(self) -> set[str]:
        """What opened, in any Region."""
        return {each["code"] for each in self.events if each["state"] == "opened"}

    def found(self, code: str, region: str, *, within: dt.timedelta) -> None:
        """A finding opened in a Region so soon.

        Raises:
            AssertionError: it did not.
        """
        after = self.after(code, region)
        assert after is not None, self.events
        assert after <= within

    def rang(self, alarms: set[str], *, within: dt.timedelta) -> None:
        """Each of these alarms rang once, so soon, and no other.

        Raises:
            AssertionError: that is not so.
        """
        assert sorted(name for name, _ in self.paged()) == sorted(alarms)
        assert max(after for _, after in self.paged()) <= within

    def rang_once(self, alarm: str, *, within: dt.timedelta) -> None:
        """One alarm rang, once, so soon."""
        self.rang({alarm}, within=within)

    def paged(self) -> list[tuple[str, dt.timedelta]]:
        """Which alarm rang when."""
        return [(name_of(each), each["at"] - self.begun) for each in self.pages]


class Watched:
    """One plan, one that asks for repairs, and one cluster without a plan, all watched every 15 minutes."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        """Deploy it, and wait for the first copy."""
        self.aws = aws
        self.home, self.there = aws.client("redshift", PRIMARY), aws.client("redshift", RECOVERY)
        for name in (LONER, MENDED):
            aws.model("given_cluster", PRIMARY, name)
        run = aws.cdk("deploy", "--all", app=synth(folder, self._build, watched=True))
        assert run.ok, run.output
        for region in REGIONS:
            for word in ("retention tiers", "removes what drills"):
                switch_rules(aws, region, word, on=False)  # they ring by themselves, and are seen elsewhere
        aws.model("given_size", PRIMARY, CLUSTER, 100_000)
        self.snapshot("first")
        #: The alarms that notify people: of the plan, of the other cluster, and of the primary's watcher.
        [self.page] = (name for name in composites(aws) if whose(name) == CLUSTER)
        [self.loner] = composites(aws, PRIMARY)
        [self.failures] = [name for name in aws.alarms(PRIMARY) if "WatcherFailures" in name]
        self.rest()

    def _build(self, app: cdk.App) -> None:
        prod = cdk.Stack(app, "Prod", env=cdk.Environment(account=self.aws.account, region=PRIMARY))
        recovery = cdk.Stack(app, "Recovery", env=cdk.Environment(account=self.aws.account, region=RECOVERY))
        site = rr.RecoverySite(recovery, "Site", vpc=network(self.aws, recovery), notify=sns.Topic(recovery, "Pages"))
        warehouse = rr.ResilientCluster(
            prod, "Warehouse", cluster_identifier=CLUSTER, vpc=network(self.aws, prod), node_type="ra3.large"
        )
        site.protect(
            warehouse,
            objectives=rr.Objectives(recovery_point=Duration.hours(10), recovery_time=Duration.hours(4)),
            keep_automated=Duration.days(7),
            notify_primary=sns.Topic(prod, "Pages"),
        )
        site.protect(
            rr.ExistingCluster.from_identifier(prod, "Mended", MENDED, encrypted=True, parameters={}),
            objectives=rr.Objectives(recovery_point=Duration.hours(10), recovery_time=Duration.hours(4)),
            keep_automated=Duration.days(9),
            repair=rr.Repair(),
        )
        rr.RecoveryPointMonitor(
            prod,
            "Monitor",
            clusters=[rr.ExistingCluster.from_identifier(prod, "Loner", LONER, encrypted=True, parameters={})],
            recovery_point=Duration.hours(10),
        )

    def snapshot(self, name: str, cluster: str = CLUSTER) -> None:
        """Take a snapshot by hand, and wait for its copy."""
        take_snapshot(self.aws, name, cluster=cluster)
        self.aws.advance(70 * MINUTE)

    def function(self, region: str) -> dict[str, Any]:
        """The configuration of a Region's watcher."""
        every = self.aws.client("lambda", region).list_functions()["Functions"]
        [found] = [each for each in every if WATCH in each.get("Description", "")]
        return dict(found)

    def rest(self, cluster: str = CLUSTER) -> None:
        """With a new copy, nothing of the plan rings, and nothing is found.

        Raises:
            AssertionError: that is not so.
        """
        self.snapshot(f"rest-{next(_numbers)}", cluster)
        self.aws.advance(PERIOD)
        ringing = [name for region in REGIONS for name, state in self.aws.alarms(region).items() if state == "ALARM"]
        assert [name for name in ringing if "Watch" in name and whose(name) == cluster] == []
        opened = {(each["region"], each["watch"], each["code"]): each["state"] for each in findings(self.aws)}
        assert [one for one, state in opened.items() if state == "opened" and whose(one[1]) == cluster] == []

    def seen(self, fault: Callable[[], Any], *, lasts: dt.timedelta = PAGED_WITHIN, cluster: str = CLUSTER) -> Seen:
        """Bring a fault about, and let time pass: what is seen of a cluster."""
        deliveries, events = len(self.aws.deliveries()), len(self.aws.events())
        fault()
        begun = self.aws.now()
        self.aws.advance(lasts)
        found = [each for each in findings(self.aws, events) if whose(each["watch"]) == cluster]
        return Seen(begun, found, [each for each in rung(self.aws, deliveries) if whose(name_of(each)) == cluster])


class DeletedFunction:
    """A watcher's function that can be deleted and brought back."""

    def __init__(self, watched: Watched, region: str) -> None:
        """Remember all of it."""
        self._client = watched.aws.client("lambda", region)
        self._found = watched.function(region)
        stack = self._found["FunctionName"].partition("-")[0]
        template = watched.aws.client("cloudformation", region).get_template(StackName=stack)["TemplateBody"]
        resources = (json.loads(template) if isinstance(template, str) else template)["Resources"].values()
        [self._key] = {
            each["Properties"]["Code"]["S3Key"]
            for each in resources
            if each["Type"] == "AWS::Lambda::Function" and WATCH in each["Properties"].get("Description", "")
        }
        self._bucket = f"cdk-hnb659fds-assets-{watched.aws.account}-{region}"
        self._policy = json.loads(self._client.get_policy(FunctionName=self._found["FunctionName"])["Policy"])

    def delete(self) -> None:
        """Delete it."""
        self._client.delete_function(FunctionName=self._found["FunctionName"])

    def bring_back(self) -> None:
        """Make it again, with what lets its rule call it."""
        kept = ("FunctionName", "Description", "Role", "Handler", "Runtime", "Timeout", "MemorySize", "Architectures")
        given = {name: self._found[name] for name in kept if name in self._found}
        environment = {"Variables": self._found.get("Environment", {}).get("Variables", {})}
        code = {"S3Bucket": self._bucket, "S3Key": self._key}
        self._client.create_function(**given, Code=code, Environment=environment)
        for statement in self._policy["Statement"]:
            self._client.add_permission(
                FunctionName=self._found["FunctionName"],
                StatementId=statement["Sid"],
                Action=statement["Action"],
                Principal=statement["Principal"]["Service"],
                SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
            )


@pytest.fixture(scope="module")
def watched(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The world."""
    return Watched(aws, tmp_path_factory.mktemp("watched"))


def test_a_copy_that_is_switched_off_by_hand(watched: Watched) -> None:
    # GIVEN a plan at rest
    copied = dict(copy_status(watched.aws) or {})
    # WHEN somebody switches the copy off
    seen = watched.seen(lambda: watched.home.disable_snapshot_copy(ClusterIdentifier=CLUSTER))
    watched.home.enable_snapshot_copy(ClusterIdentifier=CLUSTER, **copied)
    # THEN the next look finds it, the recovery Region hears of it, and one alarm rings once
    assert seen.codes == {"CopyOff"}
    seen.found("CopyOff", PRIMARY, within=FOUND_WITHIN)
    seen.found("CopyOff", RECOVERY, within=2 * FOUND_WITHIN)
    seen.rang_once(watched.page, within=PAGED_WITHIN)
    watched.rest()


def test_a_copy_that_is_switched_off_by_hand_is_repaired_where_the_plan_asks_for_it(watched: Watched) -> None:
    # GIVEN a plan at rest that asks for repairs, a minute after a look: CloudTrail shows a call before the next one
    watched.rest(MENDED)
    wait_for_look(watched.aws, PRIMARY)
    declared = copy_status(watched.aws, MENDED)
    assert (declared or {})["RetentionPeriod"] == 9  # without a value, Redshift takes 7
    # WHEN somebody switches the copy off
    seen = watched.seen(lambda: watched.home.disable_snapshot_copy(ClusterIdentifier=MENDED), cluster=MENDED)
    # THEN the next look finds it, switches it on as declared, and says so and who it was
    seen.found("CopyOff", PRIMARY, within=FOUND_WITHIN)
    assert copy_status(watched.aws, MENDED) == declared
    text = seen.events[0]["text"]
    assert "the watcher repaired it at" in text
    assert f"arn:aws:iam::{watched.aws.account}:root called DisableSnapshotCopy" in text
    # AND the finding closes in both Regions, and nobody is notified
    states = {region: [each["state"] for each in seen.events if each["region"] == region] for region in REGIONS}
    assert states == {region: ["opened", "closed"] for region in REGIONS}
    assert seen.codes == {"CopyOff"}
    assert seen.pages == []


def test_a_key_that_is_disabled(watched: Watched) -> None:
    # GIVEN the key of the recovery Region WHEN it is disabled
    (grant,) = watched.there.describe_snapshot_copy_grants()["SnapshotCopyGrants"]
    key = grant["KmsKeyId"]
    kms = watched.aws.client("kms", RECOVERY)
    seen = watched.seen(lambda: kms.disable_key(KeyId=key))
    kms.enable_key(KeyId=key)
    # THEN
    assert "KeyUnavailable" in seen.codes
    seen.found("KeyUnavailable", RECOVERY, within=FOUND_WITHIN)
    seen.rang_once(watched.page, within=PAGED_WITHIN)
    watched.rest()


def test_a_renamed_cluster(watched: Watched) -> None:
    # GIVEN that Redshift renames no cluster whose snapshots are copied
    copied = dict(copy_status(watched.aws) or {})

    def rename(old: str, new: str) -> None:
        watched.home.modify_cluster(ClusterIdentifier=old, NewClusterIdentifier=new)

    # WHEN the cluster is renamed
    def renamed() -> None:
        watched.home.disable_snapshot_copy(ClusterIdentifier=CLUSTER)
        rename(CLUSTER, "other")

    seen = watched.seen(renamed)
    rename("other", CLUSTER)
    watched.aws.advance(10 * MINUTE)
    watched.home.enable_snapshot_copy(ClusterIdentifier=CLUSTER, **copied)
    # THEN it is missing under its name
    seen.found("ClusterMissing", PRIMARY, within=FOUND_WITHIN)
    seen.rang_once(watched.page, within=PAGED_WITHIN)
    watched.rest()


def test_an_emptied_cluster(watched: Watched) -> None:
    # WHEN the cluster is emptied, and a snapshot of it is taken and copied
    watched.aws.model("given_size", PRIMARY, CLUSTER, 0)
    seen = watched.seen(lambda: take_snapshot(watched.aws, "emptied"), lasts=PAGED_WITHIN + PERIOD)
    # THEN the watcher says that the newest recovery point is too small, here and there
    assert seen.codes == {"SizeDropped"}
    seen.found("SizeDropped", PRIMARY, within=FOUND_WITHIN + PERIOD)  # as soon as the snapshot is available
    seen.found("SizeDropped", RECOVERY, within=2 * FOUND_WITHIN + PERIOD)
    seen.rang_once(watched.page, within=PAGED_WITHIN + PERIOD)
    # AND WHEN the data is back THEN so is the calm
    watched.aws.model("given_size", PRIMARY, CLUSTER, 100_000)
    watched.snapshot("filled")
    watched.rest()


def test_a_copy_that_stops_without_a_word(watched: Watched) -> None:
    # GIVEN the newest copy
    watched.snapshot("last")
    newest = snapshots(watched.aws, RECOVERY)[-1]["SnapshotCreateTime"]
    # WHEN nothing is copied any more, and the configuration still says that copying is on
    seen = watched.seen(
        lambda: watched.aws.faults("stop_copying", PRIMARY, CLUSTER),
        lasts=newest + OBJECTIVE + HOUR - watched.aws.now(),
    )
    # THEN the age rings within the objective, three looks and a minute, and before that there is a warning
    assert {"RecoveryPointAging", "RecoveryPointOverdue"} == seen.codes
    seen.rang_once(watched.page, within=newest + OBJECTIVE + 3 * PERIOD + MINUTE - seen.begun)
    watched.aws.faults("copy_again", PRIMARY, CLUSTER)
    watched.snapshot("copied-again")
    watched.rest()


def test_throttling(watched: Watched) -> None:
    # GIVEN two throttled calls WHEN the watcher looks THEN it gets through
    passing = watched.seen(
        lambda: watched.aws.faults("fail_next", "DescribeClusterSnapshots", "Throttling", 2, RECOVERY),
        lasts=FOUND_WITHIN,
    )
    assert passing.events == []
    # AND WHEN every call is throttled THEN it says that it cannot tell, and missing data rings
    seen = watched.seen(
        lambda: watched.aws.faults("fail_for", 5400, "DescribeClusterSnapshots", "Throttling", region=RECOVERY)
    )
    assert seen.codes == {"CannotTell"}
    seen.found("CannotTell", RECOVERY, within=FOUND_WITHIN + 3 * MINUTE)
    seen.rang_once(watched.page, within=PAGED_WITHIN)
    watched.aws.advance(HOUR)
    watched.rest()


def test_watchers_whose_roles_were_stripped(watched: Watched) -> None:
    # WHEN both roles have no policy any more
    iam, taken = watched.aws.client("iam", PRIMARY), []

    def strip() -> None:
        for region in REGIONS:
            role = watched.function(region)["Role"].rpartition("/")[2]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                found = iam.get_role_policy(RoleName=role, PolicyName=name)
                taken.append((role, name, json.dumps(found["PolicyDocument"])))
                iam.delete_role_policy(RoleName=role, PolicyName=name)

    seen = watched.seen(strip)
    for role, name, document in taken:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    # THEN one alarm rings in each Region
    assert seen.events == []
    seen.rang({watched.page, watched.failures}, within=SILENT_WITHIN)
    watched.rest()


def test_a_cluster_that_is_deleted_and_made_again_under_its_name(watched: Watched) -> None:
    # WHEN another cluster has the name
    def another() -> None:
        watched.home.delete_cluster(ClusterIdentifier=LONER, SkipFinalClusterSnapshot=True)
        watched.aws.advance(10 * MINUTE)
        watched.aws.model("given_cluster", PRIMARY, LONER)

    seen = watched.seen(another, cluster=LONER)
    # THEN it is not taken for the old one
    seen.found("LineageChanged", PRIMARY, within=FOUND_WITHIN)
    seen.rang_once(watched.loner, within=PAGED_WITHIN)


def test_watchers_whose_functions_were_deleted(watched: Watched) -> None:
    # WHEN both functions are deleted
    deleted = [DeletedFunction(watched, region) for region in REGIONS]
    seen = watched.seen(lambda: [each.delete() for each in deleted])
    for each in deleted:
        each.bring_back()
    # THEN one alarm rings in each Region
    assert seen.events == []
    seen.rang({watched.page, watched.failures}, within=SILENT_WITHIN)
    watched.rest()
