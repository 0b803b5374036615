"""The parts of a ``RecoveryRestore`` that the drills share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resilient_redshift.core.memory import Remembered
from resilient_redshift.recovery._drill_watch import DrillWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from resilient_redshift.recovery._clean_up_function import CleanUpFunction
    from resilient_redshift.recovery._restore_machine import RestoreMachine
    from resilient_redshift.recovery.objectives import Objectives


@dataclass(kw_only=True, slots=True)
class RestoreParts:
    """The parts of one ``RecoveryRestore``.

    Attributes:
        scope: the ``RecoveryRestore`` itself. It is the scope of every ``DrillWatch``.
        machine: the state machine.
        make_clean_up: makes the function that cleans up after drills. The first drill needs it.
        plans: the names of the plans that the machine serves so far.
        watches: the ``DrillWatch`` of each plan that has a rehearsal, by the plan's name.
        clean_up: that function; None as long as no plan has a rehearsal.
        after_clean_up: what to do with that function once it is made.
    """

    scope: Construct
    machine: RestoreMachine
    make_clean_up: Callable[[], CleanUpFunction]
    plans: list[str] = field(default_factory=list)
    watches: dict[str, DrillWatch] = field(default_factory=dict)
    clean_up: CleanUpFunction | None = None
    after_clean_up: list[Callable[[CleanUpFunction], None]] = field(default_factory=list)

    def with_clean_up(self, then: Callable[[CleanUpFunction], None]) -> None:
        """Do something with the function that cleans up: now, or as soon as the first rehearsal makes it."""
        if self.clean_up is None:
            self.after_clean_up.append(then)
        else:
            then(self.clean_up)

    def watch(self, plan_name: str, objectives: Objectives) -> DrillWatch:
        """The watch over a plan's drills. The first call for a plan makes it.

        Args:
            plan_name: the plan's name.
            objectives: what the plan promises; used only by the first call for a plan.
        """
        if plan_name not in self.watches:
            if self.clean_up is None:
                self.clean_up = self.make_clean_up()
                for then in self.after_clean_up:
                    then(self.clean_up)
            self.watches[plan_name] = DrillWatch(
                self.scope, f"Drills-{plan_name}", plan_name=plan_name, objectives=objectives, clean_up=self.clean_up
            )
        return self.watches[plan_name]


@Remembered
def parts_of(restore: Construct) -> RestoreParts:
    """The parts of a ``RecoveryRestore``. The construct sets them when it is made."""
    raise LookupError(f"{restore.node.path} is not a RecoveryRestore")
