"""The handler refuses foreign stacks, unknown types and properties that it does not understand. It logs no secrets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.aws import log, runtime
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import Failed, Refused
from resilient_redshift.contract.names import COPY_TYPE
from tests.cloud.custom_resources.cloudformation import SECRET_URL, Resource, Stack
from tests.cloud.custom_resources.scene import HERE, THERE, copy, create, grant, update

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def _event(stack: Stack) -> dict[str, Any]:
    return {
        "RequestType": "Create",
        "ResourceType": "Custom::RedshiftSnapshotCopy",
        "LogicalResourceId": "Copy",
        "StackId": stack.id,
        "ResourceProperties": dict(copy().properties),
    }


def _send(stack: Stack, **changes: Any) -> Any:
    return index.on_event_in({**_event(stack), **changes}, stack.handler.runtime())


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
            entry({"StackId": "", "RequestType": "Create"}, _Context())


def test_the_real_entry_reads_the_allowed_stack(
    model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_STACK_ID", stack.id)
    monkeypatch.setattr(runtime, "_client", model.boto3_client)
    event = _event(stack)
    answer = index.on_event(event, _Context())
    assert index.is_complete({**event, **answer}, _Context()) == {"IsComplete": True}


def test_real_clients_carry_no_retries_of_their_own() -> None:
    client = runtime.in_lambda(_Context(), "").redshift(HERE)
    assert client.meta.region_name == HERE
    assert vars(client.meta.config)["_user_provided_options"]["retries"]["total_max_attempts"] == 1
    assert runtime.in_lambda(_Context(), "").remaining() == 900


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"ResourceType": "Custom::Other"},
            "ResourceType: got 'Custom::Other'; allowed: Custom::RedshiftSnapshotCopy, Custom::Reds",
        ),
        ({"RequestType": "Read"}, "RequestType: got 'Read'; allowed: Create, Update, Delete"),
        ({"LogicalResourceId": ""}, "LogicalResourceId: got ''"),
    ],
)
def test_a_wrong_event_is_told(stack: Stack, changes: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        _send(stack, **changes)


def test_a_stack_id_that_is_no_arn_is_told(model: RedshiftModel) -> None:
    stack = Stack(model, "Warehouse", HERE)
    stack.handler.stack_id = "stack"
    with pytest.raises(Refused, match="the ARN of a CloudFormation stack"):
        _send(stack, StackId="stack")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ClusterIdentifier": None}, "ClusterIdentifier: got nothing; allowed: 1 to 63 lower-case"),
        ({"ClusterIdentifier": "Sales"}, "ClusterIdentifier: got 'Sales'"),
        ({"ClusterIdentifier": "a--b"}, "ClusterIdentifier: got 'a--b'"),
        ({"ClusterIdentifier": "a" * 64}, "ClusterIdentifier: got 'aaaa"),
        (
            {"DestinationRegion": HERE},
            "DestinationRegion: got 'eu-central-1'; allowed: another Region than eu-central-1",
        ),
        ({"DestinationRegion": "Ireland"}, "DestinationRegion: got 'Ireland'; allowed: the name of a Region"),
        ({"SnapshotCopyGrantName": ""}, "SnapshotCopyGrantName: got ''"),
        ({"RetentionPeriod": "0"}, "RetentionPeriod: got '0'; allowed: a whole number of days as a string, 1 to 35"),
        ({"RetentionPeriod": "36"}, "RetentionPeriod: got '36'"),
        ({"RetentionPeriod": "-1"}, "RetentionPeriod: got '-1'"),
        ({"RetentionPeriod": 7}, "RetentionPeriod: got 7;"),
        ({"RetentionPeriod": "7.0"}, "RetentionPeriod: got '7.0'"),
        ({"RetentionPeriod": "٣"}, "RetentionPeriod: got '٣'"),
        (
            {"ManualSnapshotRetentionPeriod": "0"},
            "ManualSnapshotRetentionPeriod: got '0'; allowed: .* 1 to 3653, or -1",
        ),
        ({"ManualSnapshotRetentionPeriod": "3654"}, "ManualSnapshotRetentionPeriod: got '3654'"),
        ({"RemovalPolicy": "delete"}, "RemovalPolicy: got 'delete'; allowed: 'retain', 'destroy'"),
        ({"AcceptLossOfCopies": "yes"}, "AcceptLossOfCopies: got 'yes'; allowed: 'false', 'true'"),
        ({"AcceptLossOfCopies": True}, "AcceptLossOfCopies: got True"),
        ({"ReplaceExisting": "yes"}, "ReplaceExisting: got 'yes'; allowed: 'false', 'true'"),
        ({"Replace": "true"}, "Replace: got 'true'; allowed: nothing; this property is unknown"),
    ],
)
def test_a_property_that_is_not_understood_is_told(
    model: RedshiftModel, stack: Stack, changes: dict[str, Any], words: str
) -> None:
    for answer in (create(stack, **changes), update(stack, **changes)):
        assert not answer.ok
        assert re.search(words, answer.reason), answer.reason
    assert model.calls == []


def test_all_problems_are_told_together(stack: Stack) -> None:
    reason = create(stack, RetentionPeriod="99", RemovalPolicy="x").reason
    assert "RetentionPeriod" in reason
    assert "RemovalPolicy" in reason


def test_removal_and_loss_default_to_the_safe_side(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack, RemovalPolicy=None, AcceptLossOfCopies=None).ok


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"KmsKeyId": f"arn:aws:kms:{THERE}:123456789012:alias/x"}, "not of an alias"),
        ({"KmsKeyId": f"arn:aws:kms:{HERE}:123456789012:key/x"}, f"a key of {THERE}"),
        ({"SnapshotCopyGrantName": "Site"}, "SnapshotCopyGrantName: got 'Site'"),
        ({"Other": "1"}, "Other: got '1'; allowed: nothing"),
        ({"RemovalPolicy": "snapshot"}, "RemovalPolicy"),
    ],
)
def test_a_grants_property_that_is_not_understood_is_told(
    model: RedshiftModel, changes: dict[str, str], words: str
) -> None:
    stack = Stack(model, "Recovery", THERE)
    resource = grant(f"arn:aws:kms:{THERE}:123456789012:key/x", **changes)
    assert words in stack.handler.send("Create", "Grant", resource).reason
    assert stack.handler.send("Delete", "Grant", resource, PhysicalResourceId="snapshot-copy-grant/site-1").ok
    assert model.calls == []


def test_no_properties_at_all_are_told(stack: Stack) -> None:
    assert (
        "ClusterIdentifier: got nothing"
        in stack.handler.send("Create", "Copy", Resource("Custom::RedshiftSnapshotCopy", {})).reason
    )
    with pytest.raises(Refused, match="got nothing"):
        _send(stack, ResourceProperties=None)


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


def test_a_field_that_may_hold_a_secret_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.write("INFO", "hello", ResponseURL="u", master_password="p", cluster="sales")
    assert json.loads(capsys.readouterr().out) == {"level": "INFO", "message": "hello", "cluster": "sales"}


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
        index.is_complete_in({**_event(stack)}, stack.handler.runtime())
