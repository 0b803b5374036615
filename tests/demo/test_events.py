"""What the cdk CLI says (lines as 2.1148.1 wrote them), and the reason found in it."""

from __future__ import annotations

import pytest

from demo.events import Event, event_of, reason_of

READY = (
    "Warehouse | 34/62 | 1:00:14 PM | CREATE_COMPLETE      | AWS::SQS::Queue            | Site/Queue (SiteQueue12AB) "
)
FAILED = (
    "Warehouse | 35/62 | 1:00:15 PM | CREATE_FAILED        | Custom::RedshiftSnapshotCopy | Plan/Copy (PlanCopyD09) "
    "the grant recovery-1 does not exist in us-west-2"
)
CANCELLED = (
    "Warehouse | 36/62 | 1:00:15 PM | CREATE_FAILED | AWS::SNS::Topic | Operators (Op) Resource creation cancelled"
)


def test_an_event_is_read() -> None:
    # GIVEN a line of the CLI WHEN read THEN all of it is known, and the logical id left out
    wanted = Event("Warehouse", 34, 62, "CREATE_COMPLETE", "AWS::SQS::Queue", "Site/Queue")
    assert event_of(READY) == wanted
    assert event_of(f"\x1b[32m{READY}\x1b[0m\n") == wanted
    assert wanted.finished


@pytest.mark.parametrize("line", ["", "Warehouse: deploying... [1/2]", "✅  Warehouse", "a | b | c"])
def test_other_lines_are_no_events(line: str) -> None:
    assert event_of(line) is None


@pytest.mark.parametrize("kind", ["AWS::CloudFormation::Stack", "AWS::CDK::Metadata"])
def test_stacks_and_metadata_are_not_counted(kind: str) -> None:
    event = event_of(READY.replace("AWS::SQS::Queue", kind))
    assert event is not None
    assert not event.finished


def test_the_reason_is_the_resource_that_failed_first() -> None:
    # GIVEN a deployment that failed WHEN its reason is looked for THEN it is the cause, not what it took along
    lines = [READY, CANCELLED, FAILED, "❌  Warehouse failed: ToolkitError: The stack named Warehouse failed creation"]
    wanted = "Warehouse: Custom::RedshiftSnapshotCopy Plan/Copy the grant recovery-1 does not exist in us-west-2"
    assert reason_of(lines, 1) == wanted


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["✨  Synthesis time: 2s", "TEa: connect ECONNREFUSED 127.0.0.1:1", "‣ Error: connect ECONNREFUSED", ""], "TEa: connect ECONNREFUSED 127.0.0.1:1"),
        (["Traceback (most recent call last):", "ZeroDivisionError: division by zero", "python app.py: Subprocess exited with error 1"], "ZeroDivisionError: division by zero"),
        (["❌  Warehouse failed: access denied", "more about it"], "Warehouse failed: access denied"),
        ([], "it said nothing; exit status 3"),
    ],
)  # fmt: skip
def test_else_it_is_what_the_cli_said(lines: list[str], wanted: str) -> None:
    assert reason_of(lines, 3) == wanted
