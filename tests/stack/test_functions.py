"""Functions of the library: their properties, what they wait for, and the alarm on their errors."""

from __future__ import annotations

from typing import Any

from resilient_redshift.stack.functions import errors_alarm, function_code, function_role, new_function
from resilient_redshift.stack.iam import allow, inline_policy
from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import new_stack
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
