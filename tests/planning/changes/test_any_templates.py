"""What holds for the comparison of any templates, odd ones too."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.planning import SynthesizedTemplate
from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.checks.findings import Level
from tests.planning.changes.templates import compared
from tests.planning.templates import cluster, copy, rule

PLAIN = st.sampled_from([None, True, 0, -1, 7, 35, 1e300, "", "7", "sales", "${A.Arn}", "Retain", "\ud800", [], {}])
CALLS = st.sampled_from(
    [{"Ref": "A"}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["A", "Arn"]}, {"Fn::If": ["C", 1, 2]}, {"Fn::Sub": "${A}"}]
)
ODD = PLAIN | CALLS | st.lists(PLAIN, max_size=2)
KINDS = st.sampled_from(
    [
        "AWS::Redshift::Cluster",
        "AWS::KMS::Key",
        "Custom::RedshiftSnapshotCopy",
        "Custom::RedshiftSnapshotCopyGrant",
        "AWS::Redshift::SnapshotCopyGrant",
        "AWS::Serverless::Application",
    ]
)
NAMES = st.sampled_from(
    [
        "ClusterIdentifier",
        "AutomatedSnapshotRetentionPeriod",
        "NodeType",
        "NumberOfNodes",
        "KmsKeyId",
        "DestinationRegion",
        "SnapshotCopyRetentionPeriod",
        "SnapshotCopyGrantName",
        "ManualSnapshotRetentionPeriod",
        "DBName",
        "AcceptLossOfCopies",
    ]
)


def resource(kind: Any, properties: Any, policies: tuple[Any, Any], path: Any) -> dict[str, Any]:
    attributes = {"DeletionPolicy": policies[0], "UpdateReplacePolicy": policies[1], "Metadata": {"aws:cdk:path": path}}
    return {"Type": kind, "Properties": properties, **attributes}


RESOURCES = st.builds(
    resource, KINDS | ODD, st.dictionaries(NAMES, ODD, max_size=5) | ODD, st.tuples(ODD, ODD), st.just("A/B") | ODD
)
USUAL = st.sampled_from([cluster(ClusterIdentifier="sales"), cluster("Snapshot"), rule("sales"), copy("sales")])
TEMPLATES = st.builds(
    lambda name, region, account, resources: SynthesizedTemplate(name, region, {"Resources": resources}, account),
    st.sampled_from(["Stack", "Other", "file.json", "Stack/Nested"]),
    st.sampled_from([None, "us-east-1"]),
    st.sampled_from([None, "111122223333"]),
    st.dictionaries(st.sampled_from(["A", "B", "C"]), RESOURCES | USUAL, max_size=3),
)
SIDES = st.lists(TEMPLATES, max_size=2)


@settings(max_examples=25, deadline=None)
@given(SIDES)
def test_equal_sides_have_no_change(side: list[SynthesizedTemplate]) -> None:
    for change in compared(side, side).clusters:
        assert (change.direction, change.aspects, change.findings) == (Direction.SAME, (), ())


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES)
def test_what_gets_worse_has_an_error_and_nothing_else_has_one(
    before: list[SynthesizedTemplate], after: list[SynthesizedTemplate]
) -> None:
    for change in compared(before, after).clusters:
        assert (change.direction is Direction.WORSE) == any(each.level is Level.ERROR for each in change.findings)
