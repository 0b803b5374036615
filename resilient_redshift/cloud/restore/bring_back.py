"""What a failover does before the checks: mark the cluster, publish its endpoint, switch on logs and copy, tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.phases import Step
from resilient_redshift.cloud.restore import endpoint_event, published
from resilient_redshift.cloud.restore.calls import AGAIN_SECONDS, FEW, MANY, Again, CallFailed, wait_out
from resilient_redshift.cloud.restore.checks import CHECK
from resilient_redshift.cloud.restore.publish import endpoint
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.cloud.restore.waiting import BRING_BACK
from resilient_redshift.contract.names import TAG_AVAILABLE_SINCE, endpoint_name

if TYPE_CHECKING:
    from datetime import datetime

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

#: How often a call is made again while Redshift works on the cluster.
_MOST_BUSY: Final = 5
MARK, ENDPOINT, LOGGING, COPY, EVENT = "mark", "endpoint", "logging", "copy", "event"


def wanted(run: Run) -> list[str]:
    """What the run does before the checks. A drill's cluster is deleted at once, so it needs nothing."""
    if run.is_drill:
        return []
    logging = [LOGGING] if run.record.get("restore", {}).get("log_exports") else []
    copy = [COPY] if run.copy_to is not None else []
    endpoint = [ENDPOINT] if run.publishes else []
    return [MARK, *endpoint, *logging, *copy]


def bring_back(run: Run, aws: Aws) -> Step:
    """The phase ``BringBack``: make the next call. What cannot be done is a warning."""
    if not run.bring_back:
        return Step(next=CHECK)
    what = run.bring_back.pop(0)
    if what == EVENT:
        endpoint_event.send(run, aws, verified=False)
        return Step(next=BRING_BACK)
    service, operation, parameters = _call(run, what, aws.now())
    try:
        aws.call(service, operation, **parameters)
        done = True
    except CallFailed as error:
        # without the mark, the role of this function may delete the cluster if it fails one day
        wait_out(run, aws.now(), error, MANY if what == MARK else FEW)
        if error.meaning is Meaning.BUSY and run.tries.get(operation, 0) < _MOST_BUSY:
            raise Again(operation, AGAIN_SECONDS, error.code) from error
        if error.meaning is not Meaning.EXISTS:
            run.warn(str(error))
        done = error.meaning is Meaning.EXISTS and what == ENDPOINT and _published_before(run, aws)
    if done and what == ENDPOINT:
        run.endpoint_known = True
        # last: without an answer of EventBridge, nothing else waits for it but the checks
        run.bring_back.append(EVENT)
    return Step(next=BRING_BACK)


def _published_before(run: Run, aws: Aws) -> bool:
    """Whether this run published the endpoint already: the function died, or the answer was lost."""
    try:
        text = aws.call("ssm", "GetParameter", Name=endpoint_name(run.request.plan))["Parameter"]["Value"]
        found = published.read(text, run.request.plan)
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        run.warn(f"{error}; so it is unknown whose endpoint is published")
        return False
    except published.NotUnderstoodError:
        return False
    return found is not None and found.execution == run.name


def _call(run: Run, what: str, now: datetime) -> tuple[str, str, dict[str, Any]]:
    if what == MARK:
        at = run.available_at or run.started
        return (
            "redshift",
            "CreateTags",
            {
                "ResourceName": run.target_arn,
                "Tags": [{"Key": TAG_AVAILABLE_SINCE, "Value": iso(at)}],
            },
        )
    if what == ENDPOINT:
        # what a former failover published stays until this cluster is verified, while clients can use it
        value = endpoint(run, now, verified=False)
        name = endpoint_name(run.request.plan)
        return "ssm", "PutParameter", {"Name": name, "Type": "String", "Overwrite": run.endpoint_gone, "Value": value}
    if what == LOGGING:
        return (
            "redshift",
            "EnableLogging",
            {
                "ClusterIdentifier": run.target,
                "LogDestinationType": "cloudwatch",
                "LogExports": run.record["restore"]["log_exports"],
            },
        )
    copy = run.copy_to or {}
    return (
        "redshift",
        "EnableSnapshotCopy",
        {
            "ClusterIdentifier": run.target,
            "DestinationRegion": copy.get("region"),
            "SnapshotCopyGrantName": copy.get("snapshot_copy_grant_name"),
            "RetentionPeriod": _days(copy.get("keep_automated_days")),
            "ManualSnapshotRetentionPeriod": _days(copy.get("keep_manual_days")),
        },
    )


def _days(value: float | None) -> int | None:
    """A number of the input as boto3 takes it: JSON may write 5 as 5.0."""
    return None if value is None else int(value)
