"""CloudFormation as far as a custom resource can see it (semantics.md 1), behind CDK's Provider framework, in virtual time.

It drives the real handler over the model of Redshift. What it does, and where it was read:

* Create, Update (only of what changed), then in the clean-up phase the Deletes of what was replaced or removed, last and abandoned if
  they fail; a rollback is an Update with old and new properties swapped for each resource that was updated or failed to update, and a
  Delete for each that was created, in its clean-up;
* behind the framework a failed Create of on-event gets no Delete; one of is-complete gets one, with the real id; called directly, a failed
  Create gets a Delete with an invented id;
* a handler that dies (a kill) is a failure like any other to the framework; is-complete is asked every 20 s for 30 minutes;
* DeletionPolicy Retain and RetainExceptOnCreate keep a Delete from ever being sent.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ACCOUNT, RedshiftModel, SimulatedKill
from resilient_redshift.cloud.aws.runtime import Runtime
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import ProviderError
from tests.cloud.custom_resources.executions import Executions
from tests.cloud.custom_resources.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping

COPY = "Custom::RedshiftSnapshotCopy"
GRANT = "Custom::RedshiftSnapshotCopyGrant"
ON_DEPLOY = "Custom::RedshiftSnapshotOnDeploy"
SCHEDULE = "Custom::RedshiftSnapshotSchedule"
ASSOCIATION = "Custom::RedshiftSnapshotScheduleAssociation"
WATCH = "Custom::RedshiftRecoveryPointWatch"
_LAMBDA_SECONDS = 15 * 60
_QUERY_SECONDS = 20
_TOTAL_SECONDS = 30 * 60
SECRET_URL = "https://cloudformation-custom-resource-response.example/?X-Amz-Signature=verysecret"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Resource:
    """One custom resource of a template."""

    type: str
    properties: Mapping[str, Any]
    deletion_policy: str = "Delete"


@dataclass
class Deployed:
    """One custom resource of a stack, as CloudFormation remembers it."""

    resource: Resource
    physical_id: str


@dataclass
class Answer:
    """What the framework reports to CloudFormation."""

    ok: bool
    physical_id: str | None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    on_event_failed: bool = False


@dataclass
class Outcome:
    """How a deployment ended."""

    status: str
    reasons: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.status.endswith("_COMPLETE") and "ROLLBACK" not in self.status


class Handler:
    """The provider of one stack: CDK's framework around our two functions, in one Region."""

    def __init__(self, model: RedshiftModel, stack_id: str, *, direct: bool = False) -> None:
        self.model = model
        self.stack_id = stack_id
        self.direct = direct
        self.events: list[dict[str, Any]] = []
        self.executions = Executions(model)
        self.watcher = Watcher()

    def runtime(self) -> Runtime:
        """A fresh invocation's world: Lambda's 15 minutes begin now."""
        ends = self.model.clock.monotonic() + _LAMBDA_SECONDS
        return Runtime(
            redshift=self.model.client,
            kms=self.model.kms_client,
            stepfunctions=self.executions.client,
            functions=self.watcher.client,
            now=self.model.clock.now,
            sleep=self.model.clock.sleep,
            remaining=lambda: ends - self.model.clock.monotonic(),
            allowed_stack=self.stack_id,
        )

    def send(self, kind: str, logical_id: str, resource: Resource, **more: Any) -> Answer:
        """One request, answered like CDK's framework answers it."""
        event: dict[str, Any] = {
            "RequestType": kind,
            "RequestId": f"request-{next(_numbers)}",
            "StackId": self.stack_id,
            "ResponseURL": SECRET_URL,
            "ServiceToken": "arn:aws:lambda:eu-central-1:123456789012:function:framework",
            "ResourceType": resource.type,
            "LogicalResourceId": logical_id,
            "ResourceProperties": {
                "ServiceToken": "arn:aws:lambda:framework",
                **copy.deepcopy(dict(resource.properties)),
            },
            **more,
        }
        self.events.append(event)
        try:
            answer = index.on_event_in(event, self.runtime())
        except ProviderError as error:  # any other error is a failure without a reason of ours, and fails the test
            return Answer(
                ok=False, physical_id=event.get("PhysicalResourceId"), reason=str(error), on_event_failed=True
            )
        except SimulatedKill:
            return Answer(
                ok=False, physical_id=event.get("PhysicalResourceId"), reason="the handler died", on_event_failed=True
            )
        merged = {**event, **answer}
        return self._wait(merged)

    def _wait(self, event: dict[str, Any]) -> Answer:
        physical_id = str(event["PhysicalResourceId"])
        waited = 0
        while waited <= _TOTAL_SECONDS:
            before = len(self.model.calls)
            try:
                completion = index.is_complete_in(event, self.runtime())
            except ProviderError as error:
                return Answer(ok=False, physical_id=physical_id, reason=str(error))
            except SimulatedKill:
                return Answer(ok=False, physical_id=physical_id, reason="the handler died")
            assert not self.model.mutating_calls(before), "is_complete only reads"
            assert completion["IsComplete"] or "Data" not in completion, "the framework refuses it"
            if completion["IsComplete"]:
                data = {**event.get("Data", {}), **completion.get("Data", {})}
                return Answer(ok=True, physical_id=physical_id, data=data)
            self.model.clock.sleep(_QUERY_SECONDS)
            waited += _QUERY_SECONDS
        return Answer(ok=False, physical_id=physical_id, reason="Operation timed out")


