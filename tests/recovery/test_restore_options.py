"""RestoreOptions: a value that is checked when you make it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.session import get_session

from resilient_redshift import DnsRecord, ResilientRedshiftError, RestoreOptions, SnapshotTimes
from tests.scenes.clusters import new_stack, number_parameter, text_parameter

LOAD = "arn:aws:iam::111111111111:role/load"


def test_defaults_are_like_the_snapshot() -> None:
    # GIVEN no argument WHEN options are made THEN every setting is like the snapshot
    options = RestoreOptions()
    assert (options.node_type, options.number_of_nodes, options.multi_az, options.port, options.parameters) == (
        None,
    ) * 5
    assert (options.iam_role_arns, options.default_iam_role_arn, options.maintenance_track_name) == (None,) * 3
    assert (options.catalog_name, options.redshift_idc_application_arn) == (None,) * 2
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
        ({"iam_role_arns": ["x"]}, "'iam_role_arns' must be the ARN of an IAM role, got 'x'"),
        ({"iam_role_arns": ["arn:aws:iam::111111111111:role/x"] * 51}, "'iam_role_arns' must be 50 at most"),
        ({"node_type": "rg.xlarge", "number_of_nodes": 1}, "'number_of_nodes' must be 2 or more for rg.xlarge"),
        ({"number_of_nodes": 1, "multi_az": True}, "'number_of_nodes' must be 2 or more in each Zone with multi_az"),
        ({"default_iam_role_arn": "load"}, "'default_iam_role_arn' must be the ARN of an IAM role, got 'load'"),
        (
            {"iam_role_arns": [LOAD], "default_iam_role_arn": f"{LOAD}er"},
            f"'default_iam_role_arn' must be one of the cluster's IAM roles, {LOAD}, got",
        ),
        ({"iam_role_arns": [], "default_iam_role_arn": LOAD}, "'default_iam_role_arn' must be one of the cluster's"),
        ({"maintenance_track_name": "the current one"}, "'maintenance_track_name' must be a track such as 'current'"),
        ({"catalog_name": "Catalog"}, "'catalog_name' must be 1 to 64 lower-case letters"),
        ({"redshift_idc_application_arn": LOAD}, "'redshift_idc_application_arn' must be an ARN such as"),
        ({"parameters": {"require_ssl": True}}, "parameters['require_ssl']"),
        ({"log_exports": ["errorlog"]}, "'log_exports' must be some of connectionlog, userlog, useractivitylog"),
        ({"dns_record": "a.example.com"}, "'dns_record' must be a DnsRecord"),
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


def test_every_problem_is_in_one_error() -> None:
    # GIVEN five wrong arguments WHEN options are made THEN one error names all of them
    with pytest.raises(ResilientRedshiftError) as caught:
        RestoreOptions(
            node_type="ra3large",
            port=1,
            iam_role_arns=["load"],
            default_iam_role_arn="load",
            maintenance_track_name="",
        )
    names = [problem.split("'")[1] for problem in caught.value.problems]
    assert names == ["node_type", "port", "iam_role_arns", "default_iam_role_arn", "maintenance_track_name"]


def test_a_parameter_group_that_exists_leaves_no_parameters_to_set() -> None:
    # GIVEN a group that exists already WHEN parameters are set beside it, or its name is none THEN the error says so
    with pytest.raises(ResilientRedshiftError) as caught:
        RestoreOptions(parameter_group="My Group", parameters={}, parameter_group_family="redshift-1.0")
    names = [problem.split("'")[1] for problem in caught.value.problems]
    assert names == ["parameter_group", "parameters", "parameter_group_family"]


def test_tokens_pass() -> None:
    # GIVEN tokens, as a recovery stack makes them WHEN options are made THEN nothing is checked, and they stay tokens
    stack = new_stack()
    text, number = text_parameter(stack), number_parameter(stack)
    options = RestoreOptions(
        node_type=text,
        number_of_nodes=number,
        port=number,
        iam_role_arns=[text],
        default_iam_role_arn=text,
        maintenance_track_name=text,
        catalog_name=text,
        redshift_idc_application_arn=text,
    )
    assert options.iam_role_arns == (text,)


@pytest.mark.parametrize(
    "change",
    [
        {"default_iam_role_arn": LOAD},
        {"maintenance_track_name": "trailing"},
        {"catalog_name": "sales"},
        {"parameter_group": "theirs"},
        {
            "redshift_idc_application_arn": "arn:aws:redshift:us-west-2:111111111111:redshiftidcapplication:1",
        },
        {"iam_role_arns": []},
    ],
)
def test_options_that_differ_are_not_equal(change: dict[str, Any]) -> None:
    # GIVEN options WHEN one of them differs THEN neither the values nor their hashes are equal
    assert RestoreOptions(**change) == RestoreOptions(**change)
    assert hash(RestoreOptions(**change)) == hash(RestoreOptions(**change))
    assert RestoreOptions(**change) != RestoreOptions()
    assert hash(RestoreOptions(**change)) != hash(RestoreOptions())


@pytest.mark.parametrize(
    ("argument", "member"),
    [
        ("iam_role_arns", "IamRoles"),
        ("default_iam_role_arn", "DefaultIamRoleArn"),
        ("maintenance_track_name", "MaintenanceTrackName"),
        ("catalog_name", "CatalogName"),
        ("redshift_idc_application_arn", "RedshiftIdcApplicationArn"),
        ("node_type", "NodeType"),
        ("number_of_nodes", "NumberOfNodes"),
        ("multi_az", "MultiAZ"),
        ("port", "Port"),
    ],
)
def test_each_setting_of_the_restore_call_is_a_member_of_the_api(argument: str, member: str) -> None:
    # GIVEN botocore's service model WHEN an option is looked for THEN the restore call takes it
    shape = get_session().get_service_model("redshift").operation_model("RestoreFromClusterSnapshot").input_shape
    assert argument in RestoreOptions.__dataclass_fields__
    assert member in shape.members
