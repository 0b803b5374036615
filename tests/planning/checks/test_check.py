"""What a check finds in templates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import (
    DEFAULT_POLICY,
    CheckResult,
    CheckRule,
    ClusterEntry,
    ClusterMatcher,
    Failure,
    Level,
    PolicyException,
    Requirement,
    ResiliencePolicy,
    check,
)
from tests.planning.templates import JSON, cluster, copy, rule, stack

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = date(2026, 12, 1)
REGION = Requirement(failure=Failure.REGION, lose_at_most=DAY)
SURVIVE_REGION = ResiliencePolicy(survive=(REGION,))
SALES = ClusterMatcher(name="sales")


def sales(**properties: Any) -> JSON:
    return cluster(ClusterIdentifier="sales", **properties)


def messages(result: CheckResult, rule: CheckRule) -> list[str]:
    return [finding.message for finding in result.all_findings if finding.rule is rule]


def accepting(rule: CheckRule = CheckRule.REGION_LOST, **arguments: Any) -> ResiliencePolicy:
    exception = PolicyException(rule=rule, reason="the copy comes in March", **{"match": SALES, **arguments})
    return ResiliencePolicy(survive=(REGION,), exceptions=(exception,))


def requiring(failure: Failure, hours: int, noticed: timedelta | None = None) -> ResiliencePolicy:
    requirement = Requirement(failure=failure, lose_at_most=hours * HOUR, noticed_within=noticed)
    return ResiliencePolicy(survive=(requirement,))


def test_a_policy_is_kept_when_the_loss_is_as_small_as_it_allows() -> None:
    templates = [stack(W=sales(), Copy=copy({"Ref": "W"}))]
    assert check(templates, requiring(Failure.REGION, 9)).kept  # a gap of 8 hours and an hour of copying


def test_a_larger_loss_breaks_the_policy_and_names_both() -> None:
    result = check([stack(W=sales(), Copy=copy({"Ref": "W"}))], requiring(Failure.REGION, 8))

    (finding,) = result.clusters[0].findings
    assert not result.kept
    assert finding.message.startswith("A loss of 9 h is possible when the Region fails")
    assert "the policy allows a loss of 8 h" in finding.message
    assert (finding.rule, finding.level) == (CheckRule.REGION_LOST, Level.ERROR)


def test_a_recovery_point_that_aws_does_not_document_breaks_the_policy() -> None:
    # GIVEN copied automated snapshots alone, after the deletion of their cluster
    result = check([stack(W=sales(), Copy=copy({"Ref": "W"}))], requiring(Failure.CLUSTER_DELETED, 24))

    (message,) = messages(result, CheckRule.CLUSTER_DELETED)
    assert message.startswith("A loss of 9 h is likely, but not certain, when the cluster is deleted by mistake (AWS")
    assert result.clusters[0].table.rows[3].undocumented


def test_no_recovery_point_breaks_the_policy() -> None:
    (message,) = messages(check([stack(W=sales())], SURVIVE_REGION), CheckRule.REGION_LOST)
    assert message == "No recovery point is certain when the Region fails; the policy allows a loss of 1 d."


def test_an_unknown_loss_breaks_the_policy_and_says_unknown() -> None:
    templates = [stack(W=sales(NumberOfNodes={"Ref": "Nodes"}))]
    (message,) = messages(check(templates, requiring(Failure.NODE, 24)), CheckRule.NODE_LOST)
    assert "is unknown (the number of nodes: decided at deployment)" in message


def test_for_a_cluster_that_exists_already_an_unknown_loss_says_what_to_do() -> None:
    (message,) = messages(check([stack(Copy=copy("sales"))], requiring(Failure.NODE, 24)), CheckRule.NODE_LOST)
    assert "give the template that contains the cluster as another input" in message


def test_a_snapshot_that_may_have_expired_when_somebody_notices_does_not_count() -> None:
    # GIVEN a nightly snapshot that is kept for two days: one day after the deletion it is certain, three days later not
    templates = [stack(Warehouse=sales(), Nightly=rule(keep=2))]
    assert check(templates, requiring(Failure.CLUSTER_DELETED, 24, DAY)).kept
    assert not check(templates, requiring(Failure.CLUSTER_DELETED, 24, 3 * DAY)).kept


def test_each_bad_load_is_a_row_and_a_finding_of_its_own() -> None:
    loads = tuple(
        Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY, noticed_within=days * DAY) for days in (30, 7, 3)
    )

    (result,) = check([stack(Warehouse=sales(), Nightly=rule(keep=5))], ResiliencePolicy(survive=loads)).clusters

    assert [row.noticed_after for row in result.table.rows if row.noticed_after] == [3 * DAY, 7 * DAY, 30 * DAY]
    assert [finding.subject for finding in result.findings] == ["noticed within 7 d", "noticed within 30 d"]
    assert len({finding.fingerprint for finding in result.findings}) == 2


def test_a_policy_without_a_bad_load_still_shows_the_usual_rows() -> None:
    (result,) = check([stack(W=sales())], SURVIVE_REGION).clusters
    assert [row.noticed_after for row in result.table.rows if row.noticed_after] == [DAY, 7 * DAY, 30 * DAY]


PLAN = {"plan": "sales", "cluster": {"identifier": "sales", "region": "us-east-1"}}


@pytest.mark.parametrize(
    ("drill", "expected"),
    [
        (None, "the templates have no plan for the cluster"),
        ({"rehearsals": []}, "Plan sales has no scheduled rehearsal"),
        ({"rehearsals": [{"name": "monthly", "enabled": True}]}, "is unknown"),
        (
            {"rehearsals": [{"name": "yearly", "enabled": True}], "longest_gap_seconds": 366 * 86400},
            "up to 366 d apart",
        ),
        ({"rehearsals": [{"name": "monthly", "enabled": True}], "longest_gap_seconds": 92 * 86400}, None),
    ],
    ids=["no plan", "no rehearsal", "unknown", "too rare", "often enough"],
)
def test_a_rehearsal_is_required(drill: JSON | None, expected: str | None) -> None:
    record = {"Type": "AWS::SSM::Parameter"}
    name = "/resilient-redshift/plans/sales"
    properties = {"Name": name, "Value": json.dumps({**PLAN, "drill": drill})}
    resources = {"W": sales(), **({} if drill is None else {"Plan": {**record, "Properties": properties}})}

    found = messages(check([stack(**resources)], ResiliencePolicy(rehearsal_every=92 * DAY)), CheckRule.NOT_REHEARSED)

    assert [expected in message for message in found if expected] == ([True] if expected else [])
    assert bool(found) is bool(expected)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"Warehouse": sales(AutomatedSnapshotRetentionPeriod=7)}, None),
        ({"Warehouse": sales(), "Nightly": rule(keep=7)}, None),
        ({"Warehouse": sales(), "Nightly": rule(keep=-1)}, None),
        ({"Warehouse": sales()}, "kept for 1 d at most"),
        ({"Warehouse": sales(AutomatedSnapshotRetentionPeriod=0)}, "No snapshot of the cluster is certain"),
        ({"Warehouse": sales(AutomatedSnapshotRetentionPeriod={"Ref": "Days"})}, "unknown (decided at deployment)"),
        # a snapshot a year does not exist for most of the time
        ({"Warehouse": sales(), "Yearly": rule(schedule="cron(0 3 1 1 ? *)", keep=30)}, "kept for 1 d at most"),
    ],
    ids=["automated", "manual", "for ever", "too short", "none", "unknown", "rare"],
)
def test_snapshots_must_be_kept(resources: dict[str, JSON], expected: str | None) -> None:
    found = messages(check([stack(**resources)], ResiliencePolicy(keep_snapshots=7 * DAY)), CheckRule.SNAPSHOTS_EXPIRE)
    assert [expected in message for message in found if expected] == ([True] if expected else [])
    assert bool(found) is bool(expected)


NESTED = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/t.json"}}


def test_a_part_that_was_not_read_breaks_the_policy() -> None:
    result = check([stack(Inner=NESTED)], ResiliencePolicy())
    (finding,) = result.findings
    assert (finding.rule, finding.breaks, finding.cluster) == (CheckRule.NOT_READ, True, None)
    assert result.not_read == (finding.subject,)


def test_a_nested_stack_that_was_read_breaks_nothing() -> None:
    # GIVEN a stack with a nested one, and the template of the nested one
    outer = stack(Inner=NESTED)
    inner = replace(stack(W=sales()), name="Inner", file="inner.json", used_by=(outer.key, "Inner"))

    # WHEN both are checked THEN everything was read
    result = check([outer, inner], ResiliencePolicy())
    assert (result.not_read, result.findings) == ((), ())


def test_a_part_that_was_not_read_lies_in_its_own_file() -> None:
    result = check([stack(W=sales()), replace(stack(Inner=NESTED), file="outer.json")], ResiliencePolicy())
    assert [finding.file for finding in result.findings] == ["outer.json"]


def test_a_part_that_was_not_read_is_only_named_when_the_policy_says_so() -> None:
    result = check([stack(Inner=NESTED)], ResiliencePolicy(read_everything=False))
    assert result.kept
    assert len(result.not_read) == 1


def test_a_part_that_was_not_read_is_accepted_by_its_line() -> None:
    result = check([stack(Inner=NESTED)], accepting(CheckRule.NOT_READ, match=ClusterMatcher(), part="*: Inner is*"))
    assert result.kept
    assert [finding.accepted for finding in result.findings] == ["the copy comes in March"]


def test_an_accepted_finding_stays_with_its_reason_and_breaks_nothing() -> None:
    result = check([stack(W=sales())], accepting(), today=TODAY)
    assert result.kept
    assert [finding.accepted for finding in result.all_findings] == ["the copy comes in March"]


def test_an_exception_that_has_ended_accepts_nothing_and_is_named() -> None:
    result = check([stack(W=sales())], accepting(until=TODAY - DAY), today=TODAY)
    assert not result.kept
    assert [finding.accepted for finding in result.clusters[0].findings] == [None]
    assert messages(result, CheckRule.EXCEPTION_IDLE) == [
        'The exception for RR103 of name = "sales" has ended (until = 2026-11-30).'
    ]


def test_an_exception_still_accepts_on_its_last_day() -> None:
    assert check([stack(W=sales())], accepting(until=TODAY), today=TODAY).kept


def test_an_exception_that_accepts_nothing_is_a_warning() -> None:
    result = check([stack(W=sales(), Copy=copy({"Ref": "W"}))], accepting())
    assert result.kept
    assert messages(result, CheckRule.EXCEPTION_IDLE) == ['The exception for RR103 of name = "sales" accepts nothing.']


def test_an_exception_of_a_comparison_is_not_idle_in_a_check() -> None:
    result = check([stack(W=sales())], accepting(CheckRule.CLUSTER_GONE))
    assert messages(result, CheckRule.EXCEPTION_IDLE) == []


def test_an_exception_never_accepts_for_a_cluster_that_it_only_may_mean() -> None:
    result = check([stack(W=cluster(ClusterIdentifier={"Ref": "Name"}))], accepting())
    (message,) = messages(result, CheckRule.EXCEPTION_IDLE)
    assert not result.kept
    assert message.endswith("accepts nothing: only the deployment decides the name of cluster W.")


def dev(match: ClusterMatcher, **arguments: Any) -> ResiliencePolicy:
    return ResiliencePolicy(survive=(REGION,), clusters=(ClusterEntry(match=match, **arguments),))


def test_an_entry_that_matches_no_cluster_is_a_warning_that_names_a_near_one() -> None:
    result = check([stack(W=sales())], dev(ClusterMatcher(name="salse"), rehearsal_every=DAY))
    assert messages(result, CheckRule.ENTRY_IDLE) == [
        'The entry for clusters with name = "salse" matches no cluster; there is name = "sales".'
    ]


def test_an_entry_that_takes_something_away_must_match_for_certain() -> None:
    templates = [stack(W=sales(Tags=[{"Key": "env", "Value": {"Ref": "Environment"}}]))]
    result = check(templates, dev(ClusterMatcher(tag="env=dev"), need_not_survive=(Failure.REGION,)))
    assert not result.kept
    (message,) = messages(result, CheckRule.ENTRY_IDLE)
    assert message.endswith("takes nothing away: only the deployment decides the tag of cluster sales.")


def test_an_entry_that_asks_for_more_holds_where_it_may_match() -> None:
    templates = [stack(W=sales(Tags=[{"Key": "env", "Value": {"Ref": "Environment"}}]))]
    result = check(templates, dev(ClusterMatcher(tag="env=prod"), rehearsal_every=DAY))
    assert len(messages(result, CheckRule.NOT_REHEARSED)) == 1
    assert messages(result, CheckRule.ENTRY_IDLE) == []
    (note,) = [note for note in result.clusters[0].table.notes if "policy" in note]
    assert 'entry for tag = "env=prod" makes the policy stricter here' in note


def test_the_default_policy_is_broken_by_a_cluster_with_the_defaults_of_cloudformation() -> None:
    result = check([stack(W=cluster(ClusterIdentifier="sales"))])
    assert result.policy == "the default policy"
    assert [finding.rule.name for finding in result.all_findings] == [
        "REGION_LOST",
        "CLUSTER_DELETED",
        "STACK_DELETED",
        "BAD_LOAD",
    ]


def test_the_default_policy_is_kept_by_daily_snapshots_that_are_copied() -> None:
    resources = {"Warehouse": sales(), "Nightly": rule(schedule="rate(12 hours)", keep=9), "Copy": copy()}
    assert check([stack(**resources)], DEFAULT_POLICY).all_findings == ()


def test_a_length_out_of_range_is_refused() -> None:
    with pytest.raises(ResilientRedshiftError, match="'expected_copy_time'"):
        check([], expected_copy_time=-DAY)
