"""The Lambda function of a step of ARC Region switch: it fails over the plans of a site.

ARC calls the function of the Region that it activates, and calls it again as long as it raises (ARC Developer Guide,
"Custom action Lambda execution block"). In the recovery Region the function starts the failovers of the site's plans.
In the clusters' own Region it starts those of the plans that ``plan.reverse()`` prepared as their way home. Each run of
a plan has one name for each execution of the ARC plan and each step, so that no call starts a second one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.restore import published
from resilient_redshift.cloud.restore.calls import Aws, CallFailed, aws_in
from resilient_redshift.cloud.restore.request import FAILOVER
from resilient_redshift.contract.names import PLAN_RECORD_FOLDER, endpoint_name
from resilient_redshift.contract.outcomes import RESTORED
from resilient_redshift.contract.region_switch import PRIMARY_REGION, RECOVERY_REGION, SITE
from resilient_redshift.contract.stored import not_understood, read_record, unusable
from resilient_redshift.contract.understood import object_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from resilient_redshift.cloud.aws.runtime import LambdaContext

#: The parameters of one page (Systems Manager API, GetParametersByPath: MaxResults).
_PAGE: Final = 10
_LONGEST_REASON: Final = 300
_LONGEST_TEXT: Final = 3000
#: What a run's name has room for of a plan's.
_LONGEST_PLAN: Final = 55
_RUNNING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})


class NotSwitched(Exception):  # noqa: N818 - the name says what is the case
    """Not every plan is restored yet, or one cannot be. ARC shows the text, and calls the function again."""


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One step of one execution of an ARC plan.

    Args:
        site: the site as the plan records name it.
        primary: the Region of the clusters.
        recovery: the Region of the site.
        execution: what tells this step of this execution from any other.
    """

    site: str
    primary: str
    recovery: str
    execution: str

    def name(self, plan: str) -> str:
        """The name of a plan's run: at most 80 characters, and the same in each call (Step Functions API).

        It says what the run does, so that the runs of many plans need not read one another's input (``rivals.py``).
        """
        which = hashlib.sha256(f"{self.execution} {plan}".encode()).hexdigest()[:12]
        return f"{FAILOVER}-{plan[:_LONGEST_PLAN]}-arc{which}"


def switch(event: object, context: LambdaContext) -> dict[str, Any]:
    """Fail over the plans of a site. Lambda's handler string is ``handler.region_switch.switch``.

    Args:
        event: what ARC sends: ``ExecutionId`` and ``StepName`` (ARC API, Lambdas: payload).
        context: Lambda's context object.

    Returns:
        ``{"outcome": "Restored", "plans": [...]}``, once every plan is restored.

    Raises:
        NotSwitched: not every plan is restored yet, or one cannot be.
    """
    region = context.invoked_function_arn.split(":")[3]
    return switch_in(event, aws_in(region, context), os.environ)


def switch_in(event: object, aws: Aws, environment: Mapping[str, str]) -> dict[str, Any]:
    """Do the work of :func:`switch` with the clients and the environment variables that are given."""
    given = event if isinstance(event, Mapping) else {}
    execution = given.get("ExecutionId")
    if not isinstance(execution, str) or not execution:
        raise _not_switched("the event has no ExecutionId: ARC Region switch sends it in each call of a step")
    this = Switch(
        site=environment[SITE],
        primary=environment[PRIMARY_REGION],
        recovery=environment[RECOVERY_REGION],
        execution=f"{execution}/{given.get('StepName', '')}",
    )
    try:
        plans = _plans(this, aws)
    except CallFailed as error:
        raise _not_switched(f"the plan records cannot be read: {error}") from error
    waiting = {}
    for plan, machine in plans.items():
        state = _run(this, aws, plan, machine, reason=f"ARC Region switch, execution {execution}")
        if state:
            waiting[plan] = state
    if waiting:
        listed = "; ".join(f"{plan}: {state}" for plan, state in waiting.items())
        raise _not_switched(f"{len(plans) - len(waiting)} of {len(plans)} plans are restored; {listed}")
    log.write("INFO", "switched", plans=list(plans), execution=execution)
    return {"outcome": RESTORED, "plans": list(plans)}


def _not_switched(text: str) -> NotSwitched:
    log.write("WARNING", "not switched", because=text)
    return NotSwitched(cut(text, _LONGEST_TEXT))


