"""AWS::Redshift::ClusterSubnetGroup and AWS::Redshift::ClusterParameterGroup, from the same published source [S]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws.cloudformation.redshift.api import HandlerError, change_tags, tag_list, tag_map

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Properties, Redshift

SUBNET_GROUP = "AWS::Redshift::ClusterSubnetGroup"
PARAMETER_GROUP = "AWS::Redshift::ClusterParameterGroup"
PARAMETER_GROUP_CREATE_ONLY = ("ParameterGroupName", "Description", "ParameterGroupFamily")  # [S] SCH


def create_subnet_group(redshift: Redshift, properties: Properties, name: str) -> tuple[str, dict[str, Any]]:
    """Create a subnet group; its name is always CloudFormation's own [S] SCH readOnlyProperties."""
    redshift(
        "CreateClusterSubnetGroup",
        ClusterSubnetGroupName=name.lower(),
        Description=properties["Description"],
        SubnetIds=properties["SubnetIds"],
        Tags=tag_list(tag_map(properties)),
    )
    return name.lower(), {"ClusterSubnetGroupName": name.lower()}


def update_subnet_group(redshift: Redshift, name: str, old: Properties, new: Properties) -> tuple[str, dict[str, Any]]:
    """Change subnets and description in place."""
    redshift(
        "ModifyClusterSubnetGroup",
        ClusterSubnetGroupName=name,
        Description=new["Description"],
        SubnetIds=new["SubnetIds"],
    )
    change_tags(redshift, redshift.arn(redshift.region(), f"subnetgroup:{name}"), old, new)
    return name, {"ClusterSubnetGroupName": name}


def create_parameter_group(redshift: Redshift, properties: Properties, name: str) -> tuple[str, dict[str, Any]]:
    """Create a parameter group, then set its parameters; a failure in between leaves it to the rollback."""
    name = str(properties.get("ParameterGroupName") or name).lower()
    redshift(
        "CreateClusterParameterGroup",
        ParameterGroupName=name,
        ParameterGroupFamily=properties["ParameterGroupFamily"],
        Description=properties["Description"],
        Tags=tag_list(tag_map(properties)),
    )
    _set(redshift, name, properties)
    return name, {"ParameterGroupName": name}


def update_parameter_group(
    redshift: Redshift, name: str, old: Properties, new: Properties
) -> tuple[str, dict[str, Any]]:
    """Tags, then all parameters back to their defaults, then those of the template [S] UpdateHandler."""
    change_tags(redshift, redshift.arn(redshift.region(), f"parametergroup:{name}"), old, new)
    if old.get("Parameters") != new.get("Parameters"):
        redshift("ResetClusterParameterGroup", ParameterGroupName=name, ResetAllParameters=True)
        _set(redshift, name, new)
    return name, {"ParameterGroupName": name}


def _set(redshift: Redshift, name: str, properties: Properties) -> None:
    wanted = [
        {"ParameterName": str(p["ParameterName"]), "ParameterValue": str(p["ParameterValue"])}
        for p in properties.get("Parameters") or ()
    ]
    if wanted:
        redshift("ModifyClusterParameterGroup", ParameterGroupName=name, Parameters=wanted)


def group_exists(redshift: Redshift, operation: str, parameter: str, name: str) -> bool:
    """Whether a group of that name is there, as an import asks with the read handler [D]."""
    try:
        redshift(operation, **{parameter: name})
    except HandlerError as error:
        if error.code != "NotFound":
            raise
        return False
    return True


def delete_group(redshift: Redshift, operation: str, parameter: str, name: str) -> None:
    """Delete a group; one that is gone is a success [D]."""
    try:
        redshift(operation, **{parameter: name})
    except HandlerError as error:
        if error.code != "NotFound":
            raise
