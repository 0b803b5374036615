"""facts_of: what is known about each kind of cluster, and that unknown is never "off"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_redshift as redshift
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift.cluster_ref.facts import facts_of, note_copy
from tests.scenes.clusters import cluster_of, new_app, new_stack, number_parameter, text_parameter

if TYPE_CHECKING:
    from constructs import Construct


def l1_of(scope: Construct, name: str = "L1", **arguments: Any) -> redshift.CfnCluster:
    settings = {"cluster_type": "multi-node", "db_name": "dev", "master_username": "me", "node_type": "ra3.large"}
    return redshift.CfnCluster(scope, name, **(settings | arguments))


def group_of(scope: Construct, name: str = "Group", **arguments: Any) -> redshift.CfnClusterParameterGroup:
    settings: dict[str, Any] = {
        "description": "d",
        "parameter_group_family": "redshift-1.0",
        "parameters": [{"parameterName": "require_ssl", "parameterValue": "true"}],
    }
    return redshift.CfnClusterParameterGroup(scope, name, **(settings | arguments))


class AlphaLike(cdk.Resource):
    """A construct like the alpha L2: the L1 is its default child, and it has no ``cluster_ref``."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        l1_of(self, "Resource", cluster_identifier="alpha")


@jsii.implements(IClusterRef)
class Foreign(cdk.Resource):
    @property
    def cluster_ref(self) -> ClusterReference:
        return ClusterReference(cluster_identifier="foreign")


class ImportedAlphaLike(cdk.Resource):
    cluster_name = "imported"


# ------------------------------------------------------------------------------------------------------------- ours


def test_ours() -> None:
    stack = new_stack()
    cluster = cluster_of(stack, cluster_identifier="sales", parameters={"statement_timeout": "1"})
    facts = facts_of(cluster)
    assert (facts.identifier, facts.region, facts.account) == ("sales", "us-east-1", "111111111111")
    assert stack.resolve(facts.identifier_token) == {"Ref": "Warehouse50B5FE91"}
    assert (facts.encrypted, facts.multi_az, facts.relocation) == (True, False, None)
    assert (facts.node_type, facts.number_of_nodes, facts.port) == ("ra3.large", 2, 5440)
    assert facts.parameters == {"enable_user_activity_logging": "true", "require_ssl": "true", "statement_timeout": "1"}
    assert facts.parameter_group_family == "redshift-1.0"
    assert (facts.iam_role_arns, facts.maintenance_track_name) == ((), None)
    assert facts.dependable is cluster
    assert facts.l1 is cluster.node.default_child


def test_ours_with_roles_and_a_track() -> None:
    # GIVEN a cluster of ours with a literal role and a new one WHEN its facts are read THEN both roles are there
    stack = new_stack()
    known = iam.Role.from_role_arn(stack, "Known", "arn:aws:iam::111111111111:role/load")
    made = iam.Role(stack, "Made", assumed_by=iam.ServicePrincipal("redshift.amazonaws.com"))
    facts = facts_of(cluster_of(stack, iam_roles=[known, made], maintenance_track_name="trailing"))
    assert facts.iam_role_arns == (known.role_arn, made.role_arn)
    assert facts.maintenance_track_name == "trailing"


def test_ours_of_tokens() -> None:
    stack = new_stack(None)
    text, number = text_parameter(stack), number_parameter(stack)
    cluster = cluster_of(
        stack,
        cluster_identifier=text,
        node_type=text,
        number_of_nodes=number,
        port=number,
        parameters={"statement_timeout": text},
        parameter_group_family=text,
    )
    facts = facts_of(cluster)
    unknown = (
        "identifier",
        "region",
        "account",
        "node_type",
        "number_of_nodes",
        "port",
        "parameters",
        "parameter_group_family",
    )
    assert [getattr(facts, name) for name in unknown] == [None] * len(unknown)


