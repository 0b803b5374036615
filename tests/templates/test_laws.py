"""Each law holds for every template, and is seen to fail on one that breaks it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract.names import COPY_TYPE
from resilient_redshift.contract.record import PLAN_RECORD_LIMIT
from tests.templates import laws, shapes
from tests.templates.resolve import Template, of_type, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDENTIFIER = "sales"
PARTITIONS = {"govcloud": "aws-us-gov", "china": "aws-cn"}


@pytest.mark.parametrize("law", laws.LAWS)
def test_holds(law: str, any_template: Template) -> None:
    assert list(laws.LAWS[law](any_template)) == []


def test_a_template_for_any_place_names_no_place(shape_named: Callable[[str], shapes.Shape]) -> None:
    assert list(laws.any_partition(shape_named("agnostic").templates["Agnostic"])) == []


def test_arns_are_of_the_own_partition(any_shape: shapes.Shape) -> None:
    partition = PARTITIONS.get(any_shape.name, "aws")
    for template in any_shape.templates.values():
        assert list(laws.own_partition(template, partition)) == []


def test_partitions_are_tokens_unless_cdk_is_asked_for_literals(any_shape: shapes.Shape) -> None:
    # GIVEN cdk.json and the GovCloud shape ask for literals; elsewhere the template works in any partition
    for template in any_shape.templates.values():
        literal = [found for found in strings(template["Resources"]) if "arn:aws" in found[1]]
        assert literal == [] or any_shape.name in {"example", "govcloud"}


def test_no_resource_but_the_copy_names_another_region(any_shape: shapes.Shape) -> None:
    for name, template in any_shape.templates.items():
        assert list(laws.other_region(template, any_shape.stack(name).region)) == []


def test_sizes_of_twenty_clusters(
    shape_named: Callable[[str], shapes.Shape], record_property: Callable[[str, object], None]
) -> None:
    # GIVEN 20 clusters with the longest names, each with a plan, a rule and a rehearsal
    templates = shape_named("twenty").templates
    home, away = templates["Many"], templates["ManyRecovery"]

    # THEN the limits are far, but for the handler's role and, in the other Region, the restore machine's
    assert len(of_type(home, laws.CLUSTER)) == shapes.CLUSTERS
    assert (len(home["Resources"]), len(away["Resources"])) == (239, 350)
    assert laws.template_bytes(home) < laws.TEMPLATE_BYTES / 3
    assert laws.template_bytes(away) < laws.TEMPLATE_BYTES / 2
    assert max(laws.role_sizes(home).values()) <= laws.ROLE_CHARACTERS
    assert max(laws.role_sizes(away).values()) <= laws.ROLE_CHARACTERS
    assert max(laws.record_sizes(away).values()) < PLAN_RECORD_LIMIT / 2
    for name, size in (*laws.role_sizes(home).items(), *laws.role_sizes(away).items()):
        record_property(name, size)


def test_one_more_cluster_adds_ten_resources_and_fifteen_in_the_other_region(
    shape_named: Callable[[str], shapes.Shape],
) -> None:
    # GIVEN one cluster and 20, alike: in the other Region its record, an alarm on slow failovers, and a rehearsal's
    # two rules and six alarms; a watch has a record in each Region, and four alarms in the other one. The rights for 20
    # plans take one managed policy more
    one, twenty = shape_named("china").templates, shape_named("twenty").templates
    grown = {
        other: (len(twenty[many]["Resources"]) - len(one[other]["Resources"])) / (shapes.CLUSTERS - 1)
        for other, many in (("China", "Many"), ("ChinaRecovery", "ManyRecovery"))
    }
    assert grown == {"China": 10, "ChinaRecovery": 15 + 1 / (shapes.CLUSTERS - 1)}


def _one(template: Template, kind: str) -> dict[str, Any]:
    return next(iter(of_type(template, kind).values()))


def _copy(template: Template) -> dict[str, Any]:
    return _one(template, COPY_TYPE)


def _name_the_cluster(template: Template) -> None:
    _copy(template)["Properties"]["ClusterIdentifier"] = IDENTIFIER


def _name_the_cluster_in_a_policy(template: Template) -> None:
    policy = next(each for each in of_type(template, laws.POLICY).values() if not laws._restores(each))
    statement = policy["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Resource"] = {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":redshift:us-east-1:1:cluster:{IDENTIFIER}"]]
    }


def _name_the_cluster_in_a_rule(template: Template) -> None:
    _one(template, laws.RULE)["Properties"]["Targets"][0]["InputTransformer"]["InputTemplate"] = (
        f'{{"cluster_identifier":"{IDENTIFIER}"}}'
    )


def _import(template: Template) -> None:
    _copy(template)["Properties"]["SnapshotCopyGrantName"] = {"Fn::ImportValue": "Recovery:Grant"}


def _export(template: Template) -> None:
    template["Outputs"] = {"Cluster": {"Value": "x", "Export": {"Name": "Cluster"}}}


def _export_across(template: Template) -> None:
    template["Resources"]["Writer"] = {"Type": "Custom::CrossRegionExportWriter"}


def _parameter(template: Template) -> None:
    template["Parameters"]["Grant"] = {"Type": "String"}


def _copy_before_cluster(template: Template) -> None:
    _copy(template)["DependsOn"] = [name for name in _copy(template)["DependsOn"] if "Provider" in name]


def _copy_before_policy(template: Template) -> None:
    _copy(template)["DependsOn"] = [name for name in _copy(template)["DependsOn"] if "Provider" not in name]


def _rule_before_policy(template: Template) -> None:
    rule = _one(template, laws.RULE)
    rule["DependsOn"] = [name for name in rule["DependsOn"] if "Events" in name]


def _rule_before_start(template: Template) -> None:
    rule = _one(template, laws.RULE)
    rule["DependsOn"] = [name for name in rule["DependsOn"] if "Events" not in name]


def _many(template: Template) -> None:
    template["Resources"] |= {f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(500)}


def _large(template: Template) -> None:
    template["Metadata"] = {"Text": "x" * 1_000_000}


def _wide_role(template: Template) -> None:
    statement = _one(template, laws.POLICY)["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Resource"] = [{"Fn::GetAtt": [next(iter(of_type(template, "AWS::IAM::Role"))), "Arn"]}] * 120


def _large_record(template: Template) -> None:
    _one(template, "AWS::SSM::Parameter")["Properties"]["Value"] = "x" * 8193


def _kept_once(template: Template) -> None:
    del _copy(template)["UpdateReplacePolicy"]


def _replaced_key(template: Template) -> None:
    _one(template, "AWS::KMS::Key")["DeletionPolicy"] = "Delete"


def _second_key_alone(template: Template) -> None:
    _copy(template)["Properties"]["RemovalPolicy"] = "destroy"


def _password(template: Template) -> None:
    _one(template, laws.CLUSTER)["Properties"]["MasterUserPassword"] = "Sesame-1234"


def _access_key(template: Template) -> None:
    function = _one(template, "AWS::Lambda::Function")
    function["Properties"]["Environment"] = {"Variables": {"ID": "AKIA" + "A" * 16}}


def _without_timeout(template: Template) -> None:
    del _one(template, "AWS::Lambda::Function")["Properties"]["Timeout"]


def _without_logs(template: Template) -> None:
    del _one(template, "AWS::Lambda::Function")["Properties"]["LoggingConfig"]


def _plain_logs(template: Template) -> None:
    del _one(template, "AWS::Logs::LogGroup")["Properties"]["KmsKeyId"]


def _unseen_policy(template: Template) -> None:
    _one(template, laws.POLICY)["Type"] = "AWS::IAM::RolePolicy"


def _named(template: Template) -> None:
    _one(template, "AWS::IAM::Role")["Properties"]["RoleName"] = "snapshots"


def _key_of_another_service(template: Template) -> None:
    _one(template, "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"][0]["Action"] = "redshift:*"


def _queue_of_another_service(template: Template) -> None:
    _one(template, "AWS::SQS::QueuePolicy")["Properties"]["PolicyDocument"]["Statement"][0]["Action"] = "redshift:*"


def _trust_of_another_service(template: Template) -> None:
    _one(template, "AWS::IAM::Role")["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = "redshift:*"


def _open_queue(template: Template) -> None:
    statement = _one(template, "AWS::SQS::QueuePolicy")["Properties"]["PolicyDocument"]["Statement"][0]
    statement.pop("Condition")
    statement["Principal"] = "*"


def _lost_events(template: Template) -> None:
    del _one(template, laws.RULE)["Properties"]["Targets"][0]["DeadLetterConfig"]


BROKEN: dict[Callable[[Template], None], Callable[[Template], Iterator[str]]] = {
    _name_the_cluster: laws.token_inside,
    _name_the_cluster_in_a_policy: laws.token_inside,
    _name_the_cluster_in_a_rule: laws.token_inside,
    _import: laws.literal_across,
    _export: laws.literal_across,
    _export_across: laws.literal_across,
    _parameter: laws.literal_across,
    _copy_before_cluster: laws.ordered,
    _copy_before_policy: laws.ordered,
    _rule_before_policy: laws.ordered,
    _rule_before_start: laws.ordered,
    _many: laws.small,
    _large: laws.small,
    _wide_role: laws.small,
    _large_record: laws.small,
    _kept_once: laws.retained_twice,
    _replaced_key: laws.recovery_points_retained,
    _second_key_alone: laws.recovery_points_retained,
    _password: laws.no_secret,
    _access_key: laws.no_secret,
    _without_timeout: laws.functions_logged,
    _without_logs: laws.functions_logged,
    _plain_logs: laws.functions_logged,
    _unseen_policy: laws.seen_policies,
    _named: laws.generated_names,
    _key_of_another_service: laws.resource_policies_bounded,
    _queue_of_another_service: laws.resource_policies_bounded,
    _trust_of_another_service: laws.resource_policies_bounded,
    _open_queue: laws.resource_policies_bounded,
    _lost_events: laws.rules_lose_nothing,
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_each_law_can_be_broken(broken: Callable[[Template], None], home: Template) -> None:
    # GIVEN a template that keeps the law
    law = BROKEN[broken]
    assert list(law(home)) == []

    # WHEN
    broken(home)

    # THEN
    assert len(list(law(home))) >= 1


def test_a_rule_before_the_permission_of_its_function_is_seen(shape_named: Callable[[str], shapes.Shape]) -> None:
    # GIVEN a rule that calls a function WHEN it no longer depends on the permission THEN the law is broken
    template = copy.deepcopy(shape_named("example").templates["WarehouseRecovery"])
    rule = next(each for each in of_type(template, laws.RULE).values() if laws._calls_a_function(template, each))
    permissions = of_type(template, laws.PERMISSION)
    rule["DependsOn"] = [name for name in rule["DependsOn"] if name not in permissions]
    assert len(list(laws.ordered(template))) == 1


def test_every_law_has_been_broken() -> None:
    assert {law.__name__ for law in BROKEN.values()} == set(laws.LAWS)


@pytest.mark.parametrize("value", ["arn:aws:s3:::x", "us-east-1", "123456789012"])
def test_a_place_in_a_template_for_any_place_is_seen(value: str, shape_named: Callable[[str], shapes.Shape]) -> None:
    template = copy.deepcopy(shape_named("agnostic").templates["Agnostic"])
    _one(template, "AWS::SQS::Queue")["Properties"]["Somewhere"] = value
    assert len(list(laws.any_partition(template))) == 1


def test_another_partition_and_another_region_are_seen(home: Template) -> None:
    _one(home, laws.RULE)["Properties"]["Targets"][0]["Arn"] = "arn:aws-cn:states:eu-west-1:123456789012:stateMachine:x"
    assert len(list(laws.own_partition(home, "aws"))) == 1
    assert len(list(laws.other_region(home, "us-east-1"))) == 1


def test_the_rule_that_a_machine_gets_is_json(home: Template) -> None:
    # GIVEN the input as EventBridge builds it, with a token inside
    given = json.loads(laws._rule_input(home, _one(home, laws.RULE)))

    # THEN
    assert given == {
        "cluster_identifier": IDENTIFIER,
        "rule": "nightly",
        "keep_days": 7,
        "keep_in_recovery_days": 10,
        "plan": "sales-us-east-1",
        "gap_seconds": 86_400,
        "scheduled_time": "2026-11-24T03:00:00Z",
    }
