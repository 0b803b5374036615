"""The story, step by step; each step is one function over what the earlier ones left."""

from __future__ import annotations

import importlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo import way_home
from demo.change import keep_copies_longer
from demo.cli import ROOT
from demo.deploy import bootstrap, deploy, synth, unchanged
from demo.errors import DemoError
from demo.history import Journal
from demo.observe import copy_status, look, protected
from demo.spans import exactly, hours, moment
from demo.timeline import Mark
from demo.watch import Watch
from demo.way_back import failover, judge, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from demo.aws import Aws
    from demo.cli import Cdk, Command
    from demo.observe import Protected
    from demo.screen import Screen
    from demo.watch import Notice
    from demo.way_back import Recovered
    from demo.way_home import Home

#: What app.py declares; a test holds the two together.
PRIMARY: Final = "us-east-1"
RECOVERY: Final = "us-west-2"
PLAN: Final = "sales-us-east-1"
WAY_HOME: Final = "sales-us-west-2"
MONTH: Final = timedelta(days=31)
WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
#: How often both Regions are asked for newer recovery points; each counts from the look that first shows it available.
#: Once a day everything is read, so that what expired is missed: answers grow long in a month.
LOOKS_A_DAY: Final = 12
#: How far the last day goes: so many looks, and a little more.
LOOKS_BEFORE: Final = 3
MEANWHILE: Final = timedelta(minutes=40)
#: How long the warehouse works in the recovery Region before the primary answers again.
_AWAY: Final = timedelta(hours=2)
#: What comes between two looks; written once a day, on the last day at each look.
ORDERS: Final = 500
TABLE: Final = "public.orders"
#: A database beside the cluster's own, as most warehouses have.
REPORTING: Final = "reporting"
#: What app.py's drill asks; the emulated warehouse computes no dates, so the story tells it the answer.
RECENT: Final = "select max(day) >= current_date - 2 from orders"
#: How often a reader of plain lines is told.
_TELL_EVERY: Final = timedelta(days=4)


#: Rows for each Region that a terminal is shown.
_SHOWN: Final = 4


@dataclass
class Story:
    """What the steps share.

    Attributes:
        screen: where it is told.
        aws: the emulated AWS.
        cdk: the cdk CLI.
        command: our own command.
        folder: for assemblies, logs and the edited app.
        pictures: for the pictures.
        app: the example.
        who: what the plan record says; known once the example is deployed.
        journal: what was read so far; likewise.
        marks: what happened meanwhile.
        assembly: what was deployed last.
        orders: how many rows the warehouse held, and since when.
        watch: the watch over the example; known once it is deployed.
        dark: when the primary Region went dark.
        notice: what an alarm of the watch then said.
        recovered: what the failover brought back.
        copied: how snapshots were copied before the Region went dark.
        home: how the warehouse came home; known at the end.
    """

    screen: Screen
    aws: Aws
    cdk: Cdk
    command: Command
    folder: Path
    pictures: Path
    app: Path = ROOT / "app.py"
    who: Protected | None = None
    journal: Journal | None = None
    marks: list[Mark] = field(default_factory=list)
    assembly: Path | None = None
    orders: list[tuple[datetime, int]] = field(default_factory=list)
    watch: Watch | None = None
    dark: datetime | None = None
    notice: Notice | None = None
    recovered: Recovered | None = None
    home: Home | None = None
    copied: dict[str, Any] = field(default_factory=dict)


def prepare(story: Story) -> None:
    """Bootstrap both Regions; from then on every call of our roles is checked by IAM."""
    story.screen.step("Bootstrap both Regions")
    bootstrap(story.screen, story.aws, story.cdk, (PRIMARY, RECOVERY), story.folder)
    story.aws.enforce_iam(True)  # noqa: FBT003 - the emulator's own signature
    story.screen.good("every call of the stacks' roles is checked by IAM from here on")


