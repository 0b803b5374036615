"""What was recorded and what the finished template says are compared in one form."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.stack.recorded import AnythingBut, Recorded, changes

CLOUDWATCH = {"LogDestinationType": "cloudwatch", "LogExports": ["userlog"]}


def changed(name: str, recorded: Any, **template: Any) -> bool:
    return [each for each, _ in changes(Recorded(by="P has recorded", properties={name: recorded}), template)] == [name]


@pytest.mark.parametrize(
    ("name", "recorded", "template"),
    [
        ("Port", 5440, {"Port": "5440"}),
        ("Port", 5440, {"Port": 5440.0}),
        ("Encrypted", True, {"Encrypted": "true"}),
        ("Encrypted", AnythingBut(value=False), {}),
        ("MultiAZ", False, {}),
        ("KmsKeyId", None, {"KmsKeyId": {"Ref": "AWS::NoValue"}}),
        ("KmsKeyId", {"Ref": "Key"}, {"KmsKeyId": {"Ref": "Key"}}),
        ("ClusterIdentifier", "sales", {"ClusterIdentifier": "Sales"}),
        ("NumberOfNodes", 1, {"ClusterType": "single-node"}),
        ("IamRoles", [], {}),
        ("LoggingProperties", ["userlog"], {"LoggingProperties": CLOUDWATCH}),
        ("LoggingProperties", [], {"LoggingProperties": {"BucketName": "audit"}}),
        (
            "Parameters",
            [{"ParameterName": "a", "ParameterValue": "1"}, {"ParameterName": "b", "ParameterValue": "2"}],
            {
                "Parameters": [
                    {"ParameterName": "b", "ParameterValue": "2"},
                    {"ParameterName": "a", "ParameterValue": "1"},
                ]
            },
        ),
    ],
)
def test_two_spellings_of_one_value_are_no_change(name: str, recorded: Any, template: dict[str, Any]) -> None:
    assert not changed(name, recorded, **template)


@pytest.mark.parametrize(
    ("name", "recorded", "template"),
    [
        ("Port", 5440, {"Port": 5450}),
        ("Port", 5440, {}),
        ("Encrypted", True, {}),
        ("Encrypted", AnythingBut(value=False), {"Encrypted": "false"}),
        ("MultiAZ", False, {"MultiAZ": True}),
        ("KmsKeyId", None, {"KmsKeyId": "alias/dw"}),
        ("ClusterIdentifier", "sales", {"ClusterIdentifier": {"Ref": "Name"}}),
        ("NumberOfNodes", 2, {"ClusterType": "single-node", "NumberOfNodes": 2}),
        ("IamRoles", [], {"IamRoles": ["arn:aws:iam::111122223333:role/x"]}),
        ("LoggingProperties", ["userlog"], {"LoggingProperties": {**CLOUDWATCH, "LogDestinationType": "s3"}}),
        ("Parameters", None, {"Parameters": [{"ParameterName": "a", "ParameterValue": "1"}]}),
    ],
)
def test_another_value_is_a_change(name: str, recorded: Any, template: dict[str, Any]) -> None:
    assert changed(name, recorded, **template)


def test_a_change_says_both_values_and_what_would_go_wrong() -> None:
    recorded = Recorded(by="the plan 'sales' has recorded", properties={"Port": 5440}, effect="it would differ")
    assert list(changes(recorded, {"Port": 5450})) == [
        ("Port", "Port is 5450 in the template, but the plan 'sales' has recorded 5440: it would differ")
    ]
