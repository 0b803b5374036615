"""Every error that AWS declares for the calls that make something: each one ends the run by name."""

from __future__ import annotations

import pytest

from emulator.redshift_model.errors import COMMON_ERRORS, service_model
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import RESTORE_OUTCOMES
from tests.cloud.restore.record import CLUSTER, DRILL
from tests.cloud.restore.world import RestoreWorld

WORDS = "AWS's own words"
#: How a failover ends after an error of the restore that does not pass. The others end it as Failed.
ENDS = {
    "AccessDenied": "AccessDenied",
    "AccessToSnapshotDenied": "KeyUnavailable",
    "ClusterAlreadyExists": "Failed",
    "ClusterParameterGroupNotFound": "NotReady",
    "ClusterQuotaExceeded": "QuotaExceeded",
    "ClusterSecurityGroupNotFound": "NotReady",
    "ClusterSnapshotNotFound": "NoRecoveryPoint",
    "ClusterSubnetGroupNotFoundFault": "NotReady",
    "DependentServiceAccessDenied": "AccessDenied",
    "InsufficientClusterCapacity": "NoCapacity",
    "InvalidClusterSnapshotState": "NoRecoveryPoint",
    "InvalidClusterSubnetGroupStateFault": "NotReady",
    "InvalidClusterTrack": "IncompatibleVersion",
    "InvalidRestore": "IncompatibleVersion",
    "InvalidSubnet": "NotReady",
    "InvalidVPCNetworkStateFault": "NotReady",
    "LimitExceededFault": "KeyUnavailable",
    "NumberOfNodesPerClusterLimitExceeded": "QuotaExceeded",
    "NumberOfNodesQuotaExceeded": "QuotaExceeded",
    "TagLimitExceededFault": "QuotaExceeded",
    "UnauthorizedOperation": "AccessDenied",
}
OF_A_DRILL = {"NoCapacity": "Inconclusive", "QuotaExceeded": "Inconclusive"}


def declared(service: str, operation: str) -> list[str]:
    """The codes that botocore's model lists for an operation."""
    shapes = service_model(service).operation_model(operation).error_shapes
    return sorted({str(shape.error_code) for shape in shapes})


def test_each_end_is_of_an_error_that_exists() -> None:
    # GIVEN the ends of these tests WHEN compared with botocore's model THEN no one is of an error that AWS never gives
    assert ENDS.keys() <= {*declared("redshift", "RestoreFromClusterSnapshot"), *COMMON_ERRORS}


@pytest.mark.parametrize("mode", ["failover", "drill"])
@pytest.mark.parametrize("code", declared("redshift", "RestoreFromClusterSnapshot"))
def test_a_restore_that_aws_refuses_for_good_ends_by_name(code: str, mode: str) -> None:
    # GIVEN an error that AWS gives to every restore WHEN run
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", code, None, message=WORDS)
    run = world.run(world.given(mode))
    # THEN the run ends by the name that the error has, and nothing was made
    end = ENDS.get(code, "Failed")
    assert run.outcome == (OF_A_DRILL.get(end, end) if mode == "drill" else end), run.cause
    if code != "ClusterAlreadyExists":
        assert WORDS in world.report(run)["message"]
    assert world.clusters() == []


@pytest.mark.parametrize("code", declared("redshift", "RestoreFromClusterSnapshot"))
def test_a_restore_that_aws_refuses_once_ends_by_name(code: str) -> None:
    # GIVEN an error that AWS gives to the first restore WHEN failed over
    world = RestoreWorld()
    world.copied(age_hours=1)
    world.copied(age_hours=9)
    world.fail("RestoreFromClusterSnapshot", code, message=WORDS)
    run = world.failover()
    # THEN it restores where another way or a second call can help, and ends by the same name where none can
    helps = (
        {"Restored"}
        if code.startswith(("ClusterSnapshot", "InvalidRestore", "Insufficient"))
        else {"Restored", ENDS.get(code, "Failed")}
    )
    assert run.outcome in helps, run.cause
    assert world.clusters() == ([CLUSTER] if run.outcome == "Restored" else [])


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize("code", declared("redshift", "CreateTags"))
def test_tags_that_aws_refuses_stop_no_failover(code: str, times: int | None) -> None:
    # GIVEN an error of CreateTags WHEN failed over THEN it restores, and says which tags are missing
    world = RestoreWorld()
    world.copied()
    world.fail("CreateTags", code, times, message=WORDS)
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    assert (names.TAG_EXECUTION in world.cluster().tags) == (times == 1)
    assert times == 1 or any(WORDS in text for text in world.report(run)["warnings"])


@pytest.mark.parametrize("code", declared("redshift", "CreateTags"))
def test_a_drill_whose_tags_aws_refuses_leaves_nothing(code: str) -> None:
    # GIVEN an error that AWS gives to every CreateTags WHEN a drill runs THEN it deletes its cluster by the name
    world = RestoreWorld()
    world.copied()
    world.fail("CreateTags", code, None, message=WORDS)
    assert world.drill().outcome in RESTORE_OUTCOMES
    assert world.clusters() == []


@pytest.mark.parametrize("code", declared("redshift", "DeleteCluster"))
def test_a_deletion_that_aws_refuses_for_good_is_left_behind(code: str) -> None:
    # GIVEN an error that AWS gives to every DeleteCluster WHEN a drill runs
    world = RestoreWorld()
    world.copied()
    world.fail("DeleteCluster", code, None, message=WORDS)
    run = world.drill()
    # THEN the drill says what is left and why. Only a cluster that is gone is no failure.
    gone = code == "ClusterNotFound"
    assert run.outcome == ("Passed" if gone else "LeftBehind")
    assert world.report(run).get("leftovers", []) == ([] if gone else [DRILL])


@pytest.mark.parametrize("mode", ["failover", "drill"])
@pytest.mark.parametrize("code", declared("redshift-data", "ExecuteStatement"))
def test_a_query_that_aws_refuses_for_good_is_a_check_that_failed(code: str, mode: str) -> None:
    # GIVEN an error that AWS gives to every query WHEN run
    world = RestoreWorld()
    world.copied()
    world.fail("ExecuteStatement", code, None, message=WORDS)
    run = world.run(world.given(mode))
    # THEN the checks failed for that reason, and the cluster is kept or deleted
    assert run.outcome == ("RestoredUnverified" if mode == "failover" else "FailedChecks"), run.cause
    assert WORDS in world.report(run)["checks"][0]["error"]
    assert world.clusters() == ([CLUSTER] if mode == "failover" else [])
