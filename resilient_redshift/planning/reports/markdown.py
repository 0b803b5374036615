"""Writes a report as Markdown for the comment of a pull request: one line for each cluster, the details folded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes.comparison import Direction, Presence
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from resilient_redshift.planning.reports._comment import Entry, code, comment, escaped, folded, listed, row, table
from resilient_redshift.planning.reports._differences import (
    changed_rows,
    changes_shown,
    findings_of,
    is_change,
    newly_missed,
    notes_of,
    was_renamed,
)
from resilient_redshift.planning.reports._judgements import (
    Outcome,
    judgements,
    outcome_of,
    results_shown,
    with_advice,
    worst,
)
from resilient_redshift.planning.reports._summary import check_summary, comparison_summary, counted
from resilient_redshift.planning.reports._twins import Twins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.changes.comparison import ClusterChange, Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey, ClusterResult, Finding
    from resilient_redshift.planning.reports.formats import ReportOptions

#: The first line, by which a bot finds its own comment again.
_MARKER: Final = "<!-- resilient-redshift-{} -->\n"
_SIGNS: Final[dict[str, str]] = {
    Outcome.BROKEN: "\u274c broken",
    Outcome.ACCEPTED: "\u2611\ufe0f accepted",
    Outcome.KEPT: "\u2705 kept",
    Direction.WORSE: "\u274c worse",
    Direction.CHANGED: "\u2754 changed",
    Direction.BETTER: "\u2705 better",
    Direction.SAME: "unchanged",
    Presence.NEW: "new",
    Presence.GONE: "\u2754 gone",
}
_ORDER: Final = list(_SIGNS)
_NOTHING: Final = "-"


def check_as_markdown(result: CheckResult, options: ReportOptions) -> str:
    """Write the result of a check as a comment. Clusters that break the policy come first."""
    shown = sorted(results_shown(result, options), key=lambda each: _ORDER.index(outcome_of(each.findings)))
    sign = _sign(good=result.kept)
    head = f"{_MARKER.format('check')}### {sign} {escaped(check_summary(result))}\n"
    headings = ("", "cluster", "Region", "kept", "missed", "worst gap")
    twins = Twins(each.cluster for each in result.clusters)
    return comment(head, headings, [_result_entry(each, options, twins) for each in shown], _about_the_input(result))


def comparison_as_markdown(comparison: Comparison, options: ReportOptions) -> str:
    """Write a comparison as a comment. The clusters that stay the same are only counted."""
    shown = [each for each in changes_shown(comparison, options) if is_change(each)]
    shown.sort(key=lambda each: _ORDER.index(_word(each)))
    head = (
        f"{_MARKER.format('diff')}### {_sign(good=not comparison.worse)} {escaped(comparison_summary(comparison))}\n\n"
        f"{_sign(good=comparison.check.kept)} {escaped(check_summary(comparison.check))}\n"
    )
    headings = ("", "cluster", "Region", "worse", "better", "what")
    missed = newly_missed(comparison)
    twins = Twins(each.cluster for each in comparison.clusters)
    entries = [_change_entry(each, findings_of(each, missed), twins) for each in shown]
    fixed = _block("fixed", [_fixed(each) for each in comparison.fixed])
    not_read = _block("not read", [escaped(part) for part in comparison.not_read])
    return comment(head, headings, entries, fixed + not_read)


def _sign(*, good: bool) -> str:
    return "\u2705" if good else "\u274c"


def _result_entry(result: ClusterResult, options: ReportOptions, twins: Twins) -> Entry:
    found = judgements(result)
    outcomes = Counter(each.outcome for each in found)
    gap = worst(result)
    other = next((_rule(each) for each in result.findings if each.breaks), _NOTHING)
    line = (
        _SIGNS[outcome_of(result.findings)],
        _name(result.cluster, twins),
        escaped(result.cluster.region),
        str(outcomes[Outcome.KEPT]),
        str(outcomes[Outcome.BROKEN]),
        other if gap is None else escaped(f"{gap.failure}: {gap.lost}, at most {gap.allowed}"),
    )
    if not result.findings and not options.clusters:
        return Entry(row(line), "")
    rows = [
        row([_SIGNS.get(each.outcome or "", _NOTHING), *map(_cell, (each.failure, each.allowed, each.lost, what))])
        for each in found
        if (each.outcome or options.clusters) and (not options.only_gaps or each.outcome is Outcome.BROKEN)
        for what in [each.row.protection if each.row else _NOTHING]
    ]
    rows = [table(("", "failure", "at most", "worst case", "protection"), rows)] if rows else []
    content = "\n".join([listed(_findings(result.findings)), *rows])
    return Entry(row(line), folded(_title(result.cluster, len(result.findings)), content))


def _change_entry(change: ClusterChange, findings: Sequence[Finding], twins: Twins) -> Entry:
    rows = changed_rows(change)
    directions = Counter(each.direction for each in rows)
    both = change.presence is Presence.BOTH
    first = next((f"{what}: {before} \u2192 {after}" for _, what, before, after in rows if both), _NOTHING)
    numbers = [str(directions[each]) for each in (Direction.WORSE, Direction.BETTER)]
    line = [_SIGNS[_word(change)], _name(change.cluster, twins), escaped(change.cluster.region), *numbers, _cell(first)]
    moved = [f"before: {escaped(change.former.in_words)}"] if change.former and was_renamed(change) else []
    lines = [*moved, *_findings(findings), *map(escaped, notes_of(change))]
    cells = (row([_SIGNS[each.direction], *map(_cell, (each.what, each.before, each.after))]) for each in rows)
    content = "\n".join([*([listed(lines)] if lines else []), table(("", "what", "before", "after"), cells)])
    return Entry(row(line), folded(_title(change.cluster, len(findings)), content))


def _name(cluster: ClusterKey, twins: Twins) -> str:
    """The cluster in a line of the table."""
    difference = twins.difference(cluster)
    return f"{code(cluster.name)} {escaped(f'({difference})')}" if difference else code(cluster.name)


def _cell(text: str) -> str:
    return text if text == _NOTHING else escaped(text)


def _word(change: ClusterChange) -> str:
    return change.direction if change.presence is Presence.BOTH else change.presence


def _title(cluster: ClusterKey, findings: int) -> str:
    account = f", account {cluster.account}" if cluster.account else ""
    place = escaped(f"({cluster.region}{account}, stack {cluster.stack})")
    return f"{code(cluster.name)} {place}: {counted(findings, 'finding')}"


def _findings(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for finding, advice in with_advice(findings):
        weight = finding.level if finding.accepted is None else Outcome.ACCEPTED
        line = f"{weight} {_rule(finding)}: {escaped(finding.message)}"
        lines.append(f"{line} <br>{escaped(advice)}" if advice else line)
    return lines


def _fixed(finding: Finding) -> str:
    whose = f"{code(finding.cluster.name)} " if finding.cluster else ""
    return f"{whose}{_rule(finding)}: {escaped(finding.message)}"


def _rule(finding: Finding) -> str:
    return f"<b>{finding.rule}</b> {RULE_TEXTS[finding.rule].name}"


def _about_the_input(result: CheckResult) -> str:
    named = {finding.subject for finding in result.findings}
    parts = [escaped(part) for part in result.not_read if part not in named]
    findings = _findings(sorted(result.findings, key=lambda each: each.accepted is not None))
    unjudged = [escaped(each) for each in result.not_judged]
    return _block("input and policy", findings) + _block("not read", parts) + _block("not judged", unjudged)


def _block(title: str, lines: Sequence[str]) -> str:
    return folded(f"{title}: {len(lines)}", listed(lines)) if lines else ""
