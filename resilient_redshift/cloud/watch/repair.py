"""Repairs the snapshot copy of a plan's cluster where the app asks for it, with the code of the copy's custom resource.

That code has its own guards. This module adds those of a change that nobody watches: the copy stays as it is while a
deployment is at work, after a failover, and once somebody has changed it too often.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import words
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.aws.runtime import Runtime
from resilient_redshift.cloud.custom_resources import events, ownership
from resilient_redshift.cloud.custom_resources.copy import former
from resilient_redshift.cloud.custom_resources.copy.properties import wanted
from resilient_redshift.cloud.custom_resources.copy.resource import SnapshotCopy
from resilient_redshift.cloud.errors import ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.watch.calls import READ_RESERVE_SECONDS, CallFailed, Calls, Way
from resilient_redshift.cloud.watch.drift import COPY_CODES
from resilient_redshift.cloud.watch.memory import REPAIRS_COUNT_FOR
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract.names import COPY_TYPE, TAG_COPY_FORMER, TAG_COPY_OWNER, endpoint_name
from resilient_redshift.contract.watching import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster
    from resilient_redshift.cloud.watch.calls import Surroundings
    from resilient_redshift.cloud.watch.watched import Watched

#: How many repairs a watch may have within a day. Somebody who changes the copy more often does so on purpose, or has
#: a pipeline that does.
MOST: Final = 3
#: Lambda repeats a run that failed one and two minutes later. Such a run tries nothing again.
_NOT_AGAIN_FOR: Final = timedelta(minutes=10)
_PATIENCE: Final = timedelta(minutes=3)
#: A repair begins only while Lambda leaves this much time: for its patience, 3 minutes in which a swap that failed
#: brings the former copy back, the provider's reserve of a minute, and what is kept to tell the findings.
_LEAST_SECONDS: Final = 420 + READ_RESERVE_SECONDS
#: A swap leaves a note on the cluster while it is at work. Lambda ends every swap after 15 minutes.
_SWAP_LASTS: Final = timedelta(minutes=20)
#: The states of a stack in which its resources are as its records say (CloudFormation User Guide, stack status codes).
_SETTLED: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
)


class NotRepaired(Exception):  # noqa: N818 - the name says what is the case
    """The copy must stay as it is. The text says why. Nothing was changed."""


def is_due(watched: Watched) -> bool:
    """Whether the record asks for repairs and the copy needs one."""
    asked = watched.record.side == PRIMARY and watched.record.value.get("repair", {}).get("copy") is True
    return asked and any(one.code in COPY_CODES for one in watched.findings)


def attempt(watched: Watched, surroundings: Surroundings, calls: Calls, remember: Callable[[], None] | None) -> str:
    """Repair a copy once, and add to its findings what became of it.

    Args:
        watched: what the run knows of the watch.
        surroundings: the clients, the clock and the time that is left.
        calls: the calls of the run.
        remember: writes the memory of the watch. None: the memory could not be read, so nothing is repaired.

    Returns:
        The failure. Empty: nothing failed.
    """
    failure = ""
    try:
        note = _Repair(watched, surroundings, calls).run(remember)
    except (NotRepaired, Refused) as reason:
        note = f"not repaired: {reason}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the findings are told all the same
        text = _words(error)
        log.write("ERROR", "not repaired", watch=watched.record.name, because=text)
        note, failure = f"the repair failed: {text}", f"the repair of the copy of {watched.record.cluster}: {text}"
    watched.findings = [
        replace(one, text=f"{one.text}; {note}") if one.code in COPY_CODES else one for one in watched.findings
    ]
    return failure


def _words(error: Exception) -> str:
    if isinstance(error, ProviderError):
        return str(error)
    return words(error) if isinstance(error, ClientError | BotoCoreError) else f"{type(error).__name__}: {error}"


class _Repair:
    """One repair of one copy."""

    def __init__(self, watched: Watched, surroundings: Surroundings, calls: Calls) -> None:
        record = watched.record
        self._watched, self._memory, self._calls = watched, watched.memory, calls
        self._name, self._plan, self._keys = record.cluster, record.plan, record.value["repair"]
        self._left = surroundings.remaining
        self._runtime = Runtime(
            redshift=lambda region: surroundings.client("redshift", region),
            kms=lambda region: surroundings.client("kms", region),
            stepfunctions=lambda region: surroundings.client("stepfunctions", region),
            functions=lambda region: surroundings.client("lambda", region),
            allowed_stack=str(self._keys["stack"]),
            now=surroundings.now,
            sleep=surroundings.sleep,
            remaining=lambda: surroundings.remaining() - READ_RESERVE_SECONDS,
        )

    def run(self, remember: Callable[[], None] | None) -> str:
        """Repair the copy, and say what was repaired.

        Raises:
            NotRepaired: the copy must stay as it is.
            Refused: the code of the copy's custom resource says so.
            Failed: AWS refused.
        """
        if remember is None:
            raise NotRepaired("how often it was repaired could not be read")
        self._refuse_too_often()
        if self._left() < _LEAST_SECONDS:
            raise NotRepaired("Lambda ends this run too soon")
        live = self._live()
        request = self._request(live)
        want = wanted(request).settings
        self._refuse_swap(live, want)
        self._refuse_in_deployment()
        self._refuse_after_failover(want.destination_region)
        self._memory.remember_repair()
        try:
            remember()
        except CallFailed as failure:
            raise NotRepaired(f"the attempt could not be written down: {failure}") from failure
        try:
            answer = SnapshotCopy(request, self._runtime, _PATIENCE).update()
        except Refused:
            self._memory.forget_repair()
            raise
        if not answer["Changed"]:
            self._memory.forget_repair()
            return "nothing differed any more when the watcher wanted to repair it"
        was = live.copy or "off"
        log.write(
            "WARNING", "repaired", watch=self._watched.record.name, cluster=self._name, was=str(was), now=str(want)
        )
        return f"the watcher repaired it at {iso(self._runtime.now())}: it was {was}, and is {want}"

    def _refuse_too_often(self) -> None:
        tried = self._memory.repairs()
        if len(tried) >= MOST:
            again = iso(tried[-MOST] + REPAIRS_COUNT_FOR)
            raise NotRepaired(
                f"the watcher repaired it, or tried to, {len(tried)} times since {iso(tried[0])}, and tries again at "
                f"{again}: stop whatever changes it"
            )
        if tried and self._runtime.now() - tried[-1] < _NOT_AGAIN_FOR:
            raise NotRepaired(f"it was tried at {iso(tried[-1])}, and a later run tries again")

    def _live(self) -> LiveCluster:
        """The cluster now. Only the cluster of this stack is repaired, and only while it is available."""
        client = self._runtime.redshift(self._calls.region)
        live = Retry(self._runtime, _PATIENCE).call(
            f"read the cluster {self._name!r}", lambda: clusters.read(client, self._name)
        )
        if live is None:
            raise NotRepaired("there is no such cluster any more")
        owner = ownership.read(ownership.COPY, live.tags)
        if owner is None or not owner.complete:
            raise NotRepaired(
                f"no stack is the recorded owner (the tag {TAG_COPY_OWNER}): somebody removed it, or made the cluster "
                "again"
            )
        if owner.stack != self._keys["stack"]:
            raise NotRepaired(f"its owner is {owner.stack}")
        if live.state.meaning is not Meaning.AVAILABLE:
            raise NotRepaired(f"the cluster is {live.status!r}, not 'available'")
        return live

    def _request(self, live: LiveCluster) -> Request:
        """The Update that CloudFormation would send to the custom resource of the recorded owner."""
        stack, owner = str(self._keys["stack"]), ownership.read(ownership.COPY, live.tags)
        event = {
            "RequestType": "Update",
            "ResourceType": COPY_TYPE,
            "StackId": stack,
            "LogicalResourceId": owner.resource if owner else "",
            "ResourceProperties": self._properties(live),
        }
        request = events.parse(event, stack)
        return replace(request, physical_id=wanted(request).physical_id)

    def _properties(self, live: LiveCluster) -> dict[str, str]:
        """The properties of the copy's custom resource, as the record of the plan has them."""
        record = self._watched.plan_record
        copy: Mapping[str, Any] = record.get("copy") or {}
        recovery: Mapping[str, Any] = record.get("recovery") or {}
        declared = {
            "DestinationRegion": recovery.get("region"),
            "RetentionPeriod": copy.get("keep_automated_days"),
            "ManualSnapshotRetentionPeriod": copy.get("keep_manual_days"),
        }
        if live.encrypted:  # a grant takes effect for encrypted clusters only
            declared["SnapshotCopyGrantName"] = recovery.get("snapshot_copy_grant_name")
        missing = [name for name, value in declared.items() if value is None]
        if missing:
            raise NotRepaired(f"the plan record does not say its {', '.join(missing)}")
        return {
            "ClusterIdentifier": self._name,
            **{name: str(value) for name, value in declared.items()},
            "RemovalPolicy": "retain",
            "AcceptLossOfCopies": "true" if self._keys["accept_loss_of_copies"] else "false",
        }

    def _refuse_swap(self, live: LiveCluster, want: CopySettings) -> None:
        """Leave another Region or grant alone without its key, and the copy of a cluster in the middle of a swap."""
        if TAG_COPY_FORMER in live.tags:
            since = self._memory.open_since(*COPY_CODES)
            if since is None or self._runtime.now() - since < _SWAP_LASTS:
                raise NotRepaired("a deployment may be changing its Region or grant at this moment")
        current = live.copy or former.read(live.tags)
        if current is not None and not current.same_place(want) and not self._keys["replace"]:
            raise NotRepaired(
                f"it is {current}; wanted is {want}; only Repair(replace=True) lets the watcher change the Region or "
                "the grant"
            )

    def _refuse_in_deployment(self) -> None:
        """Leave the copy alone while its stack changes: the record and the copy are not changed at the same time."""
        stack = self._keys["stack"]
        try:
            answer = self._calls.call("cloudformation", "DescribeStacks", StackName=stack)
        except CallFailed as failure:
            raise NotRepaired(f"whether a deployment is at work could not be read: {failure}") from failure
        status = next((str(one.get("StackStatus")) for one in answer.get("Stacks", ())), "gone")
        if status not in _SETTLED:
            raise NotRepaired(f"the stack {stack} is {status}")

    def _refuse_after_failover(self, region: str) -> None:
        """Leave the copy alone where a failover has published an endpoint: the cluster may be fenced on purpose."""
        name = endpoint_name(self._plan)
        try:
            answer = Way(calls=self._calls, region=region).call("ssm", "GetParameters", Names=[name])
        except CallFailed as failure:
            raise NotRepaired(f"whether a failover took place could not be read: {failure}") from failure
        if answer.get("Parameters"):
            raise NotRepaired(
                f"a failover has published an endpoint ({name} in {region}), so the copy may be off on purpose"
            )
