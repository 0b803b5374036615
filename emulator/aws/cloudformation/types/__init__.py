"""What ministack's own resource types lack or fake where a template of ours would notice."""

from __future__ import annotations

from emulator.aws.cloudformation.types import alarms, composite_alarms, log_groups, mute_rules, policies, state_machines


def install() -> None:
    """Mend ministack's types; a second time changes nothing."""
    alarms.install()
    composite_alarms.install()
    mute_rules.install()
    log_groups.install()
    policies.install()
    state_machines.install()
