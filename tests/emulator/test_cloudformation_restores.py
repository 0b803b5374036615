"""AWS::Redshift::Cluster made from a snapshot, as the published resource provider makes it, and imported into a stack.

Read [S] (HND CreateHandler 95-165, Translator 910-941; SCH createOnlyProperties; domain.md 1): a create with SnapshotIdentifier is a
restore; tags, admin and database are not passed; tags are never set later, for only templates are compared; adding, changing or removing
SnapshotIdentifier replaces the cluster. Import: the user guide's "Resource import" [D]. Guessed: as in test_cloudformation_cluster.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack")

import json

from emulator.aws.cloudformation.redshift import api
from tests.emulator.cloudformation_scene import Stacks, cluster, operations
from tests.emulator.scene import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.redshift_model import Cluster


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    found = Stacks()
    model = found.model
    model.settings.subnet_group_default = True
    source = model.given_cluster(HERE, "old", master_username="boss", database="warehouse")
    for name in ("snap", "snap2"):
        model.given_snapshot(HERE, source, name)
    model.given_key(HERE, alias="site")
    return found


def restored(policy: str | None = None, **more: Any) -> dict[str, Any]:
    return cluster(policy, **{"SnapshotIdentifier": "snap", **more})


def live(stacks: Stacks, name: str = "sales") -> Cluster:
    found = stacks.model.cluster(HERE, name)
    assert found is not None
    return found


def test_a_create_is_a_restore_without_tags_admin_and_database(stacks: Stacks) -> None:
    # WHEN a template with tags and another admin names a snapshot
    wanted = {"Tags": [{"Key": "team", "Value": "data"}], "MasterUsername": "somebody", "DBName": "other"}
    more = {"AutomatedSnapshotRetentionPeriod": 14, "MaintenanceTrackName": "trailing", "KmsKeyId": "alias/site"}
    status = stacks.deploy({"C": restored(SnapshotClusterIdentifier="old", **wanted, **more)})
    # THEN one call made the cluster, with the snapshot's admin and database, and without tags
    assert status == "CREATE_COMPLETE"
    assert operations(stacks) == ["RestoreFromClusterSnapshot"]
    found = live(stacks)
    assert (found.master_username, found.database, found.tags) == ("boss", "warehouse", {})
    assert (found.status, found.automated_retention) == ("available", 14)
    asked = stacks.model.calls[0].params
    assert (asked["MaintenanceTrackName"], asked["ManageMasterPassword"]) == ("trailing", True)


def test_tags_that_a_restore_dropped_are_never_repaired_but_new_ones_are_set(stacks: Stacks) -> None:
    # GIVEN a restored cluster whose template has a tag
    old = {"Key": "team", "Value": "data"}
    stacks.deploy({"C": restored(Tags=[old])})
    # WHEN another tag joins
    stacks.deploy({"C": restored(Tags=[old, {"Key": "new", "Value": "1"}])})
    # THEN only that one is set
    assert live(stacks).tags == {"new": "1"}


def test_logging_is_switched_on_after_the_restore(stacks: Stacks) -> None:
    stacks.deploy({"C": restored(LoggingProperties={"LogDestinationType": "cloudwatch", "LogExports": ["userlog"]})})
    assert operations(stacks) == ["RestoreFromClusterSnapshot", "EnableLogging"]


def test_a_snapshot_that_is_gone_does_not_matter_afterwards(stacks: Stacks) -> None:
    # GIVEN a restored cluster whose snapshot was deleted
    stacks.deploy({"C": restored()})
    stacks.model.call(HERE, "DeleteClusterSnapshot", {"SnapshotIdentifier": "snap"})
    # WHEN something else changes THEN the cluster is changed in place
    assert stacks.deploy({"C": restored(AutomatedSnapshotRetentionPeriod=7)}) == "UPDATE_COMPLETE"
    assert operations(stacks)[-1] == "ModifyCluster"
    # AND with the snapshot gone the same template makes no cluster elsewhere
    assert stacks.deploy({"C": restored(ClusterIdentifier="twin")}, name="other") == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"SnapshotIdentifier": None}, {"SnapshotIdentifier": "snap"}),
        ({"SnapshotIdentifier": "snap"}, {"SnapshotIdentifier": "snap2"}),
        ({"SnapshotIdentifier": "snap"}, {"SnapshotIdentifier": None}),
        ({"SnapshotClusterIdentifier": None}, {"SnapshotClusterIdentifier": "old"}),
        ({"DBName": "dev"}, {"DBName": "other"}),
        ({"MasterUsername": "admin1"}, {"MasterUsername": "other"}),
    ],
    ids=["added", "changed", "removed", "its cluster", "database", "admin"],
)
@pytest.mark.parametrize("policy", [None, "Retain"])
def test_touching_what_is_frozen_replaces_the_cluster(
    stacks: Stacks, before: dict[str, Any], after: dict[str, Any], policy: str | None
) -> None:
    # GIVEN a fixed name THEN the update is refused, and nothing is called
    stacks.deploy({"C": restored(policy, **before)}, name="fixed")
    since = len(stacks.model.calls)
    assert stacks.deploy({"C": restored(policy, **after)}, name="fixed") == "UPDATE_ROLLBACK_COMPLETE"
    assert operations(stacks, since) == []
    # GIVEN a generated name THEN the old cluster goes, unless its policy keeps it
    stacks.deploy({"C": restored(policy, ClusterIdentifier=None, **before)})
    old = str(stacks.physical("C"))
    assert stacks.deploy({"C": restored(policy, ClusterIdentifier=None, **after)}) == "UPDATE_COMPLETE"
    assert stacks.physical("C") != old
    assert (stacks.model.cluster(HERE, old) is not None) == (policy == "Retain")


def test_a_restore_that_fails_leaves_nothing(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a restore that Redshift gives up, and a handler that waits no 36 hours
    monkeypatch.setattr(api, "TIMEOUT_SECONDS", 3600)
    stacks.model.faults.next_restores("incompatible-restore")
    # WHEN it is deployed
    assert stacks.deploy({"C": restored()}) == "ROLLBACK_COMPLETE"
    # THEN the half-made cluster was deleted
    assert operations(stacks) == ["RestoreFromClusterSnapshot", "DeleteCluster"]
    assert stacks.model.cluster(HERE, "sales") is None


# import


def brought_in(stacks: Stacks, template: dict[str, Any], name: str = "stack", identifier: str = "old") -> str:
    entry = "ResourcesToImport__member__1__"
    stacks.call(
        "CreateChangeSet",
        StackName=name,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": template}),
        **{
            f"{entry}ResourceType": "AWS::Redshift::Cluster",
            f"{entry}LogicalResourceId": "C",
            f"{entry}ResourceIdentifier__entry__1__key": "ClusterIdentifier",
            f"{entry}ResourceIdentifier__entry__1__value": identifier,
        },
    )
    stacks.call("ExecuteChangeSet", StackName=name, ChangeSetName="import")
    return stacks.status(name)


def test_a_live_cluster_is_imported_untouched_and_owned_from_then_on(stacks: Stacks) -> None:
    # GIVEN a cluster that no stack made
    # WHEN a stack imports it
    template = cluster("Retain", ClusterIdentifier="old")
    assert brought_in(stacks, {"C": template}) == "IMPORT_COMPLETE"
    # THEN nothing was called, and the stack holds it
    assert operations(stacks) == []
    assert stacks.physical("C") == "old"
    # AND a later update changes it in place
    changed = cluster("Retain", ClusterIdentifier="old", AutomatedSnapshotRetentionPeriod=7)
    assert stacks.deploy({"C": changed}) == "UPDATE_COMPLETE"
    assert operations(stacks) == ["ModifyCluster"]
    # AND Retain keeps it when the stack goes
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert live(stacks, "old").status == "available"


def test_an_import_needs_a_deletion_policy_and_a_cluster_that_is_there(stacks: Stacks) -> None:
    with pytest.raises(ValueError, match="DeletionPolicy"):
        brought_in(stacks, {"C": cluster(ClusterIdentifier="old")})
    with pytest.raises(ValueError, match="ChangeSet"):
        brought_in(stacks, {"C": cluster("Retain", ClusterIdentifier="none")}, "other", "none")


def test_the_cli_learns_what_names_a_cluster(stacks: Stacks) -> None:
    body = json.dumps({"Resources": {"C": cluster("Retain", ClusterIdentifier="old")}})
    found = stacks.call("GetTemplateSummary", TemplateBody=body)
    assert "<ResourceIdentifiers><member>ClusterIdentifier</member></ResourceIdentifiers>" in found
