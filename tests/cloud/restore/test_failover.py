"""A failover that works: what it asks Redshift for, what it brings back, tags, publishes and reports."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names, schemas
from tests.cloud.restore.record import (
    AWAY,
    CLUSTER,
    DNS_NAME,
    ENDPOINTS,
    HOME,
    LINEAGES,
    NODE_TYPE,
    NODES,
    NOW,
    PARAMETER_GROUP,
    PLAN,
    POINT,
    ROLE,
    SCHEDULE,
    SECURITY_GROUP,
    SUBNET_GROUP,
    TIME,
    ZONE_ID,
    a_record,
)
from tests.cloud.restore.world import RestoreWorld


def test_the_record_of_these_tests_is_one() -> None:
    world = RestoreWorld()
    jsonschema.validate(a_record(world.key), schemas.PLAN_RECORD_SCHEMA)


def test_a_failover_restores_the_newest_into_the_sites_network() -> None:
    # GIVEN two recovery points, and a primary Region that is gone WHEN somebody fails over
    world = RestoreWorld()
    world.copied(age_hours=9)
    newest = world.copied(age_hours=1)
    world.model.region_down(HOME)
    run = world.failover()
    # THEN the newest was restored under the cluster's own name, with all that a snapshot does not carry
    assert run.outcome == "Restored", run.cause
    [asked] = world.asked("RestoreFromClusterSnapshot")
    expected = {
        "ClusterIdentifier": CLUSTER,
        "SnapshotIdentifier": newest.identifier,
        "ClusterSubnetGroupName": SUBNET_GROUP,
        "VpcSecurityGroupIds": [SECURITY_GROUP],
        "ClusterParameterGroupName": PARAMETER_GROUP,
        "IamRoles": [ROLE],
        "KmsKeyId": world.key,
        "Encrypted": True,
        "PubliclyAccessible": False,
        "ManageMasterPassword": True,
        "Port": 5439,
        "AutomatedSnapshotRetentionPeriod": 8,
        "SnapshotScheduleIdentifier": SCHEDULE,
    }
    assert {name: asked.get(name) for name in expected} == expected
    assert asked.keys() - expected.keys() <= {"SnapshotClusterIdentifier", "EnhancedVpcRouting"}
    assert "AvailabilityZone" not in asked  # AWS chooses first
    cluster = world.cluster()
    assert cluster.status == "available"
    assert cluster.tags == {
        names.TAG_PLAN: PLAN,
        names.TAG_EXECUTION: run.name,
        names.TAG_RESTORED_FROM: newest.identifier,
        names.TAG_AVAILABLE_SINCE: iso(NOW + dt.timedelta(seconds=60)),
    }
    assert world.model.world.logging[(AWAY, CLUSTER)]["LogExports"] == ["connectionlog", "userlog"]
    assert world.model.copy_of(AWAY, CLUSTER) is None


def test_the_report_says_what_was_restored_and_how_long_it_took() -> None:
    # GIVEN a snapshot of an hour, and a restore of 13 minutes WHEN somebody fails over
    world = RestoreWorld(restore_seconds=780)
    newest = world.copied(age_hours=1)
    run = world.failover()
    report = world.report(run)
    # THEN the report says it in the contract's words
    assert report["objectives"] == {"recovery_point_seconds": POINT, "recovery_time_seconds": TIME}
    assert report["recovery_point_seconds"] == 3600
    assert 780 <= report["restore_seconds"] <= 800
    # AND our own part of the time is a minute at most
    assert 0 <= report["overhead_seconds"] <= 60
    assert "refused_seconds" not in report
    assert report["snapshot"] == {
        "identifier": newest.identifier,
        "type": "automated",
        "created": iso(newest.create_time),
        "source_region": HOME,
        "lineage": iso(world.home.create_time),
        "size_megabytes": newest.size_megabytes,
    }
    cluster = report["cluster"]
    assert (cluster["identifier"], cluster["port"], cluster["database"]) == (CLUSTER, 5439, "dev")
    assert cluster["endpoint"].startswith(f"{CLUSTER}.")
    assert cluster["admin_user"] == world.home.master_username
    assert cluster["secret_arn"].startswith("arn:aws:secretsmanager:")
    assert (cluster["node_type"], cluster["number_of_nodes"]) == (NODE_TYPE, NODES)
    assert {check["name"] for check in report["checks"]} >= {"answers", "tables", "size"}
    assert all(check["passed"] for check in report["checks"])
    assert [attempt for attempt in report["attempts"] if "error" in attempt] == []
    assert dt.datetime.fromisoformat(report["started"]) < dt.datetime.fromisoformat(report["ended"])


def test_it_warns_of_two_writers() -> None:
    # GIVEN that nobody asks the primary WHEN it is failed over THEN the report warns that it may still write
    world = RestoreWorld()
    world.copied()
    assert any("writ" in warning for warning in world.report(world.failover())["warnings"])


def test_the_endpoint_is_published_and_the_lineage_recorded() -> None:
    world = RestoreWorld()
    world.copied()
    run = world.failover()
    published = world.parameter(ENDPOINTS)
    jsonschema.validate(published, schemas.ENDPOINT_SCHEMA)
    cluster = world.report(run)["cluster"]
    assert published["cluster"] == CLUSTER
    assert {name: published[name] for name in ("endpoint", "port", "database", "admin_user", "secret_arn")} == {
        name: cluster[name] for name in ("endpoint", "port", "database", "admin_user", "secret_arn")
    }
    assert published["execution"] == run.name
    assert dt.datetime.fromisoformat(world.fakes.parameters[LINEAGES]) == world.home.create_time


def test_the_report_goes_to_the_topic_and_into_the_bucket() -> None:
    world = RestoreWorld()
    world.copied()
    run = world.failover()
    [message] = world.fakes.messages
    assert message["Subject"] == f"Restored: failover of {PLAN}"
    sent, kept = json.loads(message["Message"]), world.fakes.objects[names.report_key(PLAN, run.name)]
    for report in (sent, json.loads(kept)):
        assert report["cluster"] == world.report(run)["cluster"]


def test_a_site_without_topic_and_bucket_reports_in_the_output_alone() -> None:
    world = RestoreWorld(record={"recovery": {"notify_topic": None, "report_bucket": None}})
    world.copied()
    assert world.failover().outcome == "Restored"
    assert not world.asked("Publish")
    assert not world.asked("PutObject")


def test_the_least_record_is_enough() -> None:
    # GIVEN a record of issue 3's time: nothing of how to restore, no drill's own facts but the prefix WHEN failed over
    world = RestoreWorld(
        record={
            "restore": dict.fromkeys(("port", "iam_role_arns", "automated_days", "snapshot_schedule", "log_exports")),
            "recovery": {"notify_topic": None, "report_bucket": None},
            "drill": {"rehearsals": None, "longest_gap_seconds": None},
        }
    )
    world.copied()
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    [asked] = world.asked("RestoreFromClusterSnapshot")
    assert asked.keys().isdisjoint({"Port", "IamRoles", "SnapshotScheduleIdentifier", "NodeType", "MultiAZ"})
    assert not world.asked("EnableLogging")


def test_what_the_record_says_of_the_restored_cluster_is_passed() -> None:
    world = RestoreWorld(
        record={"restore": {"node_type": "ra3.xlplus", "number_of_nodes": 3, "multi_az": True, "port": 5440}}
    )
    world.copied()
    assert world.failover().outcome == "Restored"
    [asked] = world.asked("RestoreFromClusterSnapshot")
    assert (asked["NodeType"], asked["NumberOfNodes"], asked["MultiAZ"], asked["Port"]) == ("ra3.xlplus", 3, True, 5440)


def test_what_the_snapshots_cluster_had_is_brought_back() -> None:
    # GIVEN a record that names the default role, the maintenance track, the catalog and the IdC application
    wanted = {
        "default_iam_role_arn": ROLE,
        "maintenance_track_name": "trailing",
        "catalog_name": "sales-catalog",
        "redshift_idc_application_arn": "arn:aws:redshift:us-west-2:111122223333:redshiftidcapplication:x",
    }
    world = RestoreWorld(record={"restore": wanted})
    world.copied()
    # WHEN failed over THEN the restore asks for all of them
    world.failover()
    [asked] = world.asked("RestoreFromClusterSnapshot")
    names_of = ("DefaultIamRoleArn", "MaintenanceTrackName", "CatalogName", "RedshiftIdcApplicationArn")
    assert [asked[name] for name in names_of] == list(wanted.values())


def test_a_record_without_them_asks_for_none_of_them() -> None:
    # GIVEN a record of a former release WHEN failed over THEN the restore names none of them
    world = RestoreWorld()
    world.copied()
    assert world.failover().outcome == "Restored"
    [asked] = world.asked("RestoreFromClusterSnapshot")
    assert not asked.keys() & {"DefaultIamRoleArn", "MaintenanceTrackName", "CatalogName", "RedshiftIdcApplicationArn"}


def test_the_mark_of_an_available_cluster_comes_before_all_else_that_changes_it() -> None:
    # GIVEN a failover WHEN its cluster is available THEN the mark comes first, because a failed cluster without it may go
    world = RestoreWorld()
    world.copied()
    run = world.failover(copy_to={"region": "eu-west-1"})
    changes = [c for c in world.calls if c.operation in {"CreateTags", "EnableLogging", "EnableSnapshotCopy"}]
    marks = [n for n, c in enumerate(changes) if names.TAG_AVAILABLE_SINCE in str(c.params)]
    assert [c.operation for c in changes[marks[0] :]] == ["CreateTags", "EnableLogging", "EnableSnapshotCopy"]
    assert world.cluster().tags[names.TAG_AVAILABLE_SINCE] == iso(NOW + dt.timedelta(seconds=60)), run.cause


def test_a_drills_cluster_gets_no_mark() -> None:
    # GIVEN a drill WHEN its cluster is available THEN nobody marks it: a drill deletes it at once
    world = RestoreWorld()
    world.copied()
    assert world.drill().outcome == "Passed"
    assert not [asked for asked in world.asked("CreateTags") if names.TAG_AVAILABLE_SINCE in str(asked)]


def test_the_input_may_say_another_size() -> None:
    world = RestoreWorld(record={"restore": {"node_type": "ra3.xlplus", "number_of_nodes": 3}})
    world.copied()
    report = world.report(world.failover(node_type="ra3.large", number_of_nodes=8))
    assert (report["cluster"]["node_type"], report["cluster"]["number_of_nodes"]) == ("ra3.large", 8)


def test_the_input_may_say_another_name() -> None:
    # GIVEN a cluster of the usual name, somebody's WHEN it is restored beside it THEN both are there
    world = RestoreWorld()
    world.copied()
    theirs = world.model.given_cluster(AWAY, CLUSTER)
    run = world.failover(target="restored-sales")
    assert run.outcome == "Restored", run.cause
    assert world.clusters() == ["restored-sales", CLUSTER]
    assert world.cluster() is theirs
    assert not theirs.tags


def test_a_copy_is_switched_on_if_asked_for() -> None:
    # GIVEN a grant in a third Region WHEN the failover is asked to copy there THEN the restored cluster does
    world = RestoreWorld()
    world.copied()
    world.model.given_grant("eu-west-1", "third")
    copy_to = {
        "region": "eu-west-1",
        "snapshot_copy_grant_name": "third",
        "keep_automated_days": 5,
        "keep_manual_days": 90,
    }
    run = world.failover(copy_to=copy_to)
    assert run.outcome == "Restored", run.cause
    copy = world.model.copy_of(AWAY, CLUSTER)
    assert copy is not None
    assert (copy.destination_region, copy.grant_name) == ("eu-west-1", "third")
    assert (copy.retention_period, copy.manual_retention_period) == (5, 90)


def test_a_recorded_copy_is_switched_on_without_being_asked_for() -> None:
    # GIVEN a plan whose record says where the snapshots of the new cluster go
    world = RestoreWorld(record={"restore": {"copy_to": {"region": "eu-west-1", "keep_automated_days": 5}}})
    world.copied()
    # WHEN a failover brings the cluster back under its own name
    run = world.failover()
    # THEN its snapshots are copied there
    assert run.outcome == "Restored", run.cause
    copy = world.model.copy_of(AWAY, CLUSTER)
    assert copy is not None
    assert (copy.destination_region, copy.retention_period) == ("eu-west-1", 5)


def test_the_input_goes_before_a_recorded_copy() -> None:
    # GIVEN a recorded Region, and another one in the input WHEN a failover ends THEN snapshots go to the input's
    world = RestoreWorld(record={"restore": {"copy_to": {"region": "eu-west-1"}}})
    world.copied()
    assert world.failover(copy_to={"region": "eu-central-1"}).outcome == "Restored"
    copy = world.model.copy_of(AWAY, CLUSTER)
    assert copy is not None
    assert copy.destination_region == "eu-central-1"


@pytest.mark.parametrize("mode", ["beside", "drill"])
def test_a_recorded_copy_is_for_the_cluster_that_clients_use(mode: str) -> None:
    # GIVEN a recorded copy WHEN a cluster is restored to look at it THEN nothing of it is copied
    world = RestoreWorld(record={"restore": {"copy_to": {"region": "eu-west-1"}}})
    world.copied()
    run = world.drill() if mode == "drill" else world.failover(target="restored-sales")
    assert run.outcome in {"Restored", "Passed"}, run.cause
    assert not world.asked("EnableSnapshotCopy")


def test_a_copy_needs_only_its_region() -> None:
    world = RestoreWorld()
    world.copied()
    assert world.failover(copy_to={"region": "eu-west-1"}).outcome == "Restored"
    copy = world.model.copy_of(AWAY, CLUSTER)
    assert copy is not None
    assert (copy.destination_region, copy.grant_name) == ("eu-west-1", None)


def test_a_name_is_moved_if_the_record_has_one() -> None:
    dns = {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 30}
    world = RestoreWorld(record={"restore": {"dns": dns}})
    world.copied()
    report = world.report(world.failover())
    moved = world.fakes.names[DNS_NAME]
    assert (moved["Type"], moved["TTL"]) == ("CNAME", 30)
    assert moved["ResourceRecords"] == [{"Value": report["cluster"]["endpoint"]}]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("Publish", "NotFound"),
        ("Publish", "AuthorizationError"),
        ("PutObject", "NoSuchBucket"),
        ("PutObject", "AccessDenied"),
        ("ChangeResourceRecordSets", "NoSuchHostedZone"),
        ("ChangeResourceRecordSets", "AccessDenied"),
        ("EnableLogging", "AccessDenied"),
        ("EnableSnapshotCopy", "AccessDenied"),
        ("PutMetricData", "AccessDenied"),
    ],
)
def test_what_comes_after_the_restore_fails_no_failover(operation: str, code: str) -> None:
    # GIVEN something beside the restore that AWS refuses for good WHEN failed over THEN it is a warning, and no more
    world = RestoreWorld(
        record={"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}
    )
    world.copied()
    world.fail(operation, code, None, message="AWS says no")
    run = world.failover(copy_to={"region": "eu-west-1"})
    assert run.outcome == "Restored", run.cause
    report = world.report(run)
    if operation != "PutMetricData":  # a failover has no metric but RtoMissed
        assert any("AWS says no" in warning for warning in report["warnings"]), report["warnings"]
        assert world.asked(operation)
    assert world.parameter(ENDPOINTS)["cluster"] == CLUSTER


def test_users_checks_run_and_are_reported() -> None:
    # GIVEN checks of the plan, one of each type of value WHEN all are as expected THEN they passed
    wanted = [
        {"name": "rows", "sql": "select count(*) > 0 from orders", "expected": "true"},
        {"name": "count", "sql": "select count(*) from orders", "expected": "3"},
        {"name": "text", "sql": "select 'ab'", "expected": "ab"},
        {"name": "quotes", "sql": 'select max(d) from x -- it\'s "so"', "expected": "2026-11-24"},
    ]
    world = RestoreWorld(record={"checks": wanted})
    world.model.given_content(
        HOME, CLUSTER, {"public.orders": (3, 90_000)}, {'select max(d) from x -- it\'s "so"': "2026-11-24"}
    )
    content = world.model.content(HOME, CLUSTER)
    world.copied(content=content.copy())
    report = world.report(world.failover())
    assert report["outcome"] == "Restored", report
    own = {check["name"]: check for check in report["checks"]}
    for check in wanted:
        assert own[check["name"]] == {**check, "got": check["expected"], "passed": True}


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        ("false", "false"),
        ([[False]], "false"),
        ([[2, "true"]], "2"),
        ([[2.5]], "2.5"),
        ([[None]], None),
        ({"rows": []}, None),
        ({"error": 'ERROR: relation "x" does not exist'}, None),
        ("TRUE", "TRUE"),
    ],
    ids=str,
)
def test_a_failed_check_keeps_the_cluster_and_fails_the_run(answer: Any, got: str | None) -> None:
    # GIVEN a user's check that gives something else, nothing, or an error WHEN failed over
    sql = "select fresh from x"
    world = RestoreWorld(record={"checks": [{"name": "fresh", "sql": sql, "expected": "true"}]})
    world.model.given_content(HOME, CLUSTER, {"public.orders": (3, 90_000)}, {sql: answer})
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    run = world.failover()
    # THEN the run fails, says which check and what it got, and the cluster is kept, tagged, for the operator
    assert (run.status, run.outcome) == ("FAILED", "RestoredUnverified")
    report = world.report(run)
    [check] = [check for check in report["checks"] if check["name"] == "fresh"]
    assert not check["passed"]
    assert check.get("got") == got
    if isinstance(answer, dict) and "error" in answer:
        assert answer["error"] in check["error"]
    assert "fresh" in report["message"]
    assert world.cluster().status == "available"
    assert world.fakes.messages[-1]["Subject"] == f"RestoredUnverified: failover of {PLAN}"
    assert report["cluster"]["endpoint"]


@pytest.mark.parametrize(
    ("tables", "failed"),
    [
        ({}, {"tables", "size"}),
        ({"public.a": (5, 102_400 // 10 - 1)}, {"size"}),
        ({"public.a": (5, 102_400 // 10)}, set()),
    ],
    ids=["empty", "a block too small", "a tenth"],
)
def test_an_empty_or_far_too_small_cluster_is_unverified(tables: dict[str, Any], failed: set[str]) -> None:
    # GIVEN a snapshot of 100 GB that gives less than a tenth of it back WHEN failed over THEN the report says so
    world = RestoreWorld()
    world.model.given_content(HOME, CLUSTER, tables)
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    report = world.report(world.failover())
    assert {check["name"] for check in report["checks"] if not check["passed"]} == failed
    assert report["outcome"] == ("RestoredUnverified" if failed else "Restored")


def test_a_slow_statement_is_waited_for() -> None:
    sql = "select slow from x"
    world = RestoreWorld(record={"checks": [{"name": "slow", "sql": sql, "expected": "1"}]})
    world.model.given_content(HOME, CLUSTER, None, {sql: {"rows": [[1]], "seconds": 1500}})
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    assert world.failover().outcome == "Restored"


def test_a_statement_that_never_ends_is_given_up_after_half_an_hour() -> None:
    sql = "select slow from x"
    world = RestoreWorld(record={"checks": [{"name": "slow", "sql": sql, "expected": "1"}]})
    world.model.given_content(HOME, CLUSTER, None, {sql: {"rows": [[1]], "seconds": 90_000}})
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    run = world.failover()
    assert run.outcome == "RestoredUnverified"
    assert 1800 <= (world.clock.now() - NOW).total_seconds() <= 2100
