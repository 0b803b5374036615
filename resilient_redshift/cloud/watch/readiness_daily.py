"""Asks once a day whether a failover would start now, and remembers the answer until the next time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.restore.standing_parts import FAILED_OVER
from resilient_redshift.cloud.watch import readiness
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.restore.standing_parts import Standing
    from resilient_redshift.cloud.watch.memory import Memory
    from resilient_redshift.cloud.watch.readiness_reading import Reader
    from resilient_redshift.cloud.watch.view import View

_CODES: Final = ("NotReady", "ReadinessUnknown")
#: While part of it cannot be told, it is looked at this often. While something is not as a failover needs it, each run
#: looks, so that a deployment that changes it for some minutes lets no alarm ring.
_AGAIN: Final = timedelta(hours=1)
_LONGEST_TEXT: Final = 400


def find(memory: Memory, reader: Reader | None, view: View, standing: Standing) -> Iterator[Finding]:
    """Find what stops a failover of a plan.

    After a failover nothing is looked at: the readiness is that of the next restore into the same names. Where the
    record is of no use, the judgement of the plan says so, and nothing else can be looked at.

    Args:
        memory: what is remembered of the watch.
        reader: reads what a failover needs. None: nothing is read now, and what is remembered counts.
        view: what was read of the plan.
        standing: the state of the plan.
    """
    lacks = view.recovery_record.value
    if standing.where == FAILED_OVER or lacks is None or lacks:
        memory.forget("readiness")
        return
    known = memory.value.get("readiness", {})
    if reader is not None and _is_due(known, memory.now):
        lines = readiness.judge(
            view.record,
            lacks=lacks,
            replies=reader.read(view.record),
            sight=view.sight,
            choice=standing.choice,
            now=memory.now,
        )
        texts = {code: cut(text, _LONGEST_TEXT) for code, text in readiness.findings(lines).items()}
        known = memory.value["readiness"] = {"at": iso(memory.now), **texts}
    for code in _CODES:
        if known.get(code):
            yield finding(code, str(known[code]))


def _is_due(known: dict[str, str], now: datetime) -> bool:
    at = read_time(known.get("at"))
    if at is None or at.date() != now.date():
        return True
    return bool(known.get("NotReady")) or (bool(known.get("ReadinessUnknown")) and now - at >= _AGAIN)
