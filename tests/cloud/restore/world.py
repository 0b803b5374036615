"""The recovery Region of one plan: snapshots from home, what a restore needs, and the phases of a restore over it all.

    world = RestoreWorld()
    world.copied(age_hours=2)                       # a copied automated snapshot
    run = world.failover()                          # or world.drill(), world.cleanup(); keywords change the input
    assert run.outcome == "Restored"; world.report(run)["snapshot"]
    world.fail("CreateTags", "Throttling")          # the next call of that operation, of any service
    world.kill_at(number=17)                        # somebody stops the run right before the 17th phase that it visits
    world.die_at(17, after=True)                    # the function dies after the 17th call to AWS took effect
    world.together((0, world.given("drill")), (300, world.given("failover")))   # side by side, seconds apart

After each run the laws hold that every test relies on: no recovery point was touched, no cluster but a drill's was deleted,
nothing was restored unencrypted or in public, and the report is what its schema says.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import heapq
import itertools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError, Clock, RedshiftModel, Settings, api_error
from resilient_redshift.cloud.aws.runtime import Invocation
from resilient_redshift.cloud.restore.calls import Aws
from resilient_redshift.cloud.restore.clean_up import NotCleaned, clean_up_in
from resilient_redshift.cloud.restore.phases import READ_PLAN, run_phase_in
from resilient_redshift.contract import names
from tests.cloud.restore import laws
from tests.cloud.restore.clients import Client
from tests.cloud.restore.fakes import Fakes, Started
from tests.cloud.restore.record import (
    AWAY,
    CLUSTER,
    HOME,
    MACHINE,
    NODE_TYPE,
    NODES,
    NOW,
    PARAMETER_GROUP,
    PLAN,
    PREFIX,
    RECORD,
    SCHEDULE,
    SUBNET_GROUP,
    a_record,
    an_input,
)
from tests.phases.driver import Execution, FunctionDied, Machine

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from emulator.redshift_model.state import Cluster, Snapshot

#: boto3's names of the services that a restore asks.
SERVICES = (
    *(
        "stepfunctions",
        "redshift-data",
        "redshift",
        "ssm",
        "kms",
        "ec2",
        "iam",
        "sns",
        "s3",
        "route53",
        "cloudwatch",
        "events",
    ),
)
#: Lambda ends a clean-up after this many seconds.
LAMBDA_SECONDS = 900
#: A clean-up does not wait until Redshift has deleted a cluster. A test looks after this time.
DELETION_SECONDS = 40


#: Durations in seconds that make a test short; a test of times says its own.
QUICK = {"manual_snapshot_quota": 500, "restore_seconds": 60, "restore_starting_seconds": 20, "delete_seconds": 30}


class Killed(BaseException):
    """The run ends here, as one that somebody stops."""


class LawBroken(BaseException):
    """A run did what no run may do. It is no Exception, because a phase takes each Exception for a bug of its own."""


@contextlib.contextmanager
def lawfully(operation: str) -> Iterator[None]:
    """Let an assertion about a call end the test, and not the phase that made the call."""
    try:
        yield
    except AssertionError as error:
        raise LawBroken(f"{operation}: {error}") from error


@dataclass
class Fault:
    """One prepared fault of one operation ("*": any), after ``skip`` calls of it, ``times`` times (None: for ever)."""

    operation: str
    error: ApiError
    times: int | None = 1
    skip: int = 0
    after: bool = False
    answer: dict[str, Any] | None = None  # instead of the error


@dataclass
class Call:
    """One call of a run, of whichever service."""

    service: str
    operation: str
    params: dict[str, Any]
    at: dt.datetime
    error: str = ""


class RestoreWorld:
    """The scene of one test."""

    def __init__(self, *, record: dict[str, Any] | None = None, **settings: Any) -> None:
        """Put the site there, a cluster at home, and no snapshot yet; ``record`` changes the plan's record."""
        self.clock = Clock(NOW)
        self._names = itertools.count(1)  # of this world, so that equal worlds run alike
        self.model = RedshiftModel(self.clock, settings=Settings(**{**QUICK, **settings}))
        self.fakes, self.calls, self.faults = Fakes(), list[Call](), list[Fault]()
        self.fakes.executions.append(Started("long-ago", an_input("failover"), NOW, own_status="SUCCEEDED"))
        self.key = self.model.given_key(AWAY)
        self.model.world.subnet = lambda _region, name: (
            ("vpc-1", self.fakes.subnets[name]) if name in self.fakes.subnets else None
        )
        for operation, params in (
            ("CreateClusterSubnetGroup", {"ClusterSubnetGroupName": SUBNET_GROUP, "SubnetIds": [*self.fakes.subnets]}),
            (
                "CreateClusterParameterGroup",
                {"ParameterGroupName": PARAMETER_GROUP, "ParameterGroupFamily": "redshift-1.0"},
            ),
        ):
            self.model.call(AWAY, operation, {**params, "Description": "of the site"})
        self.model.world.security_group = lambda _region, name: name in self.fakes.security_groups
        self.model.world.role = lambda arn: arn.rsplit("/", 1)[-1] in self.fakes.roles
        self.model.given_schedule(AWAY, SCHEDULE)
        self.home: Cluster = self.a_home()
        self.write_record(**(record or {}))
        clients = {name: Client(name, self._answer) for name in SERVICES}
        self.aws = Aws(region=AWAY, client=clients.__getitem__, now=self.clock.now)
        self.machine = Machine(
            READ_PLAN, lambda event: run_phase_in(event, self.aws), self.clock, arn=MACHINE, watch=self._watch
        )
        self._deaths: list[tuple[int, bool]] = []
        self._kill: tuple[str | None, int] | None = None
        self._changes: list[tuple[str, list[int], Callable[[], object]]] = []
        self.targets = re.compile(rf"{CLUSTER}|restored-[a-z0-9-]+|{PREFIX}\d{{12}}")
        self.bugs = False  # whether a run may report a bug of its own
        self.lost = set[str]()  # recovery points that the test itself took away

    # Setting the scene.

    def a_home(self, *, born_days: float = 400, name: str = CLUSTER, **attributes: Any) -> Cluster:
        """A cluster of the primary Region, ``born_days`` old: another lineage with another age."""
        born = self.clock.now() - dt.timedelta(days=born_days)
        facts = {"node_type": NODE_TYPE, "number_of_nodes": NODES, "create_time": born, "automated_retention": 35}
        return self.model.given_cluster(HOME, name, **{**facts, **attributes})

    def another_plan(self, plan: str) -> Snapshot:
        """Put a second plan's record into the site, of a cluster of the plan's name; its only recovery point is returned."""
        prefix = names.drill_prefix(plan, AWAY)
        record = a_record(self.key, plan=plan, cluster={"identifier": plan}, drill={"cluster_prefix": prefix})
        self.fakes.parameters[names.plan_record_name(plan)] = json.dumps(record)
        self.targets = re.compile(rf"{self.targets.pattern}|{plan}|{prefix}\d{{12}}")
        return self.copied(f"{plan}-copy", cluster=self.a_home(name=plan))

    def write_record(self, **changes: Any) -> None:
        """Let the plan's record be the usual one with changes."""
        self.fakes.parameters[RECORD] = json.dumps(a_record(self.key, **changes))

    def copied(
        self, name: str = "", *, age_hours: float = 1, cluster: Cluster | None = None, **attributes: Any
    ) -> Snapshot:
        """A snapshot in the recovery Region: a copied automated one of the cluster at home, unless the caller says otherwise."""
        taken = self.clock.now() - dt.timedelta(hours=age_hours)
        name = name or f"copy:rs:{CLUSTER}-{taken:%Y-%m-%d-%H-%M-%S}"
        kind = attributes.pop("kind", "automated")
        kept = {"retention": 35} if kind == "automated" else {"retention_start": taken}
        return self.model.given_snapshot(
            AWAY,
            cluster or self.home,
            name,
            age_days=age_hours / 24,
            kind=kind,
            **{"kms_key_id": self.key, **kept, **attributes},
        )

    def lose(self, snapshot: Snapshot) -> None:
        """Let somebody else delete a recovery point."""
        self.lost.add(snapshot.identifier)
        del self.model.world.snapshots[(AWAY, snapshot.identifier)]

    def drilled(
        self,
        name: str = f"{PREFIX}202610240500",
        *,
        tags: dict[str, str] | None = None,
        age_hours: float = 24.0 * 31,
        **attributes: Any,
    ) -> Cluster:
        """A cluster as a drill leaves it behind."""
        born = self.clock.now() - dt.timedelta(hours=age_hours)
        return self.model.given_cluster(AWAY, name, **{"tags": tags or {}, "create_time": born, **attributes})

    def given(self, mode: str, **changes: Any) -> dict[str, Any]:
        """An input; None drops a key."""
        return an_input(mode, **changes)

    def running(self, mode: str = "failover", name: str = "", **changes: Any) -> Started:
        """Somebody else's running execution of the machine; set ``own_status`` to end it."""
        started = Started(name or f"theirs-{next(self._names)}", an_input(mode, **changes), self.clock.now())
        self.fakes.executions.append(started)
        return started

    # Faults.

    def fail(
        self,
        operation: str,
        code: str,
        times: int | None = 1,
        *,
        skip: int = 0,
        after: bool = False,
        message: str = "",
        status: int = 0,
    ) -> None:
        """Let the next calls of ``operation`` ("*": any call) fail; ``times`` None: for ever."""
        try:
            error = api_error(code, message)
        except ValueError:
            error = ApiError(code, message or code)
        error.status = status or (503 if code == "ServiceUnavailable" else error.status)
        self.faults.append(Fault(operation, error, times, skip, after))

    def answer(self, operation: str, answer: dict[str, Any], times: int | None = 1, *, skip: int = 0) -> None:
        """Let the next calls of ``operation`` do nothing, and answer this."""
        self.faults.append(Fault(operation, ApiError(""), times, skip, answer=answer))

    def before(self, operation: str, change: Callable[[], object], *, skip: int = 0) -> None:
        """Let something happen right before the next call of ``operation``, after ``skip`` of them."""
        self._changes.append((operation, [skip], change))

    def kill_at(self, number: int = 1, phase: str | None = None) -> None:
        """Let the run die right before the ``number``-th phase that it visits, or the ``number``-th visit of ``phase``."""
        self._kill = (phase, number)

    def die_at(self, number: int, *, after: bool = False, times: int = 1) -> None:
        """Let the function die at the ``number``-th call to AWS from now, before or ``after`` it took effect.

        With ``times`` it dies again at the next call, and so on. The machine gives a phase up after three times.
        """
        self._deaths = [(len(self.calls) + number, after)] + [(0, False)] * (times - 1)

    def _watch(self, _execution: Execution, phase: str) -> None:
        if self._kill is None or self._kill[0] not in {None, phase}:
            return
        wanted, left = self._kill
        self._kill = (wanted, left - 1) if left > 1 else None
        if left <= 1:
            raise Killed(phase)

    def _make_planned_changes(self, operation: str) -> None:
        for planned in [one for one in self._changes if one[0] == operation]:
            planned[1][0] -= 1
            if planned[1][0] < 0:
                self._changes.remove(planned)
                planned[2]()

    def _answer(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        call = Call(service, operation, params, self.clock.now())
        self.calls.append(call)
        with lawfully(operation):
            laws.look_before(self, call)
        self._make_planned_changes(operation)
        dies = bool(self._deaths) and self._deaths[0][0] in {0, len(self.calls)}
        if dies and not self._deaths.pop(0)[1]:
            raise FunctionDied
        fault = self._struck(operation)
        try:
            if fault is not None and not fault.after and fault.answer is None:
                raise fault.error
            if fault is not None and fault.answer is not None:
                return dict(fault.answer)
            with lawfully(operation):
                answer = self._ask(service, operation, params)
            if fault is not None:
                raise fault.error
        except ApiError as error:
            call.error = error.code
            if dies:
                raise FunctionDied from error
            raise
        if dies:
            raise FunctionDied
        return answer

    def _ask(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if service in {"redshift", "kms", "redshift-data"}:
            return self.model.perform(service, AWAY, operation, params)  # the client has validated the parameters
        return self.fakes.answer(service, operation, params)

    def _struck(self, operation: str) -> Fault | None:
        struck = None
        for fault in list(self.faults):
            if fault.operation not in {"*", operation}:
                continue
            if fault.skip:
                fault.skip -= 1
            elif struck is None:
                struck = fault
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
        return struck

    # Running.

    def failover(self, **changes: Any) -> Execution:
        return self.run(self.given("failover", **changes))

    def drill(self, **changes: Any) -> Execution:
        return self.run(self.given("drill", **changes))

    def cleanup(self, event: Any = ...) -> Execution:
        """Call the function that cleans up, and show how it ended as an execution."""
        before = self._points()
        mark = len(self.model.calls)
        ends = self.clock.monotonic() + LAMBDA_SECONDS
        time = Invocation(now=self.clock.now, sleep=self.clock.sleep, remaining=lambda: ends - self.clock.monotonic())
        run = Execution("clean-up", "")
        try:
            run.output = clean_up_in({"plan": PLAN} if event is ... else event, self.aws, time)
            run.status = "SUCCEEDED"
        except NotCleaned as error:
            run.status, run.cause = "FAILED", str(error)
            run.error = run.cause.partition(":")[0]
        except FunctionDied:
            run.status = "ABORTED"
        self.clock.advance(DELETION_SECONDS)
        laws.look_at_points(self, before, mark)
        return run

    def do(self, what: str, **changes: Any) -> Execution:
        """A ``failover``, a ``drill`` or a ``cleanup``; the changes are of the machine's input."""
        return self.cleanup() if what == "cleanup" else self.run(self.given(what, **changes))

    def run(self, given: Any) -> Execution:
        """Run the machine to the end, or to the kill."""
        return self.together((0, given))[0]

    def together(self, *starts: tuple[float, Any], turns: random.Random | None = None) -> list[Execution]:
        """Run several executions side by side, each started its seconds from now, by its input or by a call.

        At the same instant they take turns from wait to wait; with ``turns`` from phase to phase, in an order of its choice.
        """
        before = self._points()
        began, mark = self.clock.now(), len(self.model.calls)
        order = itertools.count()
        due: list[tuple[dt.datetime, float, int]] = []
        ran: dict[int, Execution] = {}
        running: dict[int, Iterator[dt.datetime]] = {}
        self.machine.by_turns = turns is not None

        def next_turn(when: dt.datetime, index: int) -> None:
            heapq.heappush(due, (when, next(order) if turns is None else turns.random(), index))

        for index, (delay, _) in enumerate(starts):
            next_turn(began + dt.timedelta(seconds=delay), index)
        while due:
            when, _, index = heapq.heappop(due)
            self.clock.advance_to(when)
            given = starts[index][1]
            if callable(given):
                ran[index] = given()
                continue
            if index not in running:
                ran[index], running[index] = self._start(given)
            try:
                next_turn(next(running[index]), index)
            except StopIteration:
                pass
            except Killed:
                ran[index].status = "ABORTED"
        executions = [ran[index] for index in range(len(starts))]
        laws.look_after(self, executions, before, mark)
        return executions

    def _start(self, given: Any) -> tuple[Execution, Iterator[dt.datetime]]:
        mode = given.get("mode", "") if isinstance(given, dict) else ""
        execution, steps = self.machine.start(given, name=f"{mode}-{next(self._names)}")
        self.fakes.executions.append(Started(execution.name, given, self.clock.now(), execution))
        return execution, steps

    def _points(self) -> dict[str, Snapshot]:
        """Every recovery point of the Region."""
        return {s.identifier: s for s in self.model.snapshots(AWAY) if s.cluster_create_time in self._lineages()}

    def _lineages(self) -> set[dt.datetime]:
        return {c.create_time for c in self.model.world.clusters.values() if c.region == HOME} | {
            s.cluster_create_time for s in self.model.world.snapshots.values() if s.source_region
        }

    # Looking.

    def report(self, run: Execution) -> dict[str, Any]:
        """The report of a run, however it ended."""
        if run.name == "clean-up":
            said = run.cause or run.output["message"]
            return {"outcome": run.outcome, "message": said, "leftovers": re.findall(r"drill-[0-9a-f]{8}-\w+", said)}
        report: dict[str, Any] = run.output if run.status == "SUCCEEDED" else json.loads(run.cause)
        return report

    def clusters(self) -> list[str]:
        """The names of all clusters of the recovery Region."""
        self.model.world.settle()
        return sorted(name for region, name in self.model.world.clusters if region == AWAY)

    def cluster(self, name: str = CLUSTER) -> Cluster:
        """A cluster of the recovery Region."""
        found = self.model.cluster(AWAY, name)
        assert found is not None, f"{name} is not among {self.clusters()}"
        return found

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each call of an operation, failed ones too."""
        return [call.params for call in self.calls if call.operation == operation]

    def parameter(self, name: str) -> Any:
        """A parameter that holds JSON."""
        return json.loads(self.fakes.parameters[name])
