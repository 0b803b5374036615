"""The rights with which the deployed site restores and cleans up, one by one and name by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.e2e.restore_site import THERE
from tests.e2e.rights import Roles
from tests.e2e.scene import RECOVERY

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

FUNCTION: Final = f"{THERE}/SiteRestoreMachineFunctionRole"
MACHINE: Final = f"{THERE}/SiteRestoreMachineRole"
RULES: Final = f"{THERE}/SiteRestoreMachineEventsRole"
CLEAN_UP: Final = f"{THERE}/SiteRestoreCleanUpRole"
_ROLES: Final = {FUNCTION, MACHINE, RULES, CLEAN_UP}


class RestoreRoles(Roles):
    """The roles of the machine, of its function, of its rules, and of the clean-up; a right is on what the policy names: clusters of drills are others than the warehouse."""

    def __init__(self, aws: EmulatedAws) -> None:
        """Look at the site's stack."""
        super().__init__(aws, {THERE: RECOVERY})
        self.names = {label: name for label, name in self.names.items() if label in _ROLES}

    def _kind(self, resource: str) -> str:
        if resource == "*":
            return resource
        service, name = resource.split(":", 5)[2::3]
        if service in {"states", "sns", "s3", "route53", "lambda", "logs"}:
            return {"states": "execution" if name.startswith("execution") else "machine"}.get(service, service)
        # generated names would not stand still
        return re.sub(r"(?<=key/)[0-9a-f-]{36}", "site", name)
