"""The rules for a cluster's plain settings: database, admin, maintenance window, audit logs (no CDK).

Every check records a problem in ``problems`` for a value that AWS would refuse. A token passes, because its value is
known only at deployment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.errors import Problems

#: The default port. It is inside the range that RA3 and RG nodes allow, and it is not 5439, the well-known port that
#: scanners try and that compliance packs report.
PORT: Final = 5440
#: The default maintenance window. Saturday 10:00 UTC is a Saturday in the local time of every Region, so it is in no
#: Region a working day.
MAINTENANCE_WINDOW: Final = "sat:10:00-sat:10:30"
#: The three audit logs, in the order of the Redshift API (EnableLogging: LogExports).
AUDIT_LOGS: Final = ("connectionlog", "userlog", "useractivitylog")

_LONGEST_DATABASE: Final = 64
_LONGEST_USER: Final = 128
_DATABASE: Final = re.compile(rf"[a-z_][a-z0-9_$]{{0,{_LONGEST_DATABASE - 1}}}")
_USER: Final = re.compile(rf"[a-z][a-z0-9_+.@-]{{0,{_LONGEST_USER - 1}}}")
_WINDOW: Final = re.compile(r"(\w{3}):([01]\d|2[0-3]):([0-5]\d)-(\w{3}):([01]\d|2[0-3]):([0-5]\d)")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TRACK: Final = re.compile(r"\S+")
_CATALOG: Final = re.compile(r"(?=.*[a-z])[a-z0-9_-]{1,64}")
_MINUTES_OF_DAY: Final = 24 * 60
_MINUTES_OF_WEEK: Final = len(_WEEKDAYS) * _MINUTES_OF_DAY
_SHORTEST_WINDOW: Final = 30


def check_database_name(problems: Problems, value: str) -> None:
    """Check the name of the first database: 1 to 64 characters (Redshift API, CreateCluster: DBName)."""
    ok = not known(value) or (isinstance(value, str) and _DATABASE.fullmatch(value) is not None)
    allowed = f"1 to {_LONGEST_DATABASE} lower-case letters, digits, '_' and '$', a letter or '_' first"
    problems.check(ok, "database_name", value, allowed, "Redshift API: DBName")


def check_master_username(problems: Problems, value: str) -> None:
    """Check the name of the admin user: 1 to 128 characters (Redshift API, CreateCluster: MasterUsername)."""
    if not known(value):
        return
    ok = isinstance(value, str) and _USER.fullmatch(value) is not None and value != "public"
    allowed = f"1 to {_LONGEST_USER} lower-case letters, digits and '_+.@-', a letter first, not 'public'"
    problems.check(ok, "master_username", value, allowed, "Redshift API: MasterUsername")


def check_maintenance_window(problems: Problems, value: str) -> None:
    """Check the weekly maintenance window: ``ddd:hh24:mi-ddd:hh24:mi`` in UTC, 30 minutes or longer.

    Source: Redshift API, CreateCluster: PreferredMaintenanceWindow.
    """
    if not known(value):
        return
    ok = isinstance(value, str) and _length_in_minutes(value) >= _SHORTEST_WINDOW
    allowed = f"{_SHORTEST_WINDOW} minutes or more as 'ddd:hh:mm-ddd:hh:mm' in UTC, such as '{MAINTENANCE_WINDOW}'"
    problems.check(ok, "preferred_maintenance_window", value, allowed, "Redshift API: PreferredMaintenanceWindow")


def check_maintenance_track(problems: Problems, value: str, argument: str = "maintenance_track_name") -> None:
    """Check the name of a maintenance track: a text without blanks.

    AWS has no list of all tracks, because each preview has a track of its own. Source: Redshift API, CreateCluster:
    MaintenanceTrackName.

    Args:
        problems: where to record a problem.
        value: the name.
        argument: the argument's name, as the user writes it. Default: ``maintenance_track_name``.
    """
    ok = not known(value) or (isinstance(value, str) and _TRACK.fullmatch(value) is not None)
    problems.check(ok, argument, value, "a track such as 'current' or 'trailing'", "Redshift API: MaintenanceTrackName")


def check_catalog_name(problems: Problems, argument: str, value: str) -> None:
    """Check the name of the Glue Data Catalog of a cluster: 1 to 64 characters, at least one of them a letter.

    Source: Redshift API, RestoreFromClusterSnapshot: CatalogName.
    """
    ok = not known(value) or (isinstance(value, str) and _CATALOG.fullmatch(value) is not None)
    allowed = "1 to 64 lower-case letters, digits, '_' and '-', at least one letter"
    problems.check(ok, argument, value, allowed, "Redshift API: CatalogName")


def check_audit_logs(problems: Problems, value: Sequence[str], argument: str = "audit_log_exports") -> None:
    """Check the names of audit logs: some of :data:`AUDIT_LOGS`, each once (Redshift API, EnableLogging).

    Args:
        problems: where to record a problem.
        value: the names.
        argument: the argument's name, as the user writes it. Default: ``audit_log_exports``.
    """
    ok = not isinstance(value, str) and len(set(value)) == len(value) and set(value) <= set(AUDIT_LOGS)
    problems.check(ok, argument, value, f"some of {', '.join(AUDIT_LOGS)}", "Redshift API: LogExports")


def _length_in_minutes(window: str) -> int:
    """The length of a maintenance window; 0 for a text that is no window."""
    match = _WINDOW.fullmatch(window.lower())
    if match is None or match[1] not in _WEEKDAYS or match[4] not in _WEEKDAYS:
        return 0
    start = _WEEKDAYS.index(match[1]) * _MINUTES_OF_DAY + int(match[2]) * 60 + int(match[3])
    end = _WEEKDAYS.index(match[4]) * _MINUTES_OF_DAY + int(match[5]) * 60 + int(match[6])
    # a window that ends earlier in the week than it starts runs over the end of the week
    return (end - start) % _MINUTES_OF_WEEK
