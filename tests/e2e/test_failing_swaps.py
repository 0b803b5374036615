"""Whatever fails, at whatever call: no copy that was on stays off, and nothing is lost (issue 3, scenario 4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_logs as logs

import resilient_redshift as rr
from emulator.redshift_model import CopyConfig
from tests.e2e.direct_updates import Between, Copy, copy_properties
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, Scene, synth, take_snapshot
from tests.e2e.watching import Found, Seen, look, off, stack_status, watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

FORMER = "resilient-redshift:copy-former"
LEGACY = "legacy"
TAKEN = "taken"
#: An error that Redshift's EnableSnapshotCopy declares, and that no waiting mends.
FOR_GOOD = "LimitExceededFault"
OFF_AND_ON = ["DisableSnapshotCopy", "EnableSnapshotCopy"]
#: How a deployment of a swap fails here; at every other call, below.
WAYS = ("refused", "refused, and the way back", "killed", "elsewhere")


class Story:
    """The deployments of one plan for a cluster that stands already."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self._assemblies: dict[tuple[int, bool, bool], Path] = {}

    def assembly(self, generation: int = 1, *, legacy: bool = False, broken: bool = False) -> Path:
        """The app with a generation of the key; with a second copy; with a resource that CloudFormation refuses."""
        wanted = (generation, legacy, broken)
        if wanted not in self._assemblies:
            self._assemblies[wanted] = synth(self.folder, lambda app: self._build(app, *wanted))
        return self._assemblies[wanted]

    def _build(self, app: cdk.App, generation: int, legacy: bool, broken: bool) -> None:
        plan = Scene(aws=self.aws, ours=False, rule=False, key_generation=generation).build(app)
        prod = cdk.Stack.of(plan.copy)
        copies = [plan.copy]
        if legacy:
            copies.append(
                rr.SnapshotCopy(
                    prod,
                    "LegacyCopy",
                    cluster=rr.ExistingCluster.from_identifier(prod, "Legacy", LEGACY, encrypted=True),
                    destination_region=RECOVERY,
                    keep_automated=cdk.Duration.days(7),
                    removal_policy=cdk.RemovalPolicy.DESTROY,
                )
            )
        if broken:
            refused = logs.CfnLogGroup(prod, "Refused", log_group_name=TAKEN)
            refused.node.add_dependency(*(each.resource for each in copies))

    def deploy(self, assembly: Path, *stacks: str, cluster: str = CLUSTER) -> Seen:
        """Deploy some stacks with the faults that are prepared, and forget these."""

        def act() -> CdkRun:
            return self.aws.cdk("deploy", *stacks, "--exclusively", "--method", "direct", app=assembly)

        seen = watch(self.aws, act, cluster)
        self.aws.faults("clear")
        return seen


