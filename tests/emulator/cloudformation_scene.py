"""Stacks in this process: ministack's CloudFormation API without a server, custom resources answered by plain functions."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ministack.core.responses import request_scope
from ministack.services import cloudformation as service
from ministack.services import cloudwatch, cloudwatch_logs, ec2, iam, kms, ssm, stepfunctions

from emulator.aws import cloudformation
from emulator.aws.cloudformation.engine.settings import SETTINGS
from emulator.redshift_model import ACCOUNT, Clock, CopyConfig, RedshiftModel
from tests.emulator.scene import HERE, THERE

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:provider"
Event = dict[str, Any]
#: The native properties of a copy.
NATIVE: dict[str, Any] = {
    "DestinationRegion": THERE,
    "SnapshotCopyRetentionPeriod": 14,
    "SnapshotCopyGrantName": "grant",
}


class Provider:
    """Answers every event; remembers all; fails or renames where told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rules: list[tuple[Callable[[Event], bool], Callable[[Event], dict[str, Any] | None]]] = []

    def __call__(self, event: Event) -> dict[str, Any] | None:
        self.events.append(event)
        for applies, answer in self.rules:
            if applies(event):
                return answer(event)
        physical_id = event.get("PhysicalResourceId") or f"{event['LogicalResourceId']}-id"
        return {
            "Status": "SUCCESS",
            "PhysicalResourceId": physical_id,
            "Data": {"Seen": event["ResourceProperties"].get("V")},
        }

    def fail(
        self, request: str, logical_id: str, *, physical_id: str | None = None, times: int = 1, value: str | None = None
    ) -> None:
        """Let the next ``times`` requests of this kind to this resource (with this ``value``) fail."""
        left = [times]

        def applies(event: Event) -> bool:
            hit = (event["RequestType"], event["LogicalResourceId"]) == (request, logical_id) and left[0] > 0
            hit = hit and value in {None, event["ResourceProperties"].get("V")}
            left[0] -= int(hit)
            return hit

        said = {"PhysicalResourceId": physical_id} if physical_id else {}
        self.rules.append((applies, lambda _: {"Status": "FAILED", "Reason": "told to", **said}))

    def name(self, logical_id: str, naming: Callable[[Event], str]) -> None:
        """Let creates and updates of this resource answer with this physical id."""
        self.rules.append(
            (
                lambda e: e["LogicalResourceId"] == logical_id and e["RequestType"] != "Delete",
                lambda e: {"Status": "SUCCESS", "PhysicalResourceId": naming(e)},
            )
        )

    def seen(self, since: int = 0) -> list[str]:
        """The requests in short: ``Create A``, ``Update A 2<-1``, ``Delete A-id``."""
        return [_short(event) for event in self.events[since:]]


def _short(event: Event) -> str:
    name, new = event["LogicalResourceId"], event["ResourceProperties"].get("V")
    if event["RequestType"] == "Create":
        return f"Create {name}"
    if event["RequestType"] == "Delete":
        return f"Delete {event['PhysicalResourceId']}"
    return f"Update {name} {new}<-{event['OldResourceProperties'].get('V')}"


