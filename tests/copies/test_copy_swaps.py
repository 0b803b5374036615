"""The template of a copy that moves or takes over another: one resource is updated in place, and old keys are kept."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import SnapshotCopy
from tests.scenes.clusters import new_app, new_stack
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, l1_cluster, of_type, only, site_of, template_of

COPY = "Custom::RedshiftSnapshotCopy"
GRANT = "Custom::RedshiftSnapshotCopyGrant"
ELSEWHERE = cdk.Environment(account="111111111111", region="eu-west-1")


def planned(away: cdk.Environment = AWAY, **site: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The templates of the cluster's stack and of the recovery stack."""
    app = new_app()
    home, recovery = cdk.Stack(app, "Home", env=HOME), cdk.Stack(app, "Away", env=away)
    protection = site.pop("protection", {})
    site_of(recovery, **site).protect(existing(home, "sales", encrypted=True), objectives=OBJECTIVES, **protection)
    return template_of(home), template_of(recovery)


def test_a_new_key_generation_swaps_the_plans_copy_in_place() -> None:
    # GIVEN a plan WHEN its site's key generation is raised
    (before, old), (after, new) = planned(), planned(key_generation=2)
    # THEN its copy is the same resource, under the new grant
    assert set(of_type(before, COPY)) == set(of_type(after, COPY))
    name = only(after, COPY)["Properties"]["SnapshotCopyGrantName"]
    assert name == only(new, GRANT)["Properties"]["SnapshotCopyGrantName"]
    assert name != only(before, COPY)["Properties"]["SnapshotCopyGrantName"]
    # AND nothing else of the resource changes
    changed = only(after, COPY)["Properties"].items() ^ only(before, COPY)["Properties"].items()
    assert {each for each, _ in changed} == {"SnapshotCopyGrantName"}
    assert old != new


@pytest.mark.parametrize("kind", [GRANT, "AWS::KMS::Key"])
def test_the_old_generation_leaves_the_template_and_stays(kind: str) -> None:
    # GIVEN key and grant of the first generation, WHEN the second generation's template has them no more THEN they are kept:
    # copies are encrypted under them, and a failed deployment returns to them
    old, new = planned()[1], planned(key_generation=2)[1]
    gone = {name: item for name, item in of_type(old, kind).items() if name not in new["Resources"]}
    assert gone
    for item in gone.values():
        assert (item["DeletionPolicy"], item["UpdateReplacePolicy"]) == ("Retain", "Retain")
        assert item["Properties"].get("RemovalPolicy", "retain") == "retain"


def test_another_site_moves_the_plans_copy_in_place() -> None:
    # GIVEN a plan WHEN a site in another Region protects the cluster instead THEN the copy is the same resource, and goes there
    (before, _), (after, new) = planned(), planned(ELSEWHERE)
    assert set(of_type(before, COPY)) == set(of_type(after, COPY))
    assert only(after, COPY)["Properties"]["DestinationRegion"] == "eu-west-1"
    assert (
        only(after, COPY)["Properties"]["SnapshotCopyGrantName"]
        == only(new, GRANT)["Properties"]["SnapshotCopyGrantName"]
    )


def test_the_handler_gets_replace_existing() -> None:
    # GIVEN a copy and a plan WHEN one is to replace a copy THEN the property says so; by default there is no property
    stack = new_stack()
    SnapshotCopy(stack, "Copy", cluster=l1_cluster(stack), destination_region="us-west-2", replace_existing=True)
    assert only(template_of(stack), COPY)["Properties"]["ReplaceExisting"] == "true"
    home, _ = planned(protection={"replace_existing_copy": True})
    assert only(home, COPY)["Properties"]["ReplaceExisting"] == "true"
    home, _ = planned()
    assert "ReplaceExisting" not in only(home, COPY)["Properties"]


def test_the_handler_may_swap_whatever_the_removal_policy_is() -> None:
    # GIVEN a copy that is kept WHEN synthesized THEN its policy has both halves of a swap, for this cluster alone
    home, _ = planned()
    [policy] = [item for name, item in of_type(home, "AWS::IAM::Policy").items() if "ProviderCopy" in name]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert {"redshift:DisableSnapshotCopy", "redshift:EnableSnapshotCopy"} <= {*statement["Action"]}
    assert "*" not in str(statement["Resource"])
