"""Two environments in one account, and two primaries of one name that copy to one Region (issue 3, scenario 10)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, Environment
from aws_cdk import aws_events as events

import resilient_redshift as rr
from tests.e2e.scene import ELSEWHERE, PRIMARY, RECOVERY, copy_status, network, snapshots, synth

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws

DAYS = 4
QUOTA = 100  # raised, as whoever lets two environments share an account must


@dataclasses.dataclass(frozen=True)
class Protected:
    """One cluster: where it lives, which environment it is of, how its copies are kept, and when its rules fire."""

    identifier: str
    region: str
    environment: str
    automated: int
    rules: dict[str, int]
    hours: tuple[int, int]

    @property
    def plan(self) -> str:
        """The plan's default name."""
        return f"{self.identifier}-{self.region}"


SALES = Protected("sales", PRIMARY, "Prod", 11, {"Nightly": 5, "Noon": 15}, (3, 12))
NAMESAKE = Protected("sales", ELSEWHERE, "Trial", 12, {"Nightly": 25, "Noon": 6}, (5, 14))
TRIAL = Protected("sales-trial", PRIMARY, "Trial", 13, {"Nightly": 7, "Noon": 8}, (3, 12))
ALL = (SALES, NAMESAKE, TRIAL)


def build(aws: EmulatedAws, environment: str, app: cdk.App) -> None:
    """Declare one environment: a site, and a stack for each cluster of it."""

    def stack(name: str, region: str) -> cdk.Stack:
        return cdk.Stack(app, f"{environment}{name}", env=Environment(account=aws.account, region=region))

    recovery = stack("Recovery", RECOVERY)
    site = rr.RecoverySite(recovery, "Site", vpc=network(aws, recovery), manual_snapshot_quota=QUOTA)
    for each in (each for each in ALL if each.environment == environment):
        home = stack(each.region.replace("-", ""), each.region)
        plan = site.protect(
            rr.ExistingCluster.from_identifier(home, "Warehouse", each.identifier, encrypted=True, parameters={}),
            objectives=rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4)),
            keep_automated=Duration.days(each.automated),
        )
        for hour, (name, days) in zip(each.hours, each.rules.items(), strict=True):
            schedule = events.Schedule.cron(hour=str(hour), minute="0")
            plan.keep_manual_snapshots(
                name, schedule=schedule, keep=Duration.days(3), keep_in_recovery=Duration.days(days)
            )


@dataclasses.dataclass(frozen=True)
class Seen:
    """What there is of one cluster after some days.

    Attributes:
        home: the identifiers of its manual snapshots at home.
        manual, automated: its copies, as a plan finds them: by identifier and source Region.
        status: the configuration of its copy.
        records: its plan record in its own Region and in the recovery Region.
    """

    home: set[str]
    manual: list[dict[str, Any]]
    automated: list[dict[str, Any]]
    status: dict[str, Any]
    records: list[dict[str, Any]]


def look(aws: EmulatedAws, of: Protected) -> Seen:
    """Read everything back."""

    def copies(kind: str) -> list[dict[str, Any]]:
        found = snapshots(aws, RECOVERY, kind=kind, cluster=of.identifier)
        return [copy for copy in found if copy["SourceRegion"] == of.region]

    def record(region: str) -> dict[str, Any]:
        name = f"/resilient-redshift/plans/{of.plan}"
        found = aws.client("ssm", region).get_parameter(Name=name)["Parameter"]["Value"]
        return dict(json.loads(found))

    return Seen(
        {each["SnapshotIdentifier"] for each in snapshots(aws, of.region, kind="manual", cluster=of.identifier)},
        copies("manual"),
        copies("automated"),
        copy_status(aws, of.identifier, of.region) or {},
        [record(of.region), record(RECOVERY)],
    )


def grants(aws: EmulatedAws) -> dict[str, str]:
    """The keys of the grants, by name."""
    found = aws.client("redshift", RECOVERY).describe_snapshot_copy_grants()["SnapshotCopyGrants"]
    return {grant["SnapshotCopyGrantName"]: grant["KmsKeyId"] for grant in found}


