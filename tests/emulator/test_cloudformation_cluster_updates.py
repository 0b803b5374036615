"""Updates of AWS::Redshift::Cluster as the published resource provider handles them, on the model of Redshift's API, without a server.

Read [S] in aws-cloudformation-resource-providers-redshift, commit 0650714, UpdateHandler.java 246-540 and Translator.java 184-775
- the order of the steps: tags, roles, logging, retention of copies, enable/disable, resize, parameter group and reboot, ModifyCluster
- another destination Region fails; another grant is never seen; the cluster's manual retention goes along with enable, and never later
- SnapshotCopyManual turns the one retention from automated to manual copies; removing the retention does nothing
- tags by comparing templates; ModifyCluster with what changed, and ManageMasterPassword always

Guessed: that the deployed provider does as the published one; that an encryption change is refused by Redshift while copying (the model);
that a cluster whose update failed gets the swapped update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("ministack")

from emulator.aws.cloudformation.engine.settings import SETTINGS
from emulator.redshift_model import CopyConfig
from tests.emulator.cloudformation_scene import NATIVE, Stacks, cluster, copy_of, operations, tagged, with_copy
from tests.emulator.scene import DAY, HERE, THERE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    found = Stacks()
    found.model.given_grant(THERE, "grant")
    yield found
    SETTINGS.providers.clear()


# update: the copy


def test_adding_a_region_enables_with_the_clusters_manual_retention(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"C": cluster(ManualSnapshotRetentionPeriod=30)})
    # WHEN
    stacks.deploy({"C": cluster(ManualSnapshotRetentionPeriod=30, **NATIVE)})
    # THEN one number serves both
    assert copy_of(stacks) == CopyConfig(THERE, 14, 30, "grant")


def test_another_region_fails_and_rolls_back_to_the_former(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    # WHEN
    status = stacks.deploy({"C": tagged(**{**NATIVE, "DestinationRegion": "eu-north-1"})})
    # THEN
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


def test_the_former_retention_comes_back_when_a_change_of_region_fails(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    since = len(stacks.model.calls)
    # WHEN retention and Region change in one update
    stacks.deploy({"C": tagged(**{**NATIVE, "DestinationRegion": "eu-north-1", "SnapshotCopyRetentionPeriod": 20})})
    # THEN the retention, which goes first, had been changed, and is sent back
    assert operations(stacks, since) == ["ModifySnapshotCopyRetentionPeriod", "ModifySnapshotCopyRetentionPeriod"]
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


def test_removing_the_region_disables_only_what_the_template_had(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    # WHEN
    stacks.deploy({"C": tagged()})
    # THEN
    assert copy_of(stacks) is None


def test_a_copy_that_no_template_had_is_left_alone(stacks: Stacks) -> None:
    # GIVEN a copy made by somebody else
    stacks.deploy({"C": cluster()})
    stacks.model.call(HERE, "EnableSnapshotCopy", {"ClusterIdentifier": "sales", "DestinationRegion": THERE})
    # WHEN the cluster changes
    stacks.deploy({"C": cluster(AutomatedSnapshotRetentionPeriod=9)})
    # THEN
    assert copy_of(stacks) is not None


def test_another_grant_is_not_seen(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    stacks.model.given_grant(THERE, "other")
    since = len(stacks.model.calls)
    # WHEN
    status = stacks.deploy({"C": tagged(**{**NATIVE, "SnapshotCopyGrantName": "other"})})
    # THEN the stack is content and nothing has changed
    assert status == "UPDATE_COMPLETE"
    assert operations(stacks, since) == []
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


@pytest.mark.parametrize(
    ("manual", "expected"), [(None, CopyConfig(THERE, 20, -1, "grant")), (True, CopyConfig(THERE, 14, 20, "grant"))]
)
def test_retention_goes_to_automated_or_to_manual_copies(
    stacks: Stacks, manual: bool | None, expected: CopyConfig
) -> None:
    # GIVEN
    with_copy(stacks)
    # WHEN
    stacks.deploy({"C": tagged(**{**NATIVE, "SnapshotCopyRetentionPeriod": 20, "SnapshotCopyManual": manual})})
    # THEN
    assert copy_of(stacks) == expected


def test_removing_the_retention_does_nothing(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    # WHEN
    stacks.deploy({"C": tagged(**{**NATIVE, "SnapshotCopyRetentionPeriod": None})})
    # THEN
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


def test_retention_is_changed_before_the_copy_is_switched_off(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    since = len(stacks.model.calls)
    # WHEN both change
    stacks.deploy({"C": tagged(SnapshotCopyRetentionPeriod=20)})
    # THEN the first of the two was useless
    assert operations(stacks, since) == ["ModifySnapshotCopyRetentionPeriod", "DisableSnapshotCopy"]


def test_the_clusters_manual_retention_never_reaches_the_copy(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    since = len(stacks.model.calls)
    # WHEN
    stacks.deploy({"C": tagged(**NATIVE, ManualSnapshotRetentionPeriod=30)})
    # THEN
    assert operations(stacks, since) == ["ModifyCluster"]
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


def test_another_key_fails_while_the_copy_is_on(stacks: Stacks) -> None:
    # GIVEN
    with_copy(stacks)
    key = stacks.model.given_key(HERE)
    # WHEN
    status = stacks.deploy({"C": tagged(**NATIVE, KmsKeyId=key)})
    # THEN the handler does not switch the copy off for it
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert copy_of(stacks) is not None


# update: the rest


def test_tags_are_compared_between_templates_so_foreign_ones_stay(stacks: Stacks) -> None:
    # GIVEN a tag from elsewhere
    stacks.deploy({"C": cluster(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])})
    arn = stacks.model.arn(HERE, "cluster:sales")
    stacks.model.call(HERE, "CreateTags", {"ResourceName": arn, "Tags": [{"Key": "foreign", "Value": "x"}]})
    # WHEN one tag changes and one goes
    stacks.deploy({"C": cluster(Tags=[{"Key": "a", "Value": "2"}])})
    # THEN
    found = stacks.model.cluster(HERE, "sales")
    assert found is not None
    assert found.tags == {"a": "2", "foreign": "x"}


def test_size_is_resized_and_groups_wait_for_a_reboot(stacks: Stacks) -> None:
    # GIVEN
    group = {
        "Type": "AWS::Redshift::ClusterParameterGroup",
        "Properties": {"Description": "d", "ParameterGroupFamily": "redshift-1.0"},
    }
    stacks.deploy({"C": cluster()})
    since = len(stacks.model.calls)
    # WHEN
    status = stacks.deploy({"C": cluster(NumberOfNodes=4, ClusterParameterGroupName={"Ref": "G"}), "G": group})
    # THEN
    assert status == "UPDATE_COMPLETE"
    assert operations(stacks, since) == [
        "CreateClusterParameterGroup",
        "ResizeCluster",
        "ModifyCluster",
        "RebootCluster",
    ]
    found = stacks.model.call(HERE, "DescribeClusters", {"ClusterIdentifier": "sales"})["Clusters"][0]
    assert found["NumberOfNodes"] == 4
    assert found["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_a_cluster_that_is_gone_fails_the_update(stacks: Stacks) -> None:
    # GIVEN somebody deleted it
    stacks.deploy({"C": cluster()})
    stacks.model.call(HERE, "DeleteCluster", {"ClusterIdentifier": "sales", "SkipFinalClusterSnapshot": True})
    stacks.model.clock.advance(DAY)
    # WHEN / THEN the way back fails for the same reason
    assert stacks.deploy({"C": cluster(AutomatedSnapshotRetentionPeriod=9)}) == "UPDATE_ROLLBACK_FAILED"