def test_ours_is_ordered_before_what_depends_on_it() -> None:
    stack = new_stack()
    after = cdk.CfnResource(stack, "After", type="Custom::After")
    dependable = facts_of(cluster_of(stack)).dependable
    assert dependable is not None
    after.node.add_dependency(dependable)
    template = assertions.Template.from_stack(stack).to_json()
    assert "Warehouse50B5FE91" in template["Resources"]["After"]["DependsOn"]


# --------------------------------------------------------------------------------------------------------------- L1


def test_bare_l1() -> None:
    stack = new_stack()
    l1 = l1_of(stack)
    facts = facts_of(l1)
    assert (facts.identifier, facts.region, facts.account) == (None, "us-east-1", "111111111111")
    assert stack.resolve(facts.identifier_token) == {"Ref": "L1"}
    # AWS has changed its defaults of encryption and relocation over the years; without the property it uses one Zone
    assert (facts.encrypted, facts.multi_az, facts.relocation) == (None, False, None)
    assert (facts.node_type, facts.number_of_nodes, facts.port) == ("ra3.large", None, None)
    assert (facts.parameters, facts.parameter_group_family) == (None, None)
    assert (facts.iam_role_arns, facts.maintenance_track_name) == ((), None)
    assert facts.dependable is l1
    assert facts.l1 is l1


def test_l1_with_everything() -> None:
    l1 = l1_of(
        new_stack(),
        cluster_identifier="sales",
        encrypted=False,
        multi_az=True,
        availability_zone_relocation=False,
        number_of_nodes=4,
        port=5440,
        iam_roles=["arn:aws:iam::111111111111:role/load"],
        maintenance_track_name="trailing",
    )
    facts = facts_of(l1)
    assert facts.iam_role_arns == ("arn:aws:iam::111111111111:role/load",)
    assert facts.maintenance_track_name == "trailing"
    assert (facts.identifier, facts.encrypted, facts.multi_az, facts.relocation) == ("sales", False, True, False)
    assert (facts.number_of_nodes, facts.port) == (4, 5440)


@pytest.mark.parametrize("roles", [["arn:aws:iam::111111111111:role/load"], None])
def test_roles_of_an_l1_that_cdk_lists_later(roles: list[str] | None) -> None:
    # GIVEN an L1 whose roles are a list that is a token WHEN its facts are read THEN they are the present roles
    stack = new_stack()

    @jsii.implements(cdk.IStableListProducer)
    class Roles:
        def produce(self) -> list[str] | None:
            return roles

    facts = facts_of(l1_of(stack, iam_roles=cdk.Lazy.list(Roles())))
    assert facts.iam_role_arns == tuple(roles or ())


def test_a_role_of_an_l1_that_is_a_token_stays_a_token() -> None:
    stack = new_stack()
    text = text_parameter(stack)
    facts = facts_of(l1_of(stack, iam_roles=[text]))
    assert facts.iam_role_arns == (text,)


def test_l1_of_one_node() -> None:
    assert facts_of(l1_of(new_stack(), cluster_type="single-node")).number_of_nodes == 1


def test_l1_of_tokens() -> None:
    stack = new_stack(None)
    text, number = text_parameter(stack), number_parameter(stack)
    flag = cdk.Fn.condition_equals(text, "yes")
    l1 = l1_of(
        stack,
        cluster_identifier=text,
        node_type=text,
        number_of_nodes=number,
        port=number,
        encrypted=flag,
        multi_az=flag,
    )
    facts = facts_of(l1)
    unknown = ("identifier", "region", "account", "node_type", "number_of_nodes", "port", "encrypted", "multi_az")
    assert [getattr(facts, name) for name in unknown] == [None] * len(unknown)


def test_l1_with_a_parameter_group_by_reference() -> None:
    stack = new_stack()
    facts = facts_of(l1_of(stack, cluster_parameter_group_name=group_of(stack).ref))
    assert (facts.parameters, facts.parameter_group_family) == ({"require_ssl": "true"}, "redshift-1.0")


def test_l1_with_a_parameter_group_by_name() -> None:
    stack = new_stack()
    group_of(stack, "Other", parameter_group_name="theirs", parameters=[])
    group_of(stack, parameter_group_name="ours")
    facts = facts_of(l1_of(stack, cluster_parameter_group_name="ours"))
    assert facts.parameters == {"require_ssl": "true"}


