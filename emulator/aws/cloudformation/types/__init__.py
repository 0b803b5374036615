"""What ministack's own resource types lack or fake where a template of ours would notice."""

from __future__ import annotations

from emulator.aws.cloudformation.types import alarms, log_groups, policies, state_machines


def install() -> None:
    """Mend ministack's types; a second time changes nothing."""
    alarms.install()
    log_groups.install()
    policies.install()
    state_machines.install()
