"""AWS::Redshift::Cluster: create, read and delete, in the published handler's order.

Source: aws-cloudformation-resource-providers-redshift, commit 0650714 (domain.md 1); each rule bears its mark in the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws.cloudformation.redshift.api import HandlerError, tag_list, tag_map
from emulator.aws.cloudformation.redshift.cluster_properties import CREATE, RESTORE, chosen, typed

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Properties, Redshift

_CALLBACK_DELAY_SECONDS = 30  # [S] BaseHandlerStd
FINAL_SNAPSHOT_SUFFIX = "-final-snapshot"  # [S] Translator 683-699


def create(redshift: Redshift, properties: Properties, name: str) -> tuple[str, dict[str, Any]]:
    """Create (or restore), enable logging, read [S] CreateHandler 95-165.

    EnableSnapshotCopy is never called: DestinationRegion and its companions are dropped without a word [S].
    ``name`` stands in when the template names no cluster.
    """
    wanted = typed(properties)
    identifier = str(wanted.get("ClusterIdentifier") or name).lower()
    if wanted.get("SnapshotIdentifier"):
        redshift("RestoreFromClusterSnapshot", ClusterIdentifier=identifier, **chosen(wanted, RESTORE))
    elif not wanted.get("MasterUserPassword") and not wanted.get("ManageMasterPassword"):
        # [S] invalidCreateClusterRequest: the call is skipped; Read then finds no cluster
        raise HandlerError(
            "NotFound", f"Resource of type 'AWS::Redshift::Cluster' with identifier '{identifier}' was not found."
        )
    else:
        track = wanted.get("MaintenanceTrackName") or "current"  # [S] DEFAULT_TRACK_NAME
        tags = tag_list(tag_map(wanted))
        given = chosen(wanted, CREATE)
        redshift("CreateCluster", ClusterIdentifier=identifier, Tags=tags, MaintenanceTrackName=track, **given)
    try:
        redshift.until_available(identifier)
        redshift.sleep(_CALLBACK_DELAY_SECONDS)
        if wanted.get("LoggingProperties") is not None:
            redshift("EnableLogging", ClusterIdentifier=identifier, **wanted["LoggingProperties"])
            redshift.until_available(identifier)
    except HandlerError as error:
        # the resource has its identifier already: CloudFormation deletes it when it rolls back [S: primaryIdentifier]
        error.identifier = identifier  # type: ignore[attr-defined]
        raise
    return identifier, attributes(redshift, identifier)


def attributes(redshift: Redshift, identifier: str) -> dict[str, Any]:
    """What Fn::GetAtt gives [S] SCH readOnlyProperties; Id is the identifier ([I]: its form is not documented)."""
    cluster = redshift.cluster(identifier)
    if cluster is None:
        raise HandlerError("NotFound", f"Cluster {identifier} Not Found")
    endpoint = cluster.get("Endpoint", {})
    found = {
        "Endpoint.Address": endpoint.get("Address"),
        "Endpoint.Port": str(endpoint["Port"]) if endpoint else None,
        "ClusterNamespaceArn": cluster.get("ClusterNamespaceArn"),
        "Id": identifier,
        "MasterPasswordSecretArn": cluster.get("MasterPasswordSecretArn"),
    }
    return {name: value for name, value in found.items() if value is not None}


def delete(redshift: Redshift, identifier: str, *, snapshot: bool) -> None:
    """Delete after 30 s; copying is not switched off first [S] DeleteHandler 40-80.

    The final snapshot's name is fixed and its retention never sent, so it stays for ever; one that is there already fails the deletion [S].
    A cluster that is gone is a success: CloudFormation takes NotFound for deleted [D].
    """
    redshift.sleep(_CALLBACK_DELAY_SECONDS)
    try:
        redshift(
            "DeleteCluster",
            ClusterIdentifier=identifier,
            SkipFinalClusterSnapshot=not snapshot,
            FinalClusterSnapshotIdentifier=identifier + FINAL_SNAPSHOT_SUFFIX if snapshot else None,
        )
    except HandlerError as error:
        if error.code != "NotFound":
            raise
        return
    redshift.until_gone(identifier)
