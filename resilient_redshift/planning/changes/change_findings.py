"""Makes findings of what a change does to one cluster: the rules RR121 to RR125."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import Verdict
from resilient_redshift.planning.changes.comparison import Aspect, Direction
from resilient_redshift.planning.changes.retentions import REACH_EXISTING, STAYS
from resilient_redshift.planning.changes.settings import REPLACE_POLICY
from resilient_redshift.planning.checks.findings import Finding, Level
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.changes.comparison import AspectChange, FailureChange
    from resilient_redshift.planning.checks.findings import ClusterKey

#: The rules that a comparison judges; a check judges the others.
CHANGE_RULES: Final = frozenset(
    {
        CheckRule.PROTECTION_WORSE,
        CheckRule.SNAPSHOTS_LOST,
        CheckRule.KEY_CHANGED,
        CheckRule.CLUSTER_GONE,
        CheckRule.CLUSTER_REPLACED,
    }
)
_KEYS: Final = frozenset({Aspect.KEY, Aspect.GRANT})


def change_findings(
    cluster: ClusterKey, failures: Sequence[FailureChange], aspects: Sequence[AspectChange]
) -> Iterator[Finding]:
    """The findings about a cluster of both sides, except for a replacement.

    Everything that is worse has a finding of level error. A shorter retention, a longer gap or a removed copy has a
    finding of its own only where no failure gets worse: otherwise, the failures say what it costs.

    Args:
        cluster: the cluster.
        failures: the failures before and after.
        aspects: what else changes.
    """
    worse = [each for each in failures if each.direction is Direction.WORSE]
    for failure in worse:
        yield _worse(cluster, failure)
    for aspect in aspects:
        lost = aspect.direction is Direction.WORSE
        if lost and aspect.what in REACH_EXISTING and aspect.note != STAYS:
            yield _finding(CheckRule.SNAPSHOTS_LOST, Level.ERROR, cluster, aspect, _deleted(aspect))
        elif aspect.aspect in _KEYS and aspect.direction is not Direction.BETTER:
            level = Level.ERROR if lost else Level.WARNING
            yield _finding(CheckRule.KEY_CHANGED, level, cluster, aspect, _sentence(aspect))
        elif lost and (not worse or aspect.aspect is Aspect.PLAN or aspect.what == REPLACE_POLICY):
            yield _finding(CheckRule.PROTECTION_WORSE, Level.ERROR, cluster, aspect, _sentence(aspect))
        elif aspect.aspect is Aspect.COPY and aspect.direction is Direction.CHANGED:
            yield _finding(CheckRule.PROTECTION_WORSE, Level.WARNING, cluster, aspect, _sentence(aspect))


def finding_about(rule: CheckRule, cluster: ClusterKey, message: str) -> Finding:
    """The one finding of its rule about a cluster; of level error."""
    return Finding(rule=rule, level=Level.ERROR, message=message, cluster=cluster, new=True)


def _worse(cluster: ClusterKey, change: FailureChange) -> Finding:
    row = change.after or change.before
    failure = str(change.failure) if row is None else row.failure
    delay = "" if change.noticed_after is None else f" {in_words(change.noticed_after)}"
    notes = [] if change.after is None else list(change.after.notes)
    why = f" ({'; '.join(notes)})" if notes else ""
    was, now = _loss(change.before), _loss(change.after)
    return Finding(
        rule=CheckRule.PROTECTION_WORSE,
        level=Level.ERROR,
        message=f"{_capital(failure)}: before the change, {was}; after it, {now}{why}.",
        cluster=cluster,
        subject=f"{change.failure}{delay}",
        row=change.after,
        new=True,
    )


def _loss(row: Protection | None) -> str:
    """What is lost, in words, and where the recovery point is."""
    if row is None or row.verdict is Verdict.UNPROTECTED:
        return "no recovery point"
    if row.verdict is Verdict.UNKNOWN:
        return "an unknown loss"
    if not row.worst_loss:
        return row.recovery_point
    if row.noticed_after is not None:
        return f"a recovery point from {row.recovery_point}, in {row.where}"
    likely = "likely " if row.undocumented else ""
    return f"a {likely}loss of {row.recovery_point}, with the recovery point in {row.where}"


def _finding(rule: CheckRule, level: Level, cluster: ClusterKey, aspect: AspectChange, message: str) -> Finding:
    return Finding(rule=rule, level=level, message=message, cluster=cluster, subject=aspect.what, new=True)


def _deleted(aspect: AspectChange) -> str:
    number = aspect.snapshots_deleted
    deleted = f"; the deployment deletes up to {number} recovery points" if number is not None else ""
    return f"{_changed(aspect)}{deleted}{_note(aspect)}."


def _sentence(aspect: AspectChange) -> str:
    return f"{_changed(aspect)}{_note(aspect)}."


def _changed(aspect: AspectChange) -> str:
    return f"{_capital(aspect.what)}: {aspect.before} before the change, {aspect.after} after it"


def _note(aspect: AspectChange) -> str:
    return f"; {aspect.note}" if aspect.note else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
