"""RecoveryPlan over two Regions: literals across them, tokens inside each, and rules that are checked at synth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsonschema  # type: ignore[import-untyped]
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_sns as sns

from resilient_redshift import (
    FOREVER,
    AutomatedSnapshots,
    DnsRecord,
    ManualSnapshotRule,
    Objectives,
    RecoveryPlan,
    ResilientRedshiftError,
    RestoreOptions,
    SnapshotTimes,
    SqlCheck,
)
from resilient_redshift.contract import names, schemas
from tests.recovery.records import record_in
from tests.scenes.clusters import cluster_of, new_app, text_parameter, warnings_of
from tests.scenes.recovery import (
    AWAY,
    HOME,
    OBJECTIVES,
    existing,
    l1_cluster,
    of_type,
    only,
    site_of,
    template_of,
    two_stacks,
)
from tests.templates.resolve import text as as_text

COPY = "Custom::RedshiftSnapshotCopy"
FUNCTION = "AWS::Lambda::Function"
PARAMETER = "AWS::SSM::Parameter"
SCHEDULE = "Custom::RedshiftSnapshotSchedule"
GROUP = "AWS::Redshift::ClusterParameterGroup"
NIGHTLY = events.Schedule.cron(hour="3", minute="0")
DAY = cdk.Duration.days(1)
FORTNIGHT = cdk.Duration.days(14)
#: Options for a cluster whose roles are not known at synth; without them the plan has a warning.
NO_ROLES = RestoreOptions(iam_role_arns=[])


def plan_of(cluster: Any, site: Any, **arguments: Any) -> RecoveryPlan:
    plan = site.protect(cluster, **{"objectives": OBJECTIVES, **arguments})
    assert isinstance(plan, RecoveryPlan)
    return plan


def new_plan(**arguments: Any) -> tuple[cdk.Stack, cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    return home, away, plan_of(existing(home, "sales", encrypted=True), site_of(away), **arguments)


def error_of(cluster: Any, site: Any, **arguments: Any) -> ResilientRedshiftError:
    with pytest.raises(ResilientRedshiftError) as caught:
        plan_of(cluster, site, **arguments)
    return caught.value


def report(app: cdk.App) -> str:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    return (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")


def test_defaults() -> None:
    # GIVEN a cluster and objectives WHEN protected
    home, away, plan = new_plan()
    # THEN the copy is in the cluster's stack, with the site's grant and retentions of 7 days and for ever
    properties = only(template_of(home), COPY)["Properties"]
    grant = only(template_of(away), "Custom::RedshiftSnapshotCopyGrant")["Properties"]["SnapshotCopyGrantName"]
    assert properties["DestinationRegion"] == "us-west-2"
    assert properties["RetentionPeriod"] == "7"
    assert properties["ManualSnapshotRetentionPeriod"] == "-1"
    assert properties["SnapshotCopyGrantName"] == grant
    assert of_type(template_of(away), COPY) == {}
    assert plan.plan_name == "sales-us-east-1"


def test_record_is_in_both_regions() -> None:
    # GIVEN a plan with a rule WHEN synthesized THEN both records are equal, except for names that only one Region knows
    home, away, plan = new_plan(restore=RestoreOptions(parameters={}, node_type="ra3.large", number_of_nodes=2))
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7), keep_in_recovery=FORTNIGHT)
    here, there = record_in(home), record_in(away)
    assert "subnet_group" not in here.pop("recovery")
    assert there.pop("recovery")["subnet_group"]
    # AND each has the machine of its own Region, where a tool starts it
    assert list(here.pop("machines")) == ["snapshot"]
    assert list(there.pop("machines")) == ["restore"]
    # AND only the cluster's Region compares the cluster with its definition
    assert here.pop("watch_for") == {"declared": {}, "longest_gap_seconds": 9 * 3600, "size_drop_percent": 50}
    assert there.pop("watch_for") == {"longest_gap_seconds": 9 * 3600, "size_drop_percent": 50}
    assert here == there
    assert here["rules"] == [
        {
            "rule": "nightly",
            "schedule": "cron(0 3 * * ? *)",
            "keep_days": 7,
            "keep_in_recovery_days": 14,
            "enabled": True,
        }
    ]
    assert here["objectives"]["recovery_point_seconds"] == 26 * 3600
    assert here["restore"] == {"node_type": "ra3.large", "number_of_nodes": 2}


def test_record_is_named_after_the_plan() -> None:
    # GIVEN a plan WHEN synthesized THEN both parameters have one name
    home, away, _ = new_plan()
    names = {only(template_of(stack), PARAMETER)["Properties"]["Name"] for stack in (home, away)}
    assert names == {"/resilient-redshift/plans/sales-us-east-1"}


def test_nothing_crosses_regions_but_literals() -> None:
    # GIVEN a plan over two stacks WHEN synthesized THEN there is no export, no import and no helper function
    home, away, plan = new_plan()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    for stack in (home, away):
        template = template_of(stack)
        text = json.dumps(template)
        assert "Fn::ImportValue" not in text
        assert "Custom::CrossRegionExport" not in text
        assert not [name for name, output in template.get("Outputs", {}).items() if "Export" in output]


def test_manual_copies_live_as_long_as_the_rules_say() -> None:
    # GIVEN a plan WHEN rules are added THEN the copy's retention is theirs
    home, _, plan = new_plan()
    plan.keep_manual_snapshots(
        "Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7), keep_in_recovery=cdk.Duration.days(14)
    )
    assert only(template_of(home), COPY)["Properties"]["ManualSnapshotRetentionPeriod"] == "14"


def test_keep_in_recovery_is_keep_unless_given() -> None:
    # GIVEN a rule without keep_in_recovery WHEN added THEN copies live as long as the snapshots
    home, _, plan = new_plan()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(9))
    assert only(template_of(home), COPY)["Properties"]["ManualSnapshotRetentionPeriod"] == "9"


@pytest.mark.parametrize(
    ("first", "second", "longest"),
    [(7, 180, "180"), (180, 7, "180"), (7, None, "-1"), (None, 7, "-1"), (7, 7, "7")],
)
def test_copies_arrive_with_the_longest_tier(first: int | None, second: int | None, longest: str) -> None:
    # GIVEN two rules WHEN they keep their copies differently THEN all arrive with the longest, and the record says so
    home, away, plan = new_plan()
    monthly = events.Schedule.cron(day="1", hour="4", minute="0")
    for name, days in (("One", first), ("Two", second)):
        kept = FOREVER if days is None else cdk.Duration.days(days)
        plan.keep_manual_snapshots(name, schedule=monthly, keep=DAY, keep_in_recovery=kept)
    assert only(template_of(home), COPY)["Properties"]["ManualSnapshotRetentionPeriod"] == longest
    assert record_in(away)["copy"]["keep_manual_days"] == int(longest)


def test_different_tiers_make_the_sites_function_apply_them() -> None:
    # GIVEN a plan WHEN its second rule keeps its copies for another time THEN the recovery stack applies tiers
    _, away, plan = new_plan()
    monthly = events.Schedule.cron(day="1", hour="4", minute="0")
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    plan.keep_manual_snapshots("Monthly", schedule=monthly, keep=cdk.Duration.days(180))
    template = template_of(away)
    [function] = [name for name in of_type(template, FUNCTION) if "Tiers" in name]
    rule = only(template, "AWS::Events::Rule")
    [target] = rule["Properties"]["Targets"]
    assert (target["Arn"], target["Input"]) == ({"Fn::GetAtt": [function, "Arn"]}, '{"plan":"sales-us-east-1"}')
    # AND after the record, without which a run fails
    [parameter] = of_type(template, PARAMETER)
    assert parameter in rule["DependsOn"]


def test_each_regions_record_names_its_own_machines() -> None:
    # GIVEN tiers WHEN the records are read THEN a tool finds each machine in its Region; what applies tiers is no machine
    home, away, plan = new_plan()
    monthly = events.Schedule.cron(day="1", hour="4", minute="0")
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    plan.keep_manual_snapshots("Monthly", schedule=monthly, keep=cdk.Duration.days(180))
    assert record_in(home)["machines"].keys() == {"snapshot"}
    assert record_in(away)["machines"].keys() == {"restore"}


def test_equal_tiers_need_no_function() -> None:
    # GIVEN rules that keep their copies alike, however long at home WHEN synthesized THEN nothing applies tiers
    _, away, plan = new_plan()
    monthly = events.Schedule.cron(day="1", hour="4", minute="0")
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    plan.keep_manual_snapshots("Monthly", schedule=monthly, keep=DAY, keep_in_recovery=cdk.Duration.days(7))
    assert of_type(template_of(away), "AWS::Events::Rule") == {}
    assert not [name for name in template_of(away)["Resources"] if "Tiers" in name]
    assert record_in(away)["machines"].keys() == {"restore"}


def test_each_tier_counts_by_its_own_days() -> None:
    # GIVEN 11 nightly and 6 monthly copies of a quota of 20 WHEN a rule needs six more places THEN it is refused
    home, away = two_stacks()
    plan = plan_of(existing(home), site_of(away, manual_snapshot_quota=20))
    monthly = events.Schedule.cron(day="1", hour="4", minute="0")
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY, keep_in_recovery=cdk.Duration.days(10))
    plan.keep_manual_snapshots("Monthly", schedule=monthly, keep=DAY, keep_in_recovery=cdk.Duration.days(180))
    weekly = events.Schedule.cron(week_day="SUN", hour="5", minute="0")
    with pytest.raises(ResilientRedshiftError, match="manual snapshots would exist at the same time"):
        plan.keep_manual_snapshots("Weekly", schedule=weekly, keep=DAY, keep_in_recovery=cdk.Duration.days(35))


def test_a_rule_that_is_refused_leaves_no_tiers() -> None:
    # GIVEN a plan WHEN a rule of another tier is refused THEN nothing of it is left
    _, away, plan = new_plan()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)
    with pytest.raises(ResilientRedshiftError, match="quota"):
        plan.keep_manual_snapshots(
            "Hourly", schedule=events.Schedule.rate(cdk.Duration.hours(1)), keep=cdk.Duration.days(30)
        )
    assert not [name for name in template_of(away)["Resources"] if "Tiers" in name]


def test_plans_of_a_site_share_one_function() -> None:
    # GIVEN two plans with tiers WHEN synthesized THEN there is one function, and a rule for each
    home, away = two_stacks()
    site = site_of(away, manual_snapshot_quota=100)
    for name in ("a", "b"):
        plan = plan_of(existing(home, name), site, manual_snapshot_quota=100)
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)
        plan.keep_manual_snapshots("Other", schedule=NIGHTLY, keep=FORTNIGHT)
        plan.keep_manual_snapshots("Third", schedule=NIGHTLY, keep=cdk.Duration.days(3))
    template = template_of(away)
    assert len([name for name in of_type(template, FUNCTION) if "Tiers" in name]) == 1
    assert len(of_type(template, "AWS::Events::Rule")) == 2


def test_rules_carry_the_plan() -> None:
    # GIVEN a rule of a plan WHEN it fires THEN the snapshot machine gets the plan and the retention of the copies
    home, _, plan = new_plan()
    plan.keep_manual_snapshots(
        "Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7), keep_in_recovery=cdk.Duration.days(9)
    )
    text = json.dumps(of_type(template_of(home), "AWS::Events::Rule"))
    assert '\\"plan\\":\\"sales-us-east-1\\"' in text
    assert '\\"keep_in_recovery_days\\":9' in text


def test_disabled_rule_counts_for_nothing() -> None:
    # GIVEN a plan whose automated snapshots are off WHEN its only rule is disabled THEN nothing meets the objective
    app = new_app()
    home, away = two_stacks(app)
    cluster = l1_cluster(home, automated_snapshot_retention_period=0)
    plan = plan_of(cluster, site_of(away), restore=RestoreOptions(parameters={}))
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7), enabled=False)
    assert "nothing takes snapshots" in report(app)


def test_objective_that_cannot_be_met() -> None:
    # GIVEN an objective shorter than the gap of automated snapshots and the copy WHEN synthesized THEN RR003 stops it
    app = new_app()
    home, away = two_stacks(app)
    strict = Objectives(recovery_point=cdk.Duration.hours(6), recovery_time=cdk.Duration.hours(2))
    plan_of(existing(home), site_of(away), objectives=strict)
    text = report(app)
    assert "RR003" in text
    assert "a recovery point of 6 h cannot be met" in text
    assert "expected_copy_time (1 h)" in text


def test_objective_met_by_rules_added_later() -> None:
    # GIVEN the same objective WHEN rules are added after protect THEN synth passes
    app = new_app()
    home, away = two_stacks(app)
    strict = Objectives(recovery_point=cdk.Duration.hours(6), recovery_time=cdk.Duration.hours(2))
    site = site_of(away, manual_snapshot_quota=50)
    plan = plan_of(existing(home), site, objectives=strict, manual_snapshot_quota=50)
    often = events.Schedule.rate(cdk.Duration.hours(4))
    plan.keep_manual_snapshots("Often", schedule=often, keep=DAY)
    assert app.synth()


def test_copies_that_expire_before_the_next_do_not_count() -> None:
    # GIVEN a rule each week whose copies live a day WHEN nothing else takes snapshots THEN the objective is missed
    app = new_app()
    home, away = two_stacks(app)
    cluster = l1_cluster(home, automated_snapshot_retention_period=0)
    weeks = Objectives(recovery_point=cdk.Duration.days(8), recovery_time=cdk.Duration.hours(2))
    plan = plan_of(cluster, site_of(away), objectives=weeks, restore=RestoreOptions(parameters={}))
    plan.keep_manual_snapshots("Weekly", schedule=events.Schedule.rate(cdk.Duration.days(7)), keep=DAY)
    assert "nothing takes snapshots" in report(app)


def test_quota_of_the_recovery_region() -> None:
    # GIVEN clusters whose copies together exceed 20 in the recovery Region, but not at home WHEN the last rule is added
    home, away = two_stacks()
    site = site_of(away, manual_snapshot_quota=20)
    first = plan_of(existing(home, "a"), site)
    second = plan_of(existing(home, "b"), site)
    fortnight = cdk.Duration.days(14)
    first.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY, keep_in_recovery=fortnight)
    # THEN it is refused, and the error names the rules and the quota
    with pytest.raises(ResilientRedshiftError) as caught:
        second.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY, keep_in_recovery=fortnight)
    assert "'keep_in_recovery' must be so short" in str(caught.value)
    assert "copies of b-us-east-1/nightly" in str(caught.value)
    assert "quota of the account and Region is 20" in str(caught.value)


def test_quota_of_the_clusters_region() -> None:
    # GIVEN snapshots that pile up at home for ever WHEN the rule is added THEN it is refused
    _, _, plan = new_plan(manual_snapshot_quota=20)
    with pytest.raises(ResilientRedshiftError, match="quota of the account and Region is 20"):
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=FOREVER, keep_in_recovery=DAY)


def test_parameter_group_equals_the_primarys() -> None:
    # GIVEN a cluster of ours with parameters WHEN protected THEN the recovery Region has the same group
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", parameters={"max_concurrency_scaling_clusters": "2"})
    plan_of(cluster, site_of(away))
    groups = [only(template_of(stack), GROUP)["Properties"] for stack in (home, away)]
    assert groups[0] == groups[1]


def test_equal_parameter_groups_are_one() -> None:
    # GIVEN a Region that has 20 groups for ever WHEN two plans need equal ones THEN they share; a third that differs does not
    home, away = two_stacks()
    site = site_of(away)
    for name, parameters in (("a", {"x": "1"}), ("b", {"x": "1"}), ("c", {"x": "2"})):
        plan_of(existing(home, name, parameters=parameters), site)
    assert len(of_type(template_of(away), GROUP)) == 2


def test_unknown_parameters_are_required() -> None:
    # GIVEN a cluster whose parameters are not known at synth WHEN protected THEN RestoreOptions is required, and enough
    home, away = two_stacks()
    site = site_of(away)
    cluster = existing(home, parameters=None)
    assert "'restore' must be RestoreOptions(parameters=...)" in str(error_of(cluster, site))
    assert "'restore' must be" in str(error_of(cluster, site, restore=RestoreOptions()))
    plan_of(cluster, site, restore=RestoreOptions(parameters={"require_ssl": "true"}))


@pytest.mark.parametrize("kind", ["name", "group"])
def test_a_parameter_group_that_exists_is_enough(kind: str) -> None:
    # GIVEN a cluster whose parameters are not known WHEN the options have a group of the recovery Region THEN it is used
    home, away = two_stacks()
    group = redshift.CfnClusterParameterGroup(away, "G", description="d", parameter_group_family="redshift-1.0")
    options = RestoreOptions(parameter_group="theirs" if kind == "name" else group, iam_role_arns=[])
    plan = plan_of(existing(home, parameters=None), site_of(away), restore=options)
    assert plan.parameter_group is None
    assert record_in(away)["recovery"]["parameter_group"] == ("theirs" if kind == "name" else "G")
    # AND the plan makes no other
    assert list(of_type(template_of(away), GROUP)) == ["G"]


def test_unencrypted_cluster_needs_no_grant() -> None:
    # GIVEN a cluster without encryption WHEN protected THEN its copy names no grant, which would take no effect
    home, away = two_stacks()
    plan_of(existing(home, encrypted=False), site_of(away))
    assert "SnapshotCopyGrantName" not in only(template_of(home), COPY)["Properties"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"plan_name": "No Plan"}, "'plan_name' must be 1 to 63 lower-case letters"),
        ({"keep_automated": cdk.Duration.days(36)}, "'keep_automated' must be 1 to 35 whole days"),
        ({"objectives": "soon"}, "'objectives' must be an Objectives, got 'soon'"),
        ({"restore": {"node_type": "ra3.large"}}, "'restore' must be a RestoreOptions, got {'node_type': 'ra3.large'}"),
        ({"manual_snapshot_quota": 0}, "'manual_snapshot_quota' must be a whole number, 1 or more"),
        (
            {"restore": RestoreOptions(iam_role_arns=["arn:aws:iam::222222222222:role/load"])},
            "'restore.iam_role_arns' must be of the site's account, 111111111111",
        ),
    ],
)
def test_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an argument that cannot work WHEN protecting THEN the error speaks of protect and names it
    home, away = two_stacks()
    error = error_of(existing(home), site_of(away), **arguments)
    assert text in str(error)
    assert error.where == "Away/Site (RecoverySite.protect)"


def test_refuses_a_generated_identifier() -> None:
    # GIVEN a cluster whose name CloudFormation chooses, or a token WHEN protecting THEN the copies could not be found
    home, away = two_stacks()
    site = site_of(away)
    text = "'cluster' must be a cluster with a literal cluster_identifier"
    for cluster in (
        l1_cluster(home, "Generated", cluster_identifier=None),
        l1_cluster(home, "Token", cluster_identifier=text_parameter(home)),
    ):
        assert text in str(error_of(cluster, site, restore=RestoreOptions(parameters={})))


@pytest.mark.parametrize(
    ("home", "text"),
    [
        (AWAY, "another Region than the cluster's, us-west-2"),
        (None, "'cluster' must be a cluster in a stack with env=Environment(region=...)"),
        (
            cdk.Environment(account="222222222222", region="us-east-1"),
            "'cluster' must be a cluster of the site's account",
        ),
        (
            cdk.Environment(account="111111111111", region="us-gov-east-1"),
            "a Region of the cluster's partition, aws-us-gov",
        ),
    ],
)
def test_refuses_where_aws_cannot_copy(home: Any, text: str) -> None:
    # GIVEN a cluster from where no copy can come WHEN protecting THEN it is refused in Python
    primary, away = two_stacks(home=home)
    assert text in str(error_of(existing(primary), site_of(away)))


def test_topic_of_the_wrong_region() -> None:
    # GIVEN a topic of the recovery Region WHEN the primary's alarms should notify it THEN it is refused
    home, away = two_stacks()
    error = error_of(existing(home), site_of(away), notify_primary=sns.Topic(away, "Topic"))
    assert "'notify_primary' must be a topic in us-east-1" in str(error)


def test_all_problems_of_protect_come_together() -> None:
    # GIVEN four mistakes WHEN protecting THEN one error reports all, and the call leaves no trace in either stack
    home, away = two_stacks()
    cluster, site = existing(home, parameters=None), site_of(away)
    before = len(site.node.children)
    error = error_of(cluster, site, plan_name="X", keep_automated=cdk.Duration.days(99), manual_snapshot_quota=0)
    assert len(error.problems) == 4
    assert len(site.node.children) == before
    assert [child.node.id for child in home.node.children] == ["Legacy"]


def test_a_cluster_is_protected_once() -> None:
    # GIVEN a plan WHEN its cluster is protected again under that name THEN our error says so, not CDK's
    home, away = two_stacks()
    site, cluster = site_of(away), existing(home)
    plan_of(cluster, site)
    assert "'cluster' must be a cluster that this site does not protect yet" in str(error_of(cluster, site))


def test_plan_names_are_unique() -> None:
    # GIVEN a plan WHEN another takes its name THEN it is refused; a namesake cluster of another Region is no clash
    app = new_app()
    home, away = two_stacks(app)
    site = site_of(away)
    plan_of(existing(home, "sales"), site)
    assert "'plan_name' must be a name that no other plan" in str(
        error_of(existing(home, "other"), site, plan_name="sales-us-east-1")
    )
    europe = cdk.Stack(app, "Europe", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    assert plan_of(existing(europe, "sales"), site).plan_name == "sales-eu-west-1"


def test_copies_of_namesakes_have_names_of_their_own() -> None:
    # GIVEN namesake clusters of two Regions, which copy to one WHEN both have a rule of one name
    app = new_app()
    home, away = two_stacks(app)
    site = site_of(away)
    plan_of(existing(home, "sales"), site).keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)
    europe = cdk.Stack(app, "Europe", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    other = plan_of(existing(europe, "sales"), site)
    # THEN it is refused: the second copy of a night would find its name taken
    with pytest.raises(ResilientRedshiftError, match=r"are called sales-nightly-\.\.\. in us-west-2 too"):
        other.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)
    # AND one under another name is not
    assert other.keep_manual_snapshots("NightlyEurope", schedule=NIGHTLY, keep=DAY).rule_name == "nightlyeurope"


def test_copies_have_other_names_than_a_namesake_gives_where_they_arrive() -> None:
    # GIVEN a namesake cluster in the recovery Region with a rule WHEN a plan has a rule of that name
    home, away = two_stacks()
    ManualSnapshotRule(away, "Nightly", cluster=existing(away, "sales"), schedule=NIGHTLY, keep=DAY)
    plan = plan_of(existing(home, "sales"), site_of(away))
    # THEN it is refused
    with pytest.raises(ResilientRedshiftError, match=r"snapshots of '[^']+ManualSnapshotRule.' are called"):
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)


def test_long_names_are_shortened_with_a_hash() -> None:
    # GIVEN identifiers that differ at their end only WHEN protected THEN their plans' names fit and differ
    home, away = two_stacks()
    site = site_of(away)
    names = [plan_of(existing(home, "c" * 62 + end), site).plan_name for end in "ab"]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 63


def test_primary_is_deployed_after_recovery() -> None:
    # GIVEN two stacks of one app WHEN synthesized THEN the cluster's stack waits for the grant's
    home, away, plan = new_plan(restore=NO_ROLES)
    assert away in home.dependencies
    assert warnings_of(plan) == {}


def test_across_stages_the_order_is_a_warning() -> None:
    # GIVEN stacks of two Stages, which CDK cannot order WHEN protected THEN a warning gives the order
    app = new_app()
    home = cdk.Stack(cdk.Stage(app, "Prod"), "Home", env=HOME)
    away = cdk.Stack(cdk.Stage(app, "Dr"), "Away", env=AWAY)
    plan = plan_of(existing(home), site_of(away), restore=NO_ROLES)
    [(warning, message)] = warnings_of(plan).items()
    assert warning == "resilient-redshift:RecoveryPlan.NotOrdered"
    assert "cannot deploy 'Dr/Away' before 'Prod/Home'" in message
    assert app.synth()


def test_two_regions_that_protect_each_other() -> None:
    # GIVEN a site in each Region WHEN each protects the other's cluster THEN no cycle is made, and a warning says so
    app = new_app()
    home, away = two_stacks(app)
    first = plan_of(existing(home, "east"), site_of(away), restore=NO_ROLES)
    second = plan_of(existing(away, "west"), site_of(home), restore=NO_ROLES)
    assert warnings_of(first) == {}
    assert list(warnings_of(second)) == ["resilient-redshift:RecoveryPlan.NotOrdered"]
    assert app.synth()


def test_dev_and_prod_in_one_account() -> None:
    # GIVEN two environments in one account and two Regions WHEN both have a plan THEN grants, records and rules differ
    app = new_app()
    names_of_plans: list[Any] = []
    for name in ("dev", "prod"):
        stage = cdk.Stage(app, name)
        home, away = cdk.Stack(stage, "Home", env=HOME), cdk.Stack(stage, "Away", env=AWAY)
        plan = plan_of(existing(home, f"sales-{name}"), site_of(away))
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
        names_of_plans.append((plan.plan_name, only(template_of(home), COPY)["Properties"]["SnapshotCopyGrantName"]))
    assert len(set(names_of_plans[0]) | set(names_of_plans[1])) == 4


def test_accounts_that_the_deployment_decides() -> None:
    # GIVEN literal Regions without an account WHEN protected THEN it passes, and the record asks CloudFormation
    home, away = two_stacks(home=cdk.Environment(region="us-east-1"), away=cdk.Environment(region="us-west-2"))
    plan_of(existing(home), site_of(away))
    for stack in (home, away):
        assert '{"Ref": "AWS::AccountId"}' in json.dumps(only(template_of(stack), PARAMETER)["Properties"]["Value"])


def test_record_that_grows_too_large() -> None:
    # GIVEN Parameter Store's 8 KB WHEN rules fill them THEN the rule that is too much is refused, before deployment
    _, _, plan = new_plan(manual_snapshot_quota=10_000)
    plan._site.manual_snapshot_quota = 10_000
    for number in range(40):
        plan.keep_manual_snapshots(f"r{number}-{'x' * 50}", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    with pytest.raises(ResilientRedshiftError, match=r"'plan record' must be 8192 bytes at most.*'rules' takes \d{4}"):
        _add_forty_more(plan)
    # AND the call leaves no trace: the template has the rules of the record
    rules = [child.node.id for child in plan._primary.node.children if isinstance(child, ManualSnapshotRule)]
    assert len(rules) == len(plan._records.contents.rules) < 80


def _add_forty_more(plan: RecoveryPlan) -> None:
    for number in range(40, 80):
        plan.keep_manual_snapshots(f"r{number}-{'x' * 50}", schedule=NIGHTLY, keep=cdk.Duration.days(7))


def test_logical_ids_are_frozen() -> None:
    # GIVEN a plan with a rule WHEN synthesized THEN no logical id has changed
    home, away, plan = new_plan()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    ids = {
        stack.node.id: sorted(
            name for name in template_of(stack)["Resources"] if "Plans" in name or name.startswith("Site")
        )
        for stack in (home, away)
    }
    assert ids == {
        "Home": [
            "ResilientRedshiftPlanssalesuseast1CopyD0921E59",
            "ResilientRedshiftPlanssalesuseast1NightlyEFBDC2DB",
            "ResilientRedshiftPlanssalesuseast1Record4A087149",
        ],
        "Away": [
            "SiteGrantE6DEE091",
            "SiteKeyCCB33F77",
            "SiteRestoreMachineAlarm54562708",
            "SiteRestoreMachineDB12F29D",
            "SiteRestoreMachineEventsPolicy11D0AF29",
            "SiteRestoreMachineEventsRole36ED6937",
            "SiteRestoreMachineFunction28096FAB",
            "SiteRestoreMachineFunctionPolicy169D487C",
            "SiteRestoreMachineFunctionRole2720CE91",
            "SiteRestoreMachinePlans8E02DE08",
            "SiteRestoreMachinePolicyFD03D840",
            "SiteRestoreMachineRoleF4C04914",
            "SiteRestoreSlowFailoverAlarmsalesuseast1DC7398EB",
            "SiteSecurityGroupFD977668",
            "SiteSubnetGroupBA91B3FF",
            "Sitesalesuseast1Record7C529855",
        ],
    }


def test_twenty_clusters_in_one_stack_pair() -> None:
    # GIVEN 20 protected clusters with a nightly rule WHEN synthesized THEN both stacks are within CloudFormation's limits
    home, away = two_stacks()
    site = site_of(away, manual_snapshot_quota=200)
    for number in range(20):
        plan = plan_of(cluster_of(home, f"C{number}", cluster_identifier=f"c{number}"), site, manual_snapshot_quota=200)
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(7))
    for stack in (home, away):
        template = template_of(stack)
        assert len(template["Resources"]) < 500
        assert len(json.dumps(template)) < 1_000_000


def test_every_plan_can_be_restored_and_drilled_by_hand() -> None:
    # GIVEN a plan without rehearsals WHEN the record is read THEN it has the machine and the name of drills' clusters
    _, away, _ = new_plan()
    record = record_in(away)
    assert record["machines"].keys() == {"restore"}
    assert record["drill"] == {"cluster_prefix": names.drill_prefix("sales-us-east-1", "us-west-2")}
    assert of_type(template_of(away), "AWS::Events::Rule") == {}


def test_the_record_comes_after_the_rights_of_a_restore() -> None:
    # GIVEN a plan WHEN deployed THEN the machine has its rights when the record exists
    _, away, _ = new_plan()
    [depends] = [item["DependsOn"] for item in of_type(template_of(away), PARAMETER).values()]
    assert [name for name in depends if "MachinePlans" in name]


def test_settings_that_a_snapshot_does_not_carry_come_from_the_cluster() -> None:
    # GIVEN a cluster of ours WHEN protected THEN a failover sets its retention, audit logs and snapshot times again
    home, away = two_stacks()
    often = AutomatedSnapshots(keep=cdk.Duration.days(14), schedule=[SnapshotTimes.every(cdk.Duration.hours(4))])
    cluster = cluster_of(home, cluster_identifier="sales", audit_log_exports=["userlog"], automated_snapshots=often)
    plan_of(cluster, site_of(away))
    restore = record_in(away)["restore"]
    assert (restore["automated_days"], restore["log_exports"]) == (14, ["userlog"])
    schedule = only(template_of(away), SCHEDULE)["Properties"]
    assert restore["snapshot_schedule"] == schedule["ScheduleIdentifier"]
    assert schedule["ScheduleDefinitions"] == ["rate(4 hours)"]
    assert of_type(template_of(away), "Custom::RedshiftSnapshotScheduleAssociation") == {}


def test_unknown_settings_are_left_out() -> None:
    # GIVEN clusters without these settings, or with logs in a bucket WHEN protected THEN the record leaves them out
    home, away = two_stacks()
    site = site_of(away)
    bucket = {"logDestinationType": "s3", "bucketName": "logs"}
    plain = l1_cluster(home, logging_properties=bucket)
    off = l1_cluster(home, "Off", automated_snapshot_retention_period=0)
    for cluster in (existing(home, "legacy"), plain, off):
        plan = plan_of(cluster, site, restore=RestoreOptions(parameters={}))
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(2))
    for parameter in of_type(template_of(away), PARAMETER).values():
        restore = json.loads(as_text(template_of(away), parameter["Properties"]["Value"]))["restore"]
        assert {"automated_days", "log_exports", "snapshot_schedule", "dns"}.isdisjoint(restore)
    assert of_type(template_of(away), SCHEDULE) == {}


def test_restore_options_win_over_the_cluster() -> None:
    # GIVEN options WHEN they differ from the cluster THEN the record has the options; equal schedules are one
    home, away = two_stacks()
    site = site_of(away)
    zone = text_parameter(away)
    options = RestoreOptions(
        parameters={},
        log_exports=["connectionlog"],
        dns_record=DnsRecord(zone, "dwh.example.com"),
        snapshot_schedule=[SnapshotTimes.cron(hour="3")],
    )
    plan_of(l1_cluster(home, logging_properties={"logDestinationType": "cloudwatch"}), site, restore=options)
    plan_of(existing(home), site, restore=options)
    template = template_of(away)
    schedule = only(template, SCHEDULE)["Properties"]
    for parameter in of_type(template, PARAMETER).values():
        record = json.loads(as_text(template, parameter["Properties"]["Value"]))
        jsonschema.validate(record, schemas.PLAN_RECORD_SCHEMA)
        assert record["restore"] == {
            **({"port": 5439} if "port" in record["restore"] else {}),
            "snapshot_schedule": schedule["ScheduleIdentifier"],
            "log_exports": ["connectionlog"],
            "dns": {"hosted_zone_id": "Text", "record_name": "dwh.example.com", "ttl_seconds": 60},
        }
    # AND the other Region's record leaves out the zone, a token that would not resolve there
    assert "dns" not in json.dumps(template_of(home))


def test_declined_settings_are_left_out() -> None:
    home, away = two_stacks()
    often = AutomatedSnapshots(schedule=[SnapshotTimes.every(cdk.Duration.hours(4))])
    cluster = cluster_of(home, cluster_identifier="sales", automated_snapshots=often)
    plan_of(cluster, site_of(away), restore=RestoreOptions(log_exports=[], snapshot_schedule=[]))
    assert {"log_exports", "snapshot_schedule"}.isdisjoint(record_in(away)["restore"])


def test_the_restored_cluster_gets_its_roles() -> None:
    # GIVEN roles WHEN protected THEN the site's machine may pass them, and the record names them
    role = "arn:aws:iam::111111111111:role/load"
    _, away, _ = new_plan(restore=RestoreOptions(parameters={}, iam_role_arns=[role]))
    assert record_in(away)["restore"]["iam_role_arns"] == [role]
    text = json.dumps(of_type(template_of(away), "AWS::IAM::Policy"))
    assert f'["iam:GetRole", "iam:PassRole"], "Effect": "Allow", "Resource": ["{role}"]' in text


def test_the_record_has_the_checks() -> None:
    _, away, _ = new_plan(checks=[SqlCheck("select count(*) > 0 from sales", name="rows")])
    assert record_in(away)["checks"] == [{"name": "rows", "sql": "select count(*) > 0 from sales", "expected": "true"}]


def test_one_error_reports_a_wrong_check_with_the_rest() -> None:
    home, away = two_stacks()
    wrong = [SqlCheck("select 1 = 1", name="rows"), SqlCheck("select 2 = 2", name="rows")]
    error = error_of(existing(home), site_of(away), checks=wrong, manual_snapshot_quota=0)
    assert [problem.split("'")[1] for problem in error.problems] == ["manual_snapshot_quota", "checks"]


def test_audit_logs_of_an_l1_are_read_from_it() -> None:
    # GIVEN a cluster that is not ours WHEN its definition sends logs to CloudWatch Logs THEN the record has them
    home, away = two_stacks()
    logs = {"logDestinationType": "cloudwatch", "logExports": ["userlog", "connectionlog"]}
    plan_of(l1_cluster(home, logging_properties=logs), site_of(away), restore=RestoreOptions(parameters={}))
    assert record_in(away)["restore"]["log_exports"] == ["userlog", "connectionlog"]


def test_a_second_site_for_one_cluster_is_a_problem_of_the_cluster() -> None:
    # GIVEN a plan WHEN another site protects its cluster, under the same default name or under another name
    app = new_app()
    home, away = two_stacks(app)
    europe = cdk.Stack(app, "Europe", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    cluster = existing(home)
    plan_of(cluster, site_of(away))
    error = error_of(cluster, site_of(europe))
    # THEN the one problem is the cluster's plan, not its name
    assert [problem.split("'")[1] for problem in error.problems] == ["cluster"]
    assert "'Away/Site/legacy-us-east-1' already protects it, and a cluster copies to one Region at a time" in str(
        error
    )


def test_a_name_of_another_clusters_plan_is_a_problem_of_the_name_alone() -> None:
    home, away = two_stacks()
    site = site_of(away)
    plan_of(existing(home, "sales"), site, plan_name="mine")
    error = error_of(existing(home, "other"), site, plan_name="mine")
    assert [problem.split("'")[1] for problem in error.problems] == ["plan_name"]


def test_a_second_rule_of_a_plan_with_one_name_is_our_error() -> None:
    # GIVEN a rule WHEN the plan gets another one whose id makes the same name THEN the error shows the id as written
    home, away = two_stacks()
    plan = plan_of(existing(home), site_of(away))
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=DAY)
    for construct_id in ("Nightly", "NIGHTLY"):
        with pytest.raises(ResilientRedshiftError, match=f"which no other rule of the plan has, got '{construct_id}'"):
            plan.keep_manual_snapshots(construct_id, schedule=NIGHTLY, keep=DAY)
