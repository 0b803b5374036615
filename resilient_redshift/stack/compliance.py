"""Findings of compliance packs on what we make: acknowledged one by one, each with a reason that holds for every user.

A rule that several packs share has one reason here, whichever of our constructs it is found on.
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
    """The findings of one rule under the name of each pack that has it."""
    return {f"{pack}-{rule}": reason for pack in packs}


#: On roles of ours: policies are resources of their own, inline.
INLINE_POLICIES: Final[Mapping[str, str]] = _in_packs(
    "IAMNoInlinePolicy",
    (_HIPAA, _R4, _R5, _PCI),
    "each policy names one cluster, key, function or machine and lives and dies with it; a role takes 10 managed "
    "policies, and a stack may hold 20 clusters",
)
#: On a provider of custom resources: two functions of ours behind CDK's framework and its waiter.
PROVIDER: Final[Mapping[str, str]] = {
    "AwsSolutions-L1": "Python 3.13 is the newest runtime that CDK names for every partition, and suffices",
    "AwsSolutions-SF1": "the waiter only calls functions that log each step themselves; its execution data holds "
    "CloudFormation's pre-signed response address, which belongs in no log",
    "AwsSolutions-SF2": "the waiter of CDK's Provider framework runs in deployments only; its functions log each step",
    **INLINE_POLICIES,
    **_in_packs(
        "LambdaConcurrency",
        (_HIPAA, _R5),
        "only CloudFormation and the waiter call these functions, a few times a deployment; reserved concurrency would "
        "be taken from the account for ever",
    ),
    **_in_packs(
        "LambdaDLQ",
        (_HIPAA, _R5),
        "CloudFormation waits for each call's answer and reports a failure; a lost call ends with ServiceTimeout",
    ),
    **_in_packs(
        "LambdaInsideVPC",
        (_HIPAA, _R4, _R5, _PCI),
        "the functions call AWS APIs only and reach no resource of a VPC",
    ),
}


@Remembered
def validations_of(construct: IConstruct) -> cdk.Validations:
    """The construct's validations."""
    return cdk.Validations.of(construct)


def acknowledge(construct: IConstruct, findings: Mapping[str, str]) -> None:
    """Acknowledge findings on a resource of ours, each with its reason; one call however many, because jsii is slow."""
    validations_of(construct).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding, reason in findings.items())
    )


def wildcard_finding(stack: cdk.Stack, arn: str) -> str:
    """The finding that AwsSolutions reports for an ARN with a wildcard, so that only this one is acknowledged."""
    text = arn
    for token, name in _pseudo_parameters(stack).items():
        text = text.replace(token, name)
    if known(text):
        return f"AwsSolutions-IAM5[Resource::{text}]"
    resolved = stack.resolve(arn)
    return f"AwsSolutions-IAM5[Resource::{_text(resolved)}]"


def wildcard_findings(stack: cdk.Stack, found: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The findings for many ARNs, each with its reason, with one question to jsii."""
    return {
        f"AwsSolutions-IAM5[Resource::{_text(resolved)}]": reason
        for resolved, (_, reason) in zip(stack.resolve([arn for arn, _ in found]), found, strict=True)
    }


def _text(resolved: Any) -> str:  # noqa: ANN401 - a string or a join
    parts = resolved if isinstance(resolved, str) else resolved["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{_reference(part)}>" for part in parts)


@Remembered
def _pseudo_parameters(stack: cdk.Stack) -> Mapping[str, str]:
    """How cdk-nag writes the tokens in a stack's ARNs."""
    parts = arn_parts_of(stack)
    tokens = [value for value in (parts.partition, parts.region, parts.account) if not known(value)]
    resolved = stack.resolve(tokens) if tokens else []
    return {token: f"<{_reference(part)}>" for token, part in zip(tokens, resolved, strict=True)}


def _reference(part: dict[str, Any]) -> str:
    """How cdk-nag writes a reference."""
    if "Ref" in part:
        return str(part["Ref"])
    return ".".join(part.get("Fn::GetAtt", ["token"]))
