"""Numbers that AWS sets, each with its source."""

from __future__ import annotations

from typing import Final

#: Days that an automated snapshot, or its copy, is kept at most (Redshift API, CreateCluster and EnableSnapshotCopy).
MOST_AUTOMATED_DAYS: Final = 35
#: Days that a manual snapshot, or its copy, is kept at most, unless for ever (Redshift API, CreateClusterSnapshot).
MOST_MANUAL_DAYS: Final = 3653
#: Days that copies of automated snapshots are kept unless said otherwise (Redshift API, EnableSnapshotCopy).
DEFAULT_COPY_DAYS: Final = 7
