"""Writes a report for a terminal: one line for each cluster first, then the details, and a summary as the last line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._report import not_judged_as_text
from resilient_redshift.planning._terminal import bullets, columns, paragraph, printable
from resilient_redshift.planning.changes.comparison import Direction, Presence
from resilient_redshift.planning.checks.rules import RULE_TEXTS, CheckRule
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
    from collections.abc import Iterable, Sequence

    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.changes.comparison import ClusterChange, Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey, ClusterResult, Finding
    from resilient_redshift.planning.reports.formats import ReportOptions

_FLEET: Final = ("verdict", "cluster", "Region", "kept", "missed", "worst gap")
_ROWS: Final = ("", "failure", "at most", "worst case", "protection", "where")
_CHANGES: Final = ("change", "cluster", "Region", "worse", "better", "what")
_BEFORE_AND_AFTER: Final = ("", "what", "before", "after")
_NOTHING: Final = "-"
_UNDER_BULLET: Final = "    "


_RED: Final = 31
_GREEN: Final = 32
_YELLOW: Final = 33
#: The colour of the word that begins a line of a table, as ANSI's number.
_COLOURS: Final[dict[str, int]] = {
    Outcome.KEPT: _GREEN,
    Outcome.BROKEN: _RED,
    Outcome.ACCEPTED: _YELLOW,
    Direction.WORSE: _RED,
    Direction.BETTER: _GREEN,
    Direction.CHANGED: _YELLOW,
    Presence.GONE: _YELLOW,
}


def check_as_text(result: CheckResult, options: ReportOptions) -> str:
    """Write the result of a check for a terminal."""
    shown = results_shown(result, options)
    twins = Twins(each.cluster for each in result.clusters)
    blocks = [_table([_FLEET, *(_fleet_row(each, twins) for each in shown)], options)] if shown else []
    blocks += [
        _result_block(each, options, twins=twins)
        for each in shown
        if options.clusters or any(finding.accepted is None for finding in each.findings)
    ]
    blocks += _not_read_block(result, options)
    if len(shown) < len(result.clusters):
        blocks.append(paragraph(_shown(len(shown), len(result.clusters)), options.width))
    return _joined([*blocks, [printable(check_summary(result))]])


def comparison_as_text(comparison: Comparison, options: ReportOptions) -> str:
    """Write a comparison for a terminal. The clusters that stay the same are only counted."""
    shown = [each for each in changes_shown(comparison, options) if is_change(each)]
    blocks = [paragraph(f"before: {comparison.base}, after: {comparison.head}", options.width)]
    twins = Twins(each.cluster for each in comparison.clusters)
    blocks += [_table([_CHANGES, *(_change_row(each, twins) for each in shown)], options)] if shown else []
    missed = newly_missed(comparison)
    blocks += [_change_block(each, findings_of(each, missed), options, twins=twins) for each in shown]
    if comparison.fixed:
        fixed = [
            f"{each.cluster.in_words}: {_named(each)}" if each.cluster else _named(each) for each in comparison.fixed
        ]
        blocks.append([f"fixed: {counted(len(fixed), 'finding')}", *bullets(fixed, options.width)])
    if comparison.not_read:
        blocks.append([_not_read_heading(len(comparison.not_read)), *bullets(comparison.not_read, options.width)])
    # each is one line on a narrow terminal, too, so that `tail -1` finds it
    summaries = [comparison_summary(comparison), check_summary(comparison.check)]
    return _joined([*blocks, map(printable, summaries)])


def _shown(shown: int, every: int) -> str:
    return f"shown: {shown} of {counted(every, 'cluster')}; the summary counts all of them"


def _what_and_where(row: Protection | None) -> tuple[str, str]:
    return (_NOTHING, _NOTHING) if row is None else (row.protection, row.where)


def _fleet_row(result: ClusterResult, twins: Twins) -> tuple[str, ...]:
    outcomes = Counter(each.outcome for each in judgements(result))
    gap = worst(result)
    other = next((_named(each) for each in result.findings if each.breaks), _NOTHING)
    return (
        outcome_of(result.findings),
        _name(result.cluster, twins),
        result.cluster.region,
        str(outcomes[Outcome.KEPT]),
        str(outcomes[Outcome.BROKEN]),
        other if gap is None else f"{gap.failure}: {gap.lost}, at most {gap.allowed}",
    )


def _result_block(result: ClusterResult, options: ReportOptions, *, twins: Twins) -> list[str]:
    rows = [
        (each.outcome or _NOTHING, each.failure, each.allowed, each.lost, *_what_and_where(each.row))
        for each in judgements(result)
        if not options.only_gaps or each.outcome is Outcome.BROKEN
    ]
    return [
        *paragraph(twins.heading(result.cluster), options.width),
        *(_table([_ROWS, *rows], options) if rows else []),
        *_findings(result.findings, options),
        *bullets(() if options.only_gaps else result.table.notes, options.width),
    ]


def _change_row(change: ClusterChange, twins: Twins) -> tuple[str, ...]:
    rows = changed_rows(change)
    both = change.presence is Presence.BOTH
    directions = Counter(row.direction for row in rows)
    first = next((f"{what}: {before} -> {after}" for _, what, before, after in rows if both), _NOTHING)
    return (
        change.direction if both else change.presence,
        _name(change.cluster, twins),
        change.cluster.region,
        str(directions[Direction.WORSE]),
        str(directions[Direction.BETTER]),
        first,
    )


def _change_block(
    change: ClusterChange, findings: Iterable[Finding], options: ReportOptions, *, twins: Twins
) -> list[str]:
    rows = [each for each in changed_rows(change) if not options.only_gaps or each[0] == Direction.WORSE]
    moved = f", before: {change.former.in_words}" if change.former and was_renamed(change) else ""
    return [
        *paragraph(f"{twins.heading(change.cluster)}{moved}", options.width),
        *(_table([_BEFORE_AND_AFTER, *rows], options) if rows else []),
        *_findings(findings, options),
        *bullets(notes_of(change), options.width),
    ]


def _not_read_block(result: CheckResult, options: ReportOptions) -> list[list[str]]:
    """The findings about the input and the policy, then the parts that no finding names."""
    named = {finding.subject for finding in result.findings if finding.rule is CheckRule.NOT_READ}
    parts = [part for part in result.not_read if part not in named]
    findings = [each for each in result.findings if not options.only_gaps or each.accepted is None]
    blocks = [["input and policy", *_findings(findings, options)]] if findings else []
    if parts:
        blocks.append([_not_read_heading(len(parts)), *bullets(parts, options.width)])
    if result.not_judged:
        blocks.append(not_judged_as_text(result.not_judged, width=options.width).splitlines())
    return blocks


def _not_read_heading(number: int) -> str:
    return f"not read: {counted(number, 'part')} that may hold a Redshift cluster"


def _findings(findings: Iterable[Finding], options: ReportOptions) -> list[str]:
    lines: list[str] = []
    for finding, advice in with_advice(findings):
        weight = finding.level if finding.accepted is None else Outcome.ACCEPTED
        lines += bullets([f"{weight} {_named(finding)}"], options.width)
        lines += paragraph(advice, options.width, first=_UNDER_BULLET, rest=_UNDER_BULLET) if advice else []
    return lines


def _named(finding: Finding) -> str:
    """A finding with the id and the name of its rule."""
    return f"{finding.rule} {RULE_TEXTS[finding.rule].name}: {finding.message}"


def _name(cluster: ClusterKey, twins: Twins) -> str:
    """The cluster in a line of the fleet."""
    difference = twins.difference(cluster)
    return f"{cluster.name} ({difference})" if difference else cluster.name


def _table(cells: Sequence[Sequence[str]], options: ReportOptions) -> list[str]:
    lines = columns(cells, options.width)
    return list(map(_coloured, lines)) if options.colour else lines


def _coloured(line: str) -> str:
    """A line of a table with its first word in colour, if the word has one."""
    word = line.partition(" ")[0]
    colour = _COLOURS.get(word)
    return line if colour is None else f"\x1b[{colour}m{word}\x1b[0m{line.removeprefix(word)}"


def _joined(blocks: Iterable[Iterable[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
