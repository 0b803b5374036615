"""The memory of a swap: the configuration to return to, as a tag on the cluster for as long as its copy may be off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.redshift.clusters import CopySettings

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Equal to ``_records.TAG_COPY_FORMER``; a test compares them.
TAG_FORMER: Final = "resilient-redshift:copy-former"
# REGION/GRANT/AUTOMATED/MANUAL: letters that a tag's value may hold; a grant may be absent
_RECORD: Final = re.compile(r"([a-z0-9-]+)/([^/]*)/([0-9]{1,2})/(-1|[0-9]{1,4})")


def note(settings: CopySettings) -> str:
    """What a swap writes down before it switches the copy off."""
    return "/".join(
        (settings.destination_region, settings.grant or "", str(settings.automated_days), str(settings.manual_days))
    )


def read(tags: Mapping[str, str]) -> CopySettings | None:
    """The configuration that a swap has left, None where none was under way (or nobody can read what it wrote)."""
    matched = _RECORD.fullmatch(tags.get(TAG_FORMER, ""))
    return CopySettings(matched[1], matched[2] or None, int(matched[3]), int(matched[4])) if matched else None
