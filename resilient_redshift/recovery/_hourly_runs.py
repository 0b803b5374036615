"""What the hourly runs of the recovery machines share."""

from __future__ import annotations

from typing import Final

#: An alarm on missing hourly runs is in alarm after this many hours without one.
SILENT_HOURS: Final = 3
