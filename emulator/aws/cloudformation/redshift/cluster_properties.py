"""Properties of AWS::Redshift::Cluster: which kinds they are, which replace the cluster, which go to which call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Properties

TYPE = "AWS::Redshift::Cluster"
#: [S] SCH createOnlyProperties: a change of any replaces the cluster.
CREATE_ONLY = (
    "ClusterIdentifier",
    "OwnerAccount",
    "SnapshotIdentifier",
    "DBName",
    "SnapshotClusterIdentifier",
    "ClusterSubnetGroupName",
    "MasterUsername",
)
_NUMBERS = (
    "AutomatedSnapshotRetentionPeriod",
    "ManualSnapshotRetentionPeriod",
    "NumberOfNodes",
    "Port",
    "SnapshotCopyRetentionPeriod",
)
_FLAGS = (
    "AllowVersionUpgrade",
    "AvailabilityZoneRelocation",
    "Encrypted",
    "EnhancedVpcRouting",
    "ManageMasterPassword",
    "MultiAZ",
    "PubliclyAccessible",
    "RotateEncryptionKey",
    "SnapshotCopyManual",
)
#: [S] Translator.translateToCreateRequest 89-126: no destination Region, grant nor retention of copies among them.
CREATE = (
    "AllowVersionUpgrade",
    "AquaConfigurationStatus",
    "AutomatedSnapshotRetentionPeriod",
    "AvailabilityZone",
    "AvailabilityZoneRelocation",
    "ClusterParameterGroupName",
    "ClusterSecurityGroups",
    "ClusterSubnetGroupName",
    "ClusterType",
    "ClusterVersion",
    "DBName",
    "ElasticIp",
    "Encrypted",
    "EnhancedVpcRouting",
    "HsmClientCertificateIdentifier",
    "HsmConfigurationIdentifier",
    "IamRoles",
    "KmsKeyId",
    "ManageMasterPassword",
    "ManualSnapshotRetentionPeriod",
    "MasterPasswordSecretKmsKeyId",
    "MasterUserPassword",
    "MasterUsername",
    "MultiAZ",
    "NodeType",
    "NumberOfNodes",
    "Port",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
    "VpcSecurityGroupIds",
)
#: [S] Translator.translateToRestoreFromClusterSnapshotRequest 910-941: neither tags nor password, admin name or database.
RESTORE = (
    "AutomatedSnapshotRetentionPeriod",
    "AvailabilityZone",
    "AvailabilityZoneRelocation",
    "ClusterParameterGroupName",
    "ClusterSubnetGroupName",
    "Encrypted",
    "EnhancedVpcRouting",
    "IamRoles",
    "KmsKeyId",
    "MaintenanceTrackName",
    "ManageMasterPassword",
    "ManualSnapshotRetentionPeriod",
    "MasterPasswordSecretKmsKeyId",
    "MultiAZ",
    "NodeType",
    "NumberOfNodes",
    "OwnerAccount",
    "Port",
    "PreferredMaintenanceWindow",
    "SnapshotClusterIdentifier",
    "SnapshotIdentifier",
    "VpcSecurityGroupIds",
)
#: [S] UpdateHandler.DetectableModifyClusterAttribute 120-141.
MODIFY = (
    "AllowVersionUpgrade",
    "AutomatedSnapshotRetentionPeriod",
    "AvailabilityZone",
    "AvailabilityZoneRelocation",
    "ClusterSecurityGroups",
    "ClusterVersion",
    "ElasticIp",
    "Encrypted",
    "EnhancedVpcRouting",
    "HsmClientCertificateIdentifier",
    "HsmConfigurationIdentifier",
    "KmsKeyId",
    "MaintenanceTrackName",
    "ManualSnapshotRetentionPeriod",
    "Port",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
    "VpcSecurityGroupIds",
    "MultiAZ",
    "ManageMasterPassword",
    "MasterPasswordSecretKmsKeyId",
    "MasterUserPassword",
)


def typed(properties: Properties) -> Properties:
    """Give each property the type of the schema: a template may carry numbers and booleans as text."""
    found: dict[str, Any] = dict(properties)
    for name in _NUMBERS:
        if name in found:
            found[name] = int(found[name])
    for name in _FLAGS:
        if name in found:
            found[name] = str(found[name]).lower() == "true"
    return found


def chosen(properties: Properties, names: tuple[str, ...]) -> Properties:
    """The properties of these names that the template has."""
    return {name: properties[name] for name in names if name in properties}
