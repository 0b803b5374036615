"""RestoreOptions: a value that is checked when you make it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from resilient_redshift import DnsRecord, ResilientRedshiftError, RestoreOptions, SnapshotTimes


def test_defaults_are_like_the_snapshot() -> None:
    # GIVEN no argument WHEN options are made THEN every setting is like the snapshot
    options = RestoreOptions()
    assert (options.node_type, options.number_of_nodes, options.multi_az, options.port, options.parameters) == (
        None,
    ) * 5
    assert options.iam_role_arns == ()
    assert (options.log_exports, options.dns_record, options.snapshot_schedule) == (None,) * 3


def test_lists_are_copied() -> None:
    # GIVEN lists WHEN they change later THEN the options do not change, and they have a hash
    logs, times = ["userlog"], [SnapshotTimes.every(timedelta(hours=4))]
    options = RestoreOptions(log_exports=logs, snapshot_schedule=times, dns_record=DnsRecord("Z1", "a.example.com"))
    logs.clear()
    times.clear()
    assert (options.log_exports, len(options.snapshot_schedule or ())) == (("userlog",), 1)
    assert hash(options) != hash(RestoreOptions())
    assert RestoreOptions(log_exports=[], snapshot_schedule=[]).log_exports == ()


@pytest.mark.parametrize(
    ("arguments", "text"),
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
def test_restore_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an argument that AWS refuses WHEN options are made THEN the error names it
    with pytest.raises(ResilientRedshiftError) as caught:
        RestoreOptions(**arguments)
    assert text in str(caught.value)


def test_parameters_are_copied() -> None:
    # GIVEN a mapping WHEN it changes later THEN the options do not change
    parameters = {"require_ssl": "true"}
    options = RestoreOptions(parameters=parameters)
    parameters["require_ssl"] = "false"
    assert options.parameters == {"require_ssl": "true"}
    assert hash(options) == hash(RestoreOptions(parameters={"require_ssl": "true"}))
