"""The settings of a restored cluster in the records of both Regions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resilient_redshift import RestoreOptions
from tests.recovery.records import record_in
from tests.scenes.clusters import cluster_of, number_parameter, text_parameter
from tests.scenes.recovery import OBJECTIVES, existing, l1_cluster, only, site_of, template_of, two_stacks

ROLE = "arn:aws:iam::111111111111:role/load"
APPLICATION = "arn:aws:redshift:us-west-2:111111111111:redshiftidcapplication:1f0c6a52"


def test_literal_options_are_in_both_records() -> None:
    # GIVEN an option for every setting of the restore call WHEN protected THEN both records have each of them
    home, away = two_stacks()
    settings: dict[str, Any] = {
        "node_type": "ra3.xlplus",
        "number_of_nodes": 4,
        "multi_az": True,
        "port": 5433,
        "iam_role_arns": [ROLE],
        "default_iam_role_arn": ROLE,
        "maintenance_track_name": "trailing",
        "catalog_name": "sales_catalog",
        "redshift_idc_application_arn": APPLICATION,
    }
    site_of(away).protect(existing(home), objectives=OBJECTIVES, restore=RestoreOptions(**settings))
    assert record_in(home)["restore"] == record_in(away)["restore"] == settings


def test_the_maintenance_track_of_the_cluster_is_carried_over() -> None:
    # GIVEN a cluster of ours and an L1 on another track WHEN protected THEN the records say so
    for make in (cluster_of, l1_cluster):
        home, away = two_stacks()
        cluster = make(home, cluster_identifier="sales", maintenance_track_name="trailing")  # type: ignore[operator]
        site_of(away).protect(cluster, objectives=OBJECTIVES, restore=RestoreOptions(parameters={}))
        assert record_in(away)["restore"]["maintenance_track_name"] == "trailing"
        assert record_in(home)["restore"]["maintenance_track_name"] == "trailing"


def test_the_track_of_the_options_goes_before_that_of_the_cluster() -> None:
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", maintenance_track_name="trailing")
    options = RestoreOptions(maintenance_track_name="current")
    site_of(away).protect(cluster, objectives=OBJECTIVES, restore=options)
    assert record_in(away)["restore"]["maintenance_track_name"] == "current"


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("node_type", text_parameter),
        ("number_of_nodes", number_parameter),
        ("port", number_parameter),
        ("maintenance_track_name", text_parameter),
        ("catalog_name", text_parameter),
        ("redshift_idc_application_arn", text_parameter),
    ],
)
def test_a_token_is_in_the_record_of_the_recovery_region_only(option: str, kind: Any) -> None:
    # GIVEN a cluster whose own value is known WHEN the option is a token of the recovery stack
    home, away = two_stacks()
    options = RestoreOptions(parameters={}, **{option: kind(away)})
    cluster = cluster_of(home, cluster_identifier="sales", maintenance_track_name="trailing")
    site_of(away).protect(cluster, objectives=OBJECTIVES, restore=options)
    # THEN the recovery Region has the token, and the other record has neither the token nor the cluster's value
    written = only(template_of(away), "AWS::SSM::Parameter")["Properties"]["Value"]
    assert option in json.dumps(written)
    assert option not in record_in(home)["restore"]
