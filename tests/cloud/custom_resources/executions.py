"""Step Functions' StartExecution, in the model's time and with its faults. Executions are recorded, and do not run.

A name is accepted once. The same name and input give the same answer while the execution runs. After its end, or with
another input, they give ExecutionAlreadyExists, until 90 days after its end (Step Functions API, StartExecution).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emulator.redshift_model import ACCOUNT, ApiError, Call, SimulatedKill, api_error
from emulator.redshift_model.client import hooked

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from emulator.redshift_model import RedshiftModel

SERVICE: Final = "stepfunctions"
_REMEMBERED: Final = dt.timedelta(days=90)
_LONGEST_NAME: Final = 80
#: What CloudWatch Logs takes too.
_NAME: Final = re.compile(r"[0-9A-Za-z_-]+")


@dataclass
class Started:
    """One execution."""

    machine: str
    name: str
    input: dict[str, Any]
    at: dt.datetime
    ended: dt.datetime | None = None


@dataclass
class Executions:
    """The executions of every machine in one account."""

    model: RedshiftModel
    machines: set[str] = field(default_factory=set)
    started: list[Started] = field(default_factory=list)

    def client(self, region: str) -> SFNClient:
        """A real boto3 client of a Region."""
        client: SFNClient = hooked(SERVICE, region, self._answer)
        return client

    def given_machine(self, region: str, name: str = "Snapshots") -> str:
        """Add a machine and return its ARN."""
        arn = f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}"
        self.machines.add(arn)
        return arn

    def end(self) -> None:
        """Let everything that runs end now."""
        for one in self.started:
            one.ended = one.ended or self.model.clock.now()

    def _answer(self, _service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.model.clock.advance(self.model.settings.seconds_per_call)
        call = Call(region, operation, params, mutating=True, service="states", at=self.model.clock.now())
        self.model.calls.append(call)
        fault = self.model.faults.strike(SERVICE, region, operation)
        try:
            if fault is not None and not fault.after:
                raise fault.error(SERVICE)
            answer = self._start(params)
            call.took_effect = True
            if fault is not None:
                raise fault.error(SERVICE)
        except (ApiError, SimulatedKill) as error:
            call.error = error.code if isinstance(error, ApiError) else "SimulatedKill"
            raise
        return answer

    def _start(self, params: dict[str, Any]) -> dict[str, Any]:
        machine, name, text = params["stateMachineArn"], params["name"], params["input"]
        machine_input = json.loads(text)
        if machine not in self.machines:
            raise api_error("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'", service=SERVICE)
        if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
            raise api_error("InvalidName", f"Invalid Name: '{name}'", service=SERVICE)
        now = self.model.clock.now()
        for one in self.started:
            if (one.machine, one.name) != (machine, name) or (one.ended and now - one.ended >= _REMEMBERED):
                continue
            if one.ended or one.input != machine_input:
                message = f"Execution Already Exists: '{name}'"
                raise api_error("ExecutionAlreadyExists", message, service=SERVICE)
            return _answer_for(one)
        self.started.append(Started(machine, name, machine_input, now))
        return _answer_for(self.started[-1])


def _answer_for(one: Started) -> dict[str, Any]:
    arn = one.machine.replace(":stateMachine:", ":execution:")
    return {"executionArn": f"{arn}:{one.name}", "startDate": one.at}
