"""The whole story over a model of Redshift: what is told, what is asked, and how each step can fail."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

import app as example
import resilient_redshift as rr
from demo import __main__ as demo
from demo import story as steps
from tests.demo.telling import reason, told
from tests.demo.world import FakeAws, FakeCdk, FakeCommand, plain_screen

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Told:
    """A story that was told to its end."""

    aws: FakeAws
    cli: FakeCdk
    command: FakeCommand
    folder: Path
    status: int
    text: str


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story of an AWS that does as it should, told once, with --keep."""
    folder = tmp_path_factory.mktemp("told")
    aws = FakeAws(folder)
    cli, command = FakeCdk(aws), FakeCommand(aws)
    return Told(aws, cli, command, folder, *told(aws, cli, folder, "--keep", command=command))


def test_the_story_in_plain_lines(well: Told) -> None:
    # GIVEN an AWS that does as it should WHEN the story is told to a pipe THEN it ends well, in words alone
    assert well.status == 0
    assert "\x1b" not in well.text
    assert [command[0] for command in well.cli.commands] == ["bootstrap", "synth", "deploy", "synth", "deploy", "diff"]
    for wanted in (
        "Warehouse  CREATE_COMPLETE  AWS::Redshift::Cluster  Warehouse",
        "DestinationRegion                us-west-2",
        "SnapshotCopyGrantName            grant",
        "+ keep_automated=Duration.days(21),",
        "RetentionPeriod 14 -> 21, all else as it was",
        "Redshift was asked for: ModifySnapshotCopyRetentionPeriod",
        "no snapshot was lost on the way",
        "objective 26 h.",
        "$ resilient-redshift status sales-us-east-1 --region us-west-2",
        "us-west-2 alone tells what can be recovered",
        "ok  the watch has begun: CloudWatch has a RecoveryPointAge of 0 h in us-west-2",
        "ok  the watch: 5.2 h at most in us-west-2, and no alarm rang",
        "an alarm rings, 1 h 5 min later",
        "ok  the alarm told the topic Operators: something is wrong",
        "found: PrimarySilent: us-east-1: no heartbeat",
        "RecoveryPointAge in us-west-2: 7 h 45 min. That much would be lost now.",
        "no alarm of the watch rang until us-east-1 went dark at 2026-12-31 14:55 UTC.",
        "1 h 5 min later, and told Operators. At that moment 7 h 45 min of data would have been lost.",
    ):
        assert wanted in well.text
    assert (well.folder / "build" / "timeline.svg").stat().st_size > 10_000
    assert well.aws.enforced


def test_the_watch_is_slow_in_the_quiet_weeks_alone(well: Told) -> None:
    # GIVEN a story that saves its reader's time WHEN it is over THEN watchers and alarms are again as they were deployed
    for region, minutes in (("us-east-1", 225), ("us-west-2", 360)):
        rules, alarms = well.aws.rules[region], well.aws.alarms[region]
        assert rules.calls == [(f"rate({minutes} minutes)", 3600), ("rate(15 minutes)", 900)]
        assert alarms.periods == [(name, span) for span in (60 * minutes, 900) for name in ("Warning", "Failures")]


def test_what_the_last_line_counts_is_what_stands(well: Told) -> None:
    # GIVEN 38 days WHEN the Region goes dark THEN the numbers are the model's: those kept, and one snapshot for each night
    kept = well.aws.stood
    assert f"kept {kept[0]} in us-east-1 and {kept[1]} in us-west-2" in well.text
    asked = [call.params for call in well.aws.model_.calls if call.operation == "CreateClusterSnapshot"]
    assert len({params["SnapshotIdentifier"] for params in asked}) == 39  # and one at home again
    seen = re.search(r"38 days: (\d+) snapshots taken, (\d+) copied", well.text)
    assert seen is not None
    assert int(seen[1]) == 38 + 38 * 3
    assert int(seen[2]) in {int(seen[1]), int(seen[1]) - 1}  # the last one may be on its way