def _plans(this: Switch, aws: Aws) -> dict[str, str]:
    """The plans that are restored here, each with its restore machine.

    Raises:
        CallFailed: the records could not be read.
        NotSwitched: there are none, or one cannot be failed over.
    """
    records, problems = _records(this, aws)
    ours = {plan: record for plan, record in records.items() if _is_ours(this, record)}
    if not ours and not problems:
        raise _not_switched(f"there is no plan of {this.site} for clusters of {this.primary} in {aws.region}")
    if aws.region == this.recovery:
        wanted = {plan: plan for plan in ours}
    else:
        wanted = {plan: str(record.get("reversed_by", "")) for plan, record in ours.items()}
        without = sorted(plan for plan, home in wanted.items() if not home)
        if without:
            raise _not_switched(
                f"no way home is prepared for {', '.join(without)}, so nothing was started: call plan.reverse() in the "
                "app and deploy it (docs/region-switch.md)"
            )
    machines = {home: records.get(home, {}).get("machines", {}).get("restore") for home in wanted.values()}
    homeless = [plan for plan, arn in machines.items() if not arn]
    problems += [f"{plan} has no record with a restore machine in {aws.region}" for plan in homeless]
    if problems:
        # before anything is started, because what belongs together should move together
        raise _not_switched(f"nothing was started: {'; '.join(problems)}")
    return {plan: str(arn) for plan, arn in sorted(machines.items())}


def _is_ours(this: Switch, record: Mapping[str, Any]) -> bool:
    recovery = record["recovery"]
    where = (recovery.get("site"), recovery["region"], record["cluster"]["region"])
    return where == (this.site, this.recovery, this.primary) and "reverse_of" not in record


def _records(this: Switch, aws: Aws) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
    """The plan records of the Region that are understood, and what is wrong with those of the site that are not."""
    records: dict[str, Mapping[str, Any]] = {}
    problems: list[str] = []
    for name, text in _texts(aws):
        plan = name.removeprefix(PLAN_RECORD_FOLDER)
        stored = read_record(text, plan)
        wrong = unusable(stored)
        if not wrong:
            records[plan] = stored.value
        elif _site_of(text) == this.site:
            problems.append(not_understood(stored.parameter, ", ".join(wrong)))
        else:
            log.write("WARNING", "left out", record=name, because=", ".join(wrong))
    return records, problems


def _site_of(text: str) -> object:
    """The site that a record names which is not understood. None: it names none."""
    recovery = (object_of(text) or {}).get("recovery")
    return recovery.get("site") if isinstance(recovery, Mapping) else None


def _texts(aws: Aws) -> Iterator[tuple[str, str]]:
    token: str | None = None
    folder = PLAN_RECORD_FOLDER.rstrip("/")
    while True:
        page = aws.call("ssm", "GetParametersByPath", Path=folder, MaxResults=_PAGE, NextToken=token)
        yield from ((one["Name"], one["Value"]) for one in page["Parameters"])
        token = page.get("NextToken")
        if not token:
            return


def _run(this: Switch, aws: Aws, plan: str, machine: str, *, reason: str) -> str:
    """Start the failover of a plan, or see how far it is. Empty: the plan is restored.

    A call that fails concerns this plan only. The next call of the function looks again.
    """
    name = this.name(plan)
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    try:
        found = _description(aws, arn)
        if found is None:
            given = {"plan": plan, "mode": FAILOVER, "reason": cut(reason, _LONGEST_REASON)}
            aws.call("stepfunctions", "StartExecution", stateMachineArn=machine, name=name, input=json.dumps(given))
            return f"{name} is started"
        if found["status"] in _RUNNING:
            return f"{name} runs"
        if found["status"] == "SUCCEEDED":
            return ""
        outcome = str(found.get("error") or found["status"])
        if _published_since(aws, plan, found["startDate"]):
            return ""
        return f"{name} ended {outcome}: {_message(found)}; resilient-redshift failover {plan} starts another run"
    except CallFailed as error:
        return str(error)


def _description(aws: Aws, arn: str) -> Mapping[str, Any] | None:
    """The run of this name. None: it was never started."""
    try:
        return aws.call("stepfunctions", "DescribeExecution", executionArn=arn)
    except CallFailed as error:
        if error.meaning is Meaning.MISSING:
            return None
        raise


def _published_since(aws: Aws, plan: str, started: datetime) -> bool:
    """Whether another run published a verified cluster of the plan since: one that somebody started by hand.

    What was published before the step's own run may be a cluster that the warehouse has left since then. Its data is
    old.

    Args:
        aws: the surroundings.
        plan: the plan's name.
        started: when the step's run started.

    Raises:
        CallFailed: the endpoint could not be read.
    """
    try:
        text = aws.call("ssm", "GetParameter", Name=endpoint_name(plan))["Parameter"]["Value"]
        endpoint = published.read(text, plan)
    except CallFailed as error:
        if error.meaning is Meaning.MISSING:
            return False
        raise
    except published.NotUnderstoodError:
        return False
    return endpoint is not None and endpoint.verified and endpoint.at is not None and endpoint.at >= started


def _message(found: Mapping[str, Any]) -> str:
    """What the report of a failed run says."""
    report = object_of(found.get("cause")) or {}
    return cut(str(report.get("message") or found.get("cause") or ""), _LONGEST_REASON)
