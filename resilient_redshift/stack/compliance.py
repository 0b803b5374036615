"""The findings of compliance packs on resources of this library, each with the reason of its acknowledgment.

Each finding is acknowledged by itself, with a reason that holds for every user. A rule that several packs share has one
reason, on every construct of the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import IConstruct

_HIPAA: Final = "HIPAA.Security"
_R4: Final = "NIST.800.53.R4"
_R5: Final = "NIST.800.53.R5"
_PCI: Final = "PCI.DSS.321"


def _in_packs(rule: str, packs: tuple[str, ...], reason: str) -> dict[str, str]:
    """The findings of one rule: one finding for each pack that has the rule."""
    return {f"{pack}-{rule}": reason for pack in packs}


#: On roles of this library, whose inline policies are separate resources.
INLINE_POLICIES: Final[Mapping[str, str]] = _in_packs(
    "IAMNoInlinePolicy",
    (_HIPAA, _R4, _R5, _PCI),
    "each policy names one cluster, key, function or machine and lives and dies with it; a role takes 10 managed "
    "policies, and a stack may hold 20 clusters",
)
_CONCURRENCY: Final = "LambdaConcurrency"
#: On functions of the default runtime. Whoever names another runtime decides whether to acknowledge the finding.
_DEFAULT_RUNTIME: Final[Mapping[str, str]] = {
    "AwsSolutions-L1": "Python 3.13 is the newest runtime that CDK names for every partition, and suffices",
}
#: On functions without a VPC.
_NO_VPC: Final[Mapping[str, str]] = _in_packs(
    "LambdaInsideVPC",
    (_HIPAA, _R4, _R5, _PCI),
    "the functions call AWS APIs only and reach no resource of a VPC; StackSettings(lambda_vpc=...) puts them into one",
)
#: On the alarms of a watch that stand under the one that notifies people.
UNDER_ANOTHER_ALARM: Final[Mapping[str, str]] = _in_packs(
    "CloudWatchAlarmAction",
    (_HIPAA, _R4, _R5),
    "this alarm is part of a composite alarm, which notifies people once for all of them",
)
#: On a provider of custom resources: two functions of this library behind CDK's framework and its waiter.
PROVIDER: Final[Mapping[str, str]] = {
    "AwsSolutions-SF1": "the waiter only calls functions that log each step themselves; its execution data holds "
    "CloudFormation's pre-signed response address, which belongs in no log",
    "AwsSolutions-SF2": "the waiter of CDK's Provider framework runs in deployments only; its functions log each step",
    **_in_packs(
        _CONCURRENCY,
        (_HIPAA, _R5),
        "only CloudFormation and the waiter call these functions, a few times a deployment; reserved concurrency would "
        "be taken from the account for ever",
    ),
    **_in_packs(
        "LambdaDLQ",
        (_HIPAA, _R5),
        "CloudFormation waits for each call's answer and reports a failure; a lost call ends with ServiceTimeout",
    ),
}
#: On a function that a state machine calls.
CALLED_FUNCTION: Final[Mapping[str, str]] = {
    **_in_packs(
        _CONCURRENCY,
        (_HIPAA, _R5),
        "a state machine calls this function, one phase after the other; reserved concurrency would be taken from "
        "the account for ever",
    ),
    **_in_packs(
        "LambdaDLQ",
        (_HIPAA, _R5),
        "a state machine waits for each call's answer, calls again after a failure, and then ends in a named outcome, "
        "which has an alarm",
    ),
}
#: On a function that ARC Region switch calls.
SWITCH_FUNCTION: Final[Mapping[str, str]] = {
    **_in_packs(
        _CONCURRENCY,
        (_HIPAA, _R5),
        "one step of a Region switch calls this function, once a minute; reserved concurrency would be taken from the "
        "account for ever",
    ),
    **_in_packs(
        "LambdaDLQ",
        (_HIPAA, _R5),
        "ARC Region switch waits for each call's answer, calls again after a failure, and shows the failure",
    ),
}
#: On a function that rules call on a schedule.
SCHEDULED_FUNCTION: Final[Mapping[str, str]] = {
    **_in_packs(
        _CONCURRENCY,
        (_HIPAA, _R5),
        "rules of this stack call this function, a few times an hour; reserved concurrency would be taken from the "
        "account for ever",
    ),
    **_in_packs(
        "LambdaDLQ",
        (_HIPAA, _R5),
        "the rule has a dead-letter queue; a run that fails counts as an error, which has an alarm, and the next event "
        "does its work; another alarm watches for runs that stay away",
    ),
}


def function_findings(
    of_caller: Mapping[str, str], *, in_vpc: bool, default_runtime: bool, reserved: bool = False
) -> dict[str, str]:
    """The findings on functions of this library, each with the reason of its acknowledgment.

    Args:
        of_caller: the findings that follow from who calls the functions, such as :data:`SCHEDULED_FUNCTION`.
        in_vpc: whether the functions run in a VPC, so that no pack misses it.
        default_runtime: whether the functions have the library's default runtime.
        reserved: whether the functions have reserved concurrency, so that no pack misses it. Default: they have not.
    """
    findings = {
        **INLINE_POLICIES,
        **of_caller,
        **({} if in_vpc else _NO_VPC),
        **(_DEFAULT_RUNTIME if default_runtime else {}),
    }
    return {rule: reason for rule, reason in findings.items() if not (reserved and rule.endswith(f"-{_CONCURRENCY}"))}


@Remembered
def validations_of(construct: IConstruct) -> cdk.Validations:
    """The construct's validations."""
    return cdk.Validations.of(construct)


