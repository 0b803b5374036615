"""The names that releases share: frozen, the same everywhere, and never another's."""

from __future__ import annotations

import re

from resilient_redshift.contract import names


def test_tags_and_metrics_are_frozen() -> None:
    # GIVEN names that live in accounts WHEN read THEN they are what they always were
    frozen = {name: value for name, value in vars(names).items() if name.startswith(("TAG_", "METRIC_", "DIMENSION_"))}
    expected = {
        "TAG_PLAN": "resilient-redshift:plan",
        "TAG_RULE": "resilient-redshift:rule",
        "TAG_KEEP_IN_RECOVERY": "resilient-redshift:keep-in-recovery",
        "TAG_TIER_APPLIED": "resilient-redshift:tier-applied",
        "TAG_COPY_OWNER": "resilient-redshift:copy-owner",
        "TAG_COPY_FORMER": "resilient-redshift:copy-former",
        "METRIC_NAMESPACE": "ResilientRedshift",
        "METRIC_SNAPSHOT_TAKEN": "ManualSnapshotTaken",
        "METRIC_SNAPSHOT_SKIPPED": "ManualSnapshotSkipped",
        "METRIC_SNAPSHOT_FAILED": "ManualSnapshotFailed",
        "METRIC_SNAPSHOT_MINUTES": "ManualSnapshotMinutes",
        "METRIC_SNAPSHOT_SIZE": "ManualSnapshotSize",
        "METRIC_TIERS_APPLIED": "TiersApplied",
        "METRIC_COPIES_TIERED": "CopiesTiered",
        "METRIC_COPIES_RAISED": "CopiesRaised",
        "METRIC_COPIES_IN_DOUBT": "CopiesInDoubt",
        "METRIC_COPIES_FAILED": "CopiesFailed",
        "TAG_RESTORED_FROM": "resilient-redshift:restored-from",
        "TAG_DRILL": "resilient-redshift:drill",
        "TAG_FROZEN_FROM": "resilient-redshift:frozen-from",
        "TAG_FENCE": "resilient-redshift:fence",
        "METRIC_DRILL_AGE": "DrillAge",
        "METRIC_DRILL_FAILED": "DrillFailed",
        "METRIC_DRILL_RECOVERY_TIME": "DrillRecoveryTime",
        "METRIC_DRILL_RECOVERY_POINT": "DrillRecoveryPoint",
        "METRIC_DRILLS_INCONCLUSIVE": "DrillsInconclusive",
        "METRIC_DRILL_LEFT_BEHIND": "DrillLeftBehind",
        "METRIC_DRILL_CHECK_FAILED": "DrillCheckFailed",
        "METRIC_RTO_MISSED": "RtoMissed",
        "DIMENSION_CLUSTER": "ClusterIdentifier",
        "DIMENSION_RULE": "Rule",
        "DIMENSION_PLAN": "Plan",
        "DIMENSION_CHECK": "Check",
        "DIMENSION_OUTCOME": "Outcome",
    }
    assert {name: frozen[name] for name in expected} == expected


def test_a_drills_clusters_are_named_after_plan_and_region() -> None:
    # GIVEN plans whose names begin alike WHEN their drills' clusters are named THEN no prefix is another's
    prefixes = {names.drill_prefix(plan, region) for plan in ("sales", "sales-eu") for region in ("a", "b")}
    assert len(prefixes) == 4
    assert all(re.fullmatch(r"drill-[0-9a-f]{8}-", prefix) for prefix in prefixes)


def test_names_of_what_the_restore_machine_writes() -> None:
    assert names.lineage_name("sales") == "/resilient-redshift/lineages/sales"
    assert names.endpoint_name("sales") == "/resilient-redshift/endpoints/sales"
    assert names.drills_name("sales") == "/resilient-redshift/drills/sales"
    assert names.report_key("sales", "drill-sales-1") == "resilient-redshift/sales/drill-sales-1.json"


def test_name_of_the_parameter_is_the_same_everywhere() -> None:
    # GIVEN a plan WHEN its parameter is named THEN nothing but the plan decides
    assert names.plan_record_name("sales-us-east-1") == "/resilient-redshift/plans/sales-us-east-1"
