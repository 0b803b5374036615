"""Objectives and restore options: values, checked when made."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import DnsRecord, Objectives, ResilientRedshiftError, RestoreOptions, SnapshotTimes
from tests.scenes.clusters import new_stack, number_parameter


def test_lengths_are_stored_as_timedeltas() -> None:
    # GIVEN CDK's Durations WHEN stored THEN no CDK is left
    found = Objectives(recovery_point=cdk.Duration.hours(6), recovery_time=timedelta(hours=2))
    assert (found.recovery_point, found.recovery_time) == (timedelta(hours=6), timedelta(hours=2))


def test_expected_copy_time_default() -> None:
    # GIVEN no copy time WHEN made THEN it is one hour
    found = Objectives(recovery_point=timedelta(hours=6), recovery_time=timedelta(hours=2))
    assert found.expected_copy_time == timedelta(hours=1)


def test_every_wrong_objective_is_told_together() -> None:
    # GIVEN three wrong lengths, one of them a token WHEN made THEN all are told
    token = cdk.Duration.hours(number_parameter(new_stack()))
    wrong: Any = 6
    with pytest.raises(ResilientRedshiftError) as caught:
        Objectives(recovery_point=wrong, recovery_time=timedelta(0), expected_copy_time=token)
    assert [text.split("'")[1] for text in caught.value.problems] == [
        "recovery_point",
        "recovery_time",
        "expected_copy_time",
    ]


def test_values_cannot_change() -> None:
    # GIVEN a value WHEN somebody sets a part THEN it refuses
    found: Any = Objectives(recovery_point=timedelta(hours=6), recovery_time=timedelta(hours=2))
    with pytest.raises(AttributeError):
        found.recovery_point = timedelta(0)


def test_restore_defaults_say_nothing() -> None:
    # GIVEN no option WHEN made THEN everything is as in the snapshot
    found = RestoreOptions()
    assert (found.node_type, found.number_of_nodes, found.multi_az, found.port, found.parameters) == (None,) * 5
    assert found.iam_role_arns == ()
    assert (found.log_exports, found.dns_record, found.snapshot_schedule) == (None,) * 3


def test_what_is_brought_back_is_copied() -> None:
    # GIVEN lists that change later WHEN stored THEN the value does not, and it can be hashed
    logs, times = ["userlog"], [SnapshotTimes.every(timedelta(hours=4))]
    found = RestoreOptions(log_exports=logs, snapshot_schedule=times, dns_record=DnsRecord("Z1", "a.example.com"))
    logs.clear()
    times.clear()
    assert (found.log_exports, len(found.snapshot_schedule or ())) == (("userlog",), 1)
    assert hash(found) != hash(RestoreOptions())
    assert RestoreOptions(log_exports=[], snapshot_schedule=[]).log_exports == ()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"node_type": "ra3large"}, "'node_type' must be a node type"),
        ({"number_of_nodes": 0}, "'number_of_nodes' must be a whole number from 1 to 128"),
        ({"node_type": "ra3.large", "port": 3306}, "'port' must be 5431 to 5455"),
        ({"node_type": "dc2.large", "number_of_nodes": 2, "multi_az": True}, "'multi_az' must be False for DC2"),
        ({"iam_role_arns": "arn:aws:iam::111111111111:role/x"}, "'iam_role_arns' must be a list"),
        ({"iam_role_arns": ["x"]}, "'iam_role_arns' must be the ARNs of IAM roles, got 'x'"),
        ({"iam_role_arns": ["arn:aws:iam::111111111111:role/x"] * 51}, "'iam_role_arns' must be 50 at most"),
        ({"parameters": {"require_ssl": True}}, "parameters['require_ssl']"),
        ({"log_exports": ["errorlog"]}, "'log_exports' must be some of connectionlog, userlog, useractivitylog"),
        ({"log_exports": "userlog"}, "'log_exports' must be some of"),
        ({"dns_record": "a.example.com"}, "'dns_record' must be a DnsRecord"),
        ({"snapshot_schedule": "rate(4 hours)"}, "'snapshot_schedule' must be a list of SnapshotTimes"),
        ({"snapshot_schedule": ["rate(4 hours)"]}, "'snapshot_schedule' must be SnapshotTimes, one or more"),
    ],
)
def test_restore_refuses(options: dict[str, Any], text: str) -> None:
    # GIVEN an option that AWS refuses WHEN made THEN the error names it
    with pytest.raises(ResilientRedshiftError) as caught:
        RestoreOptions(**options)
    assert text in str(caught.value)


def test_parameters_are_copied() -> None:
    # GIVEN a mapping that changes later WHEN stored THEN the value does not
    given = {"require_ssl": "true"}
    found = RestoreOptions(parameters=given)
    given["require_ssl"] = "false"
    assert found.parameters == {"require_ssl": "true"}
    assert hash(found) == hash(RestoreOptions(parameters={"require_ssl": "true"}))


def test_values_need_no_cdk() -> None:
    # GIVEN planning and command line, which run without Node WHEN the module is loaded THEN aws_cdk is not
    code = "import sys, resilient_redshift.recovery.objectives; assert 'aws_cdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
