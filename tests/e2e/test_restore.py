"""The way back when the primary Region is lost, with the deployed machine and IAM enforced; and the odd cases of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from resilient_redshift.contract import names
from resilient_redshift.contract.endpoint_events import ENDPOINT_PUBLISHED
from tests.e2e.pages import events_of
from tests.e2e.restore_site import ADMIN, DNS_NAME, HOME, LATEST, LATEST_ORDER, PLAN, THERE
from tests.e2e.scene import CLUSTER, ELSEWHERE, PRIMARY, RECOVERY, snapshots

if TYPE_CHECKING:
    from tests.e2e.restore_site import RestoreSite

MINUTE = dt.timedelta(minutes=1)
MOST_OVERHEAD = 60  # seconds of our own beyond Redshift's restore, Lambda's cold start among them
COLD_START = dt.timedelta(seconds=2)


@dataclasses.dataclass(frozen=True)
class Dark:
    """What was seen when the Region went dark, and after the failover."""

    rows: int
    late: str
    copies: list[dict[str, Any]]
    report: dict[str, Any]
    began: dt.datetime
    first_call: dt.datetime
    restored_rows: int
    cluster: dict[str, Any]
    logging: dict[str, Any]
    told: list[tuple[str, dict[str, Any]]]
    kept: dict[str, Any]
    record: dict[str, Any] | None
    endpoint: dict[str, Any]
    events: list[dict[str, Any]]
    lineage: str
    ended: dt.datetime

    @property
    def available_since(self) -> str:
        """Since when the cluster is available, by its tag."""
        return next(str(tag["Value"]) for tag in self.cluster["Tags"] if tag["Key"] == names.TAG_AVAILABLE_SINCE)


@pytest.fixture(scope="module")
def dark(restore_site: RestoreSite) -> Dark:
    """Seven rows are copied, five more are on their way when the Region goes dark; the machine is started."""
    site, aws = restore_site, restore_site.aws
    with site.left_as_found(), site.at_full_length():
        site.write(7)
        site.snapshot("copied")
        rows = site.rows(CLUSTER, PRIMARY)
        site.write(5)
        late = site.snapshot("on-its-way", copied=False)
        aws.advance(8 * MINUTE)
        aws.region_down(PRIMARY)
        copies, began = snapshots(aws, RECOVERY), aws.now()
        site.told()
        since, sent = site.mark(), len(aws.events())
        report = site.run("failover", copy_to={"region": ELSEWHERE, "keep_automated_days": 3}, reason="dark")
        return Dark(
            rows=rows,
            late=late,
            copies=copies,
            report=report,
            began=began,
            first_call=site.calls(since)[0]["at"],
            restored_rows=site.rows(),
            cluster=site.clusters()[CLUSTER],
            logging=site.there.describe_logging_status(ClusterIdentifier=CLUSTER),
            told=site.told(),
            kept=site.kept(report["execution"]),
            record=site.record(),
            endpoint=site.parameter(names.ENDPOINT_FOLDER),
            events=events_of(aws, ENDPOINT_PUBLISHED, sent),
            lineage=site.parameter(names.LINEAGE_FOLDER),
            ended=aws.now(),
        )


def test_a_region_lost_during_a_copy_costs_only_what_was_not_copied(dark: Dark) -> None:
    # GIVEN a copy that is on its way, and the newest one that has arrived
    assert {each["Status"] for each in dark.copies if each["SnapshotIdentifier"] == dark.late} == {"creating"}
    arrived = [each for each in dark.copies if each["Status"] == "available"]
    # WHEN the Region is lost and the machine runs
    assert dark.report["outcome"] == "Restored", dark.report
    # THEN the newest that has arrived is restored, with the rows of its moment
    assert dark.report["snapshot"]["identifier"] == arrived[-1]["SnapshotIdentifier"]
    assert dark.restored_rows == dark.rows


def test_the_report_states_recovery_point_and_time(dark: Dark) -> None:
    # GIVEN the moments of the snapshot and of the start
    created = next(
        e["SnapshotCreateTime"] for e in dark.copies if e["SnapshotIdentifier"] == dark.report["snapshot"]["identifier"]
    )
    # WHEN it is restored THEN the report states how much is lost, how long it took, and how much of that is ours
    assert dark.report["recovery_point_seconds"] == int((dark.began - created).total_seconds())
    assert dark.report["recovery_time_seconds"] == dark.report["restore_seconds"] + dark.report["overhead_seconds"]
    assert dark.report["restore_seconds"] >= 13 * 60
    assert dark.first_call - dark.began >= COLD_START
    assert dark.report["overhead_seconds"] <= MOST_OVERHEAD


def test_what_a_snapshot_does_not_carry_is_brought_back(restore_site: RestoreSite, dark: Dark) -> None:
    # GIVEN a plan with a role, audit logs and a schedule WHEN it is restored, with a copy to a third Region
    cluster = dark.cluster
    # THEN all of that stands
    assert {tag["Key"]: tag["Value"] for tag in cluster["Tags"]} == {
        names.TAG_PLAN: PLAN,
        names.TAG_EXECUTION: dark.report["execution"],
        names.TAG_RESTORED_FROM: dark.report["snapshot"]["identifier"],
        names.TAG_AVAILABLE_SINCE: dark.available_since,
    }
    assert dark.began < dt.datetime.fromisoformat(dark.available_since) < dark.ended
    assert dark.logging["LoggingEnabled"]
    assert set(dark.logging["LogExports"]) == {"connectionlog", "userlog"}
    copy = cluster["ClusterSnapshotCopyStatus"]
    assert (copy["DestinationRegion"], copy["RetentionPeriod"]) == (ELSEWHERE, 3)
    assert cluster["SnapshotScheduleIdentifier"]
    assert [each["IamRoleArn"] for each in cluster["IamRoles"]] == [restore_site.role]
    home = restore_site.home.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0]
    assert cluster["AutomatedSnapshotRetentionPeriod"] == home["AutomatedSnapshotRetentionPeriod"]
    assert cluster["NumberOfNodes"] == 4
    assert (cluster["Encrypted"], cluster["PubliclyAccessible"]) == (True, False)
    assert cluster["MasterPasswordSecretArn"]


def test_everybody_is_told_where_it_is(dark: Dark) -> None:
    # GIVEN a topic, a bucket, a parameter and a DNS record
    # WHEN it is restored
    endpoint = dark.cluster["Endpoint"]["Address"]
    # THEN each of them says so, and the report is the same everywhere
    assert [subject for subject, _ in dark.told] == [f"Restored: failover of {PLAN}"]
    report = {name: value for name, value in dark.report.items() if name != "status"}
    assert dark.told[0][1] == report == dark.kept
    assert (dark.endpoint["cluster"], dark.endpoint["endpoint"]) == (CLUSTER, endpoint)
    assert dark.endpoint["secret_arn"] == dark.cluster["MasterPasswordSecretArn"]
    assert dark.record is not None
    assert (dark.record["Name"].rstrip("."), dark.record["Type"]) == (DNS_NAME, "CNAME")
    assert dark.record["ResourceRecords"] == [{"Value": endpoint}]
    assert dark.lineage == dark.report["snapshot"]["lineage"]
    assert [(event["verified"], event["endpoint"]) for event in dark.events] == [(False, endpoint), (True, endpoint)]


# the odd cases


def test_a_shortage_in_one_zone_is_gone_round(site: RestoreSite) -> None:
    # GIVEN no capacity in the Zone that Redshift takes by itself
    site.aws.faults("no_capacity", zones=[f"{RECOVERY}a"])
    # WHEN a failover runs
    report = site.run("failover")
    # THEN it stands in another Zone, and each attempt is in the report
    assert report["outcome"] == "Restored", report["message"]
    assert site.clusters()[CLUSTER]["AvailabilityZone"] == f"{RECOVERY}b"
    assert [("error" in each) for each in report["attempts"]] == [True, True, False]


def test_a_shortage_of_large_clusters_gives_a_smaller_one(site: RestoreSite) -> None:
    # GIVEN no capacity for more than two nodes anywhere
    site.aws.faults("no_capacity", more_nodes_than=2)
    # WHEN a failover runs
    report = site.run("failover")
    # THEN it is restored into a smaller legal configuration, and says so
    assert report["outcome"] == "Restored", report["message"]
    assert site.clusters()[CLUSTER]["NumberOfNodes"] == 2
    assert [each for each in report["warnings"] if "restored smaller" in each]


def test_a_shortage_that_passes_is_waited_for(site: RestoreSite) -> None:
    # GIVEN no capacity at all for twelve minutes
    site.aws.faults("no_capacity", seconds=720)
    # WHEN a failover runs THEN it tries again until there is some
    report = site.run("failover")
    assert report["outcome"] == "Restored", report["message"]
    assert "error" in report["attempts"][0]
    assert 720 < report["recovery_time_seconds"] < 720 + 600


def test_throttling_in_the_midst_of_a_restore_is_survived(site: RestoreSite) -> None:
    # GIVEN a restore under way
    site.aws.hold_time(True)
    run, since = site.start("failover"), site.mark()
    site.aws.advance(MINUTE)
    # WHEN every call is throttled for minutes
    site.aws.faults("fail_for", 240, ["DescribeClusters", "ExecuteStatement", "EnableLogging"], "Throttling")
    site.aws.settle()
    # THEN it goes on
    report = site.ended(run)
    assert report["outcome"] == "Restored", report["message"]
    assert [call["error"] for call in site.calls(since)].count("Throttling") > 0


def test_without_any_snapshot_nothing_is_made(restore_site: RestoreSite) -> None:
    # GIVEN a plan whose first copy has not arrived WHEN a failover runs THEN it says that there is nothing
    assert restore_site.first_failover["outcome"] == "NoRecoveryPoint"
    assert "no usable snapshot" in restore_site.first_failover["message"]


def test_without_a_snapshot_young_enough_nothing_is_made(site: RestoreSite) -> None:
    # GIVEN snapshots, all of them older than what the operator accepts
    report = site.run("failover", not_before=f"{site.aws.now():%Y-%m-%dT%H:%M:%SZ}")
    # THEN each is named with why not
    assert report["outcome"] == "NoRecoveryPoint"
    assert "which is before" in report["message"]
    assert report["candidates"]
    assert site.clusters() == {}


def test_a_snapshot_deleted_between_find_and_restore_gives_the_next_older(site: RestoreSite) -> None:
    # GIVEN a restore that must wait a moment after it has found the newest snapshot
    older, doomed = site.snapshot("older"), site.snapshot("doomed")
    site.aws.hold_time(True)
    site.aws.faults("fail_next", "RestoreFromClusterSnapshot", "Throttling", times=2)
    run = site.start("failover")
    # WHEN somebody deletes that snapshot meanwhile
    site.there.delete_cluster_snapshot(SnapshotIdentifier=doomed)
    site.aws.settle()
    # THEN the next older one is restored
    report = site.ended(run)
    assert (report["outcome"], report["snapshot"]["identifier"]) == ("Restored", older)


def test_a_namesake_from_another_region_is_never_taken(site: RestoreSite) -> None:
    # GIVEN a cluster of the same name in a third Region, whose younger snapshot is copied here
    there = site.aws.client("redshift", ELSEWHERE)
    there.create_cluster(
        ClusterIdentifier=CLUSTER, NodeType="ra3.large", MasterUsername="other", ManageMasterPassword=True
    )
    site.aws.advance(10 * MINUTE)
    there.enable_snapshot_copy(ClusterIdentifier=CLUSTER, DestinationRegion=RECOVERY)
    namesake = f"namesake-{site.aws.now():%d%H%M}"
    there.create_cluster_snapshot(SnapshotIdentifier=namesake, ClusterIdentifier=CLUSTER)
    site.aws.advance(50 * MINUTE)
    assert namesake in {each["SnapshotIdentifier"] for each in snapshots(site.aws, RECOVERY)}
    # WHEN a failover runs, and one is told to take just that one
    report, told = site.run("failover"), site.run("failover", target="restored-it", snapshot=namesake)
    # THEN ours comes back, and the other's does not
    assert (report["outcome"], report["snapshot"]["source_region"]) == ("Restored", PRIMARY)
    assert told["outcome"] == "NoRecoveryPoint"
    assert list(site.clusters()) == [CLUSTER]


def test_a_target_that_exists_is_not_touched(site: RestoreSite) -> None:
    # GIVEN somebody's cluster under the name
    site.there.create_cluster(
        ClusterIdentifier=CLUSTER, NodeType="ra3.large", MasterUsername="other", ManageMasterPassword=True
    )
    site.aws.advance(10 * MINUTE)
    before, since = site.clusters()[CLUSTER], site.mark()
    # WHEN a failover runs
    report = site.run("failover")
    # THEN it says so and touches nothing; under another name it works
    assert report["outcome"] == "TargetExists"
    assert [call for call in site.calls(since) if call["mutating"] and call["service"] == "redshift"] == []
    assert site.clusters()[CLUSTER] == before
    assert site.run("failover", target="restored-beside")["outcome"] == "Restored"
    assert site.clusters()[CLUSTER] == before


def test_a_cluster_that_does_not_answer_as_expected_stays_and_is_told(site: RestoreSite) -> None:
    # GIVEN a snapshot whose latest orders are missing
    site.aws.model("given_content", PRIMARY, CLUSTER, answers={LATEST_ORDER: "2026-01-01"})
    bad = site.snapshot("bad", copied=False)
    site.aws.model("given_content", PRIMARY, CLUSTER, answers={LATEST_ORDER: LATEST})
    site.aws.advance(50 * MINUTE)
    site.told()
    # WHEN it is restored
    report = site.run("failover", snapshot=bad)
    for client in (site.home, site.there):
        client.delete_cluster_snapshot(SnapshotIdentifier=bad)
    # THEN the run fails with what was expected and what came, and the cluster stands
    assert (report["status"], report["outcome"]) == ("FAILED", "RestoredUnverified")
    assert [(each["name"], each.get("got")) for each in report["checks"] if not each["passed"]] == [
        ("latest", "2026-01-01")
    ]
    assert [subject for subject, _ in site.told()] == [f"RestoredUnverified: failover of {PLAN}"]
    assert site.clusters()[CLUSTER]["MasterUsername"] == ADMIN


def test_a_cluster_that_failed_is_replaced_by_another_one(site: RestoreSite) -> None:
    # GIVEN a restore that Redshift accepts, and that then fails
    site.aws.faults("next_restores", "incompatible-restore")
    since = site.mark()
    # WHEN a failover runs
    report = site.run("failover")
    # THEN it deletes the failed cluster, which was never available, and restores in another way
    assert report["outcome"] == "Restored", report
    assert ["incompatible-restore" in each.get("error", "") for each in report["attempts"]] == [False, True, False]
    changes = [
        call for call in site.calls(since) if call["operation"] in {"DeleteCluster", "RestoreFromClusterSnapshot"}
    ]
    assert [(call["operation"], call["params"]["ClusterIdentifier"]) for call in changes if not call["error"]] == [
        ("RestoreFromClusterSnapshot", CLUSTER),
        ("DeleteCluster", CLUSTER),
        ("RestoreFromClusterSnapshot", CLUSTER),
    ]
    assert site.clusters()[CLUSTER]["ClusterStatus"] == "available"


@pytest.mark.parametrize("lost", [None, names.TAG_EXECUTION])
def test_the_functions_role_cannot_delete_a_cluster_that_was_available(site: RestoreSite, lost: str | None) -> None:
    # GIVEN a restored cluster with its tags, or one that somebody took the run's name from
    assert site.run("failover")["outcome"] == "Restored"
    if lost:
        arn = f"arn:aws:redshift:{RECOVERY}:{site.aws.account}:cluster:{CLUSTER}"
        site.there.delete_tags(ResourceName=arn, TagKeys=[lost, names.TAG_AVAILABLE_SINCE])
    # WHEN somebody deletes it with the function's role
    with pytest.raises(ClientError) as refused:
        site.as_function("redshift").delete_cluster(ClusterIdentifier=CLUSTER, SkipFinalClusterSnapshot=True)
    # THEN IAM denies it
    assert "explicit deny" in str(refused.value)
    assert site.clusters()[CLUSTER]["ClusterStatus"] == "available"


@pytest.mark.parametrize("names", [("a-", "b-"), ("b-", "a-")])
def test_of_two_starts_at_once_one_restores(site: RestoreSite, names: tuple[str, str]) -> None:
    # GIVEN two operators WHEN both start a failover in the same millisecond, whatever their runs are called
    site.aws.hold_time(True)
    since = site.mark()
    runs = [site.start("failover", first=name) for name in names]
    site.aws.settle()
    # THEN one restores, and the other names it
    reports = sorted((site.ended(run) for run in runs), key=lambda report: report["outcome"], reverse=True)
    assert [report["outcome"] for report in reports] == ["Restored", "AlreadyRunning"]
    assert reports[0]["execution"] in reports[1]["message"]
    restored = [c for c in site.calls(since) if c["operation"] == "RestoreFromClusterSnapshot" and not c["error"]]
    assert len(restored) == 1
    assert list(site.clusters()) == [CLUSTER]


def test_a_recovery_region_that_is_lost_while_it_waits_is_waited_for(site: RestoreSite) -> None:
    # GIVEN a restore under way
    site.aws.hold_time(True)
    run = site.start("failover")
    site.aws.advance(MINUTE)
    # WHEN the recovery Region does not answer for half an hour
    site.aws.region_down(RECOVERY)
    site.aws.advance(30 * MINUTE)
    site.aws.region_up(RECOVERY)
    site.aws.settle()
    # THEN the run goes on
    report = site.ended(run)
    assert report["outcome"] == "Restored", report["message"]


def called_by_arc(site: RestoreSite, stack: str, region: str) -> dict[str, Any]:
    """The answer of the function of the step for ARC Region switch."""
    name = site.thing(stack, "AWS::Lambda::Function", "RegionSwitch")
    event = {"InvokedBy": "arc-region-switch", "ExecutionId": "e2e/1", "StepName": "Redshift"}
    done = site.aws.client("lambda", region).invoke(FunctionName=name, Payload=json.dumps(event))
    answer: dict[str, Any] = json.loads(done["Payload"].read())
    return answer


def test_arc_region_switch_fails_over_the_plans_of_a_site(site: RestoreSite) -> None:
    # GIVEN a lost Region WHEN ARC calls the function of the recovery Region once a minute
    site.aws.region_down(PRIMARY)
    answers = [called_by_arc(site, THERE, RECOVERY)]
    while "errorMessage" in answers[-1]:
        assert len(answers) < 30, answers[-1]
        site.aws.advance(MINUTE)
        answers.append(called_by_arc(site, THERE, RECOVERY))
    # THEN it raises until the one run that it started has restored the warehouse
    assert answers[-1] == {"outcome": "Restored", "plans": [PLAN]}
    assert "0 of 1 plans are restored" in answers[0]["errorMessage"]
    assert CLUSTER in site.clusters()


def test_arc_region_switch_fails_at_once_without_a_way_home(site: RestoreSite) -> None:
    assert f"no way home is prepared for {PLAN}" in called_by_arc(site, HOME, PRIMARY)["errorMessage"]
