"""Functions of the library: their properties, what they wait for, who may call them, and the alarm on their errors."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.aws_s3_assets import Asset
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks
from constructs import Construct

from resilient_redshift.stack.functions import (
    LOG_ACTIONS,
    TRACE_ACTIONS,
    MachineFunction,
    ScheduledFunction,
    errors_alarm,
    function_code,
    function_role,
    new_function,
)
from resilient_redshift.stack.iam import allow, inline_policy
from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import new_stack
from tests.scenes.nag import acknowledged, rules_found
from tests.scenes.recovery import of_type, template_of

FUNCTION = "AWS::Lambda::Function"


def made(**more: Any) -> dict[str, Any]:
    """The only function of a stack, as it stands in the template."""
    stack = new_stack()
    role = function_role(stack, "Role")
    new_function(
        stack,
        "Function",
        code=function_code(stack),
        handler="handler.index.on_event",
        description="what it is for",
        role_arn=role.attr_arn,
        policy=inline_policy(stack, "Policy", [allow(["a:B"], "r")], role.ref),
        log_group_name=StackServices.of(stack).log_group.ref,
        **more,
    )
    [found] = of_type(template_of(stack), FUNCTION).values()
    return dict(found)


def test_a_function_waits_for_its_policy_and_writes_the_stacks_log() -> None:
    # GIVEN a function without more WHEN synthesized THEN it comes after its rights, and logs where all of ours log
    found = made()
    assert found["DependsOn"] == ["Policy"]
    properties = found["Properties"]
    assert properties["LoggingConfig"]["LogGroup"]["Ref"].startswith("ResilientRedshiftLogs")
    assert (properties["Runtime"], properties["Timeout"], properties["MemorySize"]) == ("python3.13", 900, 256)
    assert not {"Environment", "ReservedConcurrentExecutions", "TracingConfig"} & properties.keys()


def test_a_function_with_everything() -> None:
    # GIVEN variables, a reserved concurrency and traces WHEN synthesized THEN they are there
    properties = made(environment={"A": "b"}, reserved_concurrency=2, traced=True)["Properties"]
    assert properties["Environment"] == {"Variables": {"A": "b"}}
    assert properties["ReservedConcurrentExecutions"] == 2
    assert properties["TracingConfig"] == {"Mode": "Active"}


def test_one_error_rings() -> None:
    # GIVEN an alarm on a function's errors WHEN one run of five minutes fails THEN it rings, and no run is no error
    stack = new_stack()
    alarm = errors_alarm(stack, StackServices.of(stack), "name", description="it failed")
    assert (alarm.namespace, alarm.metric_name, alarm.statistic, alarm.period) == ("AWS/Lambda", "Errors", "Sum", 300)
    assert (alarm.threshold, alarm.evaluation_periods, alarm.treat_missing_data) == (1, 1, "notBreaching")


class Phases(MachineFunction):
    """A function that a state machine calls."""

    def __init__(self, scope: Any, **more: Any) -> None:
        super().__init__(
            scope,
            "Phases",
            handler="handler.index.on_event",
            statements=[allow(["a:B"], "r")],
            findings={},
            description="the phases of a long operation",
            **more,
        )


class Hourly(ScheduledFunction):
    """A function that rules call."""

    def __init__(self, scope: Any, **more: Any) -> None:
        super().__init__(scope, "Hourly")
        self._build(
            "handler.index.on_event", statements=[allow(["a:B"], "r")], findings={}, description="each hour", **more
        )


def test_a_function_of_a_machine_has_a_role_a_log_and_traces_of_its_own() -> None:
    # GIVEN a function that a state machine calls WHEN synthesized THEN its role may do its work, log it and trace it
    stack = new_stack()
    phases = Phases(stack)
    template = template_of(stack)
    [found] = of_type(template, FUNCTION).values()
    role = stack.get_logical_id(phases.role)
    assert found["Properties"]["Role"] == {"Fn::GetAtt": [role, "Arn"]}
    assert found["Properties"]["TracingConfig"] == {"Mode": "Active"}
    [policy] = of_type(template, "AWS::IAM::Policy").values()
    assert policy["Properties"]["Roles"] == [{"Ref": role}]
    actions = [statement["Action"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert actions == ["a:B", list(LOG_ACTIONS), list(TRACE_ACTIONS)]


def test_no_rule_may_call_a_function_of_a_machine() -> None:
    # GIVEN a function of a machine, and one of rules WHEN synthesized THEN the second one alone lets EventBridge in
    machines, rules = new_stack(), new_stack()
    Phases(machines)
    Hourly(rules)
    assert of_type(template_of(machines), "AWS::Lambda::Permission") == {}
    assert of_type(template_of(machines), "AWS::Lambda::EventInvokeConfig") == {}
    [permission] = of_type(template_of(rules), "AWS::Lambda::Permission").values()
    assert permission["Properties"]["Principal"] == "events.amazonaws.com"


def test_the_functions_of_a_stack_share_their_code() -> None:
    # GIVEN two places in a stack, and another stack WHEN each asks for the code THEN the stack has one asset
    stack, other = new_stack(), new_stack()
    here = [function_code(scope) for scope in (stack, Construct(stack, "There"))]
    assert here[0] is here[1]
    assert function_code(other) is not here[0]
    assets = [child for child in stack.node.find_all() if isinstance(child, Asset)]
    assert len(assets) == 1


@pytest.mark.parametrize("kind", [Phases, Hourly])
@pytest.mark.parametrize("pack", [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks])
def test_compliance_packs_find_nothing(pack: Any, kind: Any) -> None:
    # GIVEN a function of either kind, whose traces have a wildcard that its subclass acknowledges WHEN a pack looks
    stack = new_stack()
    kind(stack)
    # THEN it finds that wildcard alone
    assert set(rules_found(pack, stack)) <= {"AwsSolutions-IAM5[Resource::*]"}


@pytest.mark.parametrize("kind", [Phases, Hourly])
def test_reserved_concurrency_is_no_finding_that_somebody_acknowledges(kind: Any) -> None:
    # GIVEN a function whose runs must not meet WHEN made THEN it has the number, and nobody acknowledges its absence
    stack = new_stack()
    function = kind(stack, reserved_concurrency=1)
    [found] = of_type(template_of(stack), FUNCTION).values()
    assert found["Properties"]["ReservedConcurrentExecutions"] == 1
    assert not [rule for rule in acknowledged(function) if "LambdaConcurrency" in rule]
    assert [rule for rule in acknowledged(kind(new_stack())) if "LambdaConcurrency" in rule]