class Stacks:
    """The API of CloudFormation in one Region."""

    def __init__(self, region: str = HERE) -> None:
        self.region = region
        self.model = RedshiftModel(Clock())
        cloudformation.install(self.model, wait=lambda event, _: event.is_set())
        self.model.world.subnet = None  # any subnet will do
        service.reset()
        self.provider = Provider()
        SETTINGS.providers.clear()
        SETTINGS.providers[TOKEN] = self.provider

    def call(self, action: str, **params: Any) -> str:
        """Make one API call and let what it starts finish; return the answer's XML, raise on an error."""
        return self.request(action, settle=True, **params)

    def request(self, action: str, *, settle: bool = False, **params: Any) -> str:
        """Make one API call; ``settle``: let what it starts finish."""

        async def run() -> bytes:
            given = {"Action": action, **params}
            body = "&".join(f"{name.replace('__', '.')}={quote(str(value), safe='')}" for name, value in given.items())
            headers = {"content-type": "application/x-www-form-urlencoded"}
            with request_scope(account_id=ACCOUNT, region=self.region):
                status, _, answer = await service.handle_request("POST", "/", headers, body.encode(), {})
                others = asyncio.all_tasks() - {asyncio.current_task()}
                if settle and others:
                    await asyncio.gather(*others)
            if status >= 400:
                raise ValueError(answer.decode())
            return bytes(answer)

        return asyncio.run(run()).decode()

    def deploy(self, resources: dict[str, Any], name: str = "stack", **more: Any) -> str:
        """Create or update a stack; return its status."""
        body = json.dumps({"Resources": resources, **more})
        verb = "UpdateStack" if self.record(name) else "CreateStack"
        self.call(verb, StackName=name, TemplateBody=body)
        return self.status(name)

    def destroy(self, name: str = "stack") -> str:
        """Delete a stack; return its status."""
        self.call("DeleteStack", StackName=name)
        found = self._any(name)
        return str(found["StackStatus"])

    def record(self, name: str = "stack") -> dict[str, Any] | None:
        """ministack's record of a stack that is there."""
        found = self._any(name)
        return None if found is None or found["StackStatus"] == "DELETE_COMPLETE" else found

    def _any(self, name: str) -> Any:
        with request_scope(account_id=ACCOUNT, region=self.region):
            return service._stacks.get(name)

    def status(self, name: str = "stack") -> str:
        """The stack's status."""
        return str(self._any(name)["StackStatus"])

    def physical(self, logical_id: str, name: str = "stack") -> str | None:
        """The physical id of a resource that the stack holds."""
        found = self._any(name)["_resources"].get(logical_id)
        return None if found is None else str(found["PhysicalResourceId"])

    def events(self, name: str = "stack", since: int = 0) -> list[str]:
        """``logical id STATUS`` of all events."""
        with request_scope(account_id=ACCOUNT, region=self.region):
            found = service._stack_events[self._any(name)["StackId"]]
        return [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in found[since:]]


def reset_services() -> None:
    """Forget what earlier stacks left in ministack's other services."""
    for module in (cloudwatch, cloudwatch_logs, ec2, iam, kms, ssm, stepfunctions):
        module.reset()


def custom(
    value: Any = 1, *, needs: str | list[str] | None = None, policy: str | None = None, **properties: Any
) -> dict[str, Any]:
    """A custom resource of a template."""
    found: dict[str, Any] = {"Type": "Custom::Thing", "Properties": {"ServiceToken": TOKEN, "V": value, **properties}}
    if needs:
        found["DependsOn"] = needs
    if policy:
        found["DeletionPolicy"] = found["UpdateReplacePolicy"] = policy
    return found


def parameter(value: str, **more: Any) -> dict[str, Any]:
    """A resource that is no custom one."""
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def cluster(policy: str | None = None, **properties: Any) -> dict[str, Any]:
    """A cluster of a template; a property of None is left out."""
    found: dict[str, Any] = {
        "Type": "AWS::Redshift::Cluster",
        "Properties": {
            "ClusterIdentifier": "sales",
            "ClusterType": "multi-node",
            "NodeType": "ra3.large",
            "NumberOfNodes": 2,
            "DBName": "dev",
            "MasterUsername": "admin1",
            "ManageMasterPassword": True,
            "Encrypted": True,
            **properties,
        },
    }
    found["Properties"] = {name: value for name, value in found["Properties"].items() if value is not None}
    if policy:
        found["DeletionPolicy"] = found["UpdateReplacePolicy"] = policy
    return found


def operations(stacks: Stacks, since: int = 0) -> list[str]:
    """The mutating calls that reached Redshift."""
    return [call.operation for call in stacks.model.mutating_calls(since)]


def copy_of(stacks: Stacks) -> CopyConfig | None:
    """The live copy of the cluster."""
    return stacks.model.copy_of(HERE, "sales")


def with_copy(stacks: Stacks, **more: Any) -> None:
    """A stack whose native copy is on."""
    stacks.deploy({"C": cluster(**NATIVE, **more)})
    stacks.deploy({"C": cluster(**NATIVE, **more, Tags=[{"Key": "on", "Value": "1"}])})
    assert copy_of(stacks) is not None


def tagged(**properties: Any) -> dict[str, Any]:
    """The cluster as `with_copy` has left it, with other properties."""
    return cluster(**properties, Tags=[{"Key": "on", "Value": "1"}])


__all__ = [
    "NATIVE",
    "TOKEN",
    "Event",
    "Provider",
    "Stacks",
    "cluster",
    "copy_of",
    "custom",
    "operations",
    "parameter",
    "reset_services",
    "tagged",
    "with_copy",
]
