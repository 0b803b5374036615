"""``describe-cluster``: a live cluster as Python that makes an ExistingCluster with the same facts."""

from __future__ import annotations

import json
from typing import Any

import pytest

import resilient_redshift as rr
from resilient_redshift.cluster_ref.facts import facts_of
from tests.cli.scene import HERE, NAME, Scene, words_of
from tests.docs.tables import ROOT
from tests.scenes.clusters import new_stack

ROLE = "arn:aws:iam::123456789012:role/loader"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1f0c6a52"


@pytest.fixture
def scene() -> Scene:
    """A cluster that another tool made, with everything that the command reads."""
    scene = Scene()
    scene.region = HERE
    scene.model.given_parameter_group(HERE, "theirs", require_ssl="true", search_path='"$user", public')
    scene.cluster.kms_key_id = KEY
    scene.cluster.described.update(
        ClusterParameterGroups=[{"ParameterGroupName": "theirs", "ParameterApplyStatus": "in-sync"}],
        IamRoles=[{"IamRoleArn": ROLE, "ApplyStatus": "in-sync"}],
        DefaultIamRoleArn=ROLE,
        MaintenanceTrackName="trailing",
        AvailabilityZoneRelocationStatus="enabled",
    )
    return scene


def log_to_cloudwatch(scene: Scene) -> None:
    client = scene.model.client(HERE)
    client.enable_logging(ClusterIdentifier=NAME, LogDestinationType="cloudwatch", LogExports=["userlog"])


def test_the_python_that_is_printed_makes_a_cluster_with_these_facts(scene: Scene) -> None:
    # GIVEN a live cluster WHEN it is described, and the output is run as it stands
    log_to_cloudwatch(scene)
    result = scene.run("describe-cluster", NAME)
    assert result.exit_code == 0, words_of(result)
    namespace: dict[str, Any] = {"rr": rr, "stack": new_stack()}
    exec(f"cluster = {result.stdout.split(chr(10), 1)[1]}", namespace)  # noqa: S102 - the output is meant to be run
    # THEN the app knows of the cluster what AWS says of it
    facts = facts_of(namespace["cluster"])
    assert (facts.identifier, facts.encrypted, facts.multi_az, facts.relocation) == (NAME, True, False, True)
    assert (facts.node_type, facts.number_of_nodes, facts.port) == ("ra3.large", 2, 5439)
    assert facts.parameters == {"require_ssl": "true", "search_path": '"$user", public'}
    assert (facts.parameter_group_family, facts.maintenance_track_name) == ("redshift-2.0", "trailing")
    assert (facts.iam_role_arns, facts.log_exports) == ((ROLE,), ("userlog",))
    # AND what no argument can hold is a comment
    assert f"# encrypted with {KEY}" in result.stdout
    assert f"# default role {ROLE}" in result.stdout
    assert "# snapshots are copied to us-west-2 already: replace_existing_copy" in result.stdout


@pytest.mark.parametrize(
    ("operation", "fact"),
    [
        ("DescribeClusterParameters", "parameters"),
        ("DescribeClusterParameterGroups", "parameter_group_family"),
        ("DescribeLoggingStatus", "audit_log_exports"),
    ],
)
def test_what_could_not_be_read_is_said_and_left_out(scene: Scene, operation: str, fact: str) -> None:
    # GIVEN credentials without a right WHEN the cluster is described THEN the fact is unknown, and the status is 2
    scene.account.denied = {f"redshift:{operation}"}
    result = scene.run("describe-cluster", NAME)
    assert result.exit_code == 2
    assert f"# {fact}: unknown: redshift:{operation} in us-east-1: AccessDenied" in result.stdout
    assert f"{fact}=" not in result.stdout


def test_the_nodes_of_a_multi_az_cluster_are_not_guessed(scene: Scene) -> None:
    # GIVEN a Multi-AZ cluster, of whose number AWS does not say what it counts WHEN described THEN it is unknown
    scene.cluster.multi_az = True
    result = scene.run("describe-cluster", NAME, "--json")
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["facts"]["multi_az"]) == (2, True)
    assert "number_of_nodes" in shown["unknown"]
    assert "number_of_nodes" not in shown["facts"]


def test_relocation_that_is_changing_is_unknown(scene: Scene) -> None:
    scene.cluster.described["AvailabilityZoneRelocationStatus"] = "pendingdisabled"
    assert "# availability_zone_relocation: unknown: AWS says 'pendingdisabled'" in words_of(
        scene.run("describe-cluster", NAME)
    )


def test_a_cluster_that_does_not_exist_is_an_error(scene: Scene) -> None:
    # GIVEN a name that no cluster has WHEN described THEN nothing is printed, and the status is 2
    result = scene.run("describe-cluster", "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "ClusterNotFound" in words_of(result)


def test_the_page_shows_what_is_printed(scene: Scene) -> None:
    log_to_cloudwatch(scene)
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").split("\n## describe-cluster\n")[1]
    shown = page.split("```text\n", 1)[1].split("```", 1)[0]
    assert scene.run("describe-cluster", NAME).stdout == shown
