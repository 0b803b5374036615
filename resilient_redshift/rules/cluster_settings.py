"""The rules for the plain settings of a cluster: names, window, logs, removal. No CDK."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.errors import Problems

#: Not 5439, which scanners and compliance packs look for, and inside the range that RA3 and RG nodes allow.
PORT: Final = 5440
#: Saturday 10:00 UTC is a Saturday in every Region's own time, and no Region's working day.
MAINTENANCE_WINDOW: Final = "sat:10:00-sat:10:30"
#: The three audit logs, in the order of the Redshift API (EnableLogging: LogExports).
AUDIT_LOGS: Final = ("connectionlog", "userlog", "useractivitylog")

_DATABASE: Final = re.compile(r"[a-z_][a-z0-9_$]{0,63}")
_USER: Final = re.compile(r"[a-z][a-z0-9_+.@-]{0,127}")
_WINDOW: Final = re.compile(r"(\w{3}):([01]\d|2[0-3]):([0-5]\d)-(\w{3}):([01]\d|2[0-3]):([0-5]\d)")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK: Final = 7 * 24 * 60
_SHORTEST_WINDOW: Final = 30


def check_database_name(problems: Problems, value: str) -> None:
    """Check the first database's name."""
    ok = not known(value) or (isinstance(value, str) and _DATABASE.fullmatch(value) is not None)
    allowed = "1 to 64 lower-case letters, digits, '_' and '$', a letter or '_' first"
    problems.check(ok, "database_name", value, allowed, "Redshift API: DBName")


def check_master_username(problems: Problems, value: str) -> None:
    """Check the admin's name."""
    if not known(value):
        return
    ok = isinstance(value, str) and _USER.fullmatch(value) is not None and value != "public"
    allowed = "1 to 128 lower-case letters, digits and '_+.@-', a letter first, not 'public'"
    problems.check(ok, "master_username", value, allowed, "Redshift API: MasterUsername")


def check_maintenance_window(problems: Problems, value: str) -> None:
    """Check the weekly window: ``ddd:hh24:mi-ddd:hh24:mi`` in UTC, 30 minutes or longer."""
    if not known(value):
        return
    ok = isinstance(value, str) and _minutes(value) >= _SHORTEST_WINDOW
    allowed = "30 minutes or more as 'ddd:hh:mm-ddd:hh:mm' in UTC, such as 'sat:10:00-sat:10:30'"
    problems.check(ok, "preferred_maintenance_window", value, allowed, "Redshift API: PreferredMaintenanceWindow")


def check_audit_logs(problems: Problems, value: Sequence[str], argument: str = "audit_log_exports") -> None:
    """Check the names of audit logs."""
    ok = not isinstance(value, str) and len(set(value)) == len(value) and set(value) <= set(AUDIT_LOGS)
    problems.check(ok, argument, value, f"some of {', '.join(AUDIT_LOGS)}", "Redshift API: LogExports")


def _minutes(window: str) -> int:
    """How long a window is; 0 where it is none."""
    match = _WINDOW.fullmatch(window.lower())
    if match is None or match[1] not in _DAYS or match[4] not in _DAYS:
        return 0
    start = _DAYS.index(match[1]) * 24 * 60 + int(match[2]) * 60 + int(match[3])
    end = _DAYS.index(match[4]) * 24 * 60 + int(match[5]) * 60 + int(match[6])
    return (end - start) % _WEEK
