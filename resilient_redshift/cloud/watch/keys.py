"""Judges the KMS keys that recovery points depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.findings import cannot_tell, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.restore.sight import Look

_ENABLED: Final = "Enabled"
#: AWS makes or changes the key at this moment (KMS API, KeyState).
_PASSING: Final = frozenset({"Creating", "Updating"})


def judge(keys: Mapping[str, Look[str]]) -> Iterator[Finding]:
    """Judge the states of keys.

    Args:
        keys: the KeyState of each key (KMS API, DescribeKey), by its ARN. The value is None if there is no such key.
    """
    for arn, look in keys.items():
        if not look.made:
            continue
        if look.problem:
            yield cannot_tell(f"the state of the key {arn} could not be read: {look.problem}")
        elif look.value is None:
            yield finding("KeyUnavailable", f"the key {arn} does not exist")
        elif look.value != _ENABLED and look.value not in _PASSING:
            yield finding("KeyUnavailable", f"the key {arn} is {look.value}")
