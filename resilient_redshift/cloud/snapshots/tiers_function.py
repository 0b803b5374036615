"""The Lambda function that applies the retention tiers of one plan. A rule of EventBridge calls it once an hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.runtime import client, time_of
from resilient_redshift.cloud.snapshots.tiers_run import Ending, Surroundings, TiersRun
from resilient_redshift.contract.outcomes import TIERS_APPLIED, TIERS_FAILED, TIERS_INVALID_REQUEST
from resilient_redshift.rules.naming import LABEL

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import LambdaContext, MetricWriter, ParameterReader


class NotApplied(Exception):  # noqa: N818 - the name reads as the outcome
    """The run did not apply the tiers. The text begins with the name of the outcome."""


def apply_tiers(event: object, context: LambdaContext) -> dict[str, Any]:
    """Apply the tiers of a plan. Lambda's handler string is ``handler.tiers.apply_tiers``.

    Args:
        event: ``{"plan": "<name>"}``.
        context: Lambda's context object.

    Returns:
        The outcome Applied, the plan, a message, and how many copies were tiered, raised, in doubt, failed and gone.

    Raises:
        NotApplied: every other outcome. Lambda counts the error, and an alarm watches the count.
    """
    region = context.invoked_function_arn.split(":")[3]
    surroundings = Surroundings(
        redshift=cast("RedshiftClient", client("redshift", region)),
        ssm=cast("ParameterReader", client("ssm", region)),
        cloudwatch=cast("MetricWriter", client("cloudwatch", region)),
        function_arn=context.invoked_function_arn,
        **vars(time_of(context)),
    )
    return apply_tiers_in(event, surroundings)


def apply_tiers_in(event: object, surroundings: Surroundings) -> dict[str, Any]:
    """Do the work of :func:`apply_tiers` with the clients, the clock and the limits of ``surroundings``."""
    plan = event.get("plan") if isinstance(event, Mapping) else None
    if not isinstance(plan, str) or LABEL.fullmatch(plan) is None:
        why = 'the input must be {"plan": "<name>"}, with the name of a recovery plan'
        log.write("ERROR", "tiers not applied", outcome=TIERS_INVALID_REQUEST, because=why)
        # without a plan there is no dimension for the metrics
        raise NotApplied(f"{TIERS_INVALID_REQUEST}: {why}")
    run = TiersRun(plan, surroundings)
    try:
        ending = run.end()
    except Exception as error:  # noqa: BLE001 - a bug is an outcome, too, and the run still writes its metrics
        ending = Ending(outcome=TIERS_FAILED, message=f"{type(error).__name__}: {error}")
    run.publish(ending)
    if ending.outcome != TIERS_APPLIED:
        _log("ERROR", "tiers not applied", run, ending)
        raise NotApplied(f"{ending.outcome}: plan {plan}: {ending.message}")
    _log("INFO", "tiers applied", run, ending)
    return {"outcome": ending.outcome, "plan": plan, "message": ending.message, **asdict(run.counts)}


def _log(level: str, message: str, run: TiersRun, ending: Ending) -> None:
    counts = run.counts
    log.write(
        level,
        message,
        plan=run.plan,
        outcome=ending.outcome,
        because=ending.message,
        tiered=counts.tiered,
        raised=counts.raised,
        in_doubt=counts.in_doubt,
        failed=counts.failed,
        gone=counts.gone,
    )
