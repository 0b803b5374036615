"""A transient fault at each kind of call that a failover and a drill make of Redshift and of its Data API is survived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.restore_site import PREFIX
from tests.e2e.restore_steps import COPY_TO, WELL
from tests.e2e.scene import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.restore_site import RestoreSite

RUNS: Final[dict[str, dict[str, Any]]] = {"failover": {"copy_to": COPY_TO}, "drill": {}}
#: Passes by itself, before the call took effect; and the same with an answer that is lost, after it.
TOO_MANY, LOST = "Throttling", "InternalFailure"
#: What a plain run of each calls at least.
CALLED: Final = {
    "DescribeClusters",
    "DescribeClusterParameterGroups",
    "DescribeClusterSubnetGroups",
    "DescribeClusterSnapshots",
    "RestoreFromClusterSnapshot",
    "CreateTags",
    "ExecuteStatement",
    "DescribeStatement",
    "GetStatementResult",
}
MORE: Final = {"failover": {"EnableLogging", "EnableSnapshotCopy"}, "drill": {"DeleteCluster"}}


def run(
    site: RestoreSite, mode: str, fault: Callable[[], None] | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run the machine with a fault; its report, and what it called of Redshift."""
    if fault is not None:
        fault()
    since = site.mark()
    report = site.run(mode, **RUNS[mode])
    site.aws.faults("clear")
    return report, [call for call in site.calls(since) if call["service"] in {"redshift", "redshift-data"}]


def gone(site: RestoreSite, mode: str) -> None:
    """A failover's cluster is judged and taken away; a drill's is gone already."""
    if mode == "drill":
        assert not [name for name in site.clusters() if name.startswith(PREFIX)]
        return
    [made] = site.clusters().values()
    assert made["ClusterStatus"] == "available"
    assert made["ClusterSnapshotCopyStatus"]
    assert {tag["Key"].partition(":")[0] for tag in made["Tags"]} == {"resilient-redshift"}
    assert site.there.describe_logging_status(ClusterIdentifier=made["ClusterIdentifier"])["LoggingEnabled"]
    site.remove(made["ClusterIdentifier"])


def survived(report: dict[str, Any], mode: str) -> None:
    """It ends as it does without a fault, and warns of nothing that is not always so."""
    assert report["outcome"] == WELL[mode], report
    assert [each for each in report.get("warnings", []) if "nobody asked the primary" not in each] == []


def ends(calls: list[dict[str, Any]]) -> list[int]:
    """The first and the last call of each operation, counted from 1; tests/cloud/restore strikes all between."""
    first = {call["operation"]: number for number, call in reversed(list(enumerate(calls, 1)))}
    last = {call["operation"]: number for number, call in enumerate(calls, 1)}
    return sorted({*first.values(), *last.values()})


@pytest.fixture(scope="module")
def usual(restore_site: RestoreSite) -> dict[str, list[dict[str, Any]]]:
    """The calls of each run without a fault, its polls done with."""
    found = {}
    for mode in RUNS:
        with restore_site.left_as_found():
            report, found[mode] = run(restore_site, mode)
            survived(report, mode)
    return found


@pytest.mark.parametrize("mode", RUNS)
def test_all_kinds_of_calls_are_there(usual: dict[str, list[dict[str, Any]]], mode: str) -> None:
    # GIVEN a run without a fault WHEN its calls are listed THEN none is missing that is to be struck below
    assert {call["operation"] for call in usual[mode]} == CALLED | MORE[mode]


@pytest.mark.parametrize("mode", RUNS)
def test_too_many_requests_at_any_kind_of_call_are_survived(
    site: RestoreSite, usual: dict[str, list[dict[str, Any]]], mode: str
) -> None:
    site.aws.region_down(PRIMARY)
    for number in ends(usual[mode]):
        # GIVEN one call that is throttled WHEN the machine runs
        report, made = run(site, mode, lambda number=number: site.aws.faults("fail_at", number, TOO_MANY))
        # THEN it ends well all the same
        survived(report, mode)
        assert [(call["error"] or "").startswith(TOO_MANY) for call in made].count(True) == 1, number
        gone(site, mode)


@pytest.mark.parametrize("mode", RUNS)
def test_a_lost_answer_at_any_change_is_survived(
    site: RestoreSite, usual: dict[str, list[dict[str, Any]]], mode: str
) -> None:
    site.aws.region_down(PRIMARY)
    for number, call in enumerate(usual[mode], 1):
        if not call["mutating"] or call["error"] or number not in ends(usual[mode]):
            continue
        # GIVEN one change that takes effect, and whose answer is lost
        report, made = run(site, mode, lambda number=number: site.aws.faults("fail_at", number, LOST, after=True))
        # THEN it ends well, and nothing is made twice
        survived(report, mode)
        assert [(each["error"] or "").startswith(LOST) for each in made].count(True) == 1, call["operation"]
        gone(site, mode)


@pytest.mark.parametrize("mode", RUNS)
def test_minutes_of_throttling_from_the_first_call_on_are_survived(site: RestoreSite, mode: str) -> None:
    # GIVEN a Region where every call of Redshift is throttled for ten minutes
    operations = sorted(CALLED | MORE[mode])
    report, _ = run(site, mode, lambda: site.aws.faults("fail_for", 600, operations, TOO_MANY))
    # WHEN the machine runs THEN it waits, and ends well
    assert report["outcome"] == WELL[mode], report
    gone(site, mode)
