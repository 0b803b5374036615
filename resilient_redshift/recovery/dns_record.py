"""The DNS record by which clients find the warehouse; checked when you make it. This module needs no CDK."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import Span, span
from resilient_redshift.rules.tokens import known

_ZONE: Final = re.compile(r"[A-Z0-9]{1,32}")
_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\.?")
_LONGEST_NAME: Final = 255
_LONGEST_TTL: Final = timedelta(seconds=2_147_483_647)
_SECOND: Final = timedelta(seconds=1)


@typed
@dataclass(frozen=True, init=False)
class DnsRecord:
    """A CNAME record of Route 53 that a failover points at the restored cluster. A drill never changes it.

    The control plane of Route 53 is in one Region of each partition (us-east-1 in ``aws``). If that Region is the one
    that is lost, the record may stay as it is, and the report of the failover has a warning.

    Args:
        hosted_zone_id: the id of the zone, 1 to 32 capital letters and digits (Route 53 API, ResourceId). It may be a
            token.
        record_name: the full name of the record, such as ``warehouse.example.com``; a literal of at most 255
            characters. It cannot be the zone's own name, because that name cannot have a CNAME. The restore function's
            role may change this record only.
        ttl: how long resolvers may keep the record, 0 to 2,147,483,647 whole seconds (Route 53 API, TTL). Default: 60
            seconds.

    Raises:
        ResilientRedshiftError: for a value that Route 53 refuses, and for a name or length that is a token.
    """

    hosted_zone_id: str
    record_name: str
    ttl: timedelta

    def __init__(self, hosted_zone_id: str, record_name: str, *, ttl: Span = timedelta(seconds=60)) -> None:
        problems = Problems("DnsRecord")
        is_zone = not known(hosted_zone_id) or (isinstance(hosted_zone_id, str) and _ZONE.fullmatch(hosted_zone_id))
        allowed = "1 to 32 capital letters and digits, without '/hostedzone/'"
        problems.check(bool(is_zone), "hosted_zone_id", hosted_zone_id, allowed, "Route 53 API: ResourceId")
        _check_name(problems, record_name)
        length = timedelta(0)
        if ttl != timedelta(0):
            length = span(problems, "ttl", ttl)
            ok = not length % _SECOND and length <= _LONGEST_TTL
            problems.check(ok, "ttl", ttl, "whole seconds, at most 2,147,483,647", "Route 53 API: TTL")
        problems.raise_if_any()
        object.__setattr__(self, "hosted_zone_id", hosted_zone_id)
        object.__setattr__(self, "record_name", record_name)
        object.__setattr__(self, "ttl", length)

    @property
    def normalized_name(self) -> str:
        """The name as Route 53 compares it in IAM policies: in lower case, without the last dot."""
        return self.record_name.lower().removesuffix(".")


def _check_name(problems: Problems, name: str) -> None:
    why = "the restore function's role may change this record only"
    if not problems.check(known(name), "record_name", "a token", "a literal", why):
        return
    ok = isinstance(name, str) and len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None
    allowed = "a full domain name such as 'warehouse.example.com'"
    problems.check(ok, "record_name", name, allowed, "Route 53 API: ResourceRecordSet, Name")
