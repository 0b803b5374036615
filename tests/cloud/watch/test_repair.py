"""A copy that somebody changed is repaired where the app asks for it, and left alone where that could do harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ACCOUNT, ApiError, CopyConfig
from resilient_redshift.contract import names, watching
from resilient_redshift.provider.copies import COPY_ACTIONS, READ_ACTIONS
from tests.cli.scene import HERE, NAME, PLAN, THERE
from tests.cloud.watch.test_rights import NARROWED
from tests.cloud.watch.world import FUNCTION, WATCHERS, WatchWorld

if TYPE_CHECKING:
    from collections.abc import Callable

STACK = f"arn:aws:cloudformation:{HERE}:{ACCOUNT}:stack/Warehouse/1"
DECLARED = CopyConfig(THERE, 14, 14, "sales-grant")
ELSEWHERE = CopyConfig("eu-west-1", 14, 14, None)
OWNED = {
    "resilient-redshift:copy-owner": STACK,
    "resilient-redshift:copy-owner-resource": "Copy",
    "resilient-redshift:copy-origin": "created",
}


@pytest.fixture
def repaired(world: WatchWorld) -> WatchWorld:
    """A plan whose copy is off, and whose app asks for repairs."""
    ask(world)
    world.cluster.encrypted = True
    world.cluster.tags.update(OWNED)
    world.cluster.copy = None
    world.taken(hours=1)
    return world


def ask(world: WatchWorld, **keys: bool) -> None:
    asked = {"copy": True, "replace": False, "accept_loss_of_copies": False, "stack": STACK, **keys}
    cluster = {"identifier": NAME, "region": HERE}
    world.put_watch(HERE, side="primary", plan=PLAN, cluster=cluster, heartbeat={"region": THERE}, repair=asked)


def run(world: WatchWorld) -> str:
    """What the heartbeat says of the copy after a run."""
    world.watch(HERE)
    return said(world)


def said(world: WatchWorld) -> str:
    [plan] = world.heartbeat()["plans"].values() or [{}]
    return "; ".join(one["text"] for one in plan.get("findings", ()) if one["code"].startswith("Copy"))


def changes(world: WatchWorld) -> list[str]:
    return [call.operation for call in world.model.mutating_calls()]


def test_a_copy_that_is_off_is_on_again_as_declared(repaired: WatchWorld) -> None:
    # WHEN watched THEN the finding opens, and says that the copy was repaired
    assert "the watcher repaired it at 20" in run(repaired)
    assert repaired.cluster.copy == DECLARED
    assert repaired.codes() == {"CopyOff": "opened"}
    # AND the next run closes it, and changes nothing more
    before = changes(repaired)
    repaired.later(minutes=15)
    assert run(repaired) == ""
    assert repaired.codes() == {"CopyOff": "closed"}
    assert changes(repaired) == before == ["EnableSnapshotCopy"]


def test_retentions_are_repaired_in_place(repaired: WatchWorld) -> None:
    repaired.cluster.copy = CopyConfig(THERE, 7, -1, "sales-grant")
    run(repaired)
    assert repaired.cluster.copy == DECLARED
    assert "DisableSnapshotCopy" not in changes(repaired)


def away(world: WatchWorld) -> None:
    world.cluster.copy = ELSEWHERE


def in_a_swap(world: WatchWorld) -> None:
    world.cluster.tags["resilient-redshift:copy-former"] = f"{THERE}/sales-grant/14/14"


def keeps_longer(world: WatchWorld) -> None:
    """The live retention is longer than the declared one, and older copies exist."""
    world.cluster.copy = CopyConfig(THERE, 30, 14, "sales-grant")
    world.copied(hours=20 * 24, retention=30)


def published(world: WatchWorld) -> None:
    world.put(THERE, names.endpoint_name(PLAN), "{}")


def without_retention(world: WatchWorld) -> None:
    name = names.plan_record_name(PLAN)
    value = json.loads(world.account.parameters[(HERE, name)])
    del value["copy"]
    world.put(HERE, name, json.dumps(value))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (lambda world: world.cluster.tags.clear(), "no stack is the recorded owner"),
        (lambda world: world.cluster.tags.update({"resilient-redshift:copy-owner": "other"}), "its owner is other"),
        (lambda world: setattr(world.cluster, "status", "modifying"), "the cluster is 'modifying'"),
        (lambda world: setattr(world.account, "stack_status", "UPDATE_IN_PROGRESS"), "1 is UPDATE_IN_PROGRESS"),
        (published, "a failover has published an endpoint"),
        (away, "only Repair(replace=True)"),
        (in_a_swap, "a deployment may be changing"),
        (keeps_longer, "it would delete 1 automated snapshot(s)"),
        (without_retention, "the plan record does not say its RetentionPeriod"),
    ],
    ids=[
        "no-owner",
        "owner",
        "busy",
        "deployment",
        "failover",
        "elsewhere",
        "swap",
        "loss",
        "record",
    ],
)
def test_a_copy_is_left_alone_where_a_repair_could_do_harm(
    repaired: WatchWorld, given: Callable[[WatchWorld], Any], reason: str
) -> None:
    # GIVEN a reason WHEN watched twice THEN nothing is changed, the finding says why, and the run ends well
    given(repaired)
    run(repaired)
    [text] = [one["text"] for one in repaired.account.events if one["code"].startswith("Copy")]
    assert "not repaired: " in text
    assert reason in text
    repaired.later(minutes=15)
    run(repaired)
    assert changes(repaired) == []


def test_a_refusal_is_no_attempt_of_the_day(repaired: WatchWorld) -> None:
    # GIVEN a retention that may not be lowered WHEN watched four times THEN the reason is still the refusal
    keeps_longer(repaired)
    for _ in range(4):
        assert "it would delete 1 automated" in run(repaired)
        repaired.later(minutes=15)


def test_the_copy_is_left_alone_where_nobody_asks(repaired: WatchWorld) -> None:
    ask(repaired, copy=False)
    assert run(repaired) == "nothing is copied: the copy of sales is off"
    assert changes(repaired) == []


def test_the_copy_is_left_alone_in_a_first_look(repaired: WatchWorld) -> None:
    repaired.watch(HERE, first_look=PLAN)
    assert changes(repaired) == []


@pytest.mark.parametrize("call", ["ssm:GetParameters", "cloudformation:DescribeStacks", "ssm:PutParameter"])
def test_what_cannot_be_read_or_written_down_stops_a_repair_and_is_an_error_of_the_run(
    repaired: WatchWorld, call: str
) -> None:
    repaired.account.denied = {call}
    assert call in repaired.watch_in_vain(HERE)
    assert changes(repaired) == []


def test_a_dark_recovery_region_stops_a_repair(repaired: WatchWorld) -> None:
    # GIVEN a recovery Region that does not answer: it may have published an endpoint
    repaired.account.dark = {THERE}
    assert f"ssm:GetParameters in {THERE}" in repaired.watch_in_vain(HERE)
    assert changes(repaired) == []


def test_without_its_memory_the_watcher_repairs_nothing(repaired: WatchWorld) -> None:
    # GIVEN memories that cannot be read, so that nobody knows how often the copy was repaired
    folder = f"{watching.MEMORY_FOLDER}{WATCHERS[HERE]}"
    answer = repaired.account._GetParametersByPath

    def deny(region: str, params: dict[str, Any]) -> dict[str, Any]:
        if params["Path"] == folder:
            repaired.account.fail = {"GetParametersByPath": []}

            raise ApiError("AccessDenied", "not authorized", 403)
        return answer(region, params)

    repaired.account._GetParametersByPath = deny  # type: ignore[method-assign]
    repaired.watch_in_vain(HERE)
    assert "how often it was repaired could not be read" in said(repaired)
    assert changes(repaired) == []


def test_too_little_time_stops_a_repair(repaired: WatchWorld) -> None:
    run_of = repaired.surroundings
    repaired.surroundings = lambda region, seconds=590: run_of(region, seconds)  # type: ignore[method-assign]
    assert "Lambda ends this run too soon" in run(repaired)
    assert changes(repaired) == []


def test_only_the_key_replace_lets_a_swap_happen(repaired: WatchWorld) -> None:
    ask(repaired, replace=True)
    away(repaired)
    assert "the watcher repaired it at" in run(repaired)
    assert repaired.cluster.copy == DECLARED
    assert changes(repaired).count("DisableSnapshotCopy") == 1


def test_only_the_key_accept_loss_of_copies_lets_copies_be_deleted(repaired: WatchWorld) -> None:
    ask(repaired, accept_loss_of_copies=True)
    keeps_longer(repaired)
    run(repaired)
    assert repaired.cluster.copy == DECLARED


def test_an_interrupted_swap_is_ended_when_no_deployment_can_be_at_work(repaired: WatchWorld) -> None:
    in_a_swap(repaired)
    run(repaired)
    repaired.later(minutes=25)
    run(repaired)
    assert repaired.cluster.copy == DECLARED


def off_again(world: WatchWorld, **later: float) -> None:
    world.later(**later)
    world.cluster.copy = None
    detail = {"requestParameters": {"clusterIdentifier": NAME}, "userIdentity": {"arn": "arn:aws:iam::1:role/mdaa"}}
    called(world, "DisableSnapshotCopy", detail)


def called(world: WatchWorld, name: str, detail: dict[str, Any]) -> None:
    event = {"EventName": name, "EventTime": world.clock.now(), "CloudTrailEvent": json.dumps(detail)}
    world.account.trail.append(event)


def test_a_second_writer_stops_the_repairs_of_a_day_and_is_named(repaired: WatchWorld) -> None:
    # GIVEN a pipeline that switches the copy off again and again
    for _ in range(3):
        assert "the watcher repaired it at" in run(repaired)
        off_again(repaired, minutes=15)
    # WHEN it does so once more THEN the copy stays off, and the finding names the pipeline
    text = run(repaired)
    assert "role/mdaa called DisableSnapshotCopy" in text
    assert "3 times since" in text
    assert changes(repaired).count("EnableSnapshotCopy") == 3
    # AND a day after the first repair the watcher tries again
    repaired.later(hours=23.5)
    run(repaired)
    assert changes(repaired).count("EnableSnapshotCopy") == 4


def test_a_run_that_lambda_repeats_tries_no_repair_again(repaired: WatchWorld) -> None:
    # GIVEN a repair that failed WHEN Lambda repeats the run THEN the three attempts of a day are not used up
    repaired.account.denied = {"redshift:EnableSnapshotCopy"}
    repaired.watch_in_vain(HERE)
    for _ in range(2):
        repaired.later(minutes=2)
        assert "and a later run tries again" in run(repaired)
    repaired.account.denied = set()
    repaired.later(minutes=11)
    assert "the watcher repaired it at" in run(repaired)


def test_a_repair_that_fails_is_an_error_of_three_runs_and_no_more(repaired: WatchWorld) -> None:
    repaired.account.denied = {"redshift:EnableSnapshotCopy"}
    for _ in range(3):
        assert "the repair of the copy of sales: could not enable" in repaired.watch_in_vain(HERE)
        assert "the repair failed" in said(repaired)
        repaired.later(minutes=15)
    assert "not repaired: the watcher repaired it, or tried to, 3 times" in run(repaired)


def test_who_switched_a_repaired_copy_off_is_noted_and_it_is_not_the_watcher(
    repaired: WatchWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a repaired copy, whose changes CloudTrail shows later: somebody's, and the repair
    run(repaired)
    off_again(repaired, minutes=0)
    repaired.cluster.copy = DECLARED
    repaired.clock.advance(1)
    ours = {"userIdentity": {"arn": f"arn:aws:sts::1:assumed-role/Role/{FUNCTION}"}}
    called(repaired, "EnableSnapshotCopy", {"requestParameters": {"clusterIdentifier": NAME}, **ours})
    repaired.later(minutes=15)
    # WHEN watched THEN the log names the other one
    capsys.readouterr()
    run(repaired)
    assert "the copy was repaired; before that, arn:aws:iam::1:role/mdaa called DisableSnapshotCopy" in (
        capsys.readouterr().out
    )


def test_a_repair_calls_what_the_contract_and_the_copys_own_policy_name(repaired: WatchWorld) -> None:
    ask(repaired, replace=True)
    away(repaired)
    run(repaired)
    prefixes = {"service-quotas": "servicequotas"}
    pairs = [name.split(":") for _, name, _ in repaired.account.calls]
    made = {f"{prefixes.get(service, service)}:{operation}" for service, operation in pairs}
    repairing = {action for actions in watching.REPAIR_ACTIONS.values() for action in actions}
    allowed = NARROWED | {*watching.WATCH_ACTIONS_ON_ALL[watching.PRIMARY], *COPY_ACTIONS, *READ_ACTIONS} | repairing
    assert made - allowed == set()
    assert repairing <= made
