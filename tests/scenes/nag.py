"""What a cdk-nag pack reports on a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aws_cdk as cdk


def rules_found(pack: Any, stack: cdk.Stack) -> list[str]:
    """The rules that the stack breaks. The app is synthesized first: per-cluster acknowledgments are written at synth."""
    stack.node.root.synth()
    return [violation.rule_name for violation in pack().validate_scope(stack).violations]
