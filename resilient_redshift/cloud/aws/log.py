"""One JSON object a line on standard output, from fields that are named one by one: an event is never logged whole."""

from __future__ import annotations

import json
import sys
from typing import Final

#: A pre-signed URL that lets its holder answer for us; and whatever looks like one of its kind.
_SECRET: Final = ("responseurl", "password", "secret", "token", "signature")


def write(level: str, message: str, **fields: object) -> None:
    """Write one line; a field whose name may hold a secret is left out.

    Args:
        level: ``INFO``, ``WARNING`` or ``ERROR``.
        message: what happened, in a few words that stay the same.
        fields: the facts of this case.
    """
    shown = {name: value for name, value in fields.items() if not any(part in name.lower() for part in _SECRET)}
    sys.stdout.write(json.dumps({"level": level, "message": message, **shown}, default=str) + "\n")
    sys.stdout.flush()
