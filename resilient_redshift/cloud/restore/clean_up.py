"""The Lambda function that removes what drills left behind. A rule of EventBridge calls it once an hour for each plan.

It also writes the metrics of the drills, so an alarm notices when neither drills nor clean-ups take place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.aws.runtime import time_of
from resilient_redshift.cloud.restore import drills, leftovers, others, plan, rivals
from resilient_redshift.cloud.restore.calls import Again, CallFailed, Ended, aws_in
from resilient_redshift.cloud.restore.cluster import every
from resilient_redshift.cloud.restore.request import DRILL
from resilient_redshift.cloud.restore.run import Run
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import (
    ACCESS_DENIED,
    CLEANED,
    FAILED,
    INVALID_REQUEST,
    LEFT_BEHIND,
)
from resilient_redshift.contract.stored import read_drills
from resilient_redshift.contract.understood import read_time
from resilient_redshift.rules.naming import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from resilient_redshift.cloud.aws.runtime import Invocation, LambdaContext
    from resilient_redshift.cloud.restore.calls import Aws

T = TypeVar("T")

#: A leftover counts as left behind when it is still there this long after the first clean-up saw it.
PATIENCE: Final = timedelta(hours=2)
#: A clean-up stops repeating calls when Lambda would end it this soon.
RESERVE_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 20.0
#: How often one call is made again. The next clean-up makes good what this one gave up.
_MOST_TRIES: Final = 15
_LATER: Final = PASSING_AT_HOME | {Meaning.BUSY}


class NotCleaned(Exception):  # noqa: N818 - the name reads as the outcome
    """The clean-up failed, or something is left behind. The text begins with the name of the outcome."""


def clean_up(event: object, context: LambdaContext) -> dict[str, Any]:
    """Clean up after the drills of a plan. Lambda's handler string is ``handler.clean_up.clean_up``.

    Args:
        event: ``{"plan": "<name>"}``.
        context: Lambda's context object.

    Returns:
        The outcome Cleaned, the plan, a message, and the clusters that are being deleted.

    Raises:
        NotCleaned: every other outcome. Lambda counts the error, and an alarm watches the count.
    """
    region = context.invoked_function_arn.split(":")[3]
    return clean_up_in(event, aws_in(region, context), time_of(context))


def clean_up_in(event: object, aws: Aws, time: Invocation) -> dict[str, Any]:
    """Do the work of :func:`clean_up` with the clients, the clock and the limits that are given."""
    plan_name = event.get("plan") if isinstance(event, Mapping) else None
    if not isinstance(plan_name, str) or LABEL.fullmatch(plan_name) is None:
        raise _failed("", INVALID_REQUEST, 'the input must be {"plan": "<name>"}, with the name of a recovery plan')
    try:
        return _CleanUp(plan_name, aws, time).run()
    except Ended as ended:
        raise _failed(plan_name, ended.outcome, ended.message) from ended
    except CallFailed as error:
        raise _failed(plan_name, ACCESS_DENIED if error.refused else FAILED, str(error)) from error
    except Exception as error:
        raise _failed(plan_name, FAILED, f"{type(error).__name__}: {error}") from error


def _failed(plan_name: str, outcome: str, message: str) -> NotCleaned:
    log.write("ERROR", "not cleaned up", plan=plan_name, outcome=outcome, because=message)
    return NotCleaned(f"{outcome}: plan {plan_name}: {message}")


class _CleanUp:
    """One clean-up of one plan."""

    def __init__(self, plan_name: str, aws: Aws, time: Invocation) -> None:
        self._aws, self._time, self._plan = aws, time, plan_name
        # the readers of a drill's run serve here, too
        self._run = Run(input={"plan": plan_name, "mode": DRILL}, started=aws.now())

    def run(self) -> dict[str, Any]:
        found = self._find()
        kept: dict[str, str] = {}
        deleted: list[str] = []
        for name in found.leftovers:
            refused = self._delete(name)
            if refused is None or refused.meaning in _LATER:
                deleted.append(name)
            elif refused.code != "ClusterNotFound":
                kept[name] = str(refused)
        memory = self._patiently(lambda: self._remember(deleted))
        going = memory.get("leftovers", {})
        kept |= {name: f"it is there since {since}" for name, since in going.items() if self._is_overdue(since)}
        left = [*kept, *found.strays]
        data = drills.metrics(self._plan, memory, now=self._aws.now(), left_behind=len(left))
        self._call("cloudwatch", "PutMetricData", Namespace=names.METRIC_NAMESPACE, MetricData=data)
        if left:
            raise Ended(LEFT_BEHIND, _left(kept, found.strays))
        message = f"{len(going)} clusters of former drills are being deleted" + "".join(f", {name}" for name in going)
        log.write("INFO", "cleaned up", plan=self._plan, outcome=CLEANED, because=message)
        return {"outcome": CLEANED, "plan": self._plan, "message": message, "deleted": list(going)}

    def _find(self) -> leftovers.Found:
        run, aws = self._run, self._aws
        run.record = self._patiently(lambda: plan.read_to_clean_up(run, aws))
        run.machine = run.record["machines"]["restore"]
        run.execution = run.machine.replace(":stateMachine:", ":execution:") + ":clean-up"
        clusters = self._patiently(lambda: list(every(aws)))
        # asked after the clusters: a drill that begins now has no cluster among them
        running = self._patiently(lambda: others.look(run, aws))
        return leftovers.find(
            clusters,
            prefix=run.record["drill"]["cluster_prefix"],
            plan=self._plan,
            running=running,
            alone=not rivals.drills_of_this_plan(run),
            now=aws.now(),
        )

    def _delete(self, name: str) -> CallFailed | None:
        """Delete a cluster. Nobody waits until it is gone: the next clean-up looks again.

        Returns:
            Why AWS did not accept the deletion. None: it did.
        """
        try:
            self._call("redshift", "DeleteCluster", ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
        except CallFailed as error:
            return error
        return None

    def _is_overdue(self, since: str) -> bool:
        seen = read_time(since)
        return seen is not None and self._aws.now() - seen >= PATIENCE

    def _memory(self) -> dict[str, Any]:
        """What the drills remember. A plan that has no memory yet, or a spoiled one, is watched from now on."""
        try:
            answer = self._aws.call("ssm", "GetParameter", Name=names.drills_name(self._plan))
        except CallFailed as error:
            if error.meaning is not Meaning.MISSING:
                raise
            return {}
        stored = read_drills(answer["Parameter"]["Value"], self._plan)
        for problem in stored.problems:
            log.write("WARNING", "memory not understood", plan=self._plan, because=problem)
        memory = stored.value
        return memory if "since" in memory else {**memory, "spoiled": True}

    def _remember(self, deleted: Iterable[str]) -> dict[str, Any]:
        """Write the memory if it is new, or if it has other leftovers than before.

        A drill may end at any time and write its verdict. So the memory is read right before it is written, and again
        before each further attempt.

        Args:
            deleted: the leftovers whose deletion is under way, or is tried again by the next clean-up.

        Returns:
            The memory.
        """
        memory = self._memory()
        seen = memory.pop("leftovers", {})
        going = {name: seen.get(name, iso(self._aws.now())) for name in deleted}
        new = "since" not in memory
        overwrite = not new or memory.pop("spoiled", False)
        memory.setdefault("since", iso(self._aws.now()))
        memory.setdefault("inconclusive", 0)
        if going:
            memory["leftovers"] = going
        if not new and seen == going:
            return memory
        try:
            self._aws.call(
                "ssm",
                "PutParameter",
                Name=names.drills_name(self._plan),
                Value=json.dumps(memory, separators=(",", ":"), ensure_ascii=False),
                Type="String",
                Overwrite=overwrite,
            )
        except CallFailed as error:
            # of two runs that begin to count, the first one counts
            if error.meaning is not Meaning.EXISTS:
                raise
        return memory

    def _call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of any call
        return self._patiently(lambda: self._aws.call(service, operation, **parameters))

    def _patiently(self, attempt: Callable[[], T]) -> T:
        """Make a call again while its error may pass."""
        for _ in range(_MOST_TRIES):
            try:
                return attempt()
            except Again:
                pass
            except CallFailed as error:
                if not error.passes:
                    raise
            if self._time.remaining() < RESERVE_SECONDS + _AGAIN_SECONDS:
                break
            self._time.sleep(_AGAIN_SECONDS)
        return attempt()


def _left(kept: Mapping[str, str], strays: Iterable[str]) -> str:
    said = []
    if kept:
        reasons = ", ".join(f"{name} ({why})" for name, why in kept.items())
        said.append(f"these clusters of former drills could not be deleted, and cost by the hour: {reasons}")
    if strays:
        said.append(
            "these are named like drills of this plan, with tags of somebody else alone, and were not touched: "
            + ", ".join(strays)
        )
    return "; ".join(said)