def test_the_second_app_is_the_first_but_for_a_line(well: Told) -> None:
    first, second = (command[command.index("--app") + 1] for command in well.cli.commands if command[0] == "synth")
    assert first == f'python "{steps.ROOT / "app.py"}"'
    assert second == f'python "{well.folder / "build" / "demo" / "edited" / "app.py"}"'


def test_keep_leaves_the_aws_running_and_says_how_to_reach_it(well: Told) -> None:
    # GIVEN --keep WHEN the story ends THEN the AWS lives on; endpoint, credentials, and how to end it are told
    assert well.aws.left
    assert not well.aws.closed
    assert f"export AWS_ENDPOINT_URL={well.aws.endpoint}" in well.text
    assert f"export AWS_ACCESS_KEY_ID={well.aws.account}" in well.text
    assert f"kill {well.aws.pid}" in well.text
    assert "HOME=" not in well.text


def test_the_ending_is_the_real_commands(well: Told) -> None:
    # GIVEN a Region that is dark, and then not WHEN the story goes on THEN it asks the command, of the Region that lives
    assert well.aws.dark == []
    there = ["--region", "us-west-2"]
    assert well.command.commands == [
        ["status", "sales-us-east-1", *there],
        ["failover", "sales-us-east-1", *there, "--yes"],
        ["status", "sales-us-east-1", *there],
        ["fence", "sales-us-east-1", *there, "--yes"],
        ["switchover", "sales-us-west-2", "--region", "us-east-1", "--fence", "--yes"],
        ["status", "sales-us-east-1", *there],
    ]
    assert well.command.env == well.aws.env
    assert "   failover says so\n" in well.text


def test_the_last_line_says_what_the_failover_was_worth(well: Told) -> None:
    # GIVEN a warehouse that is back WHEN the story ends THEN points, times and orders are those of the model
    held = well.aws.model_.content("us-west-2", "sales").tables["public.orders"].rows
    lost = re.search(
        r"sales came back in us-west-2 with ([\d,]+) of ([\d,]+) orders: recovery point (.*?) \(", well.text
    )
    assert lost is not None
    back, written = (int(number.replace(",", "")) for number in lost.groups()[:2])
    assert back + steps.ORDERS == held > 200_000  # those that were written while it was away
    assert written - back == (steps.LOOKS_A_DAY + steps.LOOKS_BEFORE) * steps.ORDERS  # at 08:15 the snapshot was first
    assert (
        "(objective 4 h), of which 13 min were Redshift's restore and 18 s our own steps (at most 1 min)." in well.text
    )
    svg = (well.folder / "build" / "timeline.svg").read_text(encoding="utf-8")
    assert "us-east-1 dark; alarm after 1 h 5 min; restored in 13 min 18 s" in svg
    assert "home again after 50 min; nothing lost" in svg


def test_the_last_line_of_all_says_how_the_warehouse_came_home(well: Told) -> None:
    # GIVEN a warehouse that is home WHEN the story ends THEN every order of the recovery Region is there
    orders = well.aws.model_.content("us-east-1", "sales").tables["public.orders"].rows
    assert orders == well.aws.model_.content("us-west-2", "sales").tables["public.orders"].rows
    wanted = f"a switchover brought sales home at 2026-12-31 19:03 UTC with all of its {orders:,} orders; nobody could"
    assert f"{wanted} write for 50 min. Its stack owns it, and has nothing to change.\n" in well.text


def test_the_example_is_what_the_story_says() -> None:
    # GIVEN app.py WHEN built THEN its Regions and its plan are those that the demo asks for
    made = cdk.App(analytics_reporting=False)
    _, plan = example.build(made)
    regions = {child.region for child in made.node.children if isinstance(child, cdk.Stack)}
    assert regions == {steps.PRIMARY, steps.RECOVERY}
    assert plan.plan_name == steps.PLAN
    [home] = [each for each in made.node.find_all() if isinstance(each, rr.ReversePlan)]
    assert home.plan_name == steps.WAY_HOME


