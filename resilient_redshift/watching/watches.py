"""The watches: the record of each in Parameter Store, and what every watch of a stack shares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from resilient_redshift.contract.watching import (
    ALONE,
    PRIMARY,
    RECOVERY,
    WATCH_RECORD_VERSION,
    dimension_of,
    watch_name,
)
from resilient_redshift.core.tree import after
from resilient_redshift.watching._function import Rights
from resilient_redshift.watching.alarms import WatchAlarms, watch_alarms
from resilient_redshift.watching.watcher import Watcher, period_of, watcher_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from resilient_redshift.watching.actions import Told
    from resilient_redshift.watching.repair import RepairedCopy


def watch_primary(
    scope: Construct,
    *,
    plan: str,
    cluster: Mapping[str, str],
    recovery_region: str,
    every: timedelta,
    needed: Sequence[cdk.CfnResource],
    repaired: RepairedCopy | None = None,
) -> None:
    """Watch a plan's cluster in its own Region, and tell the recovery Region about it by a heartbeat.

    Args:
        scope: a construct of the cluster's stack.
        plan: the plan's name.
        cluster: the cluster's identifier and Region, as records hold them.
        recovery_region: the Region of the copies.
        every: how often the watcher looks.
        needed: what must exist before the first look, such as the plan's record and the copy.
        repaired: the copy that the watcher repairs. Default: it repairs none.
    """
    rights = Rights(frozenset({PRIMARY}), recovery_regions=(recovery_region,))
    watcher = Watcher.of(scope, every=every, rights=rights)
    record: dict[str, Any] = {"plan": plan, "heartbeat": {"region": recovery_region}}
    if repaired is not None:
        record["repair"] = repaired.as_record()
        needed = (*needed, watcher.let_repair(repaired))
    _add(Construct(watcher, plan), watcher, plan, _json(_record(plan, PRIMARY, cluster, record)), needed)
    watcher.failures_alarm  # noqa: B018 - the first read makes it


def watch_recovery(
    scope: Construct,
    *,
    plan: str,
    cluster: Mapping[str, str],
    primary_stack: cdk.Stack,
    machine: str,
    function: str,
    recovery_point_seconds: int,
    every: timedelta,
    told: Told,
    needed: Sequence[cdk.CfnResource],
) -> WatchAlarms:
    """Watch a plan's copies in the recovery Region. Nothing there calls the cluster's Region.

    Args:
        scope: a construct of the site's stack.
        plan: the plan's name.
        cluster: the cluster's identifier and Region, as records hold them.
        primary_stack: the cluster's stack, whose watcher sends the heartbeat.
        machine: the ARN of the restore machine.
        function: the ARN of the function that the machine calls.
        recovery_point_seconds: the plan's recovery point.
        every: how often the watcher looks.
        told: who hears of what the watch finds.
        needed: what must exist before the first look, such as the plan's record.

    Returns:
        The alarms of the watch.
    """
    rights = Rights(frozenset({RECOVERY}), machines=(machine,), functions=(function,))
    watcher = Watcher.of(scope, every=every, rights=rights)
    heartbeat = {"region": cluster["region"], "watcher": watcher_id(primary_stack)}
    home = Construct(watcher, plan)
    record = _record(plan, RECOVERY, cluster, {"plan": plan, "heartbeat": heartbeat})
    _add(home, watcher, plan, _json(record), needed)
    return watch_alarms(
        home,
        what=f"plan '{plan}'",
        dimensions={dimension_of(RECOVERY): plan},
        period=period_of(every),
        recovery_point_seconds=recovery_point_seconds,
        first_look=watcher.first_look,
        told=told,
        to_see=f"'resilient-redshift status {plan}' shows it",
    )


def watch_alone(
    scope: Construct,
    *,
    watch: str,
    cluster: Mapping[str, str],
    watch_for: Callable[[], Mapping[str, Any]],
    recovery_point_seconds: int,
    every: timedelta,
    told: Told,
    needed: Sequence[cdk.CfnResource] = (),
) -> WatchAlarms:
    """Watch a cluster without a plan, in its own Region.

    Args:
        scope: a construct of the stack.
        watch: the watch's name.
        cluster: the cluster's identifier and Region; the identifier may be a token of the stack.
        watch_for: returns what the watcher compares the cluster with, as the record holds it. It is called at synth,
            because an Aspect or a later call can still change the cluster's definition.
        recovery_point_seconds: the age that the newest recovery point may have.
        every: how often the watcher looks.
        told: who hears of what the watch finds.
        needed: what must exist before the first look. Default: nothing.

    Returns:
        The alarms of the watch.
    """
    watcher = Watcher.of(scope, every=every, rights=Rights(frozenset({ALONE})))
    objectives = {"recovery_point_seconds": recovery_point_seconds}

    def record() -> str:
        return _json(_record(watch, ALONE, cluster, {"objectives": objectives, "watch_for": dict(watch_for())}))

    home = Construct(watcher, watch)  # not below the monitor: its id must not be in the logical id of the record
    _add(home, watcher, watch, cdk.Lazy.string(_AtSynth(record)), needed)
    return watch_alarms(
        home,
        what=f"cluster '{cluster['identifier']}'",
        dimensions={dimension_of(ALONE): cluster["identifier"]},
        period=period_of(every),
        recovery_point_seconds=recovery_point_seconds,
        first_look=watcher.first_look,
        told=told,
        to_see="The log of the watcher's function shows it",
    )


def _record(watch: str, side: str, cluster: Mapping[str, str], more: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a watch (``WATCH_RECORD_SCHEMA``)."""
    return {"version": WATCH_RECORD_VERSION, "watch": watch, "side": side, "cluster": dict(cluster), **more}


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))


@jsii.implements(cdk.IStableStringProducer)
class _AtSynth:
    """A text that is made at synth."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def produce(self) -> str:
        return self._make()


def _add(scope: Construct, watcher: Watcher, watch: str, record: str, needed: Sequence[cdk.CfnResource]) -> None:
    """Write the record of a watch, and have the watcher look at it first when all that it needs exists."""
    parameter = ssm.CfnParameter(
        scope,
        "Watch",
        name=watch_name(watcher.watcher_id, watch),
        type="String",
        value=record,
        description="resilient_redshift: what a watcher watches",
    )
    for resource in needed:
        after(parameter, resource)
    watcher.look_first(watch, parameter)
