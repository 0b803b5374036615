"""Reads the tables of a policy file. docs/policy.md and resilience.schema.json describe the same keys."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.checks import _policy_checks as checks
from resilient_redshift.planning.checks._toml import FileProblems, inside, numbered
from resilient_redshift.planning.checks.findings import Requirement
from resilient_redshift.planning.checks.matching import ClusterMatcher
from resilient_redshift.planning.checks.policy import (
    ABOUT_THE_POLICY,
    ClusterEntry,
    PolicyException,
    ResiliencePolicy,
)
from resilient_redshift.planning.checks.rules import RULE_TEXTS, CheckRule
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Literal, TypeVar

    _T = TypeVar("_T")

MATCHERS: Final = tuple(each.name for each in fields(ClusterMatcher))
KEYS: Final = ("survive", "require", "cluster", "exception")
LOSS_KEYS: Final = ("lose-at-most", "noticed-within")
REQUIRE_KEYS: Final = ("rehearsal-every", "keep-snapshots", "read-everything")
ENTRY_KEYS: Final = (*MATCHERS, "survive", "require")
ENTRY_REQUIRE_KEYS: Final = ("rehearsal-every", "keep-snapshots")
EXCEPTION_KEYS: Final = ("rule", *MATCHERS, "part", "reason", "until")
#: The rules that an exception can name, by id and by name.
RULES: Final = {
    text: rule for rule, texts in RULE_TEXTS.items() if rule not in ABOUT_THE_POLICY for text in (str(rule), texts.name)
}
_BAD_LOAD_IS_NOTICED: Final = "is missing: a bad load is only undone when it is noticed"


def read_table(value: object, place: str, shown: str) -> ResiliencePolicy:
    """Read a policy from the table that holds it.

    Args:
        value: the table, as ``tomllib`` returns it.
        place: the table's name in the file; empty for the file itself.
        shown: the file's name, for errors and reports.

    Raises:
        ResilientRedshiftError: with every problem.
    """
    problems = FileProblems()
    reader = _Reader(problems)
    table = problems.table(place, value) or {}
    problems.unknown_keys(place, table, KEYS)
    survive, _ = reader.survive(inside(place, "survive"), table.get("survive", {}))
    required = reader.lengths(inside(place, "require"), table.get("require", {}), REQUIRE_KEYS)
    entries = reader.each(inside(place, "cluster"), table.get("cluster", []), reader.entry)
    exceptions = reader.each(inside(place, "exception"), table.get("exception", []), reader.exception)
    for text in checks.repeated(entry.match.in_words for entry in entries):
        problems.add(inside(place, "cluster"), f"has two entries with {text}: write one")
    for text in checks.repeated(each.in_words for each in exceptions):
        problems.add(inside(place, "exception"), f"has two entries for {text}: write one")
    everything = required.get("read-everything")
    requires = [survive, any(required.values()), any(each.survive for each in entries)]
    requires += [any(each.rehearsal_every or each.keep_snapshots for each in entries)]
    if not any(requires) and not problems.found:
        problems.found.append("requires nothing: name a failure in [survive], or a key in [require]")
    if problems.found:
        raise ResilientRedshiftError(shown, problems.found)
    return ResiliencePolicy(
        survive=tuple(survive),
        rehearsal_every=required.get("rehearsal-every") or None,
        keep_snapshots=required.get("keep-snapshots") or None,
        read_everything=True if everything is None else everything,
        clusters=tuple(entries),
        exceptions=tuple(exceptions),
        source=shown,
        file=shown,
    )


class _Reader:
    """Reads the parts of a policy. A part with a problem is left out, and the problem is recorded."""

    def __init__(self, problems: FileProblems) -> None:
        self._problems = problems

    def each(self, key: str, value: object, read: Callable[[str, Mapping[str, object]], _T | None]) -> list[_T]:
        """Read each table of a list."""
        found = [read(name, table) for name, table in self._problems.tables(key, value)]
        return [each for each in found if each is not None]

    def survive(self, key: str, value: object) -> tuple[list[Requirement], list[Failure]]:
        """The requirements of a table ``survive``, and the failures whose requirement it takes away."""
        table = self._problems.table(key, value) or {}
        self._problems.unknown_keys(key, table, list(Failure))
        requirements: list[Requirement] = []
        taken_away = []
        for failure in Failure:
            if failure not in table:
                continue
            written, name = table[failure], inside(key, failure)
            if written is False:
                taken_away.append(failure)
            elif failure is Failure.BAD_LOAD and isinstance(written, list):
                requirements += self._losses(name, written)
            else:
                requirements += self._loss(name, failure, written)
        return requirements, taken_away

    def _losses(self, key: str, entries: list[Any]) -> list[Requirement]:
        """The requirements for bad loads that are noticed at several times."""
        if not entries:
            self._problems.wrong(key, "a list with at least one table, or false", entries)
        found = [each for name, entry in numbered(key, entries) for each in self._loss(name, Failure.BAD_LOAD, entry)]
        for text in checks.repeated(in_words(each.noticed_within or timedelta(0)) for each in found):
            self._problems.add(key, f"has two tables with the same noticed-within ({text}): write one")
        return list({each.noticed_within: each for each in found}.values())

    def _loss(self, key: str, failure: Failure, written: object) -> list[Requirement]:
        """One requirement, from ``"8h"`` or from a table; none when it has a problem."""
        most, noticed = inside(key, LOSS_KEYS[0]), inside(key, LOSS_KEYS[1])
        if isinstance(written, str):
            lose = self._problems.length(key, written, zero=True)
            if failure is Failure.BAD_LOAD:
                self._problems.add(noticed, _BAD_LOAD_IS_NOTICED)
                return []
            return [] if lose is None else [Requirement(failure=failure, lose_at_most=lose)]
        if not isinstance(written, dict):
            self._problems.wrong(key, 'a length such as "8h", a table, or false', written)
            return []
        self._problems.unknown_keys(key, written, LOSS_KEYS)
        if LOSS_KEYS[0] not in written:
            self._problems.add(most, "is missing")
            return []
        lose = self._problems.length(most, written[LOSS_KEYS[0]], zero=True)
        within = None
        if LOSS_KEYS[1] in written:
            within = self._problems.length(noticed, written[LOSS_KEYS[1]], zero=True)
        elif failure is Failure.BAD_LOAD:
            self._problems.add(noticed, _BAD_LOAD_IS_NOTICED)
            return []
        return [] if lose is None else [Requirement(failure=failure, lose_at_most=lose, noticed_within=within)]

    def lengths(self, key: str, value: object, known: tuple[str, ...]) -> dict[str, Any]:
        """The values of a table ``require`` that are right."""
        table = self._problems.table(key, value) or {}
        self._problems.unknown_keys(key, table, known)
        found: dict[str, Any] = {}
        for name, written in table.items():
            if name == "read-everything" and name in known:
                found[name] = self._problems.truth(inside(key, name), written)
            elif name in known:
                found[name] = self._length_or_false(inside(key, name), written)
        return found

    def _length_or_false(self, key: str, written: object) -> timedelta | Literal[False] | None:
        return False if written is False else self._problems.length(key, written)

    def entry(self, key: str, table: Mapping[str, object]) -> ClusterEntry | None:
        """One ``[[cluster]]`` entry."""
        self._problems.unknown_keys(key, table, ENTRY_KEYS)
        match = self._matcher(key, table)
        survive, taken_away = self.survive(inside(key, "survive"), table.get("survive", {}))
        required = table.get("require", {})
        if isinstance(required, dict) and "read-everything" in required:
            self._problems.add(inside(key, "require.read-everything"), "belongs in [require]: a part has no cluster")
            required = {name: each for name, each in required.items() if name != "read-everything"}
        lengths = self.lengths(inside(key, "require"), required, ENTRY_REQUIRE_KEYS)
        if not {"survive", "require"} & table.keys():
            self._problems.add(key, "changes nothing: it has neither survive nor require")
        if match is None:
            return None
        return self._made(
            key,
            lambda: ClusterEntry(
                match=match,
                survive=tuple(survive),
                need_not_survive=tuple(taken_away),
                rehearsal_every=lengths.get("rehearsal-every"),
                keep_snapshots=lengths.get("keep-snapshots"),
            ),
        )

    def exception(self, key: str, table: Mapping[str, object]) -> PolicyException | None:
        """One ``[[exception]]``."""
        self._problems.unknown_keys(key, table, EXCEPTION_KEYS)
        missing = [name for name in ("rule", "reason") if name not in table]
        for name in missing:
            self._problems.add(inside(key, name), "is missing")
        rule = None if "rule" in missing else self._rule(inside(key, "rule"), table["rule"])
        reason = None if "reason" in missing else self._problems.text(inside(key, "reason"), table["reason"])
        until = self._problems.day(inside(key, "until"), table["until"]) if "until" in table else None
        part = self._problems.text(inside(key, "part"), table["part"]) if "part" in table else None
        if rule is CheckRule.NOT_READ:
            return self._part_exception(key, table, part, reason, until)
        if "part" in table:
            self._problems.add(inside(key, "part"), f"is for {CheckRule.NOT_READ} only")
        match = self._matcher(key, table)
        if rule is None or reason is None or match is None or "part" in table:
            return None
        return PolicyException(rule=rule, reason=reason, match=match, until=until)

    def _part_exception(
        self, key: str, table: Mapping[str, object], part: str | None, reason: str | None, until: date | None
    ) -> PolicyException | None:
        """An exception for parts that were not read."""
        matchers = [name for name in MATCHERS if name in table]
        for name in matchers:
            self._problems.add(inside(key, name), "must be left out: a part that was not read has no cluster")
        if "part" not in table:
            self._problems.add(inside(key, "part"), "is missing")
        if part is None or reason is None or matchers:
            return None
        return PolicyException(rule=CheckRule.NOT_READ, reason=reason, part=part, until=until)

    def _rule(self, key: str, written: object) -> CheckRule | None:
        if isinstance(written, str) and written in RULES:
            return RULES[written]
        near = get_close_matches(str(written).lower(), [str(name) for name in RULES], n=1)
        hint = f"; do you mean {near[0]}?" if near else ""
        self._problems.wrong(key, 'the id or the name of a rule, such as "RR103" or "region-lost"', written)
        self._problems.found[-1] += hint
        return None

    def _matcher(self, key: str, table: Mapping[str, object]) -> ClusterMatcher | None:
        given = [name for name in MATCHERS if name in table]
        if not given:
            which = f'{", ".join(MATCHERS[:-1])} or {MATCHERS[-1]}; name = "*" means every cluster'
            self._problems.add(key, f"names no cluster: give {which}")
            return None
        texts = {name: self._problems.text(inside(key, name), table[name]) for name in given}
        patterns = {name: text for name, text in texts.items() if text is not None}
        return self._made(key, lambda: ClusterMatcher(**patterns)) if len(patterns) == len(given) else None

    def _made(self, key: str, make: Callable[[], _T]) -> _T | None:
        """What a function makes; None with its problems recorded when it refuses."""
        try:
            return make()
        except ResilientRedshiftError as error:
            for problem in error.problems:
                self._problems.add(f"{key}:", problem)
            return None