@pytest.mark.parametrize("number", range(6))
def test_a_failed_command_ends_the_story_with_its_reason(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, number: int
) -> None:
    # GIVEN a cdk CLI that fails at one of its six runs WHEN told THEN status 1, the reason in one line, no AWS left
    cli.fails[number] = "Warehouse: Custom::Copy Plan/Copy the grant does not exist"
    status, text = told(aws, cli, tmp_path)
    assert status == 1
    assert reason(text).endswith("failed: Warehouse: Custom::Copy Plan/Copy the grant does not exist")
    assert len(cli.commands) == number + 1
    assert aws.closed


def test_an_aws_that_does_not_start(cli: FakeCdk, tmp_path: Path) -> None:
    # GIVEN an emulated AWS that does not come up WHEN told THEN status 1, one line, and where to read more
    screen, written = plain_screen()

    def start(_: Path) -> contextlib.AbstractContextManager[Any]:
        raise RuntimeError("the port is taken\nTraceback: ...")

    status = demo.main(["--folder", str(tmp_path)], screen=screen, start_aws=start, cdk=cli)
    assert status == 1
    assert reason(written.getvalue()).startswith(
        "the emulated AWS did not start: RuntimeError: the port is taken (details: "
    )
    assert "Traceback" in (tmp_path / "demo" / "traceback.txt").read_text()


def _copy_off(aws: FakeAws, cli: FakeCdk) -> None:
    cli.copies = False


def _nothing_arrives(aws: FakeAws, cli: FakeCdk) -> None:
    aws.model_.settings.copy_start_seconds = 400 * 86400


def _too_slow(aws: FakeAws, cli: FakeCdk) -> None:
    aws.model_.settings.copy_seconds = 40 * 3600


def _more_changes(aws: FakeAws, cli: FakeCdk) -> None:
    given = {"ClusterIdentifier": "sales", "RetentionPeriod": 3, "Manual": True}
    cli.wrong = lambda model: model.call("us-east-1", "ModifySnapshotCopyRetentionPeriod", given)


def _other_value(aws: FakeAws, cli: FakeCdk) -> None:
    given = {"ClusterIdentifier": "sales", "RetentionPeriod": 15}
    cli.wrong = lambda model: model.call("us-east-1", "ModifySnapshotCopyRetentionPeriod", given)


def _time_fails(aws: FakeAws, cli: FakeCdk) -> None:
    def advance(_: Any) -> None:
        raise ConnectionResetError("connection reset by peer")

    aws.advance = advance  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("mishap", "wanted"),
    [
        (_copy_off, "the snapshot copy of sales is off: DescribeClusters in us-east-1 shows none"),
        (_nothing_arrives, "no recovery point stands in us-west-2 after 31 days"),
        (_too_slow, "the recovery-point age in us-west-2 reached 50 h, objective 26 h"),
        (_more_changes, "was to change RetentionPeriod to 21 alone, and changed ManualSnapshotRetentionPeriod 10 -> 3, RetentionPeriod 14 -> 21"),
        (_other_value, "was to change RetentionPeriod to 21 alone, and changed RetentionPeriod 14 -> 15"),
        (_time_fails, "step 'a_month' failed (log: "),
    ],
)  # fmt: skip
def test_a_world_that_is_not_as_it_should_be(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, mishap: Callable[[FakeAws, FakeCdk], None], wanted: str
) -> None:
    # GIVEN a deployment that is green and yet wrong WHEN told THEN the story does not end well
    mishap(aws, cli)
    status, text = told(aws, cli, tmp_path)
    assert status == 1
    assert wanted in reason(text)
    assert aws.closed


def _unwatched(aws: FakeAws) -> None:
    aws.rules["us-east-1"].watching = False


def _measures_nothing(aws: FakeAws) -> None:
    aws.measures = 0


def _measures_too_much(aws: FakeAws) -> None:
    aws.measured_too_much = 20 * 3600


def _rings_falsely(aws: FakeAws) -> None:
    aws.rings(aws.now() + 2 * steps.DAY, "Page")


def _tells_nobody(aws: FakeAws) -> None:
    aws.tells_after = None


def _is_refused(aws: FakeAws) -> None:
    aws.refused = "the policy of the topic does not let cloudwatch.amazonaws.com publish"