@pytest.fixture(scope="module")
def story(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Two clusters made outside CDK, one of which copies; and a log group."""
    aws.model("given_cluster", PRIMARY, CLUSTER, encrypted=True)
    aws.model("given_cluster", PRIMARY, LEGACY, encrypted=True, copy=CopyConfig(RECOVERY, 7, -1, None))
    aws.client("logs", PRIMARY).create_log_group(logGroupName=TAKEN)
    aws.advance(dt.timedelta(days=1))
    return Story(aws, tmp_path_factory.mktemp("failing"))


# the first deployment


@pytest.fixture(scope="module")
def first_without_grant(story: Story) -> Seen:
    """The cluster's stack before the recovery stack."""
    return story.deploy(story.assembly(), "Prod")


@dataclasses.dataclass(frozen=True)
class FirstBroken:
    """What a first deployment did to both clusters that failed once their copies were on."""

    ours: Seen
    legacy_before: Found
    legacy: Found
    deleted: set[str]


@pytest.fixture(scope="module")
def first_broken(story: Story, first_without_grant: Seen) -> FirstBroken:
    """Both stacks; the second one fails once the copies are on."""
    assert not first_without_grant.run.ok
    legacy = look(story.aws, LEGACY)
    seen = story.deploy(story.assembly(legacy=True, broken=True), "--all")
    assert not seen.run.ok
    assert "already exists" in seen.run.output
    assert stack_status(story.aws) == "ROLLBACK_COMPLETE"
    events = story.aws.client("cloudformation", PRIMARY).describe_stack_events(StackName="Prod")["StackEvents"]
    deleted = {each["PhysicalResourceId"] for each in events if each["ResourceStatus"] == "DELETE_COMPLETE"}
    return FirstBroken(seen, legacy, look(story.aws, LEGACY), deleted)


@pytest.fixture(scope="module")
def first(story: Story, first_broken: FirstBroken) -> Seen:
    """The same without what broke it; then a day, with a manual snapshot."""
    assert not first_broken.ours.run.ok
    seen = story.deploy(story.assembly(), "--all")
    assert seen.run.ok, seen.run.output
    take_snapshot(story.aws, "by-hand", ManualSnapshotRetentionPeriod=30)
    story.aws.advance(dt.timedelta(days=1))
    return seen


def _waited(seen: Seen) -> int:
    return round((seen.after.at - seen.before.at) / dt.timedelta(minutes=1))


def test_a_first_deployment_without_its_grant_fails_with_the_reason(first_without_grant: Seen) -> None:
    # GIVEN no recovery stack WHEN the cluster's stack is deployed
    assert not first_without_grant.run.ok
    # THEN it waits five minutes for it, and says what is missing
    assert _waited(first_without_grant) == 5
    assert "the grant must exist in the destination Region" in first_without_grant.run.output


def test_a_first_deployment_without_its_grant_touches_nothing(first_without_grant: Seen) -> None:
    # GIVEN a cluster that does not copy WHEN the deployment has failed
    seen = first_without_grant
    # THEN nothing was switched on, and the tags are those of before
    assert seen.changes == []
    assert (seen.after.status, seen.after.tags) == (seen.before.status, seen.before.tags)
    assert (seen.lost, seen.altered) == ([], [])


def test_a_copy_that_a_first_deployment_switched_on_stays_on_when_something_else_fails(
    first_broken: FirstBroken,
) -> None:
    # GIVEN a cluster that does not copy
    assert first_broken.ours.before.status is None
    # WHEN its copy is made, and a resource after it is refused
    status = first_broken.ours.after.status
    # THEN the rollback does not end it, and takes nothing
    assert status is not None
    assert status["DestinationRegion"] == RECOVERY
    assert first_broken.ours.lost == []


def test_a_copy_that_was_on_stays_on_when_the_first_deployment_fails_elsewhere(first_broken: FirstBroken) -> None:
    # GIVEN a copy made outside CDK, taken over by a construct that is told to destroy it
    before, after = first_broken.legacy_before, first_broken.legacy
    assert before.status is not None
    assert before.of(RECOVERY, "automated")
    # WHEN a resource after it is refused, and CloudFormation deletes the copy's resource again
    assert f"snapshot-copy/{LEGACY}" in first_broken.deleted
    # THEN the copy is on as before, with all its copies
    assert after.status == before.status
    assert set(before.snapshots) <= set(after.snapshots)


def test_after_a_failed_first_deployment_the_next_one_takes_over_what_is_on(
    first_broken: FirstBroken, first: Seen
) -> None:
    # GIVEN the copy that the failed deployment left on WHEN it is deployed again
    assert first.after.status == first_broken.ours.after.status
    # THEN nothing is switched
    assert first.tried == []


# later deployments: another key, which is a swap


@pytest.fixture(scope="module")
def without_grant(story: Story, first: Seen) -> Seen:
    """The cluster's stack wants the new grant before the recovery stack has made it."""
    assert first.run.ok
    return story.deploy(story.assembly(2), "Prod")


@pytest.fixture(scope="module")
def old_and_new(story: Story, without_grant: Seen) -> tuple[Path, Path]:
    """The apps with the old and the new key."""
    assert stack_status(story.aws) == "UPDATE_ROLLBACK_COMPLETE"
    assert not without_grant.run.ok
    return story.assembly(), story.assembly(2)


@dataclasses.dataclass(frozen=True)
class Swap:
    """A deployment, what CloudFormation made of it, and the world half a day later."""

    seen: Seen
    stack: str
    later: Found


@pytest.fixture(scope="module")
def swaps(story: Story, old_and_new: tuple[Path, Path]) -> dict[str, Swap]:
    """Three deployments of the swap that fail, and one where something after it does; half a day after each."""
    _, new = old_and_new
    aws = story.aws
    tries: dict[str, tuple[Path, Callable[[], None]]] = {
        "refused": (new, lambda: aws.faults("fail_next", "EnableSnapshotCopy", FOR_GOOD)),
        "refused, and the way back": (new, lambda: aws.faults("fail_next", "EnableSnapshotCopy", FOR_GOOD, times=2)),
        "killed": (new, lambda: aws.faults("kill_next", "EnableSnapshotCopy")),
        "elsewhere": (story.assembly(2, broken=True), lambda: None),
    }
    found: dict[str, Swap] = {}
    for name, (assembly, prepare) in tries.items():
        prepare()
        seen = story.deploy(assembly, "Prod" if found else "--all")  # the first one makes the new grant
        status = stack_status(aws)
        aws.advance(dt.timedelta(hours=12))
        found[name] = Swap(seen, status, look(aws))
    return found


def test_an_update_without_its_grant_fails_with_the_reason_and_touches_nothing(without_grant: Seen) -> None:
    # GIVEN a copy that is on WHEN another grant is wanted that is not there
    assert not without_grant.run.ok
    assert _waited(without_grant) == 5
    assert "the grant must exist in the destination Region" in without_grant.run.output
    # THEN nobody has switched anything, and all is as it was
    assert without_grant.tried == []
    assert (without_grant.after.status, without_grant.after.tags) == (
        without_grant.before.status,
        without_grant.before.tags,
    )
    assert (without_grant.lost, without_grant.altered) == ([], [])


@pytest.mark.parametrize("which", WAYS)
def test_a_failed_deployment_of_a_swap_rolls_back_to_the_copy_of_before(which: str, swaps: dict[str, Swap]) -> None:
    # GIVEN a copy that is on
    seen = swaps[which].seen
    assert seen.before.status is not None
    # WHEN its swap fails, or a resource after it
    assert not seen.run.ok
    # THEN the rollback passes, and it is on as before, with its owner and without a memory of the swap
    assert swaps[which].stack == "UPDATE_ROLLBACK_COMPLETE"
    assert (seen.after.status, seen.after.tags) == (seen.before.status, seen.before.tags)


@pytest.mark.parametrize("which", WAYS)
def test_a_failed_deployment_of_a_swap_loses_nothing(which: str, swaps: dict[str, Swap]) -> None:
    # GIVEN automated and manual copies
    seen = swaps[which].seen
    assert seen.before.of(RECOVERY, "automated")
    assert seen.before.of(RECOVERY, "manual")
    # WHEN the swap has failed and was rolled back THEN they stand as they did
    assert (seen.lost, seen.altered) == ([], [])


@pytest.mark.parametrize("which", WAYS)
def test_copies_go_on_arriving_after_a_failed_swap(which: str, swaps: dict[str, Swap]) -> None:
    # GIVEN a swap that failed WHEN half a day has passed
    seen, later = swaps[which].seen, swaps[which].later
    fresh = [each for name, each in later.snapshots.items() if name not in seen.after.snapshots]
    # THEN new copies are there, under the key of the old ones
    copies = [each for each in fresh if each.get("SourceRegion") == PRIMARY]
    assert copies
    assert {each["KmsKeyId"] for each in copies} == {each["KmsKeyId"] for each in seen.before.of(RECOVERY, "manual")}


@pytest.mark.parametrize(
    ("which", "reason", "changes"),
    [
        ("refused", "the snapshot copy that is on now is destination us-west-2", OFF_AND_ON),
        ("refused, and the way back", "IS OFF OR UNKNOWN NOW", OFF_AND_ON),
        ("killed", "died", OFF_AND_ON),
        ("elsewhere", "already exists", OFF_AND_ON * 2),
    ],
)
def test_a_failed_deployment_of_a_swap_says_why_and_does_no_more_than_it_must(
    which: str, reason: str, changes: list[str], swaps: dict[str, Swap]
) -> None:
    # GIVEN a swap that fails WHEN it is deployed
    seen = swaps[which].seen
    # THEN the reason stands in the CLI's output; off and on again, once for each way
    assert reason in seen.run.output
    assert seen.changes == changes
    # AND it was off for less than a minute each time
    assert all(length < dt.timedelta(minutes=1) for length, _ in off(seen.calls))


# every call of a swap

#: The calls of on_event and is_complete, in order; the key is asked of KMS between the third and the fourth.
CALLS = (
    "DescribeClusters",
    "DescribeClusters",
    "DescribeSnapshotCopyGrants",
    "CreateTags",
    "DescribeClusters",
    "DisableSnapshotCopy",
    "DescribeClusters",
    "EnableSnapshotCopy",
    "DescribeClusters",
    "DeleteTags",
    "DescribeClusters",
)
#: Reading the new copy back, and forgetting the old one.
CLOSING = (9, 10)
MUTATING = [number for number, name in enumerate(CALLS, 1) if not name.startswith("Describe")]


@pytest.fixture(scope="module")
def between(story: Story, swaps: dict[str, Swap], old_and_new: tuple[Path, Path]) -> Between:
    """The copy between its two grants."""
    assert swaps
    return Between(Copy.of(story.aws), *(copy_properties(assembly) for assembly in old_and_new))


def test_these_are_the_calls_of_a_swap(between: Between) -> None:
    # GIVEN no fault WHEN the copy is swapped
    tried = between.swap()
    # THEN our roles make these calls, so that the numbers below reach each of them
    assert tried.failed is None
    assert tried.calls == CALLS


@pytest.mark.parametrize(
    ("kind", "number", "after"),
    [
        (kind, number, after)
        for kind in ("refused", "killed")
        for number in range(1, len(CALLS) + 1)
        for after in (False, True)
        if not after or number in MUTATING
    ],
)
def test_a_swap_that_fails_at_any_call_rolls_back_to_a_working_copy(
    aws: EmulatedAws, between: Between, kind: str, number: int, *, after: bool
) -> None:
    # GIVEN one call that AWS refuses for good, or at which the function dies; before or after it took effect
    def prepare() -> None:
        if kind == "killed":
            aws.faults("kill_at", number, after=after)
        else:
            aws.faults("fail_at", number, "ValidationError", after=after)

    # WHEN the copy is swapped, and the failure rolled back
    tried = between.swap(prepare)
    # THEN the rollback passes, the copy is on (here or there), and nothing is lost
    before, found = tried.before, tried.after
    assert tried.calls[:number] == CALLS[:number]
    assert tried.rollback is None
    assert before.status is not None
    assert found.status == {**before.status, "SnapshotCopyGrantName": between.grant}
    assert set(before.snapshots) <= set(found.snapshots)
    # AND its owner is recorded; a memory of the swap stays only where it worked and could not be forgotten, till next time
    if tried.failed is None and FORMER in found.tags:
        assert number in CLOSING
        found = between.again()
    assert found.tags == before.tags
    # AND what was refused for good was told, unless it did no harm
    assert kind == "killed" or tried.failed is None or "ValidationError" in tried.failed
