"""One owner per copy and per name in an app, told when the second one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct

    from resilient_redshift.errors import Problems


@Remembered
def _owners(_root: IConstruct) -> dict[tuple[str, ...], str]:
    """The claims of an app so far: who holds each kind and name of an account and Region."""
    return {}


def claim(problems: Problems, stack: cdk.Stack, kind: str, name: str, owner: str) -> str:
    """Claim a name in the stack's account and Region for one construct; return who held it before, or "".

    Two stacks without an account may be in one account or in two, so each is then a place of its own. Nothing is
    claimed where the name is a token, or where the call turns out to have a problem.
    """
    if not known(name):
        return ""
    owners = _owners(root_of(stack))
    environment = stack_environment(stack)
    elsewhere = f"of {path_of(stack)}"
    key = (kind, environment.account or elsewhere, environment.region or elsewhere, name)
    former = owners.get(key, owner)
    problems.if_none(lambda: owners.setdefault(key, owner))
    return "" if former == owner else former
