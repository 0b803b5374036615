"""What the hourly runs of the recovery machines share."""

from __future__ import annotations

from typing import Final

#: An alarm on missing hourly runs goes into the ALARM state after this many hours without a run.
SILENT_HOURS: Final = 3
