"""One owner for each copy, grant and name. A call that failed owns nothing."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.aws_events import Schedule

from resilient_redshift import (
    ManualSnapshotRule,
    ResilientRedshiftError,
    RestoreOptions,
    SnapshotCopy,
    SnapshotCopyGrant,
)
from tests.scenes.clusters import new_app, new_stack
from tests.scenes.recovery import AWAY, OBJECTIVES, existing, l1_cluster, site_of, two_stacks

DAILY = Schedule.rate(cdk.Duration.days(1))


def test_a_copy_that_failed_owns_no_cluster() -> None:
    # GIVEN a copy that was refused WHEN another construct copies the cluster THEN it may
    stack = new_stack()
    cluster = existing(stack)
    with pytest.raises(ResilientRedshiftError, match="destination_region"):
        SnapshotCopy(stack, "First", cluster=cluster, destination_region="us-east-1")
    SnapshotCopy(stack, "Second", cluster=cluster, destination_region="us-west-2")
    with pytest.raises(ResilientRedshiftError, match=r"'Stack/Second \(SnapshotCopy\)' already owns its copy"):
        SnapshotCopy(stack, "Third", cluster=cluster, destination_region="us-west-2")


def test_names_in_another_case_are_one_cluster() -> None:
    # GIVEN a cluster named in capitals, as AWS does not store it WHEN another construct copies it by its stored name
    home, _ = two_stacks()
    SnapshotCopy(home, "First", cluster=l1_cluster(home, cluster_identifier="Sales"), destination_region="us-west-2")
    # THEN it is one cluster
    with pytest.raises(ResilientRedshiftError, match=r"'Home/First \(SnapshotCopy\)' already owns its copy"):
        SnapshotCopy(home, "Second", cluster=existing(home, "sales"), destination_region="us-west-2")


def test_a_plan_that_failed_owns_neither_name_nor_cluster() -> None:
    # GIVEN a plan that was refused WHEN the cluster gets one under the same or another name THEN it may
    home, away = two_stacks()
    site = site_of(away)
    cluster = existing(home, parameters=None)
    with pytest.raises(ResilientRedshiftError, match="'restore' must be"):
        site.protect(cluster, objectives=OBJECTIVES, plan_name="first")
    site.protect(cluster, objectives=OBJECTIVES, plan_name="second", restore=RestoreOptions(parameters={}))
    site.protect(existing(home, "other"), objectives=OBJECTIVES, plan_name="first")


def test_a_grant_that_failed_owns_no_name() -> None:
    # GIVEN a grant whose key was refused WHEN another construct makes it THEN it may
    home, away = two_stacks(new_app())
    wrong = cdk.aws_kms.Key.from_key_arn(home, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    right = cdk.aws_kms.Key(away, "Key")
    with pytest.raises(ResilientRedshiftError, match="encryption_key"):
        SnapshotCopyGrant(away, "First", snapshot_copy_grant_name="copies", encryption_key=wrong)
    SnapshotCopyGrant(away, "Second", snapshot_copy_grant_name="copies", encryption_key=right)


def test_a_rule_that_failed_owns_no_name() -> None:
    # GIVEN a rule that the quota refused WHEN another construct takes its name THEN it may
    stack = new_stack()
    cluster = existing(stack)
    with pytest.raises(ResilientRedshiftError, match="manual_snapshot_quota"):
        ManualSnapshotRule(
            stack, "First", cluster=cluster, schedule=DAILY, keep=cdk.Duration.days(700), rule_name="day"
        )
    ManualSnapshotRule(stack, "Second", cluster=cluster, schedule=DAILY, keep=cdk.Duration.days(3), rule_name="day")


def test_a_site_is_refused_before_it_is_made() -> None:
    # GIVEN a site's grant name that another grant has WHEN the site is declared THEN it is refused as a site, whole
    stack = new_stack(AWAY)
    site_of(stack, "First", snapshot_copy_grant_name="copies")
    with pytest.raises(ResilientRedshiftError, match=r"Stack/Second \(RecoverySite\): 'snapshot_copy_grant_name'"):
        site_of(stack, "Second", snapshot_copy_grant_name="copies")
    assert stack.node.try_find_child("Second") is None
