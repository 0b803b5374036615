"""What our state machines have in common: roles, inline policies, log, traces, an alarm on failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions

from resilient_redshift import _definitions
from resilient_redshift._stack_services import StackServices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct

    from resilient_redshift._network import Names


def allow(actions: Sequence[str], resource: str) -> dict[str, Any]:
    """Let some actions be done on one resource."""
    # in CDK's own order: cdk-nag's rules on full access read the text
    return {"Action": actions[0] if len(actions) == 1 else list(actions), "Effect": "Allow", "Resource": resource}


def service_role(scope: Construct, construct_id: str, service: str, names: Names) -> iam.CfnRole:
    """A role that one service assumes for this account alone: no other account's machine or rule may borrow it."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
    }
    return iam.CfnRole(
        scope,
        construct_id,
        assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]},
        path=StackServices.of(scope).role_path,
    )


def inline_policy(
    scope: Construct, construct_id: str, statements: Sequence[dict[str, Any]], role_name: str
) -> iam.CfnPolicy:
    """An inline policy as a resource of its own, which compliance packs see and others may depend on."""
    return iam.CfnPolicy(
        scope,
        construct_id,
        policy_name=construct_id,
        policy_document={"Version": "2012-10-17", "Statement": list(statements)},
        roles=[role_name],
    )


def state_machine(
    scope: Construct,
    definition: str,
    *,
    services: StackServices,
    partition: str,
    role: iam.CfnRole,
    policy: iam.CfnPolicy,
) -> stepfunctions.CfnStateMachine:
    """One of our definitions, logged and traced."""
    machine = stepfunctions.CfnStateMachine(
        scope,
        "Resource",
        role_arn=role.attr_arn,
        definition_string=_definitions.definition_string(definition),
        definition_substitutions={"Partition": partition},
        logging_configuration={
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": services.log_group_arn}}],
            "includeExecutionData": True,
            "level": "ALL",
        },
        tracing_configuration={"enabled": True},
    )
    # Step Functions tries the log delivery when the machine is made
    machine.node.add_dependency(policy)
    # cfn-lint's check of definitions applies no DefinitionSubstitutions and knows no partition but aws: it would call
    # every ARN of an SDK integration an error (a test applies the substitution and checks without this)
    machine.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
    return machine


def failures_alarm(
    scope: Construct, services: StackServices, machine_arn: str, *, description: str, label: str
) -> cloudwatch.CfnAlarm:
    """Ring when a run failed, timed out or was aborted: nobody wished that."""
    names = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    dimensions = [{"name": "StateMachineArn", "value": machine_arn}]
    single = [
        {
            "id": f"m{index}",
            "metricStat": {
                "metric": {"namespace": "AWS/States", "metricName": name, "dimensions": dimensions},
                "period": 300,
                "stat": "Sum",
            },
            "returnData": False,
        }
        for index, name in enumerate(names)
    ]
    total = " + ".join(f"FILL(m{index}, 0)" for index in range(len(names)))
    return services.alarm(
        "Alarm",
        scope=scope,
        alarm_description=description,
        metrics=[{"id": "total", "expression": total, "label": label}, *single],
    )
