"""ResilientCluster: defaults, arguments, and the attributes that other constructs use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift

from resilient_redshift import FOREVER, AutomatedSnapshots, ResilientCluster
from tests.scenes.clusters import (
    HERE,
    cluster_of,
    cluster_resource,
    new_app,
    new_stack,
    number_parameter,
    properties_of,
    resources_of,
    text_parameter,
    vpc_of,
)

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef


@pytest.fixture(scope="module")
def default_template() -> assertions.Template:
    stack = new_stack()
    cluster_of(stack)
    return assertions.Template.from_stack(stack)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AllowVersionUpgrade", True),
        ("AutomatedSnapshotRetentionPeriod", 7),
        ("ManualSnapshotRetentionPeriod", -1),
        ("ClusterType", "multi-node"),
        ("NumberOfNodes", 2),
        ("DBName", "dev"),
        ("MasterUsername", "warehouse_admin"),
        ("ManageMasterPassword", True),
        ("Port", 5440),
        ("Encrypted", True),
        ("EnhancedVpcRouting", True),
        ("PubliclyAccessible", False),
        ("MultiAZ", False),
        ("PreferredMaintenanceWindow", "sat:10:00-sat:10:30"),
        (
            "LoggingProperties",
            {"LogDestinationType": "cloudwatch", "LogExports": ["connectionlog", "userlog", "useractivitylog"]},
        ),
    ],
)
def test_documented_default(default_template: assertions.Template, name: str, value: object) -> None:
    # GIVEN a cluster of nothing but a VPC and a node type, THEN
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert cluster["Properties"][name] == value


@pytest.mark.parametrize(
    "name",
    [
        "ClusterIdentifier",
        "MasterUserPassword",
        "IamRoles",
        "MaintenanceTrackName",
        "AvailabilityZoneRelocation",
        # never set here: CloudFormation drops or mishandles them (design.md, principle 2)
        "DestinationRegion",
        "SnapshotCopyGrantName",
        "SnapshotCopyRetentionPeriod",
        "SnapshotCopyManual",
        "SnapshotIdentifier",
    ],
)
def test_left_out_by_default(default_template: assertions.Template, name: str) -> None:
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert name not in cluster["Properties"]


def test_snapshot_on_delete_and_on_replacement(default_template: assertions.Template) -> None:
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")


def test_own_key_rotates_and_is_retained(default_template: assertions.Template) -> None:
    [(logical_id, key)] = default_template.find_resources("AWS::KMS::Key").items()
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert key["Properties"]["EnableKeyRotation"] is True
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    assert cluster["Properties"]["KmsKeyId"] == arn
    assert cluster["Properties"]["MasterPasswordSecretKmsKeyId"] == arn


def test_own_security_group_has_no_ingress(default_template: assertions.Template) -> None:
    [(logical_id, group)] = default_template.find_resources("AWS::EC2::SecurityGroup").items()
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    assert cluster["Properties"]["VpcSecurityGroupIds"] == [{"Fn::GetAtt": [logical_id, "GroupId"]}]


def test_own_subnet_group_holds_the_private_subnets(default_template: assertions.Template) -> None:
    [(logical_id, group)] = default_template.find_resources("AWS::Redshift::ClusterSubnetGroup").items()
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert group["Properties"]["SubnetIds"] == ["subnet-us-east-1a", "subnet-us-east-1b", "subnet-us-east-1c"]
    assert cluster["Properties"]["ClusterSubnetGroupName"] == {"Ref": logical_id}


def test_tls_and_user_activity_logging_are_on(default_template: assertions.Template) -> None:
    [(logical_id, group)] = default_template.find_resources("AWS::Redshift::ClusterParameterGroup").items()
    [cluster] = default_template.find_resources("AWS::Redshift::Cluster").values()
    assert group["Properties"]["ParameterGroupFamily"] == "redshift-1.0"
    assert group["Properties"]["Parameters"] == [
        {"ParameterName": "enable_user_activity_logging", "ParameterValue": "true"},
        {"ParameterName": "require_ssl", "ParameterValue": "true"},
    ]
    assert cluster["Properties"]["ClusterParameterGroupName"] == {"Ref": logical_id}


def test_logical_ids_are_frozen(default_template: assertions.Template) -> None:
    # a changed id replaces the resource: a new, empty cluster
    assert sorted(default_template.to_json()["Resources"]) == [
        "ResilientRedshiftParameters65340ca7",
        "Warehouse50B5FE91",
        "WarehouseKey8DE8541C",
        "WarehouseSecurityGroup3F27703C",
        "WarehouseSubnetGroupB16957CB",
    ]


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"cluster_identifier": "sales"}, "ClusterIdentifier", "sales"),
        ({"database_name": "sales_2026"}, "DBName", "sales_2026"),
        ({"master_username": "owner"}, "MasterUsername", "owner"),
        ({"port": 8191}, "Port", 8191),
        ({"number_of_nodes": 4}, "NumberOfNodes", 4),
        (
            {"automated_snapshots": AutomatedSnapshots(keep=cdk.Duration.days(14))},
            "AutomatedSnapshotRetentionPeriod",
            14,
        ),
        ({"manual_snapshot_retention": cdk.Duration.days(365)}, "ManualSnapshotRetentionPeriod", 365),
        ({"manual_snapshot_retention": FOREVER}, "ManualSnapshotRetentionPeriod", -1),
        ({"multi_az": True}, "MultiAZ", True),
        ({"availability_zone_relocation": True}, "AvailabilityZoneRelocation", True),
        ({"availability_zone_relocation": False}, "AvailabilityZoneRelocation", False),
        ({"preferred_maintenance_window": "Sun:23:30-Mon:00:30"}, "PreferredMaintenanceWindow", "Sun:23:30-Mon:00:30"),
        ({"maintenance_track_name": "trailing"}, "MaintenanceTrackName", "trailing"),
        (
            {"audit_log_exports": ["userlog"]},
            "LoggingProperties",
            {"LogDestinationType": "cloudwatch", "LogExports": ["userlog"]},
        ),
    ],
)
def test_argument_reaches_the_template(arguments: dict[str, Any], name: str, value: object) -> None:
    stack = new_stack()
    cluster_of(stack, **arguments)
    assert properties_of(stack)[name] == value


def test_one_node_is_a_single_node_cluster() -> None:
    stack = new_stack()
    cluster_of(stack, number_of_nodes=1)
    properties = properties_of(stack)
    assert properties["ClusterType"] == "single-node"
    assert "NumberOfNodes" not in properties


def test_no_audit_logs_leaves_logging_out() -> None:
    stack = new_stack()
    cluster_of(stack, audit_log_exports=[])
    assert "LoggingProperties" not in properties_of(stack)


def test_settings_that_the_node_type_does_not_support_are_left_out() -> None:
    stack = new_stack()
    cluster_of(stack, node_type="dc2.large", availability_zone_relocation=False)
    assert {"MultiAZ", "AvailabilityZoneRelocation"}.isdisjoint(properties_of(stack))


def test_the_users_key_is_used_and_none_is_made() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:222222222222:key/k")
    cluster = cluster_of(stack, encryption_key=key)
    assert properties_of(stack)["KmsKeyId"] == "arn:aws:kms:us-east-1:222222222222:key/k"
    assert resources_of(stack, "AWS::KMS::Key") == []
    assert cluster.encryption_key is key


def test_the_users_l1_key_is_used() -> None:
    stack = new_stack()
    cluster_of(stack, encryption_key=kms.CfnKey(stack, "Key"))
    assert properties_of(stack)["KmsKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}


def test_the_users_security_groups_are_used_and_none_is_made() -> None:
    stack = new_stack()
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    cluster_of(stack, security_groups=[group])
    assert properties_of(stack)["VpcSecurityGroupIds"] == ["sg-1"]
    assert resources_of(stack, "AWS::EC2::SecurityGroup") == []


def test_iam_roles_by_their_arns() -> None:
    stack = new_stack()
    role = iam.CfnRole(stack, "Role", assume_role_policy_document={})
    cluster_of(stack, iam_roles=[role])
    assert properties_of(stack)["IamRoles"] == [{"Fn::GetAtt": ["Role", "Arn"]}]


def test_chosen_subnets() -> None:
    stack = new_stack()
    vpc = vpc_of(stack)
    cluster_of(stack, vpc=vpc, vpc_subnets=ec2.SubnetSelection(availability_zones=["us-east-1b"]))
    [group] = resources_of(stack, "AWS::Redshift::ClusterSubnetGroup")
    assert group["Properties"]["SubnetIds"] == ["subnet-us-east-1b"]


def test_subnets_that_do_not_know_their_zone() -> None:
    # GIVEN subnets that are imported by id alone, so that their Zones are not known
    stack = new_stack()
    subnets = [ec2.Subnet.from_subnet_id(stack, f"Subnet{n}", f"subnet-{n}") for n in range(2)]
    # WHEN they are chosen for Multi-AZ, THEN their Zones are not checked
    cluster_of(stack, vpc_subnets=ec2.SubnetSelection(subnets=subnets), multi_az=True)
    [group] = resources_of(stack, "AWS::Redshift::ClusterSubnetGroup")
    assert group["Properties"]["SubnetIds"] == ["subnet-0", "subnet-1"]


def test_parameters_are_added_to_the_enforced_ones() -> None:
    stack = new_stack()
    cluster_of(stack, parameters={"statement_timeout": "60000"}, parameter_group_family="redshift-2.0")
    [group] = resources_of(stack, "AWS::Redshift::ClusterParameterGroup")
    parameters = {item["ParameterName"]: item["ParameterValue"] for item in group["Properties"]["Parameters"]}
    assert parameters == {"enable_user_activity_logging": "true", "require_ssl": "true", "statement_timeout": "60000"}
    assert group["Properties"]["ParameterGroupFamily"] == "redshift-2.0"


def test_equal_parameters_are_one_group() -> None:
    # GIVEN three clusters, two of them with equal parameters in another order
    stack = new_stack()
    first = cluster_of(stack, "A", parameters={"a": "1", "b": "2"})
    second = cluster_of(stack, "B", parameters={"b": "2", "a": "1"})
    third = cluster_of(stack, "C", parameters={"a": "1"})
    # THEN the stack uses two of the 20 groups that an account has in a Region
    assert len(resources_of(stack, "AWS::Redshift::ClusterParameterGroup")) == 2
    assert first.parameter_group is second.parameter_group
    assert first.parameter_group is not third.parameter_group


def test_equal_parameters_in_two_stacks_are_two_groups() -> None:
    app = new_app()
    stacks = [new_stack(app=app, name=name) for name in ("One", "Two")]
    for stack in stacks:
        cluster_of(stack)
    assert [len(resources_of(stack, "AWS::Redshift::ClusterParameterGroup")) for stack in stacks] == [1, 1]


def test_parameter_of_a_token_makes_a_group_of_its_own() -> None:
    # a token's text changes from synth to synth, and a group named after it would be replaced each time
    stack = new_stack()
    cluster = cluster_of(stack, parameters={"statement_timeout": text_parameter(stack)})
    assert cluster.parameter_group.node.path == "Stack/Warehouse/ParameterGroup"


@pytest.mark.parametrize(
    ("policy", "rendered"),
    [
        (cdk.RemovalPolicy.SNAPSHOT, ("Snapshot", "Snapshot")),
        (cdk.RemovalPolicy.RETAIN, ("Retain", "Retain")),
        (cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, ("RetainExceptOnCreate", "Retain")),
        (cdk.RemovalPolicy.DESTROY, ("Delete", "Delete")),
    ],
)
def test_removal_policies(policy: cdk.RemovalPolicy, rendered: tuple[str, str]) -> None:
    stack = new_stack()
    cluster_of(stack, removal_policy=policy, accept_loss_of_cluster=True)
    cluster = cluster_resource(stack)
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == rendered


def test_tags_reach_cluster_and_companions() -> None:
    stack = new_stack()
    cdk.Tags.of(cluster_of(stack)).add("team", "data")
    tagged = [properties_of(stack), *(key["Properties"] for key in resources_of(stack, "AWS::KMS::Key"))]
    assert all({"Key": "team", "Value": "data"} in properties["Tags"] for properties in tagged)


# ---------------------------------------------------------------------------------------------- what others see of it


def test_it_is_a_cluster_reference_and_the_l1_its_default_child() -> None:
    stack = new_stack()
    cluster: IClusterRef = cluster_of(stack, cluster_identifier="sales")
    assert isinstance(cluster.node.default_child, redshift.CfnCluster)
    [logical_id] = assertions.Template.from_stack(stack).find_resources("AWS::Redshift::Cluster")
    assert stack.resolve(cluster.cluster_ref.cluster_identifier) == {"Ref": logical_id}
    assert cluster.cluster_ref.cluster_identifier == cluster.cluster_ref.cluster_identifier


def test_escape_hatch() -> None:
    stack = new_stack()
    child = cluster_of(stack).node.default_child
    assert isinstance(child, redshift.CfnCluster)
    child.aqua_configuration_status = "disabled"
    assert properties_of(stack)["AquaConfigurationStatus"] == "disabled"


def test_attributes_refer_to_the_cluster() -> None:
    stack = new_stack()
    cluster = cluster_of(stack)
    [logical_id] = assertions.Template.from_stack(stack).find_resources("AWS::Redshift::Cluster")
    attributes = {
        name: stack.resolve(getattr(cluster, name))["Fn::GetAtt"]
        for name in (
            "cluster_endpoint_address",
            "cluster_endpoint_port",
            "admin_secret_arn",
            "cluster_namespace_arn",
        )
    }
    assert attributes == {
        "cluster_endpoint_address": [logical_id, "Endpoint.Address"],
        "cluster_endpoint_port": [logical_id, "Endpoint.Port"],
        "admin_secret_arn": [logical_id, "MasterPasswordSecretArn"],
        "cluster_namespace_arn": [logical_id, "ClusterNamespaceArn"],
    }


def test_companions_are_exposed() -> None:
    cluster = cluster_of(new_stack())
    assert isinstance(cluster.encryption_key, kms.Key)
    assert isinstance(cluster.subnet_group, redshift.CfnClusterSubnetGroup)
    assert len(cluster.security_groups) == 1


def test_connections_open_the_cluster_port() -> None:
    stack = new_stack()
    cluster = cluster_of(stack, port=5450)
    cluster.connections.allow_default_port_from(ec2.Peer.ipv4("10.0.0.0/16"))
    [group] = resources_of(stack, "AWS::EC2::SecurityGroup")
    [rule] = group["Properties"]["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"], rule["CidrIp"]) == (5450, 5450, "10.0.0.0/16")
    assert cluster.connections is cluster.connections


def test_another_construct_may_connect_to_it() -> None:
    stack = new_stack()
    cluster = cluster_of(stack)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc_of(stack, name="Again"))
    client.connections.allow_to_default_port(cluster)
    [rule] = resources_of(stack, "AWS::EC2::SecurityGroupIngress")
    assert rule["Properties"]["FromPort"] == 5440


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        ("metric_cpu_utilization", "CPUUtilization", "Average"),
        ("metric_health_status", "HealthStatus", "Minimum"),
        ("metric_maintenance_mode", "MaintenanceMode", "Maximum"),
        ("metric_percentage_disk_space_used", "PercentageDiskSpaceUsed", "Average"),
        ("metric_database_connections", "DatabaseConnections", "Maximum"),
    ],
)
def test_metric_helpers(method: str, name: str, statistic: str) -> None:
    cluster = cluster_of(new_stack())
    metric = getattr(cluster, method)(period=cdk.Duration.minutes(1))
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/Redshift", name, statistic)
    assert metric.period.to_seconds() == 60


def test_metric_names_the_cluster() -> None:
    stack = new_stack()
    metric = cluster_of(stack).metric("QueriesCompletedPerSecond")
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    [alarm] = resources_of(stack, "AWS::CloudWatch::Alarm")
    [logical_id] = assertions.Template.from_stack(stack).find_resources("AWS::Redshift::Cluster")
    assert alarm["Properties"]["Dimensions"] == [{"Name": "ClusterIdentifier", "Value": {"Ref": logical_id}}]
    assert (alarm["Properties"]["Period"], alarm["Properties"]["Statistic"]) == (300, "Average")


def test_a_chosen_name_crosses_environments_as_text() -> None:
    # GIVEN a cluster with a chosen name, and a stack in another Region that names it
    app = new_app()
    primary = new_stack(app=app)
    recovery = new_stack(cdk.Environment(account="111111111111", region="us-west-2"), app=app, name="Recovery")
    cluster = cluster_of(primary, cluster_identifier="sales")
    cdk.CfnOutput(recovery, "Name", value=cluster.cluster_identifier)
    # THEN no export and no helper carries it there
    assert assertions.Template.from_stack(recovery).to_json()["Outputs"]["Name"]["Value"] == "sales"
    assert "Outputs" not in assertions.Template.from_stack(primary).to_json()


# ---------------------------------------------------------------------------------------------------- environments


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_every_partition(region: str) -> None:
    stack = new_stack(cdk.Environment(account="111111111111", region=region))
    cluster = cluster_of(stack)
    cdk.CfnOutput(stack, "Arn", value=cluster.cluster_arn)
    text = json.dumps(assertions.Template.from_stack(stack).to_json())
    assert "arn:aws" not in text
    assert '{"Ref": "AWS::Partition"}' in text
    assert f":redshift:{region}:111111111111:cluster:" in text


def test_environment_agnostic_stack() -> None:
    stack = new_stack(None)
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    cluster_of(stack, vpc=vpc, availability_zone_relocation=True)
    assert properties_of(stack)["AvailabilityZoneRelocation"] is True


def test_inside_a_stage() -> None:
    stage = cdk.Stage(new_app(), "Prod", env=HERE)
    stack = cdk.Stack(stage, "Stack")
    cluster = cluster_of(stack)
    assert cluster._resilient_redshift_facts().region == "us-east-1"
    assert properties_of(stack)["NodeType"] == "ra3.large"


def test_vpc_of_another_stack_in_the_same_environment() -> None:
    app = new_app()
    vpc = ec2.Vpc(new_stack(app=app, name="Network"), "Vpc", nat_gateways=0)
    stack = new_stack(app=app)
    cluster_of(stack, vpc=vpc)
    assert properties_of(stack)["NodeType"] == "ra3.large"


def test_vpc_that_is_still_to_be_looked_up() -> None:
    # GIVEN a lookup whose answer is a dummy with two Zones, THEN Multi-AZ's three Zones are not judged by it
    stack = new_stack()
    cluster_of(stack, vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-1"), multi_az=True)
    assert properties_of(stack)["MultiAZ"] is True


def test_vpc_with_zones_that_only_the_deployment_knows() -> None:
    stack = new_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=cdk.Fn.split(",", cdk.Fn.import_value("Zones")),
        private_subnet_ids=cdk.Fn.split(",", cdk.Fn.import_value("Subnets")),
    )
    cluster_of(stack, vpc=vpc, multi_az=True)
    assert properties_of(stack)["MultiAZ"] is True


# ---------------------------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("cluster_identifier", "ClusterIdentifier"),
        ("node_type", "NodeType"),
        ("database_name", "DBName"),
        ("master_username", "MasterUsername"),
        ("preferred_maintenance_window", "PreferredMaintenanceWindow"),
        ("maintenance_track_name", "MaintenanceTrackName"),
    ],
)
def test_text_token_passes(argument: str, name: str) -> None:
    stack = new_stack()
    cluster_of(stack, **{argument: text_parameter(stack)})
    assert properties_of(stack)[name] == {"Ref": "Text"}


@pytest.mark.parametrize(("argument", "name"), [("number_of_nodes", "NumberOfNodes"), ("port", "Port")])
@pytest.mark.parametrize("multi_az", [False, True])
def test_number_token_passes(argument: str, name: str, multi_az: bool) -> None:
    stack = new_stack()
    arguments: dict[str, Any] = {argument: number_parameter(stack), "multi_az": multi_az}
    cluster_of(stack, **arguments)
    assert properties_of(stack)[name] == {"Ref": "Number"}
    assert properties_of(stack)["ClusterType"] == "multi-node"


def test_retention_tokens_pass() -> None:
    stack = new_stack()
    keep = cdk.Duration.days(number_parameter(stack))
    cluster_of(stack, automated_snapshots=AutomatedSnapshots(keep=keep), manual_snapshot_retention=keep)
    properties = properties_of(stack)
    assert properties["AutomatedSnapshotRetentionPeriod"] == {"Ref": "Number"}
    assert properties["ManualSnapshotRetentionPeriod"] == {"Ref": "Number"}


def test_parameter_tokens_pass() -> None:
    stack = new_stack()
    text = text_parameter(stack)
    cluster_of(stack, parameters={"wlm_json_configuration": text}, parameter_group_family=text)
    [group] = resources_of(stack, "AWS::Redshift::ClusterParameterGroup")
    assert group["Properties"]["ParameterGroupFamily"] == {"Ref": "Text"}
    assert {"ParameterName": "wlm_json_configuration", "ParameterValue": {"Ref": "Text"}} in group["Properties"][
        "Parameters"
    ]


def test_twenty_clusters_in_one_stack() -> None:
    stack = new_stack()
    for n in range(20):
        cluster_of(stack, f"Warehouse{n}")
    template = assertions.Template.from_stack(stack).to_json()
    assert len(template["Resources"]) == 20 * 4 + 1


def test_it_is_documented_by_its_class() -> None:
    arguments = ResilientCluster.__init__.__kwdefaults__ or {}
    missing = [name for name in arguments if f"        {name}:" not in (ResilientCluster.__doc__ or "")]
    assert missing == []