def first_deployment(story: Story) -> None:
    """Deploy app.py, and see that the copy is on."""
    story.screen.step("Deploy app.py: a warehouse, and its recovery in another Region")
    story.assembly = story.folder / "first"
    synth(story.screen, story.aws, story.cdk, story.app, story.assembly)
    deploy(story.screen, story.aws, story.cdk, story.assembly)
    story.who = protected(story.aws, PLAN, RECOVERY)
    status = copy_status(story.aws, story.who)
    story.journal = Journal(story.aws.now(), story.who.regions)
    story.screen.good(f"the snapshot copy is on (DescribeClusters of {story.who.cluster}):")
    story.screen.table(("ClusterSnapshotCopyStatus", "value"), [(name, str(status[name])) for name in status])
    story.watch = Watch(story.aws, story.who, PLAN)
    story.screen.good(
        f"the watch has begun: CloudWatch has a RecoveryPointAge of {hours(story.watch.age)} in {story.who.recovery}"
    )


def a_month(story: Story) -> None:
    """Let a month pass, and watch recovery points arrive."""
    story.screen.step("Let a month pass")
    # matplotlib takes seconds to load; nobody waits for it while the emulated AWS works
    threading.Thread(target=importlib.import_module, args=("demo.picture",), daemon=True).start()
    _pass(story, MONTH, after_first_look=_slow_down)


def a_change(story: Story) -> None:
    """Raise one retention, deploy again, and see that this and nothing else changed."""
    change = keep_copies_longer(story.app.read_text(encoding="utf-8"))
    story.screen.step("Change one line of app.py, and deploy again")
    story.screen.say(f"- {change.old_line}", "red")
    story.screen.say(f"+ {change.new_line}", "green")
    edited = story.folder / "edited" / "app.py"
    edited.parent.mkdir(parents=True, exist_ok=True)
    edited.write_text(change.source, encoding="utf-8")
    who = _known(story)
    before, calls, stood = copy_status(story.aws, who), len(story.aws.calls()), _standing(story)
    story.assembly = story.folder / "second"
    synth(story.screen, story.aws, story.cdk, edited, story.assembly)
    deploy(story.screen, story.aws, story.cdk, story.assembly)
    after = copy_status(story.aws, who)
    _only_changed(before, after, "RetentionPeriod", change.new_days)
    lost = {region: stood[region] - _standing(story)[region] for region in who.regions}
    made = [call["operation"] for call in story.aws.calls(calls) if call["service"] == "redshift" and call["mutating"]]
    story.screen.good(f"RetentionPeriod {before['RetentionPeriod']} -> {after['RetentionPeriod']}, all else as it was")
    story.screen.good(f"Redshift was asked for: {', '.join(made) or 'nothing'}")
    if any(lost.values()):
        gone = ", ".join(f"{len(names)} in {region}" for region, names in lost.items() if names)
        story.screen.say(f"expired while the deployment ran: {gone}")
    else:
        story.screen.good("no snapshot was lost on the way")
    story.marks.append(
        Mark(story.aws.now(), f"copies of automated snapshots: kept {change.new_days} days, not {change.old_days}")
    )


def a_week(story: Story) -> None:
    """Let another week pass, so that the change is seen to work."""
    story.screen.step("Let another week pass")
    _pass(story, WEEK)


def a_dark_region(story: Story) -> None:
    """Lose the primary Region in the middle of a day, and see what is left."""
    who = _known(story)
    story.screen.step(f"{who.primary} goes dark, in the middle of a day")
    watch = _watched(story)
    watch.look_as_deployed()
    for number in range(LOOKS_BEFORE):
        story.aws.advance(DAY / LOOKS_A_DAY)
        if not number:  # an alarm with short periods misses what a slow watcher did not measure
            watch.judge_as_deployed()
            story.screen.say("the watchers look every 15 minutes again, and their alarms judge as deployed")
        _look(story)
        _load(story, ORDERS)
    story.aws.advance(MEANWHILE)
    _look(story)
    watch.quiet()
    story.copied = copy_status(story.aws, who)
    story.aws.region_down(who.primary)
    dark = story.dark = story.aws.now()
    story.screen.say(f"it is {moment(dark)}; nobody reaches {who.primary} any more, and nothing there goes on", "red")
    notice = story.notice = watch.notice(dark)
    story.screen.say(f"{moment(notice.at)}: an alarm rings, {exactly(notice.at - dark)} later", "red")
    story.screen.good(f"the alarm told the topic {notice.topic}: {notice.text}")
    for finding in notice.findings:
        story.screen.say(f"    found: {finding}")
    story.screen.say(f"    RecoveryPointAge in {who.recovery}: {exactly(notice.age)}. That much would be lost now.")
    status(story.screen, story.aws, story.command, PLAN, who.recovery)
    story.screen.good(f"{who.recovery} alone tells what can be recovered")


