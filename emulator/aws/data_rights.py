"""What IAM asks for a call of the Data API (service authorization reference [D]; domain.md 3)."""

from __future__ import annotations

from typing import Any

from emulator.aws.authorization import Right

_ON_CLUSTER = frozenset(
    {"ExecuteStatement", "BatchExecuteStatement", "DescribeTable", "ListDatabases", "ListSchemas", "ListTables"}
)


def rights(operation: str, params: dict[str, Any], region: str, account: str) -> list[Right]:
    """List what IAM asks.

    A statement is asked for on its cluster (or ``*``); with DbUser the caller needs GetClusterCredentials for that user [S: required] and for
    the database [S: optional; asked here]; with SecretArn he must be able to read the secret [D].
    """
    action = f"redshift-data:{operation}"
    if operation not in _ON_CLUSTER:
        return [Right(action)]
    prefix = f"arn:aws:redshift:{region}:{account}:"
    cluster, user, database = (params.get(name) for name in ("ClusterIdentifier", "DbUser", "Database"))
    found = [Right(action, f"{prefix}cluster:{cluster}" if cluster else "*")]
    if params.get("SecretArn"):
        found.append(Right("secretsmanager:GetSecretValue", params["SecretArn"]))
    elif cluster and user:
        told = (("redshift:DbUser", user), ("redshift:DbName", database))
        found.append(Right("redshift:GetClusterCredentials", f"{prefix}dbuser:{cluster}/{user}", told))
        if database:
            found.append(Right("redshift:GetClusterCredentials", f"{prefix}dbname:{cluster}/{database}", told))
    elif cluster:
        found.append(Right("redshift:GetClusterCredentialsWithIAM", f"{prefix}dbname:{cluster}/{database or '*'}"))
    return found
