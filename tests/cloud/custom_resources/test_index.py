"""The entry points: they serve their own stack only, name every error, and log no secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.aws import runtime
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import Failed, Refused
from resilient_redshift.contract.names import COPY_TYPE
from tests.cloud.context import Context
from tests.cloud.custom_resources.cloudformation import SECRET_URL, Stack
from tests.cloud.custom_resources.scene import HERE, create, event_of

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("entry", [index.on_event_in, index.is_complete_in])
def test_another_stack_is_refused(model: RedshiftModel, stack: Stack, kind: str, entry: Any) -> None:
    event = {
        "RequestType": kind,
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/Other/1",
        "LogicalResourceId": "Copy",
    }
    with pytest.raises(Refused, match="serves its own stack only"):
        entry(event, stack.handler.runtime())
    assert model.calls == []


def test_without_an_allowed_stack_nothing_is_served(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOWED_STACK_ID", raising=False)
    for entry in (index.on_event, index.is_complete):
        with pytest.raises(Refused, match="StackId"):
            entry({"StackId": "", "RequestType": "Create"}, Context())


def test_the_real_entry_reads_the_allowed_stack(
    model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_STACK_ID", stack.id)
    monkeypatch.setattr(runtime, "client", model.boto3_client)
    event = event_of(stack)
    answer = index.on_event(event, Context())
    assert index.is_complete({**event, **answer}, Context()) == {"IsComplete": True}


def test_logs_are_json_lines_without_secrets(
    model: RedshiftModel, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    model.faults.throttle()
    assert create(stack).ok
    assert not create(stack, RetentionPeriod="0").ok
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["level"] for line in lines} == {"INFO", "ERROR"}
    assert any(line["message"] == "waiting" for line in lines)
    assert SECRET_URL not in out
    assert "verysecret" not in out


def test_an_aws_error_outside_the_retries_has_its_words(
    model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN an error that no rule foresees, at a place that does not wait
    def broken(request: Any, runtime: Any) -> bool:
        absent = "arn:aws:redshift:eu-central-1:123456789012:cluster:absent"
        return bool(model.client(HERE).describe_tags(ResourceName=absent))

    monkeypatch.setitem(index._COMPLETIONS, COPY_TYPE, broken)
    # THEN it is named all the same
    with pytest.raises(Failed, match="ResourceNotFoundFault"):
        index.is_complete_in(event_of(stack), stack.handler.runtime())
