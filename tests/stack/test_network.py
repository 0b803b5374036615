"""The VPC of a stack's functions: where they run, what their roles may do for it, and what packs then find."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from resilient_redshift import ExistingCluster, RecoveryTiers, SnapshotCopy, StackSettings
from resilient_redshift.stack.network import NETWORK_ACTIONS, network_statements
from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import new_stack, vpc_of
from tests.scenes.nag import rules_found
from tests.scenes.recovery import of_type, template_of

FUNCTION, MANAGED, GROUP = "AWS::Lambda::Function", "AWS::IAM::ManagedPolicy", "AWS::EC2::SecurityGroup"
PACKS = [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks]


def use(stack: cdk.Stack) -> None:
    """Make every kind of function: a provider, CDK's framework and one on a schedule."""
    cluster = ExistingCluster.from_identifier(stack, "Sales", "sales")
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    RecoveryTiers(stack, "Tiers").add_plan("sales", cluster_identifier="sales")


def stack_in_vpc(**settings: Any) -> cdk.Stack:
    """A stack with every kind of function, all of them in a VPC."""
    stack = new_stack()
    StackSettings(lambda_vpc=vpc_of(stack), **settings).apply(stack)
    use(stack)
    return stack


def test_every_function_runs_in_the_vpc() -> None:
    # GIVEN settings with a VPC WHEN synthesized THEN our functions and CDK's run in its private subnets, in one new group
    stack = stack_in_vpc()
    template = template_of(stack)
    functions = of_type(template, FUNCTION)
    assert len(functions) == 6
    [group] = of_type(template, GROUP)
    for function in functions.values():
        found = function["Properties"]["VpcConfig"]
        assert found["SubnetIds"] == ["subnet-us-east-1a", "subnet-us-east-1b", "subnet-us-east-1c"]
        assert found["SecurityGroupIds"] == [{"Fn::GetAtt": [group, "GroupId"]}]


def test_without_a_vpc_there_is_no_sign_of_one() -> None:
    stack = new_stack()
    use(stack)
    template = template_of(stack)
    assert StackServices.of(stack).network is None
    assert of_type(template, GROUP) == {}
    assert not [one for one in of_type(template, FUNCTION).values() if "VpcConfig" in one["Properties"]]
    assert of_type(template, MANAGED) == {}


def test_the_new_security_group_lets_out_https_and_nothing_in() -> None:
    [group] = of_type(template_of(stack_in_vpc()), GROUP).values()
    [rule] = group["Properties"]["SecurityGroupEgress"]
    assert (rule["CidrIp"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("0.0.0.0/0", "tcp", 443, 443)
    assert "SecurityGroupIngress" not in group["Properties"]


def test_given_subnets_and_security_groups_are_used() -> None:
    # GIVEN one subnet and two groups WHEN synthesized THEN every function has them, and no group is made
    stack = new_stack()
    groups = [ec2.SecurityGroup.from_security_group_id(stack, f"Group{n}", f"sg-{n}") for n in (1, 2)]
    chosen = ec2.SubnetSelection(subnets=[ec2.Subnet.from_subnet_id(stack, "Chosen", "subnet-9")])
    StackSettings(lambda_vpc=vpc_of(stack), lambda_vpc_subnets=chosen, lambda_security_groups=groups).apply(stack)
    use(stack)
    template = template_of(stack)
    configs = [function["Properties"]["VpcConfig"] for function in of_type(template, FUNCTION).values()]
    assert [(one["SubnetIds"], one["SecurityGroupIds"]) for one in configs] == [(["subnet-9"], ["sg-1", "sg-2"])] * 6
    assert of_type(template, GROUP) == {}


def test_each_role_of_a_function_lets_lambda_make_network_interfaces() -> None:
    # GIVEN functions in a VPC WHEN their roles are read THEN each has the one managed policy, and CDK's waiter has not
    template = template_of(stack_in_vpc())
    [(policy, _)] = of_type(template, MANAGED).items()
    with_policy = {
        name
        for name, role in of_type(template, "AWS::IAM::Role").items()
        if role["Properties"].get("ManagedPolicyArns") == [{"Ref": policy}]
    }
    of_functions = {
        function["Properties"]["Role"]["Fn::GetAtt"][0] for function in of_type(template, FUNCTION).values()
    }
    assert with_policy == of_functions
    assert len(of_functions) == 3


def test_the_rights_are_those_of_awss_own_policy_for_lambda_alone() -> None:
    # GIVEN the statements WHEN read THEN they are what AWSLambdaVPCAccessExecutionRole has, and no function's code has them
    allowed, denied = network_statements()
    assert allowed["Action"] == denied["Action"] == list(NETWORK_ACTIONS)
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert "Condition" not in allowed
    assert denied["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}
    assert {action.removeprefix("ec2:") for action in NETWORK_ACTIONS} == {
        *("CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface"),
        *("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
    }


def test_a_function_waits_for_the_way_out_of_a_new_vpc() -> None:
    # GIVEN a VPC of the same stack WHEN synthesized THEN no function of ours runs before its subnets have their routes
    stack = new_stack()
    StackSettings(lambda_vpc=ec2.Vpc(stack, "Network", max_azs=2, nat_gateways=1)).apply(stack)
    use(stack)
    for name, function in of_type(template_of(stack), FUNCTION).items():
        if "CustomVpcRestrict" not in name:
            assert [other for other in function["DependsOn"] if "DefaultRoute" in other], name


@pytest.mark.parametrize("pack", PACKS)
def test_packs_find_nothing_in_a_vpc(pack: Any) -> None:
    assert set(rules_found(pack, stack_in_vpc())) <= {f"{name}-CloudWatchAlarmAction" for name in ALARM_PACKS}


#: These packs find alarms that notify nobody, which is the user's to decide.
ALARM_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5")


def test_the_runtime_is_the_settings() -> None:
    # GIVEN a runtime WHEN synthesized THEN our functions have it, and CDK's keep Node
    functions = of_type(template_of(stack_in_vpc(lambda_runtime="python3.12")), FUNCTION).values()
    runtimes = sorted(function["Properties"]["Runtime"] for function in functions)
    assert runtimes[3:] == ["python3.12"] * 3
    assert all(runtime.startswith("nodejs") for runtime in runtimes[:3])


def test_an_old_runtime_that_the_user_names_is_a_finding() -> None:
    # GIVEN a runtime that is not the newest WHEN the user names it THEN the pack reports it: we do not decide it
    assert "AwsSolutions-L1" in rules_found(AwsSolutionsChecks, stack_in_vpc(lambda_runtime="python3.12"))
