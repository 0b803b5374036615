"""What a restored cluster should be: a value, checked when made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from resilient_redshift import DnsRecord, ResilientRedshiftError, RestoreOptions, SnapshotTimes


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
