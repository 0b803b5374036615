"""The days after a failover, row by row: what is seen, the verdict, and what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.states import STATES, Meaning
from resilient_redshift.cloud.restore.published import Published
from resilient_redshift.cloud.restore.run import RestoredCluster
from resilient_redshift.cloud.restore.seen import Seen
from resilient_redshift.cloud.restore.sight import Look, Sight
from resilient_redshift.cloud.restore.standing import judge
from resilient_redshift.cloud.restore.standing_parts import AT_HOME, FAILED_OVER, UNKNOWN, Standing
from resilient_redshift.contract.names import TAG_DRILL, TAG_EXECUTION, TAG_PLAN
from tests.cloud.restore.copies import BORN, copy
from tests.cloud.restore.record import AWAY, CLUSTER, HOME, NOW, PLAN

if TYPE_CHECKING:
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

THIRD = "eu-west-1"
RECORD = {
    "plan": PLAN,
    "cluster": {"identifier": CLUSTER, "region": HOME},
    "recovery": {"region": AWAY},
    "objectives": {"recovery_point_seconds": 36000},
}
FENCE = f"resilient-redshift fence {PLAN} --region {HOME}"
WITHDRAW = f"aws ssm delete-parameter --region {AWAY} --name /resilient-redshift/endpoints/{PLAN}"
RESTORED_AT = NOW - dt.timedelta(hours=21)
OURS = {TAG_PLAN: PLAN, TAG_EXECUTION: "failover-1"}
PUBLISHED = Published(cluster=CLUSTER, data_of=NOW - dt.timedelta(hours=24), lineage=BORN, at=RESTORED_AT)
DENIED: Look[Any] = Look(problem="AccessDenied: no right")
SILENT: Look[Any] = Look(problem=f"{HOME} does not answer: timed out", silent=True)
PASSING = [state.name for state in STATES.values() if state.passes]


def cluster(status: str = "available", name: str = CLUSTER, *, born: dt.datetime = BORN, **fields: Any) -> Seen:
    facts = RestoredCluster(node_type="ra3.large", number_of_nodes=2)
    return Seen(
        identifier=name, state=states.of(status), created=born, tags=fields.pop("tags", {}), facts=facts, **fields
    )


def restored(status: str = "available", name: str = CLUSTER, *, copied_to: str = THIRD) -> Seen:
    return cluster(status, name, born=RESTORED_AT, tags=OURS, copied_to=copied_to)


def elsewhere(hours: float = 2, **fields: Any) -> Look[list[RecoveryPoint]]:
    """A copy of the restored cluster in a third Region."""
    return Look(value=[copy("away", hours, **{"lineage": RESTORED_AT, "source_region": AWAY, **fields})])


def judged(**looks: Any) -> Standing:
    """A plan at home, where everything is well, but for what a test says."""
    well: dict[str, Any] = {
        "published": Look(),
        "primary": Look(value=cluster()),
        "clusters": Look(value=[]),
        "points": Look(value=[copy("newest", 2)]),
        "lineage": Look(value=BORN),
    }
    return judge(RECORD, Sight(**{**well, **looks}), NOW)


def after(**looks: Any) -> Standing:
    """The same after a failover whose cluster has a copy elsewhere, and whose primary is gone."""
    well: dict[str, Any] = {
        "published": Look(value=PUBLISHED),
        "primary": Look(),
        "clusters": Look(value=[restored()]),
        "points": Look(value=[copy("restored", 24)]),
        "elsewhere": elsewhere(),
    }
    return judged(**{**well, **looks})


def verdict(standing: Standing) -> str:
    return "missed" if standing.missed else "unknown" if standing.unknown else "fine"


def test_at_home_the_newest_copy_decides() -> None:
    standing = judged()
    assert (standing.where, verdict(standing)) == (AT_HOME, "fine")
    assert standing.fine == f"the newest copy in {AWAY} is 2 h old, within the objective of 10 h"


def test_a_restored_cluster_with_a_copy_elsewhere_is_fine() -> None:
    # GIVEN a published endpoint, its cluster, a young copy of it in a third Region, and no primary
    standing = after()
    assert (standing.where, verdict(standing)) == (FAILED_OVER, "fine")
    said = f"failed over to {CLUSTER} in {AWAY}; its newest copy in {THIRD} is 2 h old, within the objective of 10 h"
    assert standing.fine == said
    assert standing.copied is not None


def test_a_primary_region_that_does_not_answer_is_normal_after_a_failover() -> None:
    standing = after(primary=SILENT)
    assert verdict(standing) == "fine"
    assert any(f"when {HOME} answers again, fence {CLUSTER} first" in note for note in standing.notes)


def test_a_restored_cluster_without_any_copy_is_missed() -> None:
    standing = after(clusters=Look(value=[restored(copied_to="")]), elsewhere=Look())
    assert standing.missed[0].startswith(f"failed over to {CLUSTER} in {AWAY}, which has no recovery point elsewhere")


@pytest.mark.parametrize(
    ("copies", "said"),
    [
        (Look(value=[]), f"no copy of it is available in {THIRD} yet"),
        (elsewhere(status="creating"), f"no copy of it is available in {THIRD} yet"),
        (elsewhere(source_region=HOME), f"no copy of it is available in {THIRD} yet"),
        (elsewhere(cluster="other"), f"no copy of it is available in {THIRD} yet"),
        (elsewhere(lineage=BORN), f"no copy of it is available in {THIRD} yet"),
        (elsewhere(11), "is 11 h old, the objective is 10 h"),
    ],
)
def test_only_a_young_copy_of_the_restored_cluster_itself_counts(copies: Look[Any], said: str) -> None:
    [missed] = after(elsewhere=copies).missed
    assert missed.endswith(said)


@pytest.mark.parametrize("status", ["available", *PASSING])
def test_a_primary_that_lives_is_a_second_writer_with_the_commands_that_fence_it(status: str) -> None:
    # GIVEN both clusters alive, 21 hours after the failover
    standing = after(primary=Look(value=cluster(status)))
    # THEN it is missed, whatever the copies are, and the commands fence the primary, or else withdraw the endpoint
    assert standing.missed[0].startswith(
        f"two writers: {CLUSTER} in {HOME} is {status!r} beside the published {CLUSTER}"
    )
    assert standing.commands == [FENCE]
    assert standing.instead == [WITHDRAW]


def test_what_a_former_release_published_beside_asks_nobody_to_fence_the_warehouse() -> None:
    # GIVEN an older copy that somebody restored beside to look at it, which a former release published all the same
    published = Published(cluster="restored-look", at=RESTORED_AT)
    looks = {"primary": Look(value=cluster()), "clusters": Look(value=[restored(name="restored-look")])}
    # WHEN judged after the upgrade THEN the endpoint goes, and the production cluster keeps its copy and its name
    standing = after(published=Look(value=published), **looks)
    assert standing.commands == [WITHDRAW]
    assert any("or never left it, withdraw the endpoint" in missed for missed in standing.missed)
    # AND what this release publishes beside was asked for: then both are writers
    asked_for = after(published=Look(value=replace(published, snapshot="newest")), **looks)
    assert asked_for.commands == [FENCE]


@pytest.mark.parametrize("status", ["paused", "pausing", "inaccessible-kms-key", "hardware-failure"])
def test_the_only_cluster_that_answers_is_not_to_be_fenced_first(status: str) -> None:
    # GIVEN docs/failback.md, step 5: the warehouse is home, the restored cluster is paused, the endpoint still published;
    # or a restored cluster that is broken
    standing = after(primary=Look(value=cluster()), clusters=Look(value=[restored(status)]))
    said = (
        f"{CLUSTER} in {HOME} is 'available', and the published {CLUSTER} in {AWAY} is {status!r}. If the warehouse is "
    )
    assert any(missed.startswith(said) for missed in standing.missed)
    assert not any("two writers" in missed for missed in standing.missed)
    assert standing.commands == [WITHDRAW]
    assert standing.instead == [FENCE]


def test_a_primary_that_is_fenced_is_no_second_writer() -> None:
    # GIVEN a primary that a switchover left available, with a group that lets nobody in
    fenced = replace(cluster(), fenced=True)
    # WHEN the plan is judged THEN nothing is missed for it, and what it costs is said
    standing = after(primary=Look(value=fenced))
    assert not any("two writers" in missed for missed in standing.missed)
    assert (
        f"{CLUSTER} in {HOME} is fenced: no client reaches it. It still costs: pause or delete it" in standing.remarks
    )


@pytest.mark.parametrize("clusters", [[], [restored("deleting")]], ids=["gone", "going"])
def test_a_primary_beside_a_published_cluster_that_is_gone_is_no_second_writer(clusters: list[Seen]) -> None:
    # GIVEN the only cluster that lives WHEN judged THEN the first thing to do is not to fence it
    standing = after(primary=Look(value=cluster()), clusters=Look(value=clusters), elsewhere=Look())
    [missed] = standing.missed
    assert missed.startswith(f"the published cluster is gone: {CLUSTER} in {AWAY}, it ")
    assert f"{CLUSTER} in {HOME} is 'available': withdraw the endpoint if the warehouse is there again" in missed
    assert standing.commands == [WITHDRAW]
    assert standing.instead[-1] == f"resilient-redshift failover {PLAN} --region {AWAY}"


@pytest.mark.parametrize(
    ("status", "expected"), [("paused", "fine"), ("deleting", "fine"), ("storage-full", "fine"), ("odd", "unknown")]
)
def test_a_primary_that_takes_no_writes_is_no_second_writer(status: str, expected: str) -> None:
    standing = after(primary=Look(value=cluster(status)))
    assert verdict(standing) == expected
    assert any("fence it before" in note for note in standing.notes) == (status in {"paused", "storage-full"})


@pytest.mark.parametrize("clusters", [[], [restored("deleting")]], ids=["gone", "going"])
def test_a_published_cluster_that_is_gone_is_missed(clusters: list[Seen]) -> None:
    standing = after(clusters=Look(value=clusters), elsewhere=Look())
    assert standing.missed[0].startswith(f"the published cluster is gone: {CLUSTER} in {AWAY}, it ")
    assert standing.commands == [f"resilient-redshift failover {PLAN} --region {AWAY}"]
    assert standing.instead == [WITHDRAW]


def test_a_cluster_of_another_run_under_the_published_name_is_not_the_published_one() -> None:
    # GIVEN an endpoint of a run whose cluster is gone, and the cluster of a later run under the same identifier
    published = Look(value=replace(PUBLISHED, execution="failover-0"))
    standing = after(published=published)
    assert "the published cluster is gone: sales in us-west-2, another run's cluster has its name" in standing.missed[0]
    # AND nobody is told to restore into a name that is taken
    assert "Publish that one (docs/cli.md, 'After a failover'), or withdraw the endpoint" in standing.missed[0]
    assert standing.commands == []
    assert [one.cluster.identifier for one in standing.beside] == [CLUSTER]


def test_once_the_published_cluster_is_gone_the_newest_copy_is_proposed() -> None:
    points = Look(value=[copy("restored", 24), copy("newest", 1)])
    standing = after(clusters=Look(value=[]), elsewhere=Look(), points=points)
    assert standing.choice is not None
    assert standing.choice.point is not None
    assert standing.choice.point.identifier == "newest"


@pytest.mark.parametrize(("running", "expected"), [(["failover-1"], "fine"), (["drill-1"], "missed"), ([], "missed")])
def test_a_published_cluster_that_is_not_verified_is_missed_once_its_run_is_over(
    running: list[str], expected: str
) -> None:
    published = Look(value=replace(PUBLISHED, verified=False, execution="failover-1"))
    standing = after(published=published, running=Look(value=running))
    assert verdict(standing) == expected
    assert ("still checks" in str(standing.notes)) == (expected == "fine")


@pytest.mark.parametrize("state", STATES.values(), ids=lambda state: state.name)
def test_the_state_of_the_published_cluster_is_judged(state: states.State) -> None:
    expected = "missed" if state.meaning in {Meaning.NEEDS_SOMEBODY, Meaning.GOING} else "fine"
    assert verdict(after(clusters=Look(value=[restored(state.name)]))) == expected


def test_what_the_next_failover_takes_is_what_did_not_diverge() -> None:
    points = Look(value=[copy("restored", 24), copy("diverged", 1)])
    standing = after(points=points)
    assert standing.choice is not None
    assert standing.choice.point is not None
    assert standing.choice.point.identifier == "restored"
    assert any("1 newer copy of" in note for note in standing.notes)


def test_a_cluster_that_is_missing_at_home_is_missed() -> None:
    [missed] = judged(primary=Look()).missed
    assert missed.startswith(
        f"the cluster is missing: there is no cluster {CLUSTER} in {HOME}, and no endpoint is published"
    )


@pytest.mark.parametrize("primary", [SILENT, DENIED], ids=["silent", "denied"])
def test_at_home_a_primary_that_was_not_read_is_unknown(primary: Look[Any]) -> None:
    standing = judged(primary=primary)
    assert verdict(standing) == "unknown"
    assert primary.problem in standing.unknown[0]
    assert standing.fine


@pytest.mark.parametrize("what", ["published", "clusters", "points", "lineage", "running"])
def test_what_was_not_read_is_named_and_never_fine(what: str) -> None:
    for standing in (judged(**{what: DENIED}), after(**{what: DENIED})):
        assert verdict(standing) == "unknown"
        assert any(DENIED.problem in unknown for unknown in standing.unknown)


@pytest.mark.parametrize("what", ["primary", "elsewhere"])
def test_after_a_failover_what_was_not_read_elsewhere_is_unknown(what: str) -> None:
    standing = after(**{what: DENIED})
    assert verdict(standing) == "unknown"
    assert DENIED.problem in standing.unknown[0]


def test_where_nothing_is_known_of_an_endpoint_a_missing_cluster_is_unknown() -> None:
    standing = judged(published=DENIED, primary=Look())
    assert (standing.where, verdict(standing), standing.choice) == (UNKNOWN, "unknown", None)
    assert any("it is unknown whether another one is published" in unknown for unknown in standing.unknown)


def test_a_recovery_region_that_cannot_be_read_at_all_is_said_once() -> None:
    dark = dict.fromkeys(("published", "clusters", "points", "lineage", "running"), DENIED)
    assert judged(**dark).unknown == [f"the recovery Region cannot be read: {DENIED.problem}"]


def test_a_restore_beside_is_listed_with_its_cost_so_far() -> None:
    # GIVEN a restore under another name 21 hours ago, beside the published cluster, a drill's and somebody else's
    beside = restored(name="restored-sales", copied_to="")
    drill = replace(beside, identifier="drill-1", tags={**OURS, TAG_DRILL: "true"})
    other = replace(beside, identifier="other", tags={TAG_PLAN: "crm"})
    standing = after(clusters=Look(value=[restored(), beside, drill, other]))
    # THEN it alone is listed, with its hours and node hours
    assert [(one.cluster.identifier, one.hours, one.node_hours) for one in standing.beside] == [
        ("restored-sales", 21, 42)
    ]
    said = (
        "beside: restored-sales, available, 2 x ra3.large for 21 h, 42.0 node hours so far. "
        "If nobody uses it, delete it; or publish it, to switch to it (docs/cli.md)"
    )
    assert standing.notes == [said]


def test_a_cluster_that_a_run_is_at_work_on_is_not_beside() -> None:
    busy = Look(value=["failover-1"])
    assert judged(clusters=Look(value=[restored("creating")]), running=busy).beside == []
    [note] = judged(clusters=Look(value=[restored()]), running=DENIED).notes
    assert note.endswith("It is unknown whether a run is still at work on it")


def test_nothing_is_called_beside_where_it_is_unknown_what_is_published() -> None:
    assert judged(published=DENIED, clusters=Look(value=[restored()])).beside == []


@pytest.mark.parametrize(("hours", "codes"), [(2, []), (11, ["RecoveryPointOverdue"])], ids=["young", "late"])
def test_a_new_cluster_without_a_copy_yet_is_late_only_after_the_objective(hours: float, codes: list[str]) -> None:
    # GIVEN a recorded cluster without a copy yet, as a switchover home leaves it, and older copies of a former one
    standing = judged(lineage=Look(value=NOW - dt.timedelta(hours=hours)), points=Look(value=[copy("old", 20)]))
    # WHEN judged THEN that is no changed lineage, and late only after the objective
    assert [one.code for one in standing.findings] == codes
    said = " ".join([*standing.remarks, *(one.text for one in standing.findings)])
    assert f"only copies of a former {CLUSTER} are in {AWAY}, none of the one that was created 2026-" in said


def test_copies_of_a_newer_cluster_than_the_recorded_one_are_a_changed_lineage() -> None:
    newer = copy("newer", 2, lineage=BORN + dt.timedelta(hours=1))
    [found] = judged(points=Look(value=[newer])).findings
    assert (found.code, "of another" in found.text) == ("LineageChanged", True)
