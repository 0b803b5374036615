"""The providers of a deployed stack, driven as CloudFormation and CDK's framework drive them, without a stack operation around each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.aws import EmulatedAws

_numbers = itertools.count(1)
_QUERY_INTERVAL = dt.timedelta(seconds=20)  # the framework's, see provider/framework.py


@dataclasses.dataclass(frozen=True)
class Resource:
    """One custom resource of a stack, whether deployed or not."""

    type: str
    logical_id: str
    physical_id: str


class Trigger:
    """What shall happen right before the next request or run begins, once: faults that must strike none of a test's own calls."""

    def __init__(self) -> None:
        """Do nothing."""
        self._deeds: list[Callable[[], None]] = []

    def set(self, *deeds: Callable[[], None]) -> None:
        """Do these next time."""
        self._deeds = list(deeds)

    def pull(self) -> None:
        """Do them, and forget them."""
        deeds, self._deeds = self._deeds, []
        for deed in deeds:
            deed()


@dataclasses.dataclass(frozen=True)
class Provider:
    """One provider of a deployed stack.

    Attributes:
        aws: where.
        region: of its stack.
        stack_id: the only stack that it serves.
        parts: its functions and its waiter, by the end of their logical ids (without the hash): OnEvent, IsComplete,
            onEvent, isComplete and onTimeout of the framework, and waiter.
        trigger: pulled before each request.
    """

    aws: EmulatedAws
    region: str
    stack_id: str
    parts: Mapping[str, str]
    trigger: Trigger

    @classmethod
    def of(
        cls, aws: EmulatedAws, region: str, stack: str, trigger: Trigger, prefix: str = "ResilientRedshiftProvider"
    ) -> Provider:
        """Find it."""
        found = described(aws, region, stack)
        ids = {each["LogicalResourceId"][:-8]: each["PhysicalResourceId"] for each in found}
        parts = {
            "OnEvent": ids[f"{prefix}OnEvent"],
            "IsComplete": ids[f"{prefix}IsComplete"],
            **{name: ids[f"{prefix}Frameworkframework{name}"] for name in ("onEvent", "isComplete", "onTimeout")},
            "waiter": ids[f"{prefix}Frameworkwaiterstatemachine"],
        }
        return cls(aws, region, found[0]["StackId"], parts, trigger)

    def event(
        self,
        kind: str,
        resource: Resource,
        properties: Mapping[str, Any],
        old: Mapping[str, Any] | None = None,
        url: str = "https://nowhere.invalid/",
    ) -> dict[str, Any]:
        """A request as CloudFormation sends it."""
        return {
            "RequestType": kind,
            "RequestId": f"direct-{next(_numbers)}",
            "ResponseURL": url,
            "StackId": self.stack_id,
            "ResourceType": resource.type,
            "LogicalResourceId": resource.logical_id,
            "ResourceProperties": dict(properties),
            **({} if kind == "Create" else {"PhysicalResourceId": resource.physical_id}),
            **({"OldResourceProperties": dict(old or properties)} if kind == "Update" else {}),
        }

    def send(
        self, kind: str, resource: Resource, properties: Mapping[str, Any], old: Mapping[str, Any] | None = None
    ) -> str | None:
        """Call our two functions until they are done; the reason if they fail."""
        event = self.event(kind, resource, properties, old)
        self.trigger.pull()
        answer = self.invoke("OnEvent", event)
        while "errorMessage" not in answer and not answer.get("IsComplete"):
            if "IsComplete" in answer:
                self.aws.advance(_QUERY_INTERVAL)
            else:
                event |= answer
            answer = self.invoke("IsComplete", event)
        return answer.get("errorMessage")

    def send_through_framework(self, kind: str, resource: Resource, properties: Mapping[str, Any]) -> str | None:
        """Call CDK's framework and let its waiter end; why it failed, as CloudFormation is told, or else as the waiter knows."""
        token = f"direct-{next(_numbers)}"
        states = self.aws.client("stepfunctions", self.region)
        before = len(states.list_executions(stateMachineArn=self.parts["waiter"])["executions"])
        event = self.event(kind, resource, properties, url=self.aws.response_url(token))
        self.trigger.pull()
        self.invoke("onEvent", event)
        self.aws.settle()
        told = self.aws.response(token)
        if told is not None:
            return None if told["Status"] == "SUCCESS" else f"{told['Status']}: {told['Reason']}"
        waits = states.list_executions(stateMachineArn=self.parts["waiter"])["executions"]
        assert len(waits) > before
        history = states.get_execution_history(executionArn=waits[0]["executionArn"], maxResults=1000)["events"]
        ended = states.describe_execution(executionArn=waits[0]["executionArn"])
        failed = {ended.get("cause")} | {
            each["taskFailedEventDetails"].get("cause") for each in history if "taskFailedEventDetails" in each
        }
        return f"CloudFormation was told nothing; the waiter: {waits[0]['status']}: {sorted(map(str, failed))}"

    def invoke(self, part: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Call one of its functions."""
        answer = self.aws.client("lambda", self.region).invoke(
            FunctionName=self.parts[part], Payload=json.dumps(event).encode()
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read() or b"null") or {}
        return found


def described(aws: EmulatedAws, region: str, stack: str) -> list[dict[str, Any]]:
    """The resources of a deployed stack."""
    found: list[dict[str, Any]] = aws.client("cloudformation", region).describe_stack_resources(StackName=stack)[
        "StackResources"
    ]
    return found


def resource(aws: EmulatedAws, region: str, stack: str, kind: str) -> Resource:
    """The first custom resource of a type in a deployed stack."""
    found = next(each for each in described(aws, region, stack) if each["ResourceType"] == kind)
    return Resource(kind, found["LogicalResourceId"], found["PhysicalResourceId"])


def run_machine(aws: EmulatedAws, region: str, arn: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a state machine to its end; what DescribeExecution says."""
    states = aws.client("stepfunctions", region)
    started = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]
    aws.settle()
    found: dict[str, Any] = states.describe_execution(executionArn=started)
    return found