@pytest.fixture(scope="module")
def apps(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both environments deployed, each from an app of its own."""
    aws.bootstrap(ELSEWHERE)
    aws.settings(manual_snapshot_quota=QUOTA)
    for each in ALL:
        aws.model("given_cluster", each.region, each.identifier, encrypted=True)
    folder = tmp_path_factory.mktemp("namesakes")
    found = {name: synth(folder, lambda app, name=name: build(aws, name, app)) for name in ("Prod", "Trial")}
    for assembly in found.values():
        run = aws.cdk("deploy", "--all", "--concurrency", "3", app=assembly)
        assert run.ok, run.output
    return found


@pytest.fixture(scope="module")
def seen(aws: EmulatedAws, apps: dict[str, Path]) -> dict[str, Seen]:
    """What there is after some days, by plan."""
    assert apps
    aws.advance(dt.timedelta(days=DAYS))
    aws.settle()
    return {each.plan: look(aws, each) for each in ALL}


@pytest.fixture(scope="module")
def keys(aws: EmulatedAws, seen: dict[str, Seen]) -> dict[str, str]:
    """The keys of the grants then."""
    assert seen
    return grants(aws)


@pytest.fixture(scope="module")
def without_trial(aws: EmulatedAws, apps: dict[str, Path], keys: dict[str, str]) -> list[str]:
    """The trial environment goes; which stacks are left."""
    assert keys
    run = aws.cdk("destroy", "--all", "--force", app=apps["Trial"])
    assert run.ok, run.output
    return [
        stack["StackName"]
        for region in (PRIMARY, RECOVERY, ELSEWHERE)
        for stack in aws.client("cloudformation", region).describe_stacks()["Stacks"]
    ]


@pytest.mark.parametrize("of", ALL, ids=lambda of: of.plan)
def test_every_snapshot_has_its_own_copy(seen: dict[str, Seen], of: Protected) -> None:
    # GIVEN three clusters that copy to one Region, two of them of one name and with rules of one name
    home = seen[of.plan].home
    # WHEN four days have passed
    found = [copy["SnapshotIdentifier"] for copy in seen[of.plan].manual]
    # THEN each snapshot at home has one copy
    assert len(home) > DAYS
    assert home <= set(found)
    assert len(found) == len(set(found)) == 2 * DAYS


@pytest.mark.parametrize("of", ALL, ids=lambda of: of.plan)
def test_every_copy_has_the_tier_of_its_own_rule(seen: dict[str, Seen], of: Protected) -> None:
    # GIVEN plans whose rules keep their copies for different times
    # WHEN the sites' machines have run
    found = {
        (
            copy["SnapshotIdentifier"].removeprefix(f"{of.identifier}-").split("-")[0],
            copy["ManualSnapshotRetentionPeriod"],
        )
        for copy in seen[of.plan].manual
    }
    # THEN each copy has what its own plan's rule says, and automated ones what its plan says
    assert found == {(name.lower(), days) for name, days in of.rules.items()}
    assert seen[of.plan].status["RetentionPeriod"] == of.automated


@pytest.mark.parametrize("of", ALL, ids=lambda of: of.plan)
def test_every_copy_lies_under_the_key_of_its_own_site(
    seen: dict[str, Seen], keys: dict[str, str], of: Protected
) -> None:
    # GIVEN two sites in one Region, each with a grant and a key
    assert len(set(keys.values())) == 2
    here = seen[of.plan]
    # WHEN the copies are read back
    found = {copy["KmsKeyId"] for copy in (*here.manual, *here.automated)}
    # THEN they lie under the key of their environment's site, and under no other
    grant = here.status["SnapshotCopyGrantName"]
    assert found == {keys[grant]}
    assert (grant == seen[SALES.plan].status["SnapshotCopyGrantName"]) == (of.environment == "Prod")


@pytest.mark.parametrize("of", ALL, ids=lambda of: of.plan)
def test_every_plan_has_its_own_record_in_both_regions(seen: dict[str, Seen], of: Protected) -> None:
    # GIVEN plans with default names
    # WHEN the record is read in either Region
    for record in seen[of.plan].records:
        # THEN it tells of this cluster, its site and its rules
        assert (record["cluster"]["identifier"], record["cluster"]["region"]) == (of.identifier, of.region)
        assert record["recovery"]["snapshot_copy_grant_name"] == seen[of.plan].status["SnapshotCopyGrantName"]
        assert {rule["rule"]: rule["keep_in_recovery_days"] for rule in record["rules"]} == {
            name.lower(): days for name, days in of.rules.items()
        }


def test_one_environment_goes_and_the_other_stays(
    aws: EmulatedAws, seen: dict[str, Seen], keys: dict[str, str], without_trial: list[str]
) -> None:
    # GIVEN two environments in one account
    # WHEN both stacks of one are destroyed
    assert not [name for name in without_trial if name.startswith("Trial")]
    assert [name for name in without_trial if name.startswith("Prod")]
    # THEN every copy of both is still there, each cluster goes on copying, and the grants stay
    left = {
        copy["SnapshotIdentifier"]
        for name in ("sales", "sales-trial")
        for copy in snapshots(aws, RECOVERY, cluster=name)
    }
    before = {copy["SnapshotIdentifier"] for each in seen.values() for copy in (*each.manual, *each.automated)}
    assert before <= left
    assert {of.plan: copy_status(aws, of.identifier, of.region) for of in ALL} == {
        plan: each.status for plan, each in seen.items()
    }
    assert grants(aws) == keys
