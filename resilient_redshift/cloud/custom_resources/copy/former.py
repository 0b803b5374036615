"""The memory of a swap: the configuration to return to, as a tag on the cluster for as long as its copy may be off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.redshift.clusters import CopySettings
from resilient_redshift.contract.names import TAG_COPY_FORMER

if TYPE_CHECKING:
    from collections.abc import Mapping

# REGION/GRANT/AUTOMATED/MANUAL, in characters that the value of a tag may hold. The grant may be absent.
_NOTE: Final = re.compile(r"([a-z0-9-]+)/([^/]*)/([0-9]{1,2})/(-1|[0-9]{1,4})")


def note(settings: CopySettings) -> str:
    """Return the value of the tag, which a swap writes before it switches the copy off."""
    return "/".join(
        (settings.destination_region, settings.grant or "", str(settings.automated_days), str(settings.manual_days))
    )


def read(tags: Mapping[str, str]) -> CopySettings | None:
    """Return the configuration to return to.

    Returns:
        The configuration, or None where no swap was under way, or where the tag's value has no known form.
    """
    matched = _NOTE.fullmatch(tags.get(TAG_COPY_FORMER, ""))
    return CopySettings(matched[1], matched[2] or None, int(matched[3]), int(matched[4])) if matched else None