@pytest.mark.parametrize(
    "case",
    [
        (_unwatched, "nobody watches in us-east-1: no rule of EventBridge calls a watcher"),
        (_measures_nothing, "the watch has measured nothing in us-west-2: CloudWatch has no age of sales-us-east-1"),
        (_measures_too_much, "the watch measured a recovery-point age of 27.8 h in us-west-2, objective 26 h"),
        (_rings_falsely, "an alarm of the watch rang while all was well, 2026-11-25 08:15 UTC: something is wrong"),
        (_tells_nobody, "no alarm of the watch rang within 2 h"),
        (_is_refused, "an alarm of the watch reached nobody: the policy of the topic does not let"),
    ],
)
def test_a_watch_that_is_not_as_it_should_be(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, short: None, case: tuple[Callable[[FakeAws], None], str]
) -> None:
    # GIVEN a watch that does not see, or rings falsely, or tells nobody WHEN told THEN the story does not end well
    mishap, wanted = case
    mishap(aws)
    status, text = told(aws, cli, tmp_path)
    assert status == 1
    assert wanted in reason(text)
    assert aws.closed


def test_an_alarm_that_is_none_of_the_watchs_is_not_counted(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, short: None
) -> None:
    # GIVEN an alarm on drills that rings WHEN told THEN the story ends well
    aws.rings(aws.now() + steps.DAY, "Drill")
    assert told(aws, cli, tmp_path)[0] == 0


def _slow(command: FakeCommand) -> None:
    command.own = 61


def _older(command: FakeCommand) -> None:
    command.number = 5


def _blind(command: FakeCommand) -> None:
    command.unreachable = "  cluster available"


def _missed(command: FakeCommand) -> None:
    command.exits["status"] = 3


def _refused(command: FakeCommand) -> None:
    command.exits["failover"] = 2


def _died(command: FakeCommand) -> None:
    command.ends = "ABORTED"


def _late(command: FakeCommand) -> None:
    command.restore = 4 * 3600


@pytest.mark.parametrize(
    "case",
    [
        (_late, "the recovery time was 4 h 18 s, objective 4 h"),
        (_slow, "our own steps took 1 min 1 s beyond the restore, 1 min at most"),
        (_older, "orders, the snapshot held"),
        (_blind, "did not say 'primary unreachable' of a Region that is dark"),
        (_missed, "resilient-redshift status ended with status 3: status says so"),
        (_refused, "resilient-redshift failover ended with status 2: failover says so"),
        (_died, "the execution failover-1 of the restore machine is ABORTED"),
    ],
)
def test_a_way_back_that_is_not_as_it_should_be(
    aws: FakeAws, cli: FakeCdk, tmp_path: Path, short: None, case: tuple[Callable[[FakeCommand], None], str]
) -> None:
    # GIVEN a command that does not bring everything back in time WHEN told THEN the story does not end well
    mishap, wanted = case
    command = FakeCommand(aws)
    mishap(command)
    status, text = told(aws, cli, tmp_path, command=command)
    assert status == 1
    assert wanted in reason(text)
    assert aws.closed


def test_keep_leaves_it_running_for_whoever_looks_into_a_failure(aws: FakeAws, cli: FakeCdk, tmp_path: Path) -> None:
    cli.fails[2] = "why"
    status, text = told(aws, cli, tmp_path, "--keep")
    assert status == 1
    assert aws.left
    assert f"kill {aws.pid}" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_story_and_the_aws(aws: FakeAws, cli: FakeCdk, tmp_path: Path, number: int) -> None:
    # GIVEN --keep WHEN a signal arrives in the middle, twice THEN the AWS ends all the same, with a shell's status
    def stopped(_: Any) -> None:
        signal.raise_signal(number)
        raise AssertionError("the signal did not stop the story")

    aws.advance = stopped  # type: ignore[method-assign]
    close = aws.close
    aws.close = lambda: (signal.raise_signal(number), close())  # type: ignore[method-assign, return-value, func-returns-value]
    status, text = told(aws, cli, tmp_path, "--keep")
    assert status == 128 + number
    assert reason(text) == "stopped"
    assert aws.closed
    assert not aws.left
