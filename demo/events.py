"""Reads the cdk CLI's event lines (``--progress events``), and finds the reason in what a failed run said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_EVENT = re.compile(
    r"^(?P<stack>\S+) \|\s*(?P<done>\d+)(?:/(?P<total>\d+))? \|[^|]*\| "
    r"(?P<status>[A-Z_]+)\s*\| (?P<kind>\S+)\s*\| (?P<rest>.*)$"
)
#: What stands behind a path in the app; the path says enough.
_LOGICAL_ID = re.compile(r" \(\w+\)")
_STACK = "AWS::CloudFormation::Stack"
_METADATA = "AWS::CDK::Metadata"
#: What CloudFormation says of resources that it stopped because another one had failed.
_CANCELLED = "cancelled"
#: What the CLI adds below the reason.
_NO_REASON = re.compile(r"^(‣|Stack ARN|Total time|✨|⚠|.*Subprocess exited with error|.*Proceeding anyway|\s*$)")


@dataclass(frozen=True)
class Event:
    """One line of a deployment.

    Attributes:
        stack: the stack's name.
        done: resources that are ready, as the CLI counts them; stack and metadata among them.
        total: resources that change; None where the CLI does not know.
        status: CloudFormation's resource status.
        kind: the resource's type.
        what: its path in the app where CDK knows it, else its logical id; with the reason after it, if there is one.
    """

    stack: str
    done: int
    total: int | None
    status: str
    kind: str
    what: str

    @property
    def finished(self) -> bool:
        """Whether a resource of the user's (no stack, no metadata) is ready."""
        return self.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"} and self.kind not in {_STACK, _METADATA}

    @property
    def failed(self) -> bool:
        """Whether this is the cause of a failure, rather than what it took along."""
        return self.status.endswith("_FAILED") and _CANCELLED not in self.what


def plain(line: str) -> str:
    """Strip a line's colours and its end."""
    return _COLOUR.sub("", line).rstrip()


def event_of(line: str) -> Event | None:
    """Read one line; None if it tells no event."""
    found = _EVENT.match(plain(line))
    if found is None:
        return None
    total = found["total"]
    return Event(
        stack=found["stack"],
        done=int(found["done"]),
        total=None if total is None else int(total),
        status=found["status"],
        kind=found["kind"],
        what=_LOGICAL_ID.sub("", found["rest"].strip()),
    )


def reason_of(lines: Sequence[str], status: int) -> str:
    """Find the one line that says why: the first resource that failed, else what the CLI said last."""
    for line in lines:
        event = event_of(line)
        if event is not None and event.failed and event.kind != _STACK:
            return f"{event.stack}: {event.kind} {event.what}"
    said = [text for text in map(plain, lines) if not _NO_REASON.match(text) and event_of(text) is None]
    failed = [text for text in said if "failed:" in text or text.startswith("❌")]
    return (failed or said or [f"it said nothing; exit status {status}"])[-1].removeprefix("❌").strip()
