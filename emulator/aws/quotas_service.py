"""Service Quotas, as far as Redshift's quotas go: snapshots [D: domain notes] and nodes [3: code read in public sources].

The values are the model's Settings, so that what the model refuses is what is told. A value that nobody raised is only a default: then
GetServiceQuota answers NoSuchResourceException, and GetAWSDefaultServiceQuota the default [D] Service Quotas API.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import get_account_id, get_region

from emulator.redshift_model import Settings

if TYPE_CHECKING:
    from emulator.aws.door_service import Answer
    from emulator.aws.world import EmulatedWorld

_NAME: Final = "servicequotas"
#: Code: name, and the field of the Settings.
_QUOTAS: Final = {"L-2E428669": ("Snapshots", "manual_snapshot_quota"), "L-F9D462EE": ("Nodes", "node_quota")}


class QuotasService:
    """A service module as ministack's dispatcher wants it."""

    def __init__(self, world: EmulatedWorld) -> None:
        """Tell the quotas of ``world``'s model."""
        self._world = world

    async def handle_request(
        self, _method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any
    ) -> Answer:
        """Answer one request."""
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        status, found = await asyncio.to_thread(self._answer, operation, json.loads(body or b"{}"))
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(found).encode()

    def reset(self) -> None:
        """Nothing: this process lives for one story."""

    def get_state(self) -> None:
        """Nothing to save."""

    def _answer(self, operation: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name, field = _QUOTAS.get(given.get("QuotaCode", ""), ("", ""))
        if operation not in {"GetServiceQuota", "GetAWSDefaultServiceQuota"}:
            return 501, {"__type": "NotImplemented", "message": f"the emulated Service Quotas has no {operation}"}
        default = getattr(Settings(), field, None) if given.get("ServiceCode") == "redshift" else None
        applied = getattr(self._world.model.settings, field, None)
        value = default if operation == "GetAWSDefaultServiceQuota" or default is None else applied
        if default is None or value is None or (operation == "GetServiceQuota" and applied == default):
            return 400, {"__type": "NoSuchResourceException", "message": "The request failed: no such quota."}
        code = given["QuotaCode"]
        quota = {
            "ServiceCode": "redshift",
            "ServiceName": "Amazon Redshift",
            "QuotaArn": f"arn:aws:servicequotas:{get_region()}:{get_account_id()}:redshift/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": float(value),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
        return 200, {"Quota": quota}


def install(world: EmulatedWorld) -> None:
    """Make ministack route Service Quotas here, and IAM know its name."""
    app._loaded_modules[_NAME] = QuotasService(world)
    app.SERVICE_REGISTRY[_NAME] = {"module": _NAME}
    app.SERVICE_HANDLERS[_NAME] = app._lazy_handler(_NAME)
    patterns = {"target_prefixes": ["ServiceQuotasV20190624"], "credential_scope": _NAME}
    router.SERVICE_PATTERNS.setdefault(_NAME, {"host_patterns": [r"servicequotas\."], **patterns})
    iam_actions.SERVICE_TO_IAM_NAMESPACE[_NAME] = _NAME