class Stack:
    """One stack: what it remembers, and how it deploys."""

    def __init__(self, model: RedshiftModel, name: str, region: str, *, direct: bool = False) -> None:
        self.model = model
        self.id = (
            f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{next(_numbers):08d}-0000-0000-0000-000000000000"
        )
        self.handler = Handler(model, self.id, direct=direct)
        self.resources: dict[str, Deployed] = {}
        self.status = "NONE"

    def deploy(
        self,
        template: Mapping[str, Resource],
        *,
        fails_at_end: bool = False,
        fails_after: float = 0,
    ) -> Outcome:
        """Bring the stack to a template.

        Args:
            template: the resources that shall be.
            fails_at_end: another resource fails after all of these, and everything is rolled back.
            fails_after: how many seconds that other resource takes to fail.
        """
        first = self.status == "NONE"
        word = "CREATE" if first else "UPDATE"
        former = {name: copy.copy(deployed) for name, deployed in self.resources.items()}
        created: list[str] = []
        updated: list[str] = []
        reasons: list[str] = []
        for name, resource in template.items():
            if name not in self.resources:
                if not self._create(name, resource, created, reasons):
                    break
            elif dict(self.resources[name].resource.properties) != dict(resource.properties):
                updated.append(name)
                if not self._update(name, resource, reasons):
                    break
            else:
                self.resources[name].resource = resource
        if not reasons and fails_at_end:
            self.model.clock.advance(fails_after)
            reasons.append("another resource failed")
        if reasons:
            return self._roll_back(word, former, created, updated, reasons)
        abandoned = self._clean_up(former, template)
        self.status = f"{word}_COMPLETE"
        return Outcome(self.status, [], abandoned)

    def delete(self) -> Outcome:
        """Delete the stack; what fails to go stays, and the stack is DELETE_FAILED."""
        reasons: list[str] = []
        for name, deployed in reversed(list(self.resources.items())):  # a template names dependents last
            if deployed.resource.deletion_policy in {"Retain", "RetainExceptOnCreate"}:
                del self.resources[name]
                continue
            answer = self._send_delete(name, deployed.resource, deployed.physical_id)
            if answer.ok:
                del self.resources[name]
            else:
                reasons.append(answer.reason)
        self.status = "DELETE_FAILED" if reasons else "DELETE_COMPLETE"
        return Outcome(self.status, reasons)

    def _create(self, name: str, resource: Resource, created: list[str], reasons: list[str]) -> bool:
        answer = self.handler.send("Create", name, resource)
        if answer.ok:
            self.resources[name] = Deployed(resource, str(answer.physical_id))
            created.append(name)
            return True
        reasons.append(answer.reason)
        if answer.on_event_failed:
            if self.handler.direct and resource.deletion_policy != "Retain":
                self._send_delete(name, resource, f"2026/11/23/[$LATEST]{next(_numbers):032x}")
        elif resource.deletion_policy != "Retain":
            self._send_delete(name, resource, str(answer.physical_id))
        return False

    def _update(self, name: str, resource: Resource, reasons: list[str]) -> bool:
        deployed = self.resources[name]
        answer = self._send_update(name, resource, deployed.resource, deployed.physical_id)
        if not answer.ok:
            reasons.append(answer.reason)
            return False
        self.resources[name] = Deployed(resource, str(answer.physical_id))
        return True

    def _roll_back(
        self,
        word: str,
        former: dict[str, Deployed],
        created: list[str],
        updated: list[str],
        reasons: list[str],
    ) -> Outcome:
        stuck: list[str] = []
        leftovers: list[tuple[str, Deployed]] = []
        for name in updated:
            now, then = self.resources[name], former[name]
            failed = now.resource == then.resource
            tried = self.handler.events[-1] if failed else None
            current = (
                Resource(then.resource.type, _plain(tried["ResourceProperties"])) if tried and failed else now.resource
            )
            answer = self._send_update(name, then.resource, current, now.physical_id)
            if not answer.ok:
                stuck.append(answer.reason)
                continue
            self.resources[name] = Deployed(then.resource, str(answer.physical_id))
            if answer.physical_id != now.physical_id:
                leftovers.append((name, now))
        if stuck:
            self.status = f"{word}_ROLLBACK_FAILED"
            return Outcome(self.status, [*reasons, *stuck])
        abandoned = []
        for name in reversed(created):
            deployed = self.resources.pop(name)
            leftovers.append((name, deployed))
        for name, deployed in leftovers:
            if deployed.resource.deletion_policy == "Retain":
                continue
            answer = self._send_delete(name, deployed.resource, deployed.physical_id)
            if not answer.ok:
                abandoned.append(answer.reason)
        self.status = "NONE" if word == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
        return Outcome("ROLLBACK_COMPLETE" if word == "CREATE" else self.status, reasons, abandoned)

    def _clean_up(self, former: dict[str, Deployed], template: Mapping[str, Resource]) -> list[str]:
        abandoned = []
        for name, then in reversed(former.items()):
            gone = name not in template
            replaced = not gone and self.resources[name].physical_id != then.physical_id
            if gone:
                del self.resources[name]
            if (gone or replaced) and then.resource.deletion_policy == "Delete":
                answer = self._send_delete(name, then.resource, then.physical_id)
                if not answer.ok:
                    abandoned.append(answer.reason)
        return abandoned

    def _send_update(self, name: str, new: Resource, old: Resource, physical_id: str) -> Answer:
        return self.handler.send(
            "Update",
            name,
            new,
            PhysicalResourceId=physical_id,
            OldResourceProperties={"ServiceToken": "arn:aws:lambda:framework", **copy.deepcopy(dict(old.properties))},
        )

    def _send_delete(self, name: str, resource: Resource, physical_id: str) -> Answer:
        return self.handler.send("Delete", name, resource, PhysicalResourceId=physical_id)


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name != "ServiceToken"}
