"""The watcher of a stack, as the provider's handler calls it: what it was asked, and what it answers."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Watcher:
    """A watcher whose data CloudWatch shows after some questions.

    Attributes:
        asked: each question, in order.
        failures: the errors with which the next runs end.
        failing: the ARNs of functions whose runs fail.
        unseen: how many times CloudWatch does not show the data yet.
    """

    asked: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    unseen: int = 0

    def client(self, _region: str) -> Watcher:
        """A Lambda client of a Region."""
        return self

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 - boto3's names
        """Run the function."""
        assert FunctionName
        question = json.loads(Payload)
        self.asked.append(question)
        if self.failures or FunctionName in self.failing:
            error = {"errorType": "CannotTell", "errorMessage": self.failures.pop(0) if self.failures else "?"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        seen = self.unseen == 0
        if not seen and question.get("seen"):
            self.unseen -= 1
        return {"Payload": io.BytesIO(json.dumps({"seen": seen}).encode())}
