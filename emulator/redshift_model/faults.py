"""Faults on demand: errors, lost answers, kills, denied rights, slow grants, snapshots that fail."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from emulator.redshift_model.capacity import Shortage
from emulator.redshift_model.errors import COMMON_ERRORS, SimulatedKill, api_error, declared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.redshift_model.world import World

ANY = "*"
#: How the services that speak JSON (kms, redshift-data) call what Redshift's query API calls otherwise.
_JSON_NAMES = {"AccessDenied": "AccessDeniedException", "Throttling": "ThrottlingException"}


def is_mutating(operation: str) -> bool:
    """Whether the operation can change anything: all but Describe, Get and List."""
    return not operation.startswith(("Describe", "Get", "List"))


@dataclasses.dataclass
class Fault:
    """One prepared fault; ``code`` None kills the process.

    It strikes calls that match (operation, region, mutating), after ``skip`` of them, ``times`` times or until ``until``;
    ``after``: the call takes effect and only its answer is lost.
    """

    code: str | None
    operations: frozenset[str] = frozenset({ANY})
    region: str | None = None
    times: int | None = 1
    skip: int = 0
    mutating_only: bool = False
    after: bool = False
    until: dt.datetime | None = None
    message: str = ""
    status: int | None = None

    def matches(self, service: str, region: str, operation: str) -> bool:
        """Whether this fault counts the call at all."""
        if (
            service != "redshift"
            and self.code is not None
            and self.code not in COMMON_ERRORS
            and self.operations == {ANY}
        ):
            return False
        return (
            (ANY in self.operations or operation in self.operations)
            and self.region in {None, region}
            and (not self.mutating_only or is_mutating(operation))
        )

    def error(self, service: str) -> BaseException:
        """The exception to raise."""
        if self.code is None:
            return SimulatedKill("killed by the test")
        code = self.code if service == "redshift" else _JSON_NAMES.get(self.code, self.code)
        return api_error(code, self.message or _WORDS.get(self.code, ""), service=service, status=self.status)


_WORDS = {
    "Throttling": "Rate exceeded",
    "AccessDenied": "User is not authorized to perform this operation",
    "CopyToRegionDisabledFault": "Cross-region snapshot copy was temporarily disabled. Try your request again.",  # [S]
}


class Faults:
    """The queue of prepared faults of one model; an earlier one strikes first."""

    def __init__(self, world: World) -> None:
        """Begin without any."""
        self._world = world
        self.pending: list[Fault] = []

    def fail_next(
        self,
        operation: str | Iterable[str],
        code: str,
        times: int = 1,
        region: str | None = None,
        *,
        skip: int = 0,
        after: bool = False,
        message: str = "",
        status: int | None = None,
        service: str = "redshift",
        undeclared: bool = False,
    ) -> Fault:
        """Let the next ``times`` calls of ``operation`` ("*": any) fail with ``code`` (wire code or shape name).

        Args:
            operation: one name, or several.
            code: as botocore's model or the common errors know it.
            times: how often, 1 or more.
            region: only there; everywhere unless given.
            skip: let so many matching calls pass first.
            after: the call takes effect, only its answer is lost.
            message: AWS's words; the code's own unless given.
            status: HTTP status; the model's unless given.
            service: "redshift", or "kms" or "redshift-data" for their operations.
            undeclared: allow an error that botocore does not list for the operation.

        Raises:
            ValueError: nobody knows ``code``, or the operation does not declare it.
        """
        names = frozenset({operation} if isinstance(operation, str) else operation)
        error = api_error(code, message, service=service, status=status)
        wrong = [] if undeclared else [name for name in names - {ANY} if not declared(service, name, error)]
        if wrong:
            msg = (
                f"botocore lists no {code} for {', '.join(sorted(wrong))}; say undeclared=True to raise it nevertheless"
            )
            raise ValueError(msg)
        wire = error.code if service == "redshift" else code
        return self._add(Fault(wire, names, region, times, skip, after=after, message=message, status=status))

    def fail_at(
        self, call: int, code: str, *, mutating_only: bool = False, after: bool = False, region: str | None = None
    ) -> Fault:
        """Let the ``call``-th call from now (1: the next) fail with ``code``, whichever operation it is."""
        return self._add(
            Fault(api_error(code).code, region=region, skip=call - 1, mutating_only=mutating_only, after=after)
        )

    def kill_at(self, call: int, *, mutating_only: bool = False, after: bool = False) -> Fault:
        """Kill the process at the ``call``-th call from now (1: the next): before it, or ``after`` it took effect."""
        return self._add(Fault(None, skip=call - 1, mutating_only=mutating_only, after=after))

    def kill_next(self, operation: str, *, after: bool = False, skip: int = 0) -> Fault:
        """Kill the process at the next call of ``operation``."""
        return self._add(Fault(None, frozenset({operation}), skip=skip, after=after))

    def fail_for(
        self,
        seconds: float,
        operation: str | Iterable[str],
        code: str,
        *,
        region: str | None = None,
        service: str = "redshift",
    ) -> Fault:
        """Let every call of ``operation`` (of ``service``) fail with ``code`` for ``seconds`` of virtual time."""
        names = frozenset({operation} if isinstance(operation, str) else operation)
        until = self._world.now + dt.timedelta(seconds=seconds)
        return self._add(Fault(api_error(code, service=service).code, names, region, None, until=until))

    def throttle(self, times: int = 1, operation: str = ANY) -> Fault:
        """Throttle the next ``times`` calls; botocore's own retries do not run here, so each one is seen."""
        return self.fail_next(operation, "Throttling", times)

    def deny_for(self, seconds: float, operation: str | Iterable[str] = ANY) -> Fault:
        """Deny access for ``seconds``, as while new permissions spread (semantics.md 2)."""
        return self.fail_for(seconds, operation, "AccessDenied")

    def copy_disabled_for(self, seconds: float) -> Fault:
        """EnableSnapshotCopy answers CopyToRegionDisabledFault for ``seconds``."""
        return self.fail_for(seconds, "EnableSnapshotCopy", "CopyToRegionDisabledFault")

    def hide_next_grant(self, *, calls: int = 0, seconds: float = 0) -> None:
        """The next grant created is not seen by ``calls`` looks, and not for ``seconds`` [3] terraform #20196."""
        self._world.hide_next_grants.append((calls, seconds))

    def busy(self, region: str, cluster: str, seconds: float, status: str = "modifying") -> None:
        """Put an available cluster into ``status`` for ``seconds``; then it is available again."""
        found = self._world.cluster(region, cluster)

        def back() -> None:
            found.status = "available"

        self._world.change_status(found, status, seconds, back)

    def next_manual_snapshots(self, *outcomes: str) -> None:
        """Set the fates of the next manual snapshots: "available", "failed", "cancelled" or "stuck" (creating for ever)."""
        self._world.outcomes.extend(outcomes)

    def next_associations(self, *outcomes: str) -> None:
        """Set the fates of the next changes of a schedule association: "ACTIVE", "FAILED" or "stuck" (MODIFYING for ever)."""
        self._world.schedule_outcomes.extend(outcomes)

    def next_restores(self, *outcomes: str | float) -> None:
        """Set the fates of the next restores that are accepted.

        Each is "available"; a number (it takes so many seconds, then it is available); "stuck" (creating for ever);
        or the state in which it ends: "incompatible-restore", "hardware-failure", "incompatible-network", ...
        """
        self._world.restore_outcomes.extend(outcomes)

    def no_capacity(
        self,
        *,
        zones: Iterable[str] | None = None,
        node_types: Iterable[str] | None = None,
        more_nodes_than: int | None = None,
        region: str | None = None,
        times: int | None = None,
        seconds: float | None = None,
    ) -> Shortage:
        """Let restores answer InsufficientClusterCapacity in these Zones, for these node types and sizes (None: all).

        It strikes ``times`` calls, or for ``seconds``, or (neither given) until ``clear``.
        """
        until = None if seconds is None else self._world.now + dt.timedelta(seconds=seconds)
        kinds = None if node_types is None else frozenset(node_types)
        places = None if zones is None else frozenset(zones)
        found = Shortage(region, places, kinds, more_nodes_than, times, until)
        self._world.shortages.append(found)
        return found

    def stop_copying(self, region: str, cluster: str) -> None:
        """Copy no snapshot of a cluster any more: no error, no event, and its configuration still says that copying is on."""
        self._world.silent_copies.add((region, cluster))

    def copy_again(self, region: str, cluster: str) -> None:
        """Copy its snapshots again, from the next one on."""
        self._world.silent_copies.discard((region, cluster))

    def clear(self) -> None:
        """Forget every prepared fault and shortage (not states, nor hidden grants already created)."""
        self._world.restore_outcomes.clear()
        self._world.shortages.clear()
        self.pending.clear()
        self._world.schedule_outcomes.clear()
        self._world.outcomes.clear()
        self._world.hide_next_grants.clear()

    def _add(self, fault: Fault) -> Fault:
        self.pending.append(fault)
        return fault

    def strike(self, service: str, region: str, operation: str) -> Fault | None:
        """Count one call and say which fault strikes it, if any (for the model)."""
        now = self._world.now
        self.pending = [f for f in self.pending if f.until is None or now < f.until]
        struck: Fault | None = None
        for fault in list(self.pending):
            if not fault.matches(service, region, operation):
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif struck is None:
                struck = fault
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.pending.remove(fault)
        return struck
