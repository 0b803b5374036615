"""Judges the restored cluster, and publishes where it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.phases import Step
from resilient_redshift.cloud.restore import endpoint_event
from resilient_redshift.cloud.restore.calls import FEW, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.checks import PUBLISH, results
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract.names import endpoint_name
from resilient_redshift.contract.outcomes import RESTORED, RESTORED_UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Point, Run

ENDPOINT, NAME, EVENT = "endpoint", "name", "event"


def publish(run: Run, aws: Aws) -> Step:
    """The phase ``Publish``: judge the cluster, publish that it is verified, move the DNS record, then send the event.

    ``BringBack`` publishes the endpoint before the checks, so that it is known however the run ends.

    A drill publishes nothing. A restore beside publishes nothing unless it is asked to (``Run.publishes``).

    Raises:
        Ended: always, with the outcome, once there is nothing more to publish.
        Again: a call failed with an error that passes.
    """
    run.validated_at = run.validated_at or aws.now()
    source = run.chosen.identifier if run.chosen else ""
    wrong = [result for result in results(run) if not result.passed]
    if wrong or run.spoiled_checks:
        answers = [
            f"{one.name} (expected {one.expected}, {one.error if one.got is None else f'got {one.got}'})"
            for one in wrong
        ]
        shown = ", ".join([*answers, *(f"{problem}, so it was not asked" for problem in run.spoiled_checks)])
        where = "" if run.is_drill else f". {_where_clients_go(run)}"
        raise Ended(RESTORED_UNVERIFIED, f"{run.target} is restored from {source}, but not as expected: {shown}{where}")
    answered = f"restored from {source} and answered all {len(run.checks.done)} checks"
    if run.is_drill:
        raise Ended(RESTORED, f"{run.target} was {answered}")
    if not run.publishes:
        raise Ended(
            RESTORED,
            f"{run.target} is {answered}. {_where_clients_go(run)}",
        )
    dns = run.record.get("restore", {}).get("dns")
    if run.to_publish is None:
        run.to_publish = [ENDPOINT, *([NAME] if dns else [])]
    if run.to_publish:
        what = run.to_publish.pop(0)
        if what == ENDPOINT and _put_endpoint(run, aws):
            # last: without an answer of EventBridge, nothing waits for it but the report
            run.to_publish.append(EVENT)
        elif what == NAME:
            _move_name(run, aws, dns)
        elif what == EVENT:
            endpoint_event.send(run, aws, verified=True)
    if run.to_publish:
        return Step(next=PUBLISH)
    raise Ended(RESTORED, f"{run.target} is {answered}")


def _put_endpoint(run: Run, aws: Aws) -> bool:
    return _try(
        run,
        aws,
        "the endpoint is not published, so publish it by hand (docs/cli.md, 'After a failover')",
        "ssm",
        "PutParameter",
        Name=endpoint_name(run.request.plan),
        Type="String",
        Overwrite=True,
        Value=endpoint(run, aws.now(), verified=True),
    )


def _move_name(run: Run, aws: Aws, dns: Mapping[str, Any]) -> None:
    """Move the DNS record. Route 53's control plane may be in the Region that is lost: no answer is a warning."""
    change = {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": dns["record_name"],
            "Type": "CNAME",
            "TTL": dns["ttl_seconds"],
            "ResourceRecords": [{"Value": run.cluster.endpoint}],
        },
    }
    _try(
        run,
        aws,
        f"the DNS name {dns['record_name']} is not moved, so point it at {run.cluster.endpoint} by hand",
        "route53",
        "ChangeResourceRecordSets",
        HostedZoneId=dns["hosted_zone_id"],
        ChangeBatch={"Changes": [change]},
    )


def _where_clients_go(run: Run) -> str:
    """What a failover published that did not verify its cluster."""
    if run.endpoint_known:
        return "Its endpoint is published as not verified, and no DNS record was moved"
    return "Its endpoint is not published, and no DNS record was moved: clients go where they went before"


def endpoint(run: Run, now: datetime, *, verified: bool) -> str:
    """What is published of the cluster, as ``ENDPOINT_SCHEMA`` says.

    Args:
        run: the run.
        now: the time.
        verified: whether the cluster answered every check.
    """
    cluster = run.cluster
    value = {
        "cluster": run.target,
        "endpoint": cluster.endpoint,
        "port": cluster.port,
        "database": cluster.database,
        "admin_user": cluster.admin_user,
        "secret_arn": cluster.secret_arn,
        "execution": run.name,
        "at": iso(now),
        "verified": verified,
        "snapshot": _snapshot(run.chosen),
    }
    return json.dumps({name: part for name, part in value.items() if part is not None}, separators=(",", ":"))


def _snapshot(chosen: Point | None) -> dict[str, str] | None:
    """What the cluster was restored from. Newer copies of the primary diverge from it (:mod:`.standing`)."""
    if chosen is None:
        return None
    return {"identifier": chosen.identifier, "created": iso(chosen.created), "lineage": iso(chosen.lineage)}


def _try(
    run: Run,
    aws: Aws,
    otherwise: str,
    service: str,
    operation: str,
    **parameters: Any,  # noqa: ANN401 - of any call
) -> bool:
    """Make a call without which the restore is good all the same. A failure is a warning that says what it means.

    Returns:
        Whether AWS did it.
    """
    try:
        aws.call(service, operation, **parameters)
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        run.warn(f"{error}; {otherwise}")
        return False
    return True
