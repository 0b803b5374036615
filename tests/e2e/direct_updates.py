"""Updates of a deployed copy as CloudFormation and CDK's framework make them, without a stack operation around each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from tests.e2e.scene import PRIMARY
from tests.e2e.watching import Found, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws

COPY_TYPE = "Custom::RedshiftSnapshotCopy"
_QUERY_INTERVAL = dt.timedelta(seconds=20)  # the framework's, see framework.py


def copy_properties(assembly: Path, stack: str = "Prod") -> dict[str, str]:
    """The properties of the only copy in a synthesized stack."""
    template = json.loads((assembly / f"{stack}.template.json").read_text())
    (found,) = (each["Properties"] for each in template["Resources"].values() if each["Type"] == COPY_TYPE)
    return {name: value for name, value in found.items() if name not in {"ServiceToken", "ServiceTimeout"}}


@dataclasses.dataclass(frozen=True)
class Copy:
    """The copy of a deployed stack: whom to ask, and what to call it."""

    aws: EmulatedAws
    stack_id: str
    logical_id: str
    physical_id: str
    functions: dict[str, str]

    @classmethod
    def of(cls, aws: EmulatedAws, stack: str = "Prod") -> Copy:
        """Find it."""
        described = aws.client("cloudformation", PRIMARY).describe_stack_resources(StackName=stack)["StackResources"]
        (copy,) = (each for each in described if each["ResourceType"] == COPY_TYPE)
        made = {each["PhysicalResourceId"] for each in described if each["ResourceType"] == "AWS::Lambda::Function"}
        functions = aws.client("lambda", PRIMARY).list_functions()["Functions"]
        by_handler = {
            each["Handler"].rpartition(".")[2]: each["FunctionName"]
            for each in functions
            if each["FunctionName"] in made and each["Handler"].startswith("handler.index.")
        }
        return cls(aws, copy["StackId"], copy["LogicalResourceId"], copy["PhysicalResourceId"], by_handler)

    def update(self, old: dict[str, str], new: dict[str, str]) -> str | None:
        """Send an update and wait until it is complete; the reason if it failed."""
        event = {
            "RequestType": "Update",
            "RequestId": "direct",
            "ResponseURL": "https://nowhere.invalid/",
            "StackId": self.stack_id,
            "ResourceType": COPY_TYPE,
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.physical_id,
            "ResourceProperties": new,
            "OldResourceProperties": old,
        }
        answer = self._invoke("on_event", event)
        while "errorMessage" not in answer and not answer.get("IsComplete"):
            if "IsComplete" in answer:
                self.aws.advance(_QUERY_INTERVAL)
            else:
                event |= answer
            answer = self._invoke("is_complete", event)
        return answer.get("errorMessage")

    def _invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.aws.client("lambda", PRIMARY).invoke(
            FunctionName=self.functions[function], Payload=json.dumps(event).encode()
        )
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found


@dataclasses.dataclass(frozen=True)
class Tried:
    """One swap: why it failed, why its rollback did; the world before and after; the calls of the swap itself."""

    failed: str | None
    rollback: str | None
    before: Found
    after: Found
    calls: tuple[str, ...]


class Between:
    """Swaps a deployed copy to and fro between two configurations."""

    def __init__(self, copy: Copy, old: dict[str, str], new: dict[str, str]) -> None:
        """Begin where ``old`` is deployed."""
        self._copy = copy
        self._sides = [old, new]
        self._last = look(copy.aws)
        self._calls = 0

    @property
    def grant(self) -> str:
        """The grant that shall be now."""
        return self._sides[0]["SnapshotCopyGrantName"]

    def swap(self, prepare: Callable[[], None] = lambda: None) -> Tried:
        """Swap with what ``prepare`` has brought about; if that fails, roll back as CloudFormation would."""
        aws, before = self._copy.aws, self._last
        old, new = self._sides
        self._fresh()
        prepare()
        failed = self._copy.update(old, new)
        aws.faults("clear")
        calls = tuple(each["operation"] for each in self._fresh() if each["via"] == "lambda")
        rollback = None if failed is None else self._copy.update(new, old)
        if failed is None:
            self._sides.reverse()
        self._last = look(aws)
        return Tried(failed, rollback, before, self._last, calls)

    def again(self) -> Found:
        """Send what is deployed once more, as the next deployment that changes this resource would."""
        failed = self._copy.update(self._sides[0], self._sides[0])
        assert failed is None, failed
        self._last = look(self._copy.aws)
        return self._last

    def _fresh(self) -> list[dict[str, Any]]:
        """What was called since last asked, of Redshift."""
        found = self._copy.aws.calls(self._calls)
        self._calls += len(found)
        return [each for each in found if each["service"] == "redshift"]