def the_way_back(story: Story) -> None:
    """Bring the warehouse back in the recovery Region, and see that all is there that the snapshot held."""
    who = _known(story)
    story.screen.step(f"Bring the warehouse back in {who.recovery}")
    held = _held(story, _seen(story).newest(who.recovery))
    found = story.recovered = failover(story.screen, story.aws, story.command, PLAN, who)
    judge(found, who, held)
    story.screen.good(f"{found.cluster} is available at {found.endpoint}")
    story.screen.good(f"it has {found.orders:,} orders (Redshift Data API): all that the newest copy held")
    assert story.dark is not None  # noqa: S101 - the step before saw to both
    assert story.notice is not None  # noqa: S101
    rang, back = exactly(story.notice.at - story.dark), exactly(found.time)
    story.marks.append(Mark(story.dark, f"{who.primary} dark; alarm after {rang}; restored in {back}"))


def the_region_answers_again(story: Story) -> None:
    """Let the lost Region come back with the old cluster, which nobody may write to any more."""
    who = _known(story)
    story.screen.step(f"{who.primary} answers again")
    story.aws.region_up(who.primary)
    story.aws.advance(_AWAY)
    orders = story.recovered.orders + ORDERS if story.recovered else ORDERS
    story.aws.model("given_content", who.recovery, who.cluster, tables={TABLE: orders}, answers={RECENT: True})
    story.screen.good(f"{ORDERS} orders were written in {who.recovery} meanwhile")
    story.screen.say("the old cluster is there again, without them: nobody may write to it", "red")
    way_home.fence(story.screen, story.aws, story.command, PLAN, who)
    story.screen.good(f"{who.cluster} in {who.primary} lets nobody in any more")


def home_again(story: Story) -> None:
    """Bring the warehouse home without losing a row, and see that its stack has nothing to change."""
    who = _known(story)
    story.screen.step(f"Switch over to {who.primary}: home again")
    found = story.home = way_home.switch_home(story.screen, story.aws, story.command, WAY_HOME, who)
    way_home.judge(story.aws, PLAN, who, story.copied)
    story.screen.good(f"{who.cluster} is home with {found.orders:,} orders: all that {who.recovery} held")
    assert story.assembly is not None  # noqa: S101 - deployed long ago
    unchanged(story.screen, story.aws, story.cdk, story.assembly)
    way_home.all_is_well(story.screen, story.aws, story.command, PLAN, who)
    story.screen.good("the plan is as it was before the Region went dark")
    story.marks.append(Mark(found.at, f"home again after {exactly(found.took)}; nothing lost"))


STEPS: Final[tuple[Callable[[Story], None], ...]] = (
    prepare,
    first_deployment,
    a_month,
    a_change,
    a_week,
    a_dark_region,
    the_way_back,
    the_region_answers_again,
    home_again,
)


def _slow_down(story: Story) -> None:
    """Let the watch look seldom in the quiet weeks."""
    watch = _watched(story)
    watch.quiet()
    watch.slow_down()
    story.screen.say(
        "to save you minutes, the watchers look every few hours in the quiet weeks, not every 15 minutes, and the "
        "periods of their alarms are as long"
    )


