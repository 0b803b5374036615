"""ExistingCluster: a reference with facts, and nothing in the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from resilient_redshift import ExistingCluster, ResilientRedshiftError
from resilient_redshift.cluster_ref.facts import facts_of
from tests.scenes.clusters import new_stack, number_parameter, text_parameter

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

LOADER = "arn:aws:iam::111111111111:role/loader"


def test_it_adds_nothing_to_the_template() -> None:
    stack = new_stack()
    cluster: IClusterRef = ExistingCluster.from_identifier(stack, "Old", "legacy")
    assert "Resources" not in assertions.Template.from_stack(stack).to_json()
    assert cluster.cluster_ref.cluster_identifier == "legacy"


def test_a_fact_that_is_left_out_is_unknown() -> None:
    facts = facts_of(ExistingCluster.from_identifier(new_stack(), "Old", "legacy"))
    assert (facts.identifier, facts.identifier_token, facts.region, facts.account) == (
        "legacy",
        "legacy",
        "us-east-1",
        "111111111111",
    )
    unknown = (
        "encrypted",
        "multi_az",
        "relocation",
        "node_type",
        "number_of_nodes",
        "parameters",
        "parameter_group_family",
        "port",
        "iam_role_arns",
        "log_exports",
        "maintenance_track_name",
    )
    assert [getattr(facts, name) for name in unknown] == [None] * len(unknown)
    assert facts.dependable is None
    assert facts.l1 is None


def test_a_fact_that_is_passed_is_known() -> None:
    cluster = ExistingCluster.from_identifier(
        new_stack(),
        "Old",
        "legacy",
        encrypted=True,
        multi_az=False,
        availability_zone_relocation=True,
        node_type="ra3.large",
        number_of_nodes=3,
        parameters={"require_ssl": "true"},
        parameter_group_family="redshift-1.0",
        port=3306,
        iam_role_arns=[LOADER],
        audit_log_exports=["userlog"],
        maintenance_track_name="trailing",
    )
    facts = facts_of(cluster)
    assert (facts.port, facts.iam_role_arns) == (3306, (LOADER,))
    assert (facts.log_exports, facts.maintenance_track_name) == (("userlog",), "trailing")
    assert (facts.encrypted, facts.multi_az, facts.relocation) == (True, False, True)
    assert (facts.node_type, facts.number_of_nodes) == ("ra3.large", 3)
    assert (facts.parameters, facts.parameter_group_family) == ({"require_ssl": "true"}, "redshift-1.0")


def test_the_parameters_are_copied() -> None:
    parameters = {"require_ssl": "true"}
    facts = facts_of(ExistingCluster.from_identifier(new_stack(), "Old", "legacy", parameters=parameters))
    parameters["require_ssl"] = "false"
    assert facts.parameters == {"require_ssl": "true"}


def test_environment_agnostic_stack_has_no_region() -> None:
    facts = facts_of(ExistingCluster.from_identifier(new_stack(None), "Old", "legacy"))
    assert (facts.region, facts.account) == (None, None)


def test_a_token_is_no_identifier_to_build_names_on() -> None:
    stack = new_stack()
    cluster = ExistingCluster.from_identifier(stack, "Old", text_parameter(stack))
    assert facts_of(cluster).identifier is None
    assert stack.resolve(cluster.cluster_identifier) == {"Ref": "Text"}


def test_fact_tokens_pass() -> None:
    stack = new_stack()
    text = text_parameter(stack)
    cluster = ExistingCluster.from_identifier(
        stack,
        "Old",
        "legacy",
        node_type=text,
        number_of_nodes=number_parameter(stack),
        parameters={"statement_timeout": text},
        parameter_group_family=text,
    )
    facts = facts_of(cluster)
    unknown = ("node_type", "number_of_nodes", "parameters", "parameter_group_family")
    assert [getattr(facts, name) for name in unknown] == [None] * len(unknown)


@pytest.mark.parametrize(
    ("identifier", "arguments", "message"),
    [
        ("Legacy", {}, "'cluster_identifier' must be 1 to 63 lower-case letters"),
        ("legacy", {"node_type": "ra3"}, "'node_type' must be a node type such as 'ra3.large', got 'ra3'"),
        ("legacy", {"number_of_nodes": 0}, "'number_of_nodes' must be a whole number from 1 to 128, got 0"),
        (
            "legacy",
            {"node_type": "dc2.8xlarge", "number_of_nodes": 1},
            "'number_of_nodes' must be 2 or more for dc2.8xlarge",
        ),
        ("legacy", {"parameters": {"A": "1"}}, "'parameters' must be names in lower case, got 'A'"),
        ("legacy", {"parameter_group_family": "postgres"}, "'parameter_group_family' must be a family such as"),
        ("legacy", {"port": 22}, "'port' must be 1150 to 65535, got 22"),
        ("legacy", {"iam_role_arns": ["loader"]}, "'iam_role_arns' must be the ARN of an IAM role, got 'loader'"),
        ("legacy", {"audit_log_exports": ["log"]}, "'audit_log_exports' must be some of connectionlog"),
        ("legacy", {"maintenance_track_name": ""}, "'maintenance_track_name' must be"),
    ],
)
def test_refused(identifier: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        ExistingCluster.from_identifier(new_stack(), "Old", identifier, **arguments)
    assert caught.value.problems[0].startswith(message)
    assert caught.value.where == "Stack/Old (ExistingCluster)"


def test_every_problem_at_once() -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        ExistingCluster.from_identifier(new_stack(), "Old", "Legacy", node_type="x", number_of_nodes=0)
    assert len(caught.value.problems) == 3


def test_inside_a_stage() -> None:
    app = cdk.App(analytics_reporting=False)
    stage = cdk.Stage(app, "Prod", env=cdk.Environment(account="111111111111", region="eu-west-1"))
    facts = facts_of(ExistingCluster.from_identifier(cdk.Stack(stage, "Stack"), "Old", "legacy"))
    assert facts.region == "eu-west-1"
