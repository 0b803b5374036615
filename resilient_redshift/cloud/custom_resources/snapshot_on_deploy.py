"""A rule's first snapshot, as a custom resource: starts the stack's snapshot machine once per owner and input.

The execution's name is the memory: it comes from the stack and the input, and Step Functions takes a name once in 90
days (StartExecution). So a retry, a lost answer, a rollback, a renamed construct start nothing twice. Nobody waits for
the snapshot here: it may take hours, a deployment must not, and the machine's own alarm tells of a run that failed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources.completion import EXPECT_NOTHING
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
#: The machine's role is as new as this resource: for so long a refusal may be one that passes.
_SETTLE_SECONDS: Final = 120
#: Step Functions takes 80 characters (StartExecution, name).
_LONGEST_RULE: Final = 45
_HASH_DIGITS: Final = 24


@dataclass(frozen=True)
class Wanted:
    """What a request wants to have been started."""

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
        """Names cluster and rule, whatever the construct is called."""
        return f"snapshot-on-deploy/{self.cluster}/{self.rule}"

    def execution(self, stack: str) -> str:
        """The name of the one execution for this owner and input."""
        told = hashlib.sha256(f"{stack}\n{_canonical(self.input)}".encode()).hexdigest()
        return f"deploy-{self.rule[:_LONGEST_RULE]}-{told[:_HASH_DIGITS]}"


class SnapshotOnDeploy:
    """One request for one rule's first snapshot.

    Args:
        request: what CloudFormation asks.
        runtime: the world.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._client: SFNClient = runtime.stepfunctions(request.region)
        self._retry = Retry(runtime)

    def create(self) -> dict[str, Any]:
        """Start the machine, unless it was started before for this stack and input."""
        return self._start(wanted(self._request))

    def update(self) -> dict[str, Any]:
        """Start the machine for an input that is another one; the former snapshots stay."""
        want = wanted(self._request)
        former = self._request.raw.get("OldResourceProperties")
        if isinstance(former, dict) and _parsed(former.get("Input")) == want.input:
            # the name would tell too, but only for 90 days, and not of a machine that was replaced
            log.write("INFO", "unchanged", id=want.physical_id)
            return _answer(want.physical_id)
        return self._start(want)

    def delete(self) -> dict[str, Any]:
        """Do nothing: a snapshot outlives the rule that took it."""
        log.write("INFO", "retained: a snapshot outlives its rule", id=self._request.physical_id)
        return _answer(self._request.physical_id)

    def _start(self, want: Wanted) -> dict[str, Any]:
        name = want.execution(self._request.stack)
        what = f"start the first snapshot of {want.cluster!r} by rule {want.rule!r}"
        self._retry.call(what, lambda: self._start_once(want, name))
        return _answer(want.physical_id)

    def _start_once(self, want: Wanted, name: str) -> None:
        log.write("INFO", "StartExecution", machine=want.machine, execution=name)
        try:
            self._client.start_execution(
                stateMachineArn=want.machine,
                name=name,
                input=_canonical({**want.input, "settle_seconds": _SETTLE_SECONDS}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            log.write("INFO", "started before", execution=name)


def wanted(request: Request) -> Wanted:
    """Read the properties.

    Raises:
        Refused: some property cannot be used; all are told.
    """
    reader = Reader(ON_DEPLOY_TYPE, request.properties)
    machine = reader.text("StateMachineArn", _MACHINE, "the ARN of a state machine")
    matched = _MACHINE.fullmatch(machine or "")
    if matched is not None and (matched["region"], matched["account"]) != (request.region, request.account):
        reader.problem("StateMachineArn", f"a machine of {request.region} and account {request.account}")
    allowed = "a JSON object with cluster_identifier and rule"
    text = reader.text("Input", _OBJECT, allowed)
    given = _parsed(text)
    if text is not None and (
        given is None
        or not all(isinstance(given.get(name), str) and given[name] for name in ("cluster_identifier", "rule"))
        # it becomes a part of the execution's name
        or not LABEL.fullmatch(given["rule"])
    ):
        reader.problem("Input", allowed)
    reader.done()
    return Wanted(machine or "", given or {})


def _parsed(text: object) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _answer(physical_id: str | None) -> dict[str, Any]:
    return {"PhysicalResourceId": physical_id, "Expect": EXPECT_NOTHING}
