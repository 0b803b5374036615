"""The change that the demo deploys: one line of app.py, as a user would edit it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from demo.errors import DemoError

_LINE = re.compile(r"^(?P<before>\s*keep_automated=Duration\.days\()(?P<days>\d+)(?P<after>\),.*)$", re.MULTILINE)
_LONGER = 7
#: EnableSnapshotCopy takes 1 to 35 days for copied automated snapshots.
_MOST = 35


@dataclass(frozen=True)
class Change:
    """An edited app.

    Attributes:
        source: the whole file after the edit.
        old_line: the one line that was replaced, without its indentation.
        new_line: what stands there now.
        old_days: how long copies of automated snapshots were kept.
        new_days: how long they are to be kept.
    """

    source: str
    old_line: str
    new_line: str
    old_days: int
    new_days: int


def keep_copies_longer(source: str) -> Change:
    """Raise the retention of copied automated snapshots by a week; DemoError if that cannot be done."""
    found = list(_LINE.finditer(source))
    if len(found) != 1:
        raise DemoError(f"app.py says keep_automated=Duration.days(...) on {len(found)} lines; the demo changes one")
    [line] = found
    old = int(line["days"])
    new = min(old + _LONGER, _MOST)
    if new <= old:
        raise DemoError(f"app.py says keep_automated=Duration.days({old}), and {_MOST} is the most: nothing to raise")
    changed = f"{line['before']}{new}{line['after']}"
    return Change(
        source=source[: line.start()] + changed + source[line.end() :],
        old_line=line.group().strip(),
        new_line=changed.strip(),
        old_days=old,
        new_days=new,
    )
