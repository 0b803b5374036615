"""The end of the story: the picture, the protection table, and one line that says what was seen."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from demo.errors import DemoError
from demo.spans import hours
from demo.timeline import timeline
from demo.watch import in_words as watch_in_words
from demo.watch import judge as judge_watch
from demo.way_back import in_words
from demo.way_home import in_words as home_in_words
from resilient_redshift.planning.__main__ import main as print_protection

if TYPE_CHECKING:
    from pathlib import Path

    from demo.history import Journal
    from demo.observe import Protected
    from demo.story import Story


def summarize(story: Story) -> None:
    """Draw, show and say what was seen; DemoError if the objective was missed."""
    assert story.who is not None  # noqa: S101 - the steps before saw to all of them
    assert story.journal is not None  # noqa: S101
    assert story.assembly is not None  # noqa: S101
    assert story.watch is not None  # noqa: S101
    watched = story.watch.ages
    from demo.picture import draw  # noqa: PLC0415 - matplotlib takes seconds to load, which no reader should wait for first

    story.screen.step("What was seen")
    for path in draw(timeline(story.who, story.journal, story.marks, watched), story.pictures):
        story.screen.good(f"picture: {path}")
    story.screen.say("what protects the warehouse now, from the templates alone:")
    story.screen.raw("\n" + protection(story.assembly, story.screen.width))
    story.screen.raw("\n" + last_line(story.who, story.journal))
    if story.notice is not None and story.dark is not None:
        story.screen.raw(watch_in_words(story.watch, story.notice, story.who, story.dark))
    if story.recovered is not None:
        story.screen.raw(in_words(story.recovered, story.who, story.orders[-1][1]))
    if story.home is not None:
        story.screen.raw(home_in_words(story.home, story.who))
    judge(story.who, story.journal)
    judge_watch(story.watch, story.who)


def protection(assembly: Path, width: int) -> str:
    """What ``python -m resilient_redshift.planning`` prints of an assembly."""
    said, refused = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(refused):
        status = print_protection([str(assembly), "--width", str(width)])
    if status:
        raise DemoError(refused.getvalue().strip())
    return said.getvalue().rstrip()


def last_line(who: Protected, journal: Journal) -> str:
    """How many snapshots were taken, copied and kept, and the worst age against the objective."""
    taken, copied = journal.lives(who.primary), journal.lives(who.recovery)
    kept = [sum(not life.gone for life in lives) for lives in (taken, copied)]
    days = round((journal.until - journal.since).total_seconds() / 86400)
    return (
        f"{days} days: {len(taken)} snapshots taken, {len(copied)} copied; kept {kept[0]} in {who.primary} and "
        f"{kept[1]} in {who.recovery}; worst recovery-point age {hours(journal.worst_age(who.primary))} and "
        f"{hours(journal.worst_age(who.recovery))}, objective {hours(who.objective)}."
    )


def judge(who: Protected, journal: Journal) -> None:
    """DemoError if a Region was ever older than the objective."""
    for region in who.regions:
        worst = journal.worst_age(region)
        if worst > who.objective:
            raise DemoError(
                f"the recovery-point age in {region} reached {hours(worst)}, objective {hours(who.objective)}"
            )
