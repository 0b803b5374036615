"""The comparison of two sets of templates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.changes.change_findings import CHANGE_RULES
from resilient_redshift.planning.changes.comparison import Direction, Presence
from resilient_redshift.planning.checks.findings import Level, Requirement
from resilient_redshift.planning.checks.matching import ClusterMatcher
from resilient_redshift.planning.checks.policy import PolicyException, ResiliencePolicy
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import change_of, compared, findings, protected, sales
from tests.planning.templates import cluster, copy, rule, stack

ACCEPTED = PolicyException(
    rule=CheckRule.PROTECTION_WORSE, match=ClusterMatcher(name="sales"), reason="agreed", until=date(2027, 1, 1)
)


def test_equal_templates_have_no_change_and_no_finding() -> None:
    result = compared(protected(), protected())

    (change,) = result.clusters
    assert (change.presence, change.direction, change.aspects, change.findings) == (
        Presence.BOTH,
        Direction.SAME,
        (),
        (),
    )
    assert not result.worse


NESTED = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/elsewhere.json"}}


@pytest.mark.parametrize(
    ("before", "policy", "worse"),
    [
        ({}, {}, True),
        ({"Nested": NESTED}, {}, False),  # nobody could read it before, too
        ({}, {"read_everything": False}, False),
    ],
)
def test_a_part_that_nobody_can_read_from_now_on_is_worse(before: Any, policy: Any, worse: bool) -> None:
    # GIVEN a policy that requires that everything is read, or does not
    required = Requirement(failure=Failure.STACK_DELETED, lose_at_most=timedelta(days=1))

    # WHEN a nested stack comes whose template lies elsewhere
    given = ResiliencePolicy(survive=(required,), **policy)
    result = compared(protected(**before), protected(Nested=NESTED), policy=given)

    # THEN
    assert (result.worse, [each.direction for each in result.clusters]) == (worse, [Direction.SAME])


def test_each_failure_that_gets_worse_has_an_error_with_both_states() -> None:
    change = change_of(protected(), protected(Copy=None))

    (only,) = findings(change, CheckRule.PROTECTION_WORSE)
    assert (only.level, only.subject, only.new) == (Level.ERROR, "region", True)
    assert only.message == (
        "The Region: before the change, a loss of 9 h, with the recovery point in us-west-2; after it, no recovery point."
    )
    assert only.row is not None


def test_a_bad_load_is_named_with_its_delay() -> None:
    change = change_of(protected(), protected(Nightly=rule(keep=20)))

    assert [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)] == ["bad-load 30 d"]


def test_the_delays_of_the_policy_are_compared_too() -> None:
    load = Requirement(failure=Failure.BAD_LOAD, lose_at_most=timedelta(days=1), noticed_within=timedelta(days=20))

    change = change_of(protected(), protected(Nightly=rule(keep=20)), policy=ResiliencePolicy(survive=(load,)))

    assert [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)] == ["bad-load 20 d", "bad-load 30 d"]


def test_a_failure_is_judged_with_the_time_in_which_the_policy_wants_it_noticed() -> None:
    # GIVEN that somebody notices the loss of the Region only ten days later WHEN copies are kept for nine days
    region = Requirement(failure=Failure.REGION, lose_at_most=timedelta(days=2), noticed_within=timedelta(days=10))
    shorter = protected(Nightly=rule(keep=35, keep_in_recovery=9), Copy=copy(automated="9"))

    change = change_of(protected(), shorter, policy=ResiliencePolicy(survive=(region,)))

    assert "region" in [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)]


@pytest.mark.parametrize(
    "after",
    [
        protected(Copy=None),
        protected(Nightly=rule(keep=20)),
        protected(Warehouse=sales("Delete", AutomatedSnapshotRetentionPeriod=14)),
        protected(Warehouse=sales(AutomatedSnapshotRetentionPeriod=7)),
        protected(Warehouse=sales(AutomatedSnapshotRetentionPeriod=14, DBName="other")),
        protected(Copy=copy(automated="3")),
        stack(Topic={"Type": "AWS::SNS::Topic"}),
    ],
    ids=["copy", "rule", "final snapshot", "retention", "replaced", "copies", "gone"],
)
def test_a_cluster_that_gets_worse_has_an_error_and_one_that_does_not_has_none(after: Any) -> None:
    there, back = compared(protected(), after), compared(after, protected())

    assert there.worse
    assert there.clusters[0].direction is Direction.WORSE
    for change in (*there.clusters, *back.clusters):
        assert (change.direction is Direction.WORSE) == any(each.level is Level.ERROR for each in change.findings)


def test_the_worst_changes_come_first() -> None:
    def fleet(**properties: dict[str, Any]) -> Any:
        return stack(**{name: cluster(ClusterIdentifier=name.lower(), **each) for name, each in properties.items()})

    week, month = {"AutomatedSnapshotRetentionPeriod": 7}, {"AutomatedSnapshotRetentionPeriod": 30}
    before = fleet(Same=week, Better=week, Worse=month)
    after = fleet(Same=week, Better=month, Worse=week, New=week)

    result = compared(before, after)

    assert [(each.cluster.name, str(each.direction)) for each in result.clusters] == [
        ("worse", "worse"),
        ("new", "changed"),
        ("better", "better"),
        ("same", "same"),
    ]


def test_the_cluster_is_shown_as_it_is_after_and_as_it_was_before() -> None:
    change = change_of(stack("Old", Main=sales()), stack("New", Main=sales()))

    assert change.former is not None
    assert (change.former.stack, change.cluster.stack) == ("Old", "New")


def test_an_exception_accepts_a_finding_about_a_change() -> None:
    policy = ResiliencePolicy(exceptions=(ACCEPTED,))

    result = compared(protected(), protected(Copy=None), policy=policy)

    assert [each.accepted for each in result.clusters[0].findings] == ["agreed"]
    assert result.clusters[0].direction is Direction.WORSE
    assert not result.worse


def test_an_exception_about_a_change_that_ended_accepts_nothing_and_says_so() -> None:
    policy = ResiliencePolicy(exceptions=(ACCEPTED,))

    result = compared(protected(), protected(Copy=None), policy=policy, today=date(2027, 1, 2))

    assert result.worse
    assert [each.rule for each in result.check.findings] == [CheckRule.EXCEPTION_IDLE]


def test_the_check_is_that_of_the_head_and_marks_what_the_base_does_not_have() -> None:
    # GIVEN a cluster that breaks the policy in one way before and in another one after
    result = compared(protected(Copy=None), protected(Nightly=None, Copy=None))

    new = {each.rule: each.new for each in result.check.all_findings}
    assert new[CheckRule.REGION_LOST] is False
    assert new[CheckRule.CLUSTER_DELETED] is True


def test_a_renamed_stack_makes_no_finding_new() -> None:
    result = compared(stack("Old", Main=sales(None)), stack("New", Main=sales(None)))

    assert result.check.all_findings
    assert not any(each.new for each in result.check.all_findings)


def test_what_the_change_mends_is_named() -> None:
    result = compared(protected(Copy=None), protected())

    assert [each.rule for each in result.fixed] == [CheckRule.REGION_LOST]


def test_parts_that_were_not_read_are_named_with_their_side() -> None:
    parts = [stack(Loop={"Type": "AWS::Serverless::Application", "Properties": {}}), protected()]

    base, head = compared(parts, [protected()]), compared([protected()], parts)

    assert [each.split(": ")[0] for each in (*base.not_read, *head.not_read)] == ["base", "head"]


def test_without_a_base_every_cluster_is_new_and_nothing_is_worse() -> None:
    result = compared([], [protected()])

    assert [each.presence for each in result.clusters] == [Presence.NEW]
    assert not result.worse
    assert result.check.clusters


def test_each_rule_of_changes_is_one_of_the_comparison() -> None:
    assert {rule for rule in CheckRule if rule >= "RR121"} == CHANGE_RULES


def test_a_wrong_length_is_refused() -> None:
    with pytest.raises(ResilientRedshiftError, match="expected_copy_time"):
        compared([], [], expected_copy_time=7)
