"""Sends the event that says where a failover published its cluster, for the automation of those who use it.

The event is sent after the parameter of the endpoint is written. EventBridge may get it twice, because a function that
dies after the call is called again. Both events have the same execution and the same ``verified``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from resilient_redshift.cloud.restore.calls import FEW, CallFailed, wait_out
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract.endpoint_events import published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run


def send(run: Run, aws: Aws, *, verified: bool) -> None:
    """Send the event. A failure is a warning of the report, because the restore is good all the same.

    A run waits out few errors that pass. After one event was lost, it sends the next one only once: a function in a VPC
    without a way to EventBridge waits for each call.

    Args:
        run: the run, which has published its endpoint.
        aws: the surroundings.
        verified: whether the endpoint is published as that of a verified cluster.

    Raises:
        Again: the call failed with an error that passes.
    """
    try:
        answer = aws.call("events", "PutEvents", Entries=[_entry(run, aws, verified=verified)])
        _raise_if_refused(answer)
    except CallFailed as error:
        wait_out(run, aws.now(), error, 0 if run.event_lost else FEW)
        run.event_lost = True
        which = "verified" if verified else "not verified"
        run.warn(f"{error}; so no event says that the endpoint is published as {which}")


def _entry(run: Run, aws: Aws, *, verified: bool) -> dict[str, str]:
    chosen, cluster = run.chosen, run.cluster
    return published(
        plan=run.request.plan,
        cluster=run.target,
        region=aws.region,
        endpoint=cluster.endpoint,
        port=cluster.port,
        database=cluster.database,
        verified=verified,
        execution=run.name,
        at=iso(aws.now()),
        snapshot=chosen and {"identifier": chosen.identifier, "created": iso(chosen.created)},
    )


def _raise_if_refused(answer: Mapping[str, Any]) -> None:
    """Raise for an event that EventBridge did not take. It answers such a call with success (API, PutEvents).

    Raises:
        CallFailed: EventBridge did not take the event.
    """
    for entry in answer.get("Entries", ()):
        if entry.get("ErrorCode"):
            code, words = entry["ErrorCode"], entry.get("ErrorMessage", "")
            raise CallFailed("PutEvents", ClientError({"Error": {"Code": code, "Message": words}}, "PutEvents"))
