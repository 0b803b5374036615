"""The code of retention tiers: its calls are those that its role allows, and its numbers are the contract's."""

from __future__ import annotations

import ast
from pathlib import Path

import botocore.session
from botocore import xform_name

from resilient_redshift.cloud import snapshots
from resilient_redshift.cloud.snapshots import tiers
from resilient_redshift.contract.outcomes import TIERS_APPLIED, TIERS_OUTCOMES
from resilient_redshift.recovery import _tiers_function as role
from resilient_redshift.snapshots.machine import OWN_SNAPSHOTS, READ_ACTIONS
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.cloud.snapshots.world import TiersWorld

TREES = [ast.parse(file.read_text()) for file in Path(snapshots.__file__).parent.glob("tiers*.py")]


def test_its_calls_and_its_rights_match_one_to_one() -> None:
    # GIVEN every method of a client that the code names WHEN compared with the role THEN each has its right, and no more
    methods = {
        xform_name(operation): f"{service}:{operation}"
        for service in ("redshift", "ssm", "cloudwatch")
        for operation in botocore.session.get_session().get_service_model(service).operation_names
    }
    named = {node.attr for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {methods[name] for name in named & methods.keys()} == {
        *role.COPY_ACTIONS,
        *role.RECORD_ACTIONS,
        *READ_ACTIONS,
        *METRIC_ACTIONS,
    }


def test_a_run_makes_no_other_call() -> None:
    # GIVEN a run with every deed in it WHEN its calls are gathered THEN they are those, and none forces
    world = TiersWorld()
    world.copied()
    world.applied()
    allowed = {*role.COPY_ACTIONS, *role.RECORD_ACTIONS, *READ_ACTIONS, *METRIC_ACTIONS}
    assert set(world.asked) == {action.partition(":")[2] for action in allowed}
    keywords = {node.arg for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert "Force" not in keywords


def test_the_names_of_snapshots_are_those_that_the_snapshot_machine_gives() -> None:
    # GIVEN what the policies let in and what the code takes for a rule's WHEN both are read THEN they are alike
    for name, fits in (
        ("20261124t0300z", True),
        ("20261124t0300z-r1", True),
        ("ondemand-20261124t030001z", True),
        ("ondemand-20261124t030001z-r1", True),
        ("ondemand-20261124t0300z", False),
        ("20261124t030001z", False),
    ):
        assert (tiers.END_OF_NAME.fullmatch(name) is not None) is fits
    assert OWN_SNAPSHOTS == ("*/*-????????t????z*", "*/*-ondemand-????????t??????z*")


def test_each_outcome_stands_once_and_one_is_good() -> None:
    assert len(set(TIERS_OUTCOMES)) == len(TIERS_OUTCOMES)
    assert TIERS_OUTCOMES[0] == TIERS_APPLIED
