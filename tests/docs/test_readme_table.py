"""The README shows what the example really gives: its protection table, and how many of what is billed."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.cloud.snapshots.take_world import TakeWorld
from tests.docs import app_output
from tests.docs.tables import ROOT, rows

README = ROOT / "README.md"
BILLED = {
    kind: row
    for row in rows(README, "what is billed")
    for kind in re.findall(r"`(AWS::\w+::\w+)`", row.cells["what is billed"])
}


def test_the_table_is_what_make_synth_prints() -> None:
    # GIVEN the example, synthesized now WHEN its table is printed THEN the README shows it to the letter
    shown = re.findall(r"^```text\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert app_output.table() + "\n" in shown


def test_the_costs_table_names_types() -> None:
    # GIVEN the table WHEN read THEN it was found: the tests below would otherwise pass with nothing
    assert len(BILLED) > 5


@pytest.mark.parametrize(
    ("stack", "column"), [("Warehouse", "in `us-east-1`"), ("WarehouseRecovery", "in `us-west-2`")]
)
@pytest.mark.parametrize("kind", BILLED)
def test_each_number_is_the_templates(kind: str, stack: str, column: str) -> None:
    # GIVEN the example's template WHEN its resources are counted THEN the README says that number
    count = Counter(resource["Type"] for resource in app_output.template(stack)["Resources"].values())[kind]
    assert re.match(r"\d+", BILLED[kind].cells[column])[0] == str(count)  # type: ignore[index]


#: What costs nothing by itself: permissions, networks of no traffic, descriptions.
FREE = {
    "AWS::CDK::Metadata",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Redshift::ClusterParameterGroup",
    "AWS::Redshift::ClusterSubnetGroup",
    "AWS::Redshift::EventSubscription",  # Redshift guide: SNS bills the messages
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::SQS::QueuePolicy",
    "AWS::Events::Rule",  # events on a schedule; AWS bills custom events only
    "Custom::RedshiftSnapshotCopy",
    "Custom::RedshiftSnapshotCopyGrant",
    "Custom::RedshiftSnapshotOnDeploy",
    "Custom::RedshiftRecoveryPointWatch",
}


@pytest.mark.parametrize("stack", ["Warehouse", "WarehouseRecovery"])
def test_nothing_that_the_library_makes_is_left_out(stack: str) -> None:
    # GIVEN the example's template WHEN the example's own network and topic are left out THEN each type is in the table, or free
    made = {
        resource["Type"]
        for name, resource in app_output.template(stack)["Resources"].items()
        if not name.startswith(("Network", "Operators"))
    }
    assert made - set(BILLED) - FREE - {"AWS::EC2::SecurityGroup"} == set()


def test_the_transitions_of_a_run_are_as_many_as_the_readme_says() -> None:
    # GIVEN the machine WHEN a snapshot is taken THEN it walks as many states as the costs table says
    run = TakeWorld().run()
    looks = run.states.count("WaitForSnapshot")
    # Start and the end, and for each phase its Task, Wait and NextPhase
    assert 2 + 3 * len(run.states) == 11 + 3 * (looks - 1)
    assert (
        "11 state transitions and 3 calls of the function a snapshot, and 3 and 1 for each further look"
        in README.read_text()
    )
