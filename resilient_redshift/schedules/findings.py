"""What is wrong with a schedule expression, and how an error reports it; the same for both cron dialects (no CDK)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from resilient_redshift.errors import Problems

#: Records one finding: the text that is wrong, what is allowed instead, and why.
Recorder: TypeAlias = "Callable[[str, str, str], None]"


class Finding(NamedTuple):
    """One thing that is wrong with a schedule expression.

    Attributes:
        part: the name of the field that is wrong, such as ``Hours``; empty for the whole expression.
        got: the text that is wrong.
        allowed: what is allowed instead.
        why: the reason of the rule; may be empty.
    """

    part: str
    got: str
    allowed: str
    why: str = ""


def recorder(part: str, findings: list[Finding]) -> Recorder:
    """A function that records findings about one field.

    Args:
        part: the name of the field.
        findings: the list that the function adds to.
    """
    return lambda got, allowed, why: findings.append(Finding(part, got, allowed, why))


def report(
    problems: Problems,
    argument: str,
    findings: Iterable[Finding],
    *,
    arguments: Mapping[str, str] | None = None,
    source: str = "",
) -> None:
    """Record each finding as a problem.

    Args:
        problems: where to record.
        argument: the name under which the user passed the expression. A finding about one field adds the field's name.
        findings: what is wrong with the expression.
        arguments: the argument of each field, for a call in which the user passes the fields one by one. Default: the
            user passed the whole expression.
        source: the reason of each finding that has no reason of its own. Default: such a finding gives no reason.
    """
    for finding in findings:
        whole = f"{argument}, {finding.part}" if finding.part else argument
        name = (arguments or {}).get(finding.part, whole)
        problems.add(name, finding.got, finding.allowed, finding.why or source)
