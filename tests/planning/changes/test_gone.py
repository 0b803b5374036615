"""What remains of a cluster that a change removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning.changes.comparison import Direction, Presence
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import JSON, backed_up, change_of, compared, findings, protected, sales
from tests.planning.templates import copy, rule, stack

if TYPE_CHECKING:
    from resilient_redshift.planning import SynthesizedTemplate

EMPTY: JSON = {"Type": "AWS::SNS::Topic"}


def gone(before: SynthesizedTemplate, after: Any = None) -> str:
    """The message about the only cluster, which is gone."""
    change = change_of(before, stack(Topic=EMPTY) if after is None else after, head="cdk.out")
    assert (change.presence, change.direction) == (Presence.GONE, Direction.WORSE)
    (only,) = findings(change, CheckRule.CLUSTER_GONE)
    return only.message


@pytest.mark.parametrize(
    ("policy", "beginning"),
    [
        (None, "CloudFormation deletes the cluster without a final snapshot (DeletionPolicy Delete)"),
        ("Snapshot", "CloudFormation deletes the cluster, and a final snapshot stays for ever"),
        ("Retain", "The cluster stays, and no template describes it any more (DeletionPolicy Retain)."),
        ({"Ref": "Policy"}, "Whether CloudFormation deletes the cluster is decided at deployment"),
    ],
    ids=["delete", "snapshot", "retain", "unknown"],
)
def test_the_deletion_policy_decides(policy: Any, beginning: str) -> None:
    assert gone(stack(Main=sales(policy))).startswith(beginning)


def test_automated_snapshots_go_with_their_cluster_and_manual_ones_stay() -> None:
    message = gone(stack(Warehouse=sales(None, AutomatedSnapshotRetentionPeriod=7), Nightly=rule()))

    assert "Redshift deletes its automated snapshots, at most 22, with it" in message
    assert message.endswith("manual snapshots stay until their retention ends.")


def test_snapshots_of_aws_backup_stay_too() -> None:
    assert gone(stack(Main=sales(None), **backed_up())).endswith("manual snapshots stay until their retention ends.")


def test_a_stack_that_is_not_in_the_head_stays_until_somebody_deletes_it() -> None:
    message = gone(stack("Warehouse", Main=sales()), stack("Other", Topic=EMPTY))

    assert message.startswith("Stack Warehouse is not in cdk.out. Nothing happens until somebody deletes the stack")


def test_a_stack_of_the_same_name_in_another_region_is_another_stack() -> None:
    # GIVEN an app whose stack has one name in all Regions WHEN one Region is not in the app any more
    before = [stack("Warehouse", region, Main=sales()) for region in ("us-east-1", "eu-west-1")]

    change = compared(before, before[1:], head="cdk.out").clusters[0]

    (only,) = findings(change, CheckRule.CLUSTER_GONE)
    assert only.message.startswith("Stack Warehouse of an unknown account in us-east-1 is not in cdk.out. Nothing")


def test_a_nested_stack_goes_with_its_place_in_the_parent() -> None:
    assert gone(stack("Parent/Nested", Main=sales()), stack("Parent", Topic=EMPTY)).startswith("CloudFormation deletes")


def test_a_cluster_may_be_gone_while_the_head_has_parts_that_were_not_read() -> None:
    unread = stack(Loop={"Type": "AWS::Serverless::Application", "Properties": {}})

    change = change_of(protected(), unread, head="cdk.out")

    assert not change.certain
    (only,) = findings(change, CheckRule.CLUSTER_GONE)
    assert only.message.startswith("The cluster may be gone: parts of cdk.out were not read.")


def test_a_cluster_of_nobodys_template_stays_without_its_protection() -> None:
    assert gone(stack(Copy=copy("sales"))) == (
        "Nothing in cdk.out protects the cluster any more; the cluster itself stays."
    )


def test_a_cluster_that_leaves_the_templates_and_stays_protected_by_name_is_gone_from_its_stack() -> None:
    change = change_of(protected(Copy=copy("sales")), stack(Copy=copy("sales")))

    assert change.presence is Presence.BOTH
    (only,) = findings(change, CheckRule.CLUSTER_GONE)
    assert only.message.startswith("CloudFormation deletes the cluster, and a final snapshot stays")


def test_a_cluster_that_a_condition_may_leave_out_from_now_on_may_be_gone() -> None:
    conditional = stack(Main={**sales(), "Condition": "Prod"})

    (only,) = findings(change_of(stack(Main=sales()), conditional), CheckRule.CLUSTER_GONE)

    assert only.message.startswith(
        "The cluster may be gone: after the change, it exists only where condition Prod holds."
    )
    assert "a final snapshot stays for ever" in only.message


def test_a_cluster_that_has_its_condition_as_before_is_not_gone() -> None:
    conditional = stack(Main={**sales(), "Condition": "Prod"})

    for before in (conditional, stack(Main={**sales(), "Condition": "Other"})):
        gone = findings(change_of(before, conditional), CheckRule.CLUSTER_GONE)
        assert bool(gone) is (before is not conditional)
