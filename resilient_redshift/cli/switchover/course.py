"""The course of a switchover, from the step that it has come to until its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, outlook, words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.switchover import clusters, fencing
from resilient_redshift.cli.switchover.fencing import Fencing
from resilient_redshift.cli.switchover.hand_over import HandOver
from resilient_redshift.cli.switchover.pace import Pace
from resilient_redshift.cli.switchover.situation import command
from resilient_redshift.cli.switchover.state import Store
from resilient_redshift.cli.switchover.steps import REASON, Steps
from resilient_redshift.cloud.restore.request import DRILL, FAILOVER
from resilient_redshift.contract import switchovers
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES, RESTORED, RESTORED_UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.switchover.state import State
    from resilient_redshift.cli.tools import Tools

#: How long the copy may take, in seconds.
COPY_DEADLINE: Final = 86_400.0
#: The most runs of the restore machine for one switchover: each failed one leaves its name.
_MOST_RUNS: Final = 20

_PUBLISHES: Final = frozenset({RESTORED, RESTORED_UNVERIFIED})
_SAID: Final = {
    switchovers.FENCE: "fence: cut the clients off, and end their sessions",
    switchovers.SNAPSHOT: "snapshot: take the last one",
    switchovers.COPY: "copy: wait for it in the other Region",
    switchovers.MAKE_ROOM: "make room: free the cluster's name there",
    switchovers.RESTORE: "restore: from exactly that copy",
    switchovers.HAND_OVER: "hand over: say where the warehouse is",
}


@dataclass
class Course:
    """One switchover on its way.

    Args:
        tools: the world around the command.
        plan: the plan record of the Region that the switchover goes to.
        state: the switchover.
    """

    tools: Tools
    plan: Plan
    state: State
    #: The last run of the restore machine. None: none has ended yet.
    execution: Execution | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Make the parts that do the work."""
        self._pace = Pace(self.tools)
        self._store = Store(self.tools, self.plan)
        self._steps = Steps(self.tools, self.plan, self.state)
        self._fencing = Fencing(
            self.tools, self.plan.name, self.plan.primary, self.plan.cluster, self.state.value["by"]
        )

    def begin(self) -> None:
        """Take the lock.

        Raises:
            CliError: another operator was faster.
        """
        self._pace.until(partial(self._done, partial(self._store.begin, self.state)), "the lock")

    def go(self, *, accept_unverified: bool = False) -> str:
        """Go on to the end.

        Args:
            accept_unverified: whether to hand over to a cluster that did not answer every check. Default: no.

        Returns:
            The outcome.

        Raises:
            CliError: a step failed. The same command goes on from there.
        """
        try:
            return self._go(accept_unverified=accept_unverified)
        except CliError:
            # what another operator did meanwhile may look like a failure
            self._store.require_lock(self.state)
            raise

    def _go(self, *, accept_unverified: bool) -> str:
        number, run = self._runs()
        good = GOOD_RESTORE_OUTCOMES | ({RESTORED_UNVERIFIED} if accept_unverified else set())
        if run is not None and not run.running and run.outcome not in good:
            run = None  # what comes before the restore is looked at again
        if run is None:
            if self.state.fence:
                self._step(switchovers.FENCE, self._fence)
            self._step(switchovers.SNAPSHOT, self._steps.snapshot)
            self._step(switchovers.COPY, self._steps.copy, COPY_DEADLINE)
            if not self.state.rehearsal:
                self._step(switchovers.MAKE_ROOM, self._steps.make_room)
                self._pace.until(partial(self._done, self._require_fence), "a last look at the fence")
        name = self._execution_name(number + 1)
        outcome = self._restore(run.arn if run else "", name, accept_unverified=accept_unverified)
        if self.state.rehearsal:
            return self._end(switchovers.REHEARSED if outcome in GOOD_RESTORE_OUTCOMES else outcome)
        hand_over = HandOver(self.tools, self.plan, self.state, str(self._cluster()["identifier"]))
        self._step(switchovers.HAND_OVER, hand_over.tick)
        self._pace.until(self._steps.pause_retired, "the pause of the cluster that was renamed")
        return self._end(switchovers.SWITCHED_OVER)

    def call_off(self) -> None:
        """End the switchover before anything is published."""
        self._pace.until(partial(self._done, partial(self._store.end, self.state, switchovers.CALLED_OFF)), "the end")

    @property
    def published(self) -> bool:
        """Whether the new cluster is published, so that there is no way back but the switchover home."""
        return self.execution is not None and self.execution.outcome in _PUBLISHES

    @property
    def retired(self) -> str:
        """The identifier that a cluster gets whose name is needed."""
        return self._steps.retired_name

    def last_run(self) -> Execution | None:
        """The last run of the restore machine for this switchover. None: there is none."""
        return self._runs()[1]

    def _step(self, name: str, tick: Callable[[], str], within: float | None = None) -> None:
        self._begin_step(name)
        self._pace.until(tick, _SAID[name], within)
        self._end_step(name)

    def _begin_step(self, name: str) -> None:
        step = self.state.step(name)
        if step is None or "ended" not in step:
            self.tools.screen.say(f"  {words.minute(self.tools.now())}  {_SAID[name]}", "bold")
            self.state.begin_step(name, self.tools.now())
            self._save()

    def _end_step(self, name: str) -> None:
        step = self.state.step(name)
        if step is not None and "ended" not in step:
            step["ended"] = words.iso(self.tools.now())
            self._save()

    def _save(self) -> None:
        self._pace.until(partial(self._done, partial(self._store.save, self.state)), "the state of the switchover")

    @staticmethod
    def _done(work: Callable[[], None]) -> str:
        work()
        return ""

    def _fence(self) -> str:
        self._store.require_lock(self.state)  # somebody may have called the switchover off, and let clients in
        waits_for = self._fencing.tick()
        fence = self._fencing.fence
        if not waits_for and fence is not None and fence.complete is not None:
            self.state.value.update(fenced=True, fenced_at=words.iso(fence.complete))
        return waits_for

    def _require_fence(self) -> None:
        """Look a last time: nobody may have let clients in between the snapshot and the restore.

        A fence that somebody took away and made again is complete since a later time: then clients may have written
        after the snapshot began.
        """
        if not self.state.fence:
            return
        live = clusters.look(self.tools.aws, self.plan.primary, self.plan.cluster)
        fence, taken = fencing.read(self.tools.aws, self.plan.primary, self.plan.name), self.state.time("data_of")
        holds = live is not None and fence is not None and fence.holds(live)
        if not holds or fence is None or fence.complete is None or taken is None or fence.complete > taken:
            message = f"somebody took the fence of {self.plan.cluster} in {self.plan.primary} away meanwhile"
            raise CliError(message, "run it again: it fences the cluster, and takes another snapshot")

    def _execution_name(self, number: int) -> str:
        again = f"-{number}" if number > 1 else ""
        stamp = f"{self.state.id}{again}"
        return f"switchover-{self.plan.name[: 80 - len(stamp) - 12]}-{stamp}"

    def _runs(self) -> tuple[int, Execution | None]:
        """The number of runs of the machine for this switchover, and the last one."""
        found: list[tuple[int, Execution | None]] = []
        self._pace.until(partial(self._done, lambda: found.append(self._find_runs())), "the runs of the machine")
        return found[-1]

    def _find_runs(self) -> tuple[int, Execution | None]:
        machine, last = outlook.restore_machine(self.plan), None
        for number in range(1, _MOST_RUNS + 1):
            try:
                last = executions.describe(self.tools.aws, executions.arn_for(machine, self._execution_name(number)))
            except executions.NoExecutionError:
                return number - 1, self._by_hand(machine) or last
        raise CliError(f"{_MOST_RUNS} runs for this switchover have failed", command(self.tools, self.plan, "status"))

    def _by_hand(self, machine: str) -> Execution | None:
        """A failover that somebody started by hand from this switchover's copy, and that published its cluster."""
        copy = self.state.value.get("copy")
        published = None if copy is None else outlook.published_endpoint(self.tools.aws, self.plan)
        if published is None or published.snapshot != copy or not published.execution:
            return None
        return executions.describe(self.tools.aws, executions.arn_for(machine, published.execution))

    def _restore(self, arn: str, name: str, *, accept_unverified: bool) -> str:
        """Start the machine under a name, or go on watching a run.

        Raises:
            CliError: the run did not end in a cluster that clients may use.
        """
        self._begin_step(switchovers.RESTORE)
        again = command(self.tools, self.plan, "switchover", *(["--rehearse"] if self.state.rehearsal else []))
        if not arn:
            machine_input = {
                "plan": self.plan.name,
                "mode": DRILL if self.state.rehearsal else FAILOVER,
                "snapshot": self.state.value["copy"],
                "reason": f"{REASON} {self.state.id}",
            }
            self.state.value["execution"] = name
            self._save()
            arn = executions.start(self.tools, outlook.restore_machine(self.plan), name, machine_input)
        execution = self.execution = Follower(self.tools, arn, again).follow()
        outcome = execution.outcome
        unverified = accept_unverified and outcome == RESTORED_UNVERIFIED
        if outcome not in GOOD_RESTORE_OUTCOMES and not unverified and not self.state.rehearsal:
            raise RestoreFailedError(execution)
        self._measure_restore(execution)
        self._end_step(switchovers.RESTORE)
        return outcome

    def _measure_restore(self, execution: Execution) -> None:
        """Take the machine's own times: the command may not have watched all the time."""
        step = self.state.step(switchovers.RESTORE)
        if step is not None and execution.ended is not None:
            step.update(started=words.iso(execution.started), ended=words.iso(execution.ended))
            step.pop("interrupted", None)
            self._save()

    def _cluster(self) -> Mapping[str, Any]:
        report: Mapping[str, Any] = self.execution.report if self.execution is not None else {}
        return report.get("cluster") or {"identifier": self.plan.cluster}

    def _end(self, outcome: str) -> str:
        if outcome in {switchovers.SWITCHED_OVER, switchovers.REHEARSED}:
            self.state.measure(self.tools.now())
        self._pace.until(partial(self._done, partial(self._store.end, self.state, outcome)), "the end")
        return outcome


class RestoreFailedError(CliError):
    """The restore machine ended without a cluster that clients may use.

    Args:
        execution: the run.
    """

    def __init__(self, execution: Execution) -> None:
        message = f"{execution.outcome}: {execution.report.get('message') or execution.cause or execution.status}"
        super().__init__(message, status=1, facts={"execution": execution.arn})
        self.execution = execution
