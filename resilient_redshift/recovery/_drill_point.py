"""The argument ``point`` of a rehearsal: which recovery point its drills restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract import drill_points
from resilient_redshift.rules.retention import is_span, span

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems
    from resilient_redshift.rules.retention import Span

_NAMES: Final = (drill_points.NEWEST, drill_points.RANDOM)
_ALLOWED: Final = f"'{_NAMES[0]}', '{_NAMES[1]}', or a Duration, the least age of the recovery point"


def drill_input(problems: Problems, point: str | Span) -> dict[str, str | int]:
    """The field ``point`` of the input of a rehearsal's drills. The newest point, the default, is left out.

    Args:
        problems: where to record a problem.
        point: the argument of the user.
    """
    if isinstance(point, str) or not is_span(point):
        problems.check(point in _NAMES, "point", point, _ALLOWED)
        return {"point": str(point)} if point != drill_points.NEWEST else {}
    seconds = span(problems, "point", point).total_seconds()
    whole = seconds >= 1 and seconds == int(seconds)
    problems.check(whole or not seconds, "point", point, "a Duration of whole seconds")
    return {"point": int(seconds)}
