"""SimulatePrincipalPolicy over the same evaluation that calls meet: each action on each resource, with the context that is given [D].

ministack's own looks at one resource, at no context, and at no boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_region
from ministack.services import iam

from emulator.aws.authorization import Right, ask
from emulator.aws.sessions import assume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws.world import EmulatedWorld


def install(world: EmulatedWorld) -> None:
    """Answer it for roles."""

    def simulate(given: dict[str, Any]) -> Any:
        source = iam._p(given, "PolicySourceArn")
        name = source.rsplit("/", 1)[-1]
        if ":role/" not in source or iam._roles.get(name) is None:
            return iam._error(404, "NoSuchEntity", f"The role {source} cannot be found.", ns="iam")
        context = tuple(_context(given))
        results = "".join(
            _result(action, resource, _decide(world, source, Right(action, resource, context)))
            for action in _list(given, "ActionNames")
            for resource in _list(given, "ResourceArns") or ["*"]
        )
        inner = f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"
        root = "SimulatePrincipalPolicy"
        return iam._xml(200, f"{root}Response", f"<{root}Result>{inner}</{root}Result>", ns="iam")

    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate


def _decide(world: EmulatedWorld, role: str, right: Right) -> str:
    refusal = ask(world, assume(role, "simulation"), right, get_region())
    if refusal is None:
        return "allowed"
    return "explicitDeny" if "explicit deny" in refusal.message else "implicitDeny"


def _result(action: str, resource: str, decision: str) -> str:
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName><EvalDecision>{decision}</EvalDecision>"
        "<MatchedStatements/><MissingContextValues/></member>"
    )


def _list(given: dict[str, Any], name: str) -> list[str]:
    found: list[str] = []
    while iam._p(given, f"{name}.member.{len(found) + 1}"):
        found.append(iam._p(given, f"{name}.member.{len(found) + 1}"))
    return found


def _context(given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    number = 1
    while key := iam._p(given, f"ContextEntries.member.{number}.ContextKeyName"):
        values = _list(given, f"ContextEntries.member.{number}.ContextKeyValues")
        yield key, values if len(values) > 1 else "".join(values)
        number += 1