def test_l1_with_a_parameter_group_of_another_stack_by_reference() -> None:
    stack = new_stack()
    other = cdk.Stack(
        cast("cdk.App", stack.node.root), "Groups", env=cdk.Environment(account="111111111111", region="us-east-1")
    )
    facts = facts_of(l1_of(stack, cluster_parameter_group_name=group_of(other).ref))
    assert facts.parameters == {"require_ssl": "true"}


@pytest.mark.parametrize("name", ["default.redshift-1.0", "made-by-hand"])
def test_l1_with_a_parameter_group_from_elsewhere(name: str) -> None:
    assert facts_of(l1_of(new_stack(), cluster_parameter_group_name=name)).parameters is None


def test_l1_with_a_parameter_group_that_is_a_parameter() -> None:
    stack = new_stack()
    assert facts_of(l1_of(stack, cluster_parameter_group_name=text_parameter(stack))).parameters is None


def test_l1_with_a_parameter_group_of_no_parameters() -> None:
    stack = new_stack()
    facts = facts_of(l1_of(stack, cluster_parameter_group_name=group_of(stack, parameters=None).ref))
    assert facts.parameters == {}


def test_l1_with_a_computed_parameter() -> None:
    stack = new_stack()
    parameters = [{"parameterName": "statement_timeout", "parameterValue": text_parameter(stack)}]
    facts = facts_of(l1_of(stack, cluster_parameter_group_name=group_of(stack, parameters=parameters).ref))
    assert facts.parameters is None


@pytest.mark.parametrize("name", ["alias/warehouse", "arn:aws:kms:us-east-1:111111111111:key/1", None])
def test_a_key_named_by_text_is_unchanged(name: str | None) -> None:
    assert facts_of(l1_of(new_stack(), kms_key_id=name)).key == name


def test_a_key_that_is_a_parameter_is_unchanged() -> None:
    stack = new_stack()
    assert stack.resolve(facts_of(l1_of(stack, kms_key_id=text_parameter(stack))).key) == {"Ref": "Text"}


# ------------------------------------------------------------------------------------------------------------ others


def test_alpha_like_l2_is_read_through_its_l1() -> None:
    cluster = AlphaLike(new_stack(), "Alpha")
    facts = facts_of(cast("IClusterRef", cluster))
    assert (facts.identifier, facts.node_type) == ("alpha", "ra3.large")
    assert facts.dependable is cluster
    assert facts.l1 is cluster.node.default_child


def test_foreign_reference_is_known_by_name_alone() -> None:
    facts = facts_of(cast("IClusterRef", Foreign(new_stack(), "Foreign")))
    assert (facts.identifier, facts.identifier_token, facts.region) == ("foreign", "foreign", "us-east-1")
    assert (facts.encrypted, facts.multi_az, facts.dependable, facts.l1) == (None, None, None, None)


def test_imported_alpha_like_is_known_by_its_cluster_name() -> None:
    facts = facts_of(cast("IClusterRef", ImportedAlphaLike(new_stack(), "Imported")))
    assert facts.identifier == "imported"


def test_noting_a_copy_on_an_l1_says_nothing() -> None:
    l1 = l1_of(new_stack())
    note_copy(l1, "copied")
    assert l1.node.metadata == [entry for entry in l1.node.metadata if entry.type != "aws:cdk:acknowledged-rules"]


def test_a_namesake_group_of_another_stack_is_not_taken_for_the_own_one() -> None:
    # GIVEN a group of the same name in another Region, found first
    app = new_app()
    far = cdk.Stack(app, "Far", env=cdk.Environment(account="111111111111", region="us-west-2"))
    group_of(far, parameter_group_name="ours", parameters=[])
    stack = new_stack(app=app)
    group_of(stack, parameter_group_name="ours")
    # THEN the one of the cluster's own stack counts
    facts = facts_of(l1_of(stack, cluster_parameter_group_name="ours"))
    assert facts.parameters == {"require_ssl": "true"}
