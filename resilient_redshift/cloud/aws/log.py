"""The structured log: one JSON object on each line of standard output.

The caller names every field. An event is never logged as a whole.
"""

from __future__ import annotations

import json
import sys
from typing import Final

#: Parts of field names whose values are secrets. CloudFormation's ``ResponseURL`` is pre-signed: whoever holds it can
#: answer CloudFormation in place of this handler.
_SECRET: Final = ("responseurl", "password", "secret", "token", "signature")


def write(level: str, message: str, **fields: object) -> None:
    """Write one line. A field whose name may belong to a secret is left out.

    Args:
        level: ``INFO``, ``WARNING`` or ``ERROR``.
        message: what happened, in a few words that are the same each time.
        fields: the facts of this case.
    """
    shown = {name: value for name, value in fields.items() if not any(part in name.lower() for part in _SECRET)}
    sys.stdout.write(json.dumps({"level": level, "message": message, **shown}, default=str) + "\n")
    sys.stdout.flush()
