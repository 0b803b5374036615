"""Reads the record of the plan that a run restores, or cleans up after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.calls import MANY, CallFailed, Ended, wait_out
from resilient_redshift.contract.names import plan_record_name
from resilient_redshift.contract.outcomes import RECORD_MISSING, RECORD_NOT_UNDERSTOOD
from resilient_redshift.contract.stored import not_understood, read_record, unable_to_restore, unusable_in

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run
    from resilient_redshift.contract.stored import Stored

#: The objectives that a restore is measured by.
OBJECTIVES: Final = ("recovery_point_seconds", "recovery_time_seconds")
#: What a drill needs beside what a failover needs: the names that it may use, and what it is measured by.
_OF_A_DRILL: Final = ("drill.cluster_prefix", *(f"objectives.{name}" for name in OBJECTIVES))
#: The parts that a restore uses. A failover goes on without what is wrong in them. A drill finds it out.
_USED: Final = ("recovery", "restore", "checks", "lineage")


def read(run: Run, aws: Aws) -> dict[str, Any]:
    """Read what a restore needs of the plan's record.

    A failover goes on without a field that it does not need. The report names each field that is not understood.

    Raises:
        Ended: there is no record, or this release does not understand it, or the function may not read it.
        Again: the call failed with an error that passes.
    """
    stored = _read(run, aws)
    wrong = unusable_in(stored, aws.region) or unable_to_restore(stored)
    if run.is_drill and not wrong:
        wrong = stored.understood.wrong(*_OF_A_DRILL) + stored.understood.spoiled(*_USED)
    _end_if(wrong, stored)
    for problem in stored.problems:
        run.warn(problem)
    run.spoiled_checks = stored.understood.spoiled("checks")
    return stored.value


def read_to_clean_up(run: Run, aws: Aws) -> dict[str, Any]:
    """Read what a clean-up needs of the plan's record.

    Raises:
        Ended: there is no record, or this release does not understand it, or the function may not read it.
        Again: the call failed with an error that passes.
    """
    stored = _read(run, aws)
    wrong = unusable_in(stored, aws.region)
    _end_if(wrong or stored.understood.wrong("drill.cluster_prefix", "machines.restore"), stored)
    return stored.value


def _read(run: Run, aws: Aws) -> Stored:
    plan = run.request.plan
    name = plan_record_name(plan)
    try:
        text = aws.call("ssm", "GetParameter", Name=name)["Parameter"]["Value"]
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        if error.meaning is Meaning.MISSING:
            raise Ended(RECORD_MISSING, f"there is no record {name}") from error
        raise
    return read_record(text, plan)


def _end_if(wrong: list[str], stored: Stored) -> None:
    if wrong:
        raise Ended(RECORD_NOT_UNDERSTOOD, not_understood(f"the record {stored.parameter}", ", ".join(wrong)))
