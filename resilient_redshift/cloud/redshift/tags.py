"""The tags of what Redshift describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_redshift.type_defs import TagTypeDef


def tags_of(tags: Iterable[TagTypeDef]) -> dict[str, str]:
    """Turn the tags of an answer into a mapping. A tag without a value has the value "".

    Args:
        tags: the tags as a Describe call of Redshift returns them.
    """
    return {tag["Key"]: tag.get("Value", "") for tag in tags if "Key" in tag}
