"""What a switchover remembers, in the Region that it goes to: the state, and the lock that two operators respect.

The lock exists as long as a switchover of the plan is under way. Only one operator can create it. The state stays after
the end, and holds how long each step took.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.switchover import parameters
from resilient_redshift.contract.names import switchover_lock_name, switchover_name
from resilient_redshift.contract.switchovers import MEASURED, SWITCHOVER_VERSION, read_switchover
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools


@dataclass
class State:
    """A switchover.

    Args:
        value: the state as ``SWITCHOVER_SCHEMA`` has it.
    """

    value: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, tools: Tools, plan: Plan, *, by: str, last: State | None, **options: Any) -> State:  # noqa: ANN401
        """A new switchover.

        Args:
            tools: the world around the command.
            plan: the plan.
            by: the ARN of who starts it.
            last: the last switchover of the plan, for how long its steps took. None: there was none.
            options: the other fields.
        """
        now = tools.now()
        measured = {"measured": last.value["measured"]} if last is not None and "measured" in last.value else {}
        return cls(
            {
                "version": SWITCHOVER_VERSION,
                "id": f"{words.stamp(now)}-{secrets.token_hex(3)}",
                "plan": plan.name,
                "started": words.iso(now),
                "by": by,
                **options,
                "fenced": False,
                "steps": [],
                **measured,
            }
        )

    @property
    def id(self) -> str:
        """What makes it different from every other switchover of the plan. Names of things it makes end with it."""
        return str(self.value["id"])

    @property
    def rehearsal(self) -> bool:
        """Whether it only rehearses."""
        return bool(self.value["rehearsal"])

    @property
    def fence(self) -> bool:
        """Whether the operator asked for the fence."""
        return bool(self.value["fence"])

    def time(self, name: str) -> datetime | None:
        """A field that is a time. None: it is not known yet."""
        return read_time(self.value.get(name))

    def step(self, name: str) -> dict[str, Any] | None:
        """A step that has begun."""
        steps: list[dict[str, Any]] = self.value["steps"]
        return next((step for step in steps if step["name"] == name), None)

    def resumed(self) -> None:
        """Note that the command was away, so the length of the step that is under way will not be known."""
        for step in self.value["steps"]:
            if "ended" not in step:
                step["interrupted"] = True

    def begin_step(self, name: str, now: datetime) -> None:
        """Note that a step begins. One that begins again keeps no length."""
        step = self.step(name)
        if step is None:
            self.value["steps"].append({"name": name, "started": words.iso(now)})
        elif "ended" in step:
            step.update(started=words.iso(now), interrupted=True)
            del step["ended"]

    def seconds(self, name: str) -> float | None:
        """How long a step took. None: it is not known."""
        step = self.step(name)
        if step is None or step.get("interrupted"):
            return None
        started, ended = read_time(step["started"]), read_time(step.get("ended"))
        return None if started is None or ended is None else (ended - started).total_seconds()

    def measure(self, now: datetime) -> None:
        """Keep how long the steps took, if all of them were measured."""
        seconds = {name: self.seconds(name) for name in MEASURED}
        if all(value is not None for value in seconds.values()):
            self.value["measured"] = {"at": words.iso(now), "rehearsal": self.rehearsal, **seconds}


class Store:
    """The state and the lock of a plan's switchovers.

    Args:
        tools: the world around the command.
        plan: the plan record of the Region that the switchover goes to.
    """

    def __init__(self, tools: Tools, plan: Plan) -> None:
        self._tools = tools
        self._plan = plan
        self._name, self._lock = switchover_name(plan.name), switchover_lock_name(plan.name)

    def last(self) -> State | None:
        """The state that was written last. None: there was no switchover, or its state is not understood."""
        found = self._read(self._name)
        return None if isinstance(found, str) else found

    def under_way(self) -> State | None:
        """The switchover that is under way. None: there is none.

        Raises:
            CliError: its parameters are not understood.
        """
        lock = self._read(self._lock)
        if lock is None:
            return None
        if isinstance(lock, str):
            hint = f"if no switchover is under way, delete the parameter {self._lock} in {self._plan.recovery}"
            raise CliError(lock, hint)
        state = self._read(self._name)
        if isinstance(state, State) and state.id == lock.id:
            return state
        return lock  # the first state was not written any more

    def begin(self, state: State) -> None:
        """Take the lock.

        Raises:
            CliError: another operator was faster.
        """
        if not parameters.create(self._tools.aws, self._plan.recovery, self._lock, state.value):
            found = self.under_way()
            if found is None or found.id != state.id:
                who = f" by {found.value['by']}" if found is not None else ""
                message = f"another switchover of {self._plan.name} was started{who} at the same moment"
                raise CliError(message, "run it again: it goes on with that one")

    def save(self, state: State) -> None:
        """Write the state.

        Raises:
            CliError: another operator ended this switchover.
        """
        self.require_lock(state)
        self._put(state)

    def end(self, state: State, outcome: str) -> None:
        """Write the last state, and give up the lock. A second call is harmless: the first answer may be lost."""
        last = self.last()
        if self.under_way() is None and last is not None and last.id == state.id and "outcome" in last.value:
            state.value = last.value
            return
        self.require_lock(state)
        state.value.update(outcome=outcome, ended=words.iso(self._tools.now()))
        self._put(state)
        self.unlock()

    def unlock(self) -> None:
        """Give up the lock of a switchover whose last state is written."""
        parameters.delete(self._tools.aws, self._plan.recovery, self._lock)

    def require_lock(self, state: State) -> None:
        """Raise an error if this switchover is not under way any more.

        Raises:
            CliError: another operator ended it.
        """
        lock = self._read(self._lock)
        if not isinstance(lock, State) or lock.id != state.id:
            hint = "run it again: it shows where the warehouse is"
            raise CliError(f"another operator ended the switchover {state.id} meanwhile", hint)

    def _put(self, state: State) -> None:
        parameters.put(self._tools.aws, self._plan.recovery, self._name, state.value)

    def _read(self, name: str) -> State | str | None:
        """A state. A text: why it is not understood. None: there is no such parameter."""
        text = parameters.get(self._tools.aws, self._plan.recovery, name)
        if text is None:
            return None
        stored = read_switchover(text, self._plan.name)
        wrong: Mapping[str, str] = stored.understood.problems
        return f"{name} is not understood: {'; '.join(stored.understood.said)}" if wrong else State(stored.value)
