"""What is true in each failure, for templates of every shape."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift.planning import (
    DEFAULT_POLICY,
    ClusterEntry,
    ClusterMatcher,
    SynthesizedTemplate,
    Verdict,
    as_json,
    as_text,
    check,
    forecast,
    protection_tables,
    snapshot_policies,
)
from tests.planning.templates import cells, cluster, copy, row, rule, stack, table

HERE = "us-east-1"
THERE = "us-west-2"
LOST_NOTHING = "nothing lost"
NONE = ("none", "-", "-")
FAILURES = [
    "a node",
    "a Zone",
    "the Region",
    "the cluster deleted by mistake",
    "the stack deleted",
    "a bad load noticed after 1 d",
    "a bad load noticed after 7 d",
    "a bad load noticed after 30 d",
]


def test_each_failure_has_its_row() -> None:
    judgement = table(stack(Warehouse=cluster(ClusterIdentifier="sales")))

    assert [row.failure for row in judgement.rows] == FAILURES
    assert (judgement.cluster, judgement.stack, judgement.region) == ("sales", "Warehouse", HERE)


def test_other_delays_can_be_asked_for() -> None:
    judgement = table(stack(Warehouse=cluster()), noticed_after=[timedelta(days=2), timedelta(hours=36)])

    assert [row.failure for row in judgement.rows][5:] == [
        "a bad load noticed after 2 d",
        "a bad load noticed after 1 d 12 h",
    ]


class TestNode:
    @pytest.mark.parametrize(
        ("properties", "protection"),
        [
            ({}, "Redshift replaces the node; data is in managed storage"),
            ({"NodeType": "rg.large"}, "Redshift replaces the node; data is in managed storage"),
            ({"NodeType": "dc2.large"}, "Redshift replaces the node; data is mirrored on another node"),
            ({"NodeType": {"Ref": "Type"}}, "Redshift replaces the node; data is not on that node alone"),
            ({"NumberOfNodes": "2"}, "Redshift replaces the node; data is in managed storage"),
            ({"MultiAZ": True}, "Redshift replaces the node; the nodes in the other Zone continue"),
        ],
    )
    def test_of_several_loses_nothing(self, properties: dict[str, Any], protection: str) -> None:
        judgement = table(stack(Warehouse=cluster(**properties)))

        assert cells(judgement, "a node") == (protection, LOST_NOTHING, HERE)
        assert row(judgement, "a node").worst_loss == timedelta(0)

    @pytest.mark.parametrize(
        "properties", [{"ClusterType": "single-node", "NumberOfNodes": None}, {"NumberOfNodes": 1}]
    )
    def test_that_is_the_only_one_needs_a_snapshot(self, properties: dict[str, Any]) -> None:
        judgement = table(stack(Warehouse=cluster(**properties)))

        assert cells(judgement, "a node") == (
            "restore from the newest of the automated snapshots (kept 1 d)",
            "8 h",
            HERE,
        )
        assert "hardware-failure" in row(judgement, "a node").notes[0]

    def test_that_is_the_only_one_without_snapshots_is_not_protected(self) -> None:
        only = cluster(NodeType="dc2.large", NumberOfNodes=1, AutomatedSnapshotRetentionPeriod=0)

        assert cells(table(stack(Warehouse=only)), "a node") == NONE

    def test_of_an_unknown_number_is_unknown(self) -> None:
        judgement = table(stack(Warehouse=cluster(NumberOfNodes={"Ref": "Nodes"})))

        assert row(judgement, "a node").verdict is Verdict.UNKNOWN
        assert row(judgement, "a node").notes == ("the number of nodes: decided at deployment",)


class TestZone:
    def test_multi_az_loses_nothing(self) -> None:
        judgement = table(stack(Warehouse=cluster(MultiAZ="true", AvailabilityZoneRelocation=True)))

        assert cells(judgement, "a Zone") == ("Multi-AZ: the nodes in the other Zone continue", LOST_NOTHING, HERE)

    def test_relocation_loses_nothing_where_there_is_capacity(self) -> None:
        judgement = table(stack(Warehouse=cluster(AvailabilityZoneRelocation=True)))

        assert cells(judgement, "a Zone") == ("relocation to another Zone", LOST_NOTHING, HERE)
        assert "capacity" in row(judgement, "a Zone").notes[0]

    def test_relocation_does_not_exist_for_dc2(self) -> None:
        judgement = table(stack(Warehouse=cluster(NodeType="dc2.large", AvailabilityZoneRelocation=True)))

        assert row(judgement, "a Zone").worst_loss == timedelta(hours=8)
        assert row(judgement, "a Zone").notes == ("relocation is not counted: dc2.large does not support it",)

    def test_otherwise_a_snapshot_is_restored(self) -> None:
        judgement = table(stack(Warehouse=cluster()))

        protection = "restore in another Zone from the newest of the automated snapshots (kept 1 d)"
        assert cells(judgement, "a Zone") == (protection, "8 h", HERE)

    def test_a_rule_more_frequent_than_automated_snapshots_counts(self) -> None:
        often = rule(schedule="rate(2 hours)", keep=1, name="often")
        judgement = table(stack(Warehouse=cluster(), Often=often))

        assert row(judgement, "a Zone").worst_loss == timedelta(hours=2)
        assert "rule often (kept 1 d)" in row(judgement, "a Zone").protection

    def test_without_snapshots_there_is_none(self) -> None:
        judgement = table(stack(Warehouse=cluster(NodeType="dc2.large", AutomatedSnapshotRetentionPeriod=0)))

        assert cells(judgement, "a Zone") == NONE

    def test_what_deployment_decides_is_not_counted(self) -> None:
        judgement = table(stack(Warehouse=cluster(MultiAZ={"Fn::If": ["Prod", True, False]})))

        assert row(judgement, "a Zone").worst_loss == timedelta(hours=8)
        assert row(judgement, "a Zone").notes == ("Multi-AZ and relocation are not counted: decided at deployment",)


class TestRegion:
    def test_a_copy_protects_as_far_as_gap_and_copy_time(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy()))

        protection = "restore from the newest of the copied automated snapshots (kept 7 d)"
        assert cells(judgement, "the Region") == (protection, "9 h", THERE)
        assert row(judgement, "the Region").worst_loss == timedelta(hours=9)

    def test_the_expected_copy_time_is_the_readers(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy()), expected_copy_time=timedelta(minutes=90))

        assert row(judgement, "the Region").recovery_point == "9 h 30 min"

    def test_without_a_copy_there_is_none(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=rule()))

        assert cells(judgement, "the Region") == NONE
        assert row(judgement, "the Region").notes == ()

    def test_the_native_property_is_none_and_says_why(self) -> None:
        judgement = table(stack(Warehouse=cluster(DestinationRegion=THERE, SnapshotCopyRetentionPeriod=7)))

        assert cells(judgement, "the Region") == NONE
        assert "CloudFormation drops this property" in row(judgement, "the Region").notes[0]

    def test_an_unknown_destination_is_an_unknown_region(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy(region={"Ref": "RecoveryRegion"})))

        assert cells(judgement, "the Region")[1:] == ("9 h", "unknown Region")
        assert row(judgement, "the Region").verdict is Verdict.UNKNOWN

    def test_the_copy_of_a_stack_for_any_region_may_go_nowhere_else(self) -> None:
        judgement = table(stack("Warehouse", None, Warehouse=cluster(), Copy=copy()))

        assert row(judgement, "the Region").verdict is Verdict.UNKNOWN
        (note,) = row(judgement, "the Region").notes
        assert "goes to another Region than the cluster's is decided at deployment; give the stack a Region" in note

    def test_an_unknown_retention_of_copies_is_not_counted(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy(automated={"Ref": "Days"})))

        assert cells(judgement, "the Region") == NONE
        assert judgement.notes == (
            "copied automated snapshots are not counted: their retention is decided at deployment",
        )

    @pytest.mark.parametrize("region", [HERE, {"Ref": "AWS::Region"}])
    def test_a_copy_to_the_same_region_is_none(self, region: Any) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy(region=region)))

        assert cells(judgement, "the Region") == NONE
        assert "the cluster's own Region" in judgement.notes[0]

    @pytest.mark.parametrize("kind", ["Custom::EnableRedshiftSnapshotCopy", "Custom::RedshiftSnapshotCopy"])
    def test_a_foreign_copy_is_noted(self, kind: str) -> None:
        # the second has the name of our type, as AWS's MDAA has it, but not what only our resources have
        theirs = {"ClusterIdentifier": {"Ref": "Warehouse"}, "DestinationRegion": "us-west-2"}
        foreign = {"Type": kind, "Properties": theirs}
        judgement = table(stack(Warehouse=cluster(), Foreign=foreign))
        assert cells(judgement, "the Region") == NONE
        assert judgement.notes == (f"Foreign ({kind}) is not counted: a template does not show whether its copy is on",)

    def test_a_copy_of_expiring_manual_snapshots_only_is_none(self) -> None:
        # GIVEN weekly snapshots, gone a day later, and no automated ones
        only = cluster(NodeType="dc2.large", AutomatedSnapshotRetentionPeriod=0)
        weekly = rule(schedule="cron(0 3 ? * SUN *)", keep=1, name="weekly")

        judgement = table(stack(Warehouse=only, Weekly=weekly, Copy=copy()))

        # THEN most of the time there is nothing
        assert cells(judgement, "the Region") == NONE
        assert cells(judgement, "a Zone") == NONE
        assert (
            "manual snapshots of rule weekly expire after 1 d, before the next one exists (up to 7 d later)"
            in judgement.notes
        )

    def test_copied_manual_snapshots_live_as_long_as_copy_and_rule_both_allow(self) -> None:
        only = cluster(NodeType="dc2.large", AutomatedSnapshotRetentionPeriod=0)
        judgement = table(stack(Warehouse=only, Nightly=rule(keep=5, keep_in_recovery=90), Copy=copy(manual="30")))

        protection = "restore from the newest of the copied manual snapshots of rule nightly (kept 30 d)"
        assert cells(judgement, "the Region") == (protection, "1 d 1 h", THERE)


class TestClusterDeleted:
    def test_automated_snapshots_go_with_it(self) -> None:
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=35)))

        assert cells(judgement, "the cluster deleted by mistake") == NONE
        assert row(judgement, "the cluster deleted by mistake").notes == (
            "Redshift deletes automated snapshots with their cluster",
        )

    def test_manual_snapshots_stay(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=rule()))

        protection = "restore from the newest of the manual snapshots of rule nightly (kept 7 d)"
        assert cells(judgement, "the cluster deleted by mistake") == (protection, "1 d", HERE)

    def test_what_is_only_believed_to_stay_is_second(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=rule(), Copy=copy()))

        deleted = row(judgement, "the cluster deleted by mistake")
        assert (deleted.worst_loss, deleted.where) == (timedelta(days=1), HERE)
        assert deleted.notes == (
            "copied automated snapshots in us-west-2 may lose less (9 h); AWS does not document whether copied automated snapshots outlive their cluster",
        )

    def test_what_is_only_believed_to_stay_says_so(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy()))

        deleted = row(judgement, "the cluster deleted by mistake")
        assert (deleted.worst_loss, deleted.where) == (timedelta(hours=9), THERE)
        assert "AWS does not document" in deleted.notes[0]


class TestStackDeleted:
    @pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
    def test_a_retained_cluster_stays(self, policy: str) -> None:
        judgement = table(stack(Warehouse=cluster(policy)))

        assert cells(judgement, "the stack deleted") == (
            f"the cluster stays (DeletionPolicy {policy})",
            LOST_NOTHING,
            HERE,
        )

    def test_a_final_snapshot_loses_nothing(self) -> None:
        judgement = table(stack(Warehouse=cluster("Snapshot")))

        protection = "a final snapshot, kept for ever (DeletionPolicy Snapshot)"
        assert cells(judgement, "the stack deleted") == (protection, LOST_NOTHING, HERE)
        assert "the final snapshot's name" in row(judgement, "the stack deleted").notes[0]

    @pytest.mark.parametrize("policy", ["Delete", None])
    def test_otherwise_the_cluster_goes(self, policy: str | None) -> None:
        alone = table(stack(Warehouse=cluster(policy)))
        with_rule = table(stack(Warehouse=cluster(policy), Nightly=rule()))

        assert cells(alone, "the stack deleted") == NONE
        assert row(with_rule, "the stack deleted").worst_loss == timedelta(days=1)

    def test_an_intrinsic_policy_is_unknown(self) -> None:
        judgement = table(stack(Warehouse={**cluster(), "DeletionPolicy": {"Ref": "Policy"}}))

        assert row(judgement, "the stack deleted").verdict is Verdict.UNKNOWN


class TestBadLoad:
    def test_automated_snapshots_from_before_must_be_left(self) -> None:
        # GIVEN 7 days of automated snapshots
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=7)))

        # THEN after 7 days all that are left are younger than the load
        protection = "the automated snapshots (kept 7 d)"
        assert cells(judgement, "a bad load noticed after 1 d") == (protection, "8 h before the load", HERE)
        assert cells(judgement, "a bad load noticed after 7 d") == NONE
        assert "exist after 7 d" in row(judgement, "a bad load noticed after 7 d").notes[0]

    def test_one_more_day_of_retention_is_enough(self) -> None:
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=8)))

        assert row(judgement, "a bad load noticed after 7 d").verdict is Verdict.PROTECTED

    def test_monthly_snapshots_reach_further_back(self) -> None:
        monthly = rule(schedule="cron(0 4 1 * ? *)", keep=180, name="monthly")
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=14), Monthly=monthly))

        assert row(judgement, "a bad load noticed after 7 d").protection == "the automated snapshots (kept 14 d)"
        protection = "the manual snapshots of rule monthly (kept 180 d)"
        assert cells(judgement, "a bad load noticed after 30 d") == (protection, "31 d before the load", HERE)

    def test_monthly_snapshots_kept_two_months_do_not_reach_thirty_days_and_a_month_back(self) -> None:
        monthly = rule(schedule="cron(0 4 1 * ? *)", keep=60, name="monthly")
        judgement = table(stack(Warehouse=cluster(), Monthly=monthly))

        assert cells(judgement, "a bad load noticed after 30 d") == NONE

    def test_copies_that_live_longer_count(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy(automated="35")))

        protection = "the copied automated snapshots (kept 35 d)"
        assert cells(judgement, "a bad load noticed after 30 d") == (protection, "8 h before the load", THERE)

    def test_snapshots_kept_for_ever_always_count(self) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=rule(keep=-1)), noticed_after=[timedelta(days=5000)])

        assert judgement.rows[-1].protection == "the manual snapshots of rule nightly (kept for ever)"

    def test_an_unknown_retention_is_unknown(self) -> None:
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod={"Ref": "Days"})))

        assert row(judgement, "a bad load noticed after 1 d").verdict is Verdict.UNKNOWN
        assert row(judgement, "a Zone").verdict is Verdict.UNKNOWN
        assert judgement.notes == ("automated snapshots are not counted: decided at deployment",)


class TestRulesThatDoNotCount:
    @pytest.mark.parametrize(
        ("resource", "why"),
        [
            (rule(state="DISABLED"), "it is disabled"),
            (rule(state={"Ref": "State"}), "whether it is enabled is decided at deployment"),
            (rule(schedule="cron(0 3 * * ? 2026-2027)"), "its schedule ends"),
            (rule(keep={"Ref": "Days"}), "its schedule or its retention is decided at deployment"),
            # the rule sends its shortest gap, which says nothing about its longest one
            (rule(schedule={"Ref": "Schedule"}), "its schedule or its retention is decided at deployment"),
            (rule(keep=0), "Redshift has no such retention"),
            (rule(condition="Prod"), "it exists only where condition Prod holds"),
        ],
    )
    def test_say_why(self, resource: dict[str, Any], why: str) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=resource))

        assert cells(judgement, "the cluster deleted by mistake") == NONE
        assert len(judgement.notes) == 1
        assert why in judgement.notes[0]

    @pytest.mark.parametrize(
        "resource",
        [
            {
                "Type": "AWS::Events::Rule",
                "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Input": "{}"}]},
            },
            {
                "Type": "AWS::Events::Rule",
                "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Arn": "x"}]},
            },
            {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Input": "no { JSON"}]}},
            {"Type": "AWS::Events::Rule"},
        ],
    )
    def test_rules_for_something_else_are_not_ours(self, resource: dict[str, Any]) -> None:
        judgement = table(stack(Warehouse=cluster(), Other=resource))

        assert cells(judgement, "the cluster deleted by mistake") == NONE
        assert judgement.notes == ()

    def test_the_same_condition_as_the_clusters_counts(self) -> None:
        judgement = table(stack(Warehouse=cluster(condition="Prod"), Nightly=rule(condition="Prod")))

        assert row(judgement, "the cluster deleted by mistake").worst_loss == timedelta(days=1)

    @pytest.mark.parametrize("state", ["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"])
    def test_enabled_rules_count(self, state: str) -> None:
        judgement = table(stack(Warehouse=cluster(), Nightly=rule(state=state)))

        assert row(judgement, "the cluster deleted by mistake").verdict is Verdict.PROTECTED

    @pytest.mark.parametrize(
        ("kind", "properties"),
        [
            ("AWS::Backup::BackupPlan", {}),
            (
                "AWS::Scheduler::Schedule",
                {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:redshift:createClusterSnapshot"}},
            ),
            ("AWS::Redshift::SnapshotSchedule", {"ScheduleDefinitions": ["rate(12 hours)"]}),
            ("Custom::AWS", {"Create": '{"action":"enableSnapshotCopy"}'}),
        ],
    )
    def test_other_ways_are_noted_and_not_counted(self, kind: str, properties: dict[str, Any]) -> None:
        judgement = table(stack(Warehouse=cluster(), Other={"Type": kind, "Properties": properties}))

        assert cells(judgement, "the Region") == NONE
        assert cells(judgement, "the cluster deleted by mistake") == NONE
        assert len(judgement.notes) == 1
        assert "Other" in judgement.notes[0]
        assert "not counted" in judgement.notes[0]


class TestWhichCluster:
    def test_a_literal_identifier_finds_the_cluster_of_the_template(self) -> None:
        judgement = table(stack(Warehouse=cluster(ClusterIdentifier="sales"), Nightly=rule("sales")))

        assert row(judgement, "the cluster deleted by mistake").worst_loss == timedelta(days=1)

    def test_and_that_of_another_stack_in_the_same_place(self) -> None:
        judgement = table(stack(Warehouse=cluster(ClusterIdentifier="sales")), stack("Backups", Nightly=rule("sales")))

        assert row(judgement, "the cluster deleted by mistake").worst_loss == timedelta(days=1)

    def test_a_namesake_in_another_region_is_another_cluster(self) -> None:
        sales, other = protection_tables(
            [stack(Warehouse=cluster(ClusterIdentifier="sales")), stack("Backups", THERE, Nightly=rule("sales"))]
        )

        assert cells(sales, "the cluster deleted by mistake") == NONE
        assert (other.region, other.stack) == (THERE, "Backups")

    def test_a_namesake_in_another_account_is_another_cluster(self) -> None:
        prod = SynthesizedTemplate(
            "Prod", HERE, {"Resources": {"A": cluster(ClusterIdentifier="sales")}}, "111111111111"
        )
        dev = SynthesizedTemplate(
            "Dev", HERE, {"Resources": {"A": cluster(ClusterIdentifier="sales"), "R": rule("sales")}}, "222222222222"
        )

        first, second = protection_tables([prod, dev])

        assert cells(first, "the cluster deleted by mistake") == NONE
        assert row(second, "the cluster deleted by mistake").verdict is Verdict.PROTECTED

    @pytest.mark.parametrize(
        "identifier", [{"Fn::Sub": "${Warehouse}"}, {"Fn::Sub": ["${Name}", {"Name": {"Ref": "Warehouse"}}]}]
    )
    def test_any_way_to_refer_to_the_cluster_is_understood(self, identifier: Any) -> None:
        judgement = table(stack(Warehouse=cluster(), Copy=copy(identifier)))

        assert row(judgement, "the Region").where == THERE

    def test_an_existing_cluster_has_a_table_of_what_is_certain(self) -> None:
        judgement = table(stack("Backups", Nightly=rule("legacy"), Copy=copy("legacy")))

        assert (judgement.cluster, judgement.stack) == ("legacy", "Backups")
        assert row(judgement, "a node").verdict is Verdict.UNKNOWN
        assert row(judgement, "a Zone").worst_loss == timedelta(days=1)
        assert cells(judgement, "the Region")[1:] == ("1 d 1 h", THERE)
        assert row(judgement, "the stack deleted").worst_loss == timedelta(0)
        assert judgement.notes == ("automated snapshots are not counted: the cluster is not part of these templates",)

    def test_the_copy_of_an_existing_cluster_has_an_unknown_recovery_point(self) -> None:
        judgement = table(stack("Backups", Copy=copy("legacy")))

        assert cells(judgement, "the Region") == ("copies of whatever snapshots exist", "unknown", THERE)
        assert row(judgement, "the Region").verdict is Verdict.UNKNOWN

    @pytest.mark.parametrize("identifier", [{"Ref": "Parameter"}, {"Fn::ImportValue": "x"}])
    def test_a_cluster_named_at_deployment_has_a_table_of_its_own(self, identifier: Any) -> None:
        first, second = protection_tables([stack(Warehouse=cluster(), Copy=copy(identifier))])

        assert cells(first, "the Region") == NONE
        assert "Parameter" in second.cluster or "unknown" in second.cluster

    def test_an_unknown_region_is_said(self) -> None:
        assert table(stack("Warehouse", None, Warehouse=cluster())).region == "unknown Region"


def test_templates_without_clusters_have_no_table() -> None:
    assert protection_tables([stack(Topic={"Type": "AWS::SNS::Topic"})]) == ()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 40) | st.floats() | st.text(max_size=8) | st.just("${Warehouse}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Ref",
                    "Fn::Join",
                    "Fn::Sub",
                    "Fn::GetAtt",
                    "Fn::If",
                    "Type",
                    "Properties",
                    "Targets",
                    "Input",
                    "InputTransformer",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        name: ANYTHING
        | st.sampled_from(
            [
                "sales",
                "us-west-2",
                "true",
                7,
                1,
                {"Ref": "Warehouse"},
                "rate(1 day)",
                [{"Input": '{"cluster_identifier":5,"keep_days":3}'}],
                "pause-cluster",
                {"Arn": ":aws-sdk:redshift:createClusterSnapshot", "Input": '{"ClusterIdentifier":"sales"}'},
                {"PauseCluster": {"ClusterIdentifier": {"Ref": "Warehouse"}}},
                {"BackupPlanRule": [{"Lifecycle": {"DeleteAfterDays": 7}}]},
                {"Resources": ["arn:aws:redshift:*:*:cluster:*"], "Conditions": {"StringEquals": [{}]}},
                {"Fn::If": ["Prod", "sales", {"Ref": "Warehouse"}]},
                "/resilient-redshift/plans/sales",
                '{"plan":[],"cluster":{"identifier":"sales","region":"us-east-1"},"drill":{"rehearsals":[7]}}',
            ]
        )
        for name in (
            "ClusterIdentifier",
            "NodeType",
            "NumberOfNodes",
            "ClusterType",
            "MultiAZ",
            "AvailabilityZoneRelocation",
            "DestinationRegion",
            "KmsKeyId",
            "AutomatedSnapshotRetentionPeriod",
            "RetentionPeriod",
            "ManualSnapshotRetentionPeriod",
            "Name",
            "ScheduleExpression",
            "State",
            "Targets",
            "Value",
            "AcceptLossOfCopies",
            "BackupPlan",
            "BackupPlanId",
            "BackupSelection",
            "PendingWindowInDays",
            "ResourceAction",
            "SnapshotCopyGrantName",
            "Target",
            "TargetAction",
        )
    },
)
RESOURCES = st.fixed_dictionaries(
    {
        "Type": st.sampled_from(
            [
                "AWS::Redshift::Cluster",
                "AWS::Events::Rule",
                "Custom::RedshiftSnapshotCopy",
                "AWS::KMS::Key",
                "AWS::Backup::BackupPlan",
                "AWS::Backup::BackupSelection",
                "AWS::Redshift::ScheduledAction",
                "AWS::Redshift::SnapshotCopyGrant",
                "AWS::Redshift::SnapshotSchedule",
                "AWS::SSM::Parameter",
                "AWS::Scheduler::Schedule",
                "Custom::AWS",
                7,
            ]
        ),
        "Properties": PROPERTIES | ANYTHING,
    },
    optional={
        "DeletionPolicy": ANYTHING | st.sampled_from(["Snapshot", "Retain", "Delete"]),
        "Condition": ANYTHING | st.sampled_from(["Prod", "NotProd"]),
    },
)
TEMPLATES = st.fixed_dictionaries(
    {
        "Resources": st.dictionaries(
            st.sampled_from(["Warehouse", "Copy", "Rule", "Key", "Other"]), RESOURCES | ANYTHING
        )
        | ANYTHING
    },
    optional={
        "Conditions": ANYTHING
        | st.just({"Prod": {"Fn::Equals": [{"Ref": "A"}, "b"]}, "NotProd": {"Fn::Not": [{"Condition": "Prod"}]}})
    },
)


#: The default policy, with an entry that asks for everything that an entry can ask for, and changes nothing.
EVERY_MATCHER = replace(
    DEFAULT_POLICY,
    clusters=(
        ClusterEntry(
            match=ClusterMatcher(name="[a-z]*", tag="a=?*", path="*/*", stack="Stack*", region="us-*", account="1*"),
            survive=DEFAULT_POLICY.survive,
        ),
    ),
)


@given(
    templates=st.lists(
        st.tuples(st.sampled_from(["us-east-1", "us-west-2", None]), TEMPLATES | ANYTHING), min_size=1, max_size=3
    )
)
def test_any_template_gives_full_tables_and_never_an_error(templates: list[tuple[str | None, Any]]) -> None:
    stacks = [SynthesizedTemplate(f"Stack{number}", region, body) for number, (region, body) in enumerate(templates)]
    judgement = protection_tables(stacks)

    for each in judgement:
        assert [row.failure for row in each.rows] == FAILURES
        for one in each.rows:
            assert one.protection
            assert one.recovery_point
            assert one.where
            assert (one.verdict is Verdict.PROTECTED) == (one.worst_loss is not None)
            assert (one.verdict is Verdict.UNPROTECTED) == (one.protection == "none")
            assert all(one.notes)
        assert as_text(each)
    assert as_json(judgement)
    # AND a check is kept only where each row is certain and good enough
    for checked in check(stacks, EVERY_MATCHER).clusters:
        losses = [one.worst_loss for one in checked.table.rows]
        assert checked.kept == all(loss is not None and loss <= timedelta(days=1) for loss in losses)
    # AND each cluster has a forecast, or a note that says why not
    for found in snapshot_policies(stacks):
        assert found.policy or any(note.startswith("no forecast: ") for note in found.notes)
        assert found.policy is None or forecast(found.policy, days=2, size=1.0).regions