def _pass(story: Story, span: timedelta, *, after_first_look: Callable[[Story], None] | None = None) -> None:
    """Let time pass in small steps, look at both Regions after each, and tell now and then."""
    begun = now = told = story.aws.now()
    rows: list[tuple[str, ...]] = []
    with story.screen.bar("time") as bar:
        while now < begun + span:
            for _ in range(LOOKS_A_DAY):
                story.aws.advance(DAY / LOOKS_A_DAY)
                _look(story, whole=False)
                if after_first_look is not None:
                    after_first_look(story)
                    after_first_look = None
                bar((_seen(story).until - begun).total_seconds(), span.total_seconds(), _in_short(story))
            _look(story)
            _load(story, LOOKS_A_DAY * ORDERS)
            now = _seen(story).until
            if now - told >= _TELL_EVERY or now >= begun + span:
                told = now
                rows += [(moment(now), *row) for row in _counts(story)]
                if not story.screen.live:
                    story.screen.say(f"{moment(now)}  {_in_short(story)}")
    if story.screen.live:
        story.screen.table(("time", "Region", "recovery points that stand", "newest is"), rows[-2 * _SHOWN :])
    for region in _known(story).regions:
        if not _seen(story).standing(region):
            raise DemoError(f"no recovery point stands in {region} after {span.days} days")
    watch = _watched(story)
    watch.quiet()
    story.screen.good(f"the watch: {hours(watch.worst)} at most in {_known(story).recovery}, and no alarm rang")


def _load(story: Story, orders: int) -> None:
    """Write into the warehouse, as a nightly job would."""
    who, rows = _known(story), orders + (story.orders[-1][1] if story.orders else 0)
    databases = {REPORTING: {"public.daily_sales": rows // ORDERS}}
    story.aws.model(
        "given_content", who.primary, who.cluster, tables={TABLE: rows}, answers={RECENT: True}, databases=databases
    )
    story.orders.append((story.aws.now(), rows))


def _held(story: Story, at: datetime) -> int:
    """The orders that a snapshot of that time holds; a load of that very moment came after it."""
    return max((rows for since, rows in story.orders if since < at), default=0)


def _look(story: Story, *, whole: bool = True) -> None:
    who, journal = _known(story), _seen(story)
    now = story.aws.now()
    newer_than = None if whole else {region: journal.newest(region) for region in who.regions}
    journal.note(now, look(story.aws, who, newer_than), whole=whole)
    if whole:
        _watched(story).read()


def _standing(story: Story) -> dict[str, set[str]]:
    _look(story)
    return {region: {life.identifier for life in _seen(story).standing(region)} for region in _known(story).regions}


def _counts(story: Story) -> list[tuple[str, str, str]]:
    journal = _seen(story)
    rows = []
    for region in _known(story).regions:
        tiers = Counter(life.tier for life in journal.standing(region))
        text = ", ".join(f"{tiers[tier]} {tier}" for tier in journal.tiers() if tiers[tier])
        rows.append((region, text or "none yet", f"{hours(journal.age(region))} old"))
    return rows


def _in_short(story: Story) -> str:
    counts = " | ".join(f"{region}: {text}; newest {age}" for region, text, age in _counts(story))
    return f"{counts}; the watch: {hours(_watched(story).worst)} at most"


def _only_changed(before: dict[str, Any], after: dict[str, Any], name: str, wanted: int) -> None:
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    if changed != [name] or after.get(name) != wanted:
        told = ", ".join(f"{key} {before.get(key)} -> {after.get(key)}" for key in changed) or "nothing"
        raise DemoError(f"the deployment was to change {name} to {wanted} alone, and changed {told}")


def _known(story: Story) -> Protected:
    assert story.who is not None  # noqa: S101 - the first deployment came before
    return story.who


def _seen(story: Story) -> Journal:
    assert story.journal is not None  # noqa: S101 - likewise
    return story.journal


def _watched(story: Story) -> Watch:
    assert story.watch is not None  # noqa: S101 - likewise
    return story.watch
