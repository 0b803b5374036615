"""The Lambda function that the snapshot machine calls for each phase of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.runtime import client
from resilient_redshift.cloud.phases import CRASHED, End, Step, answer
from resilient_redshift.cloud.snapshots.take import PHASES, REPORT, Phases, Surroundings
from resilient_redshift.cloud.snapshots.take_run import BadInput, Run
from resilient_redshift.contract.outcomes import SNAPSHOT_FAILED, SNAPSHOT_INVALID_REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import LambdaContext, MetricWriter


def take_snapshot(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do one phase of a run. Lambda's handler string is ``handler.snapshots.take_snapshot``.

    Args:
        event: ``{"phase", "run"}``, and ``crash`` if a call of this function died.
        context: Lambda's context object.

    Returns:
        The run, the next phase, and how long the machine waits before it.
    """
    region = context.invoked_function_arn.split(":")[3]
    surroundings = Surroundings(
        redshift=cast("RedshiftClient", client("redshift", region)),
        cloudwatch=cast("MetricWriter", client("cloudwatch", region)),
        now=lambda: datetime.now(UTC),
    )
    return take_snapshot_in(event, surroundings)


def take_snapshot_in(event: Mapping[str, Any], surroundings: Surroundings) -> dict[str, Any]:
    """Do the work of :func:`take_snapshot` with the clients and the clock of ``surroundings``."""
    phase = event["phase"]
    try:
        run = Run.from_json(event["run"])
        way = _way(phase, event, Phases(run, surroundings))
        _log(phase, run, way)
        return answer(run.to_json(), way)
    except BadInput as error:
        # without a cluster and a rule there are no dimensions for metrics; the alarm on failed runs sees the run
        return _without_run(SNAPSHOT_INVALID_REQUEST, str(error))
    except Exception as error:  # noqa: BLE001 - a bug is an outcome too
        reason = f"{type(error).__name__}: {error}"
        log.write("ERROR", "phase crashed", phase=phase, because=reason)
        return _after_bug(phase, event, surroundings, reason)


def _way(phase: str, event: Mapping[str, Any], phases: Phases) -> Step | End:
    if phase == CRASHED:
        crash = event.get("crash", {})
        return phases.crashed(f"{crash.get('Error')}: {crash.get('Cause')}")
    return PHASES[phase](phases)


def _after_bug(phase: str, event: Mapping[str, Any], surroundings: Surroundings, reason: str) -> dict[str, Any]:
    """End a run after a bug in one of its phases: with its metrics, unless the bug is in the report itself."""
    try:
        run = Run.from_json(event["run"])
        run.end(run.outcome or SNAPSHOT_FAILED, f"{run.message}; {reason}" if run.message else reason)
        reported = phase in {REPORT, CRASHED}
        return answer(run.to_json(), Phases(run, surroundings).ended() if reported else Step(next=REPORT))
    except Exception as error:  # noqa: BLE001 - the run itself is not understood
        return _without_run(SNAPSHOT_FAILED, f"{reason}; {type(error).__name__}: {error}")


def _without_run(outcome: str, message: str) -> dict[str, Any]:
    log.write("ERROR", "no run", outcome=outcome, because=message)
    return answer({}, End(outcome=outcome, succeeded=False, report={"outcome": outcome, "message": message}))


def _log(phase: str, run: Run, way: Step | End) -> None:
    end = isinstance(way, End)
    log.write(
        "ERROR" if isinstance(way, End) and not way.succeeded else "INFO",
        "run ended" if end else "phase done",
        phase=phase,
        execution=run.execution,
        snapshot=run.snapshot,
        next=way.next if isinstance(way, Step) else "",
        wait_seconds=way.wait_seconds if isinstance(way, Step) else 0,
        outcome=run.outcome,
        because=run.message,
    )
