"""Judges the restore machine, the function that it calls, and the roles of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.needs import DEPLOY, cannot_tell, not_ok, ok, unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from resilient_redshift.cloud.restore.needs import Line, Reply

#: Lambda API, State: an inactive function becomes active by a call, which the restore machine repeats.
_LIVING: Final = frozenset({"Active", "Inactive"})


def machine(reply: Reply | None) -> Line:
    """Judge the restore machine by the answer of DescribeStateMachine. None: the record does not say which it is."""
    name = "restore machine"
    if reply is None:
        return not_ok(name, "the plan record does not say which", DEPLOY)
    if isinstance(reply, Unread):
        return _missing_or_unread(name, "not there", reply)
    if reply.get("status") != "ACTIVE":
        return not_ok(name, f"it is {reply.get('status')}", DEPLOY)
    return ok(name, str(reply.get("name")))


def function(reply: Reply | None, concurrency: Reply | None) -> Line:
    """Judge the function that the machine calls.

    Args:
        reply: the answer of GetFunctionConfiguration. None: the machine does not show which function it calls.
        concurrency: the answer of GetFunctionConcurrency.
    """
    name = "restore function"
    if reply is None:
        return cannot_tell(name, "the restore machine does not show which function it calls")
    if isinstance(reply, Unread):
        return _missing_or_unread(name, "not there", reply)
    state = reply.get("State", "Active")
    if state == "Failed":
        why = reply.get("StateReason") or reply.get("StateReasonCode") or "Lambda does not say why"
        return not_ok(name, f"failed: {why}", DEPLOY)
    if state not in _LIVING:
        return cannot_tell(name, f"it is {state}")
    return _callable(name, str(reply.get("FunctionName")), concurrency)


def _callable(name: str, function_name: str, concurrency: Reply | None) -> Line:
    if isinstance(concurrency, Unread):
        return unread(name, concurrency)
    if concurrency is not None and concurrency.get("ReservedConcurrentExecutions") == 0:
        to_do = f"nobody can call the function: aws lambda delete-function-concurrency --function-name {function_name}"
        return not_ok(name, "its reserved concurrency is 0", to_do)
    return ok(name, function_name)


def rights(name: str, replies: Sequence[Reply] | None) -> Line:
    """Judge a role by what IAM simulates. The simulation knows no policy of a key, a topic or a bucket.

    Args:
        name: whose rights they are.
        replies: the answers of SimulatePrincipalPolicy. None: it is not known which role that is.
    """
    denied: list[str] = []
    unclear: list[str] = []
    if not replies:
        return cannot_tell(name, "it is not known which role that is")
    for reply in replies:
        if isinstance(reply, Unread):
            return _missing_or_unread(name, "the role is not there", reply)
        for action, lacks_context in _refused(reply):
            (unclear if lacks_context else denied).append(action)
    if denied:
        seen = f"not allowed: {', '.join(dict.fromkeys(denied))}"
        return not_ok(name, seen, f"{DEPLOY}, and look for a policy that denies it")
    if unclear:
        seen = f"IAM cannot tell whether it is allowed: {', '.join(dict.fromkeys(unclear))}"
        return cannot_tell(name, seen, "look whether a drill passes")
    return ok(name, "allowed")


def _refused(reply: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each action that is not allowed on some resource, and whether IAM lacked a key of the request's context."""
    for result in reply.get("EvaluationResults", []):
        specific = result.get("ResourceSpecificResults", [])
        decisions = [one.get("EvalResourceDecision") for one in specific] or [result.get("EvalDecision")]
        if any(decision != "allowed" for decision in decisions):
            lacking = [*result.get("MissingContextValues", [])]
            lacking += [key for one in specific for key in one.get("MissingContextValues", [])]
            yield str(result.get("EvalActionName")), bool(lacking)


def _missing_or_unread(name: str, missing: str, error: Unread) -> Line:
    return not_ok(name, missing, DEPLOY) if error.meaning is Meaning.MISSING else unread(name, error)
