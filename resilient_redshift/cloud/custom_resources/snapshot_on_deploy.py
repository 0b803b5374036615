"""The custom resource of a rule's first snapshot: it starts the stack's snapshot machine once per owner and input.

The name of the execution prevents a second start. It comes from the stack and the input, and Step Functions accepts a
name once in 90 days (StartExecution). So a retry, a lost answer, a rollback or a renamed construct starts nothing
twice.

The resource does not wait for the snapshot. A snapshot may take hours, and a deployment must not. The machine's own
alarm reports a run that failed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_NOTHING
from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.contract.names import ON_DEPLOY_TYPE
from resilient_redshift.rules.naming import LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_stepfunctions import SFNClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

_MACHINE: Final = re.compile(r"arn:[a-z-]+:states:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):stateMachine:[^:/]+")
_OBJECT: Final = re.compile(r"\{.*\}", re.DOTALL)
#: How long the machine waits for its permissions. Its role is as new as this resource, so a refusal may still pass.
_SETTLE_SECONDS: Final = 120
#: Step Functions accepts names of up to 80 characters (StartExecution, name).
_LONGEST_RULE: Final = 45
_HASH_DIGITS: Final = 24


@dataclass(frozen=True)
class WantedSnapshot:
    """The execution that a request wants to have been started."""

    machine: str
    input: Mapping[str, Any]

    @property
    def cluster(self) -> str:
        """The cluster's identifier."""
        return str(self.input["cluster_identifier"])

    @property
    def rule(self) -> str:
        """The rule's name."""
        return str(self.input["rule"])

    @property
    def physical_id(self) -> str:
        """An id that names the cluster and the rule, whatever the construct is called."""
        return f"snapshot-on-deploy/{self.cluster}/{self.rule}"

    def execution(self, stack: str) -> str:
        """Return the name of the only execution for this owner and input."""
        digest = hashlib.sha256(f"{stack}\n{_canonical(self.input)}".encode()).hexdigest()
        return f"deploy-{self.rule[:_LONGEST_RULE]}-{digest[:_HASH_DIGITS]}"


class SnapshotOnDeploy:
    """One request for the first snapshot of one rule.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._client: SFNClient = runtime.stepfunctions(request.region)
        self._retry = Retry(runtime)

    def create(self) -> dict[str, Any]:
        """Start the machine, unless it was started before for this stack and input."""
        return self._start(wanted(self._request))

    def update(self) -> dict[str, Any]:
        """Start the machine if the input is a different one. Snapshots that were taken before stay."""
        want = wanted(self._request)
        former = self._request.raw.get("OldResourceProperties")
        if isinstance(former, dict) and _parsed(former.get("Input")) == want.input:
            # The execution's name would prevent a second start too, but only for 90 days, and not after the machine was
            # replaced.
            log.write("INFO", "the input is unchanged: nothing was started", id=want.physical_id)
            return _answer(want.physical_id)
        return self._start(want)

    def delete(self) -> dict[str, Any]:
        """Do nothing, because a snapshot outlives the rule that took it."""
        log.write("INFO", "retained", because="a snapshot outlives its rule", id=self._request.physical_id)
        return _answer(self._request.physical_id)

    def _start(self, want: WantedSnapshot) -> dict[str, Any]:
        name = want.execution(self._request.stack)
        what = f"start the first snapshot of {want.cluster!r} by rule {want.rule!r}"
        self._retry.call(what, lambda: self._start_once(want, name))
        return _answer(want.physical_id)

    def _start_once(self, want: WantedSnapshot, name: str) -> None:
        log.write("INFO", "StartExecution", machine=want.machine, execution=name)
        try:
            self._client.start_execution(
                stateMachineArn=want.machine,
                name=name,
                input=_canonical({**want.input, "settle_seconds": _SETTLE_SECONDS}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            log.write("INFO", "this execution was started before: nothing was started", execution=name)


def start_is_complete(_request: Request, _runtime: Runtime) -> bool:
    """Return True, because ``on_event`` did everything."""
    return True


def wanted(request: Request) -> WantedSnapshot:
    """Read the properties.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    reader = Reader(ON_DEPLOY_TYPE, request.properties)
    machine = reader.text("StateMachineArn", _MACHINE, "the ARN of a state machine")
    matched = _MACHINE.fullmatch(machine or "")
    if matched is not None and (matched["region"], matched["account"]) != (request.region, request.account):
        reader.problem("StateMachineArn", f"a machine of {request.region} and account {request.account}")
    allowed = "a JSON object with cluster_identifier and rule"
    text = reader.text("Input", _OBJECT, allowed)
    machine_input = _parsed(text)
    if text is not None and (machine_input is None or not _is_usable(machine_input)):
        reader.problem("Input", allowed)
    reader.done()
    return WantedSnapshot(machine or "", machine_input or {})


def _is_usable(machine_input: Mapping[str, Any]) -> bool:
    names = [machine_input.get(name) for name in ("cluster_identifier", "rule")]
    # The rule becomes a part of the execution's name.
    return all(isinstance(name, str) and name for name in names) and bool(LABEL.fullmatch(machine_input["rule"]))


def _parsed(text: object) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _answer(physical_id: str | None) -> dict[str, Any]:
    return {"PhysicalResourceId": physical_id, "Expect": EXPECT_NOTHING}
