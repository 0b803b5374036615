"""KMS keys as far as Redshift and the handler look at them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from emulator.redshift_model.errors import api_error
from emulator.redshift_model.state import Key

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World

_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


def create(
    world: World, region: str, *, key_id: str | None = None, state: str = "Enabled", alias: str | None = None
) -> str:
    """Set up a key (no API call) and return its ARN; ``alias`` without the ``alias/`` prefix."""
    identifier = key_id or str(uuid.uuid5(_NAMESPACE, f"{region}/{len(world.keys)}"))
    key = Key(arn=world.arn(region, f"key/{identifier}", "kms"), region=region, state=state, created=world.now)
    world.keys[key.arn] = key
    if alias:
        world.aliases[(region, f"alias/{alias}")] = key.arn
    return key.arn


def find(world: World, region: str, name: str) -> Key | None:
    """The key of ``region`` by id, ARN, alias or alias ARN [D]; another Region's key is not found."""
    if ":alias/" in name:
        name = "alias/" + name.split(":alias/", 1)[1] if f":{region}:" in name else ""
    arn = world.aliases.get((region, name), name)
    if not arn.startswith("arn:"):
        arn = world.arn(region, f"key/{arn}", "kms")
    key = world.keys.get(arn)
    return key if key is not None and key.region == region else None


def usable(world: World, region: str, name: str) -> Key:
    """Return an Enabled key of ``region``; the code of the refusal is a guess (Redshift's page names none)."""
    key = find(world, region, name)
    if key is None or key.state != "Enabled":
        state = "does not exist in this Region" if key is None else f"is {key.state}"
        raise api_error("InvalidParameterValue", f"The KMS key {name} {state}, or you cannot access it.")
    return key


def set_state(world: World, arn: str, state: str) -> None:
    """Set a key's state (no API call): Enabled, Disabled, PendingDeletion, ..."""
    key = world.keys[arn]
    key.state = state
    key.deletion = world.now + dt.timedelta(days=30) if state == "PendingDeletion" else None


def describe_key(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeKey; an unknown key is NotFoundException [S]."""
    key = find(world, region, params["KeyId"])
    if key is None:
        msg = f"Key '{params['KeyId']}' does not exist"
        raise api_error("NotFoundException", msg, service="kms")
    metadata: dict[str, Any] = {
        "AWSAccountId": world.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": key.state == "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state,
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
    }
    if key.deletion is not None:
        metadata["DeletionDate"] = key.deletion
    return {"KeyMetadata": metadata}


OPERATIONS: dict[str, Handler] = {"DescribeKey": describe_key}
