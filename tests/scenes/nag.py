"""What a cdk-nag pack reports on a stack, and what is acknowledged on a construct."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct

#: The metadata in which CDK keeps acknowledgments.
_ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"


def rules_found(pack: Any, stack: cdk.Stack) -> list[str]:
    """The rules that the stack breaks. The app is synthesized first: per-cluster acknowledgments are written at synth."""
    stack.node.root.synth()
    return [violation.rule_name for violation in pack().validate_scope(stack).violations]


def acknowledged(construct: IConstruct) -> dict[str, str]:
    """The reasons of the acknowledgments on a construct itself, by the finding's id."""
    return {
        re.sub("^annotation::", "", name, flags=re.IGNORECASE): reason
        for entry in construct.node.metadata
        if entry.type == _ACKNOWLEDGED
        for name, reason in dict(entry.data).items()
    }
