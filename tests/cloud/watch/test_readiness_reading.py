"""What the readiness asks of AWS: which calls, about what, and each of them once."""

from __future__ import annotations

import json
from typing import Any

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import CODES, Meaning
from resilient_redshift.cloud.watch import readiness_reading
from resilient_redshift.cloud.watch.readiness_reading import Reader
from resilient_redshift.contract.watching import READINESS_ACTIONS
from tests.cloud.restore.record import ACCOUNT, AWAY, CLUSTER, MACHINE, RECORD, ROLE, a_record

KEY = f"arn:aws:kms:{AWAY}:{ACCOUNT}:key/1f0c6a52"
FUNCTION = f"arn:aws:lambda:{AWAY}:{ACCOUNT}:function:Restore-Function"
ROLES = {"machine": f"arn:aws:iam::{ACCOUNT}:role/machine", "function": f"arn:aws:iam::{ACCOUNT}:role/function"}
DEFINITION = json.dumps({"States": {"Preflight": {"Parameters": {"FunctionName": FUNCTION}}}})
#: The prefix in IAM where it is not the service's name in boto3.
PREFIX = {"stepfunctions": "states", "service-quotas": "servicequotas"}


class Region:
    """A recovery Region that answers every call, but for those that fail."""

    def __init__(self, **failures: str) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._failures = failures

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        self.calls.append((f"{PREFIX.get(service, service)}:{operation}", parameters))
        code = self._failures.get(operation)
        if code:
            raise Unread(code, code=code, meaning=CODES.get(code, Meaning.UNKNOWN), message="")
        answers = {
            "DescribeStateMachine": {"roleArn": ROLES["machine"], "definition": DEFINITION, "status": "ACTIVE"},
            "GetFunctionConfiguration": {"Role": ROLES["function"], "State": "Active"},
        }
        return answers.get(operation, {"answer": operation})

    def made(self, action: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == action]


def test_it_calls_exactly_what_the_contract_names() -> None:
    # GIVEN a whole record, and a quota that AWS never raised WHEN read THEN the calls are those of the contract
    region = Region(GetServiceQuota="NoSuchResourceException")
    replies = Reader(region).read(a_record(KEY))
    assert {name for name, _ in region.calls} == set(READINESS_ACTIONS)
    assert replies.quota == {"answer": "GetAWSDefaultServiceQuota"}


def test_the_roles_are_asked_for_what_a_restore_takes() -> None:
    # GIVEN the machine's role and the function's WHEN read THEN each is asked about its own resources
    region = Region()
    Reader(region).read(a_record(KEY))
    asked = [
        (one["PolicySourceArn"], one["ActionNames"], one["ResourceArns"], one.get("ContextEntries", []))
        for one in region.made("iam:SimulatePrincipalPolicy")
    ]
    arn = f"arn:aws:redshift:{AWAY}:{ACCOUNT}"

    def context(name: str, value: str) -> list[dict[str, Any]]:
        return [{"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}]

    assert asked == [
        (ROLES["machine"], ["lambda:InvokeFunction"], [FUNCTION], []),
        (ROLES["function"], [*readiness_reading.READ_RIGHTS], ["*"], []),
        (
            ROLES["function"],
            ["redshift:RestoreFromClusterSnapshot"],
            [f"{arn}:cluster:{CLUSTER}", f"{arn}:snapshot:{CLUSTER}/any"],
            [],
        ),
        (
            ROLES["function"],
            [*readiness_reading.SECRET_RIGHTS],
            [f"arn:aws:secretsmanager:{AWAY}:{ACCOUNT}:secret:redshift!any"],
            [],
        ),
        (ROLES["function"], ["ssm:GetParameter"], [f"arn:aws:ssm:{AWAY}:{ACCOUNT}:parameter{RECORD}"], []),
        (
            ROLES["function"],
            [*readiness_reading.KEY_RIGHTS],
            [KEY],
            context("kms:ViaService", f"redshift.{AWAY}.amazonaws.com"),
        ),
        (ROLES["function"], ["iam:PassRole"], [ROLE], context("iam:PassedToService", "redshift.amazonaws.com")),
    ]


def test_plans_of_one_site_share_their_calls() -> None:
    # GIVEN twenty plans of one site WHEN read THEN only what differs is asked again
    region = Region()
    reader = Reader(region)
    reader.read(a_record(KEY))
    first = len(region.calls)
    for number in range(19):
        reader.read(a_record(KEY, cluster={"identifier": f"other-{number}"}))
    # one simulation names the cluster
    assert len(region.calls) == first + 19


def test_a_record_without_a_machine_asks_for_no_machine() -> None:
    # GIVEN a record that lacks its machine and its recovery part WHEN read THEN nothing is asked about nothing
    region = Region()
    record = {"cluster": {"identifier": CLUSTER}, "recovery": {"region": AWAY}}
    replies = Reader(region).read(record)
    assert [name for name, _ in region.calls] == ["servicequotas:GetServiceQuota"]
    assert (replies.machine, replies.key, replies.rights) == (None, None, {})


def test_a_call_that_fails_stops_no_other() -> None:
    # GIVEN a machine that may not be read WHEN read THEN the failure is its reply, and all else is read
    region = Region(DescribeStateMachine="AccessDeniedException")
    replies = Reader(region).read(a_record(KEY))
    assert isinstance(replies.machine, Unread)
    assert replies.function is None
    assert replies.security_groups == {"answer": "DescribeSecurityGroups"}
    assert region.made("kms:DescribeKey") == [{"KeyId": KEY}]
    assert MACHINE in str(region.made("states:DescribeStateMachine"))


def test_a_service_that_does_not_answer_is_asked_once() -> None:
    # GIVEN an IAM that answers nothing WHEN read THEN one call waits for its time-out, and each role is unread
    region = Region(SimulatePrincipalPolicy="InternalFailure", GetRole="InternalFailure")
    replies = Reader(region).read(a_record(KEY))
    assert len([name for name, _ in region.calls if name.startswith("iam:")]) == 1
    assert all(isinstance(reply, Unread) for reply in [*replies.roles.values(), *replies.rights["function"]])