def acknowledge(construct: IConstruct, findings: Mapping[str, str]) -> None:
    """Acknowledge findings on a resource of this library, all with one call, because each call to jsii is slow.

    Args:
        construct: the resource, or a parent of it.
        findings: the reason of each acknowledgment, by the finding's id.
    """
    validations_of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in findings.items())
    )


def wildcard_finding(stack: cdk.Stack, arn: str) -> str:
    """The finding that AwsSolutions reports for one ARN with a wildcard. Other ARNs with wildcards stay findings."""
    text = arn
    for token, name in _pseudo_parameters(stack).items():
        text = text.replace(token, name)
    if known(text):
        return f"AwsSolutions-IAM5[Resource::{text}]"
    resolved = stack.resolve(arn)
    return f"AwsSolutions-IAM5[Resource::{_text(resolved)}]"


def wildcard_findings(stack: cdk.Stack, arns_and_reasons: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The findings for many ARNs, with one question to jsii.

    Args:
        stack: the stack of the ARNs.
        arns_and_reasons: each ARN with a wildcard, and the reason of its acknowledgment.

    Returns:
        The reasons, by the finding's id.
    """
    all_resolved = stack.resolve([arn for arn, _ in arns_and_reasons])
    return {
        f"AwsSolutions-IAM5[Resource::{_text(resolved)}]": reason
        for resolved, (_, reason) in zip(all_resolved, arns_and_reasons, strict=True)
    }


def _text(resolved: Any) -> str:  # noqa: ANN401 - a string or a join
    parts = resolved if isinstance(resolved, str) else resolved["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{_reference(part)}>" for part in parts)


@Remembered
def _pseudo_parameters(stack: cdk.Stack) -> Mapping[str, str]:
    """The text that cdk-nag writes for each token in a stack's ARNs."""
    parts = arn_parts_of(stack)
    tokens = [value for value in (parts.partition, parts.region, parts.account) if not known(value)]
    resolved = stack.resolve(tokens) if tokens else []
    return {token: f"<{_reference(part)}>" for token, part in zip(tokens, resolved, strict=True)}


def _reference(part: dict[str, Any]) -> str:
    """The text that cdk-nag writes for a reference."""
    if "Ref" in part:
        return str(part["Ref"])
    return ".".join(part.get("Fn::GetAtt", ["token"]))
