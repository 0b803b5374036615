"""What is known of Regions at synth: partitions, and whether a pair can copy. No table of ours: CDK's region_info."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from aws_cdk import region_info

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems


@functools.cache
def partition_of(region: str) -> str | None:
    """The Region's partition, None for a Region that CDK does not know."""
    return region_info.RegionInfo.get(region).partition


@functools.cache
def _domain_suffix(region: str) -> str | None:
    return region_info.RegionInfo.get(region).domain_suffix


def unknown_region(region: str) -> bool:
    """Whether CDK does not know the Region; it may be new, or a slip."""
    return partition_of(region) is None


def redshift_endpoints(region: str) -> list[str]:
    """How KMS may name Redshift as the service that asks (kms:ViaService)."""
    return service_endpoints("redshift", region)


def service_endpoints(service: str, region: str) -> list[str]:
    """How KMS may name a service as the one that asks (kms:ViaService); where the suffix differs, both forms."""
    suffix = _domain_suffix(region)
    return [f"{service}.{region}.{ending}" for ending in dict.fromkeys(("amazonaws.com", suffix or "amazonaws.com"))]


def check_other_region(problems: Problems, argument: str, destination: str, source: str | None) -> None:
    """Record why snapshots cannot be copied from one Region to the other, if so."""
    if not known(destination):
        why = "a token could mean the cluster's own Region, and nobody would notice"
        problems.add(argument, "a token", "the literal name of a Region", why)
        return
    if source is None:
        why = "with an environment-agnostic stack the cluster could copy to itself"
        problems.add(
            "cluster",
            "a cluster in a stack without a Region",
            "a cluster in a stack with env=Environment(region=...)",
            why,
        )
        return
    why = "a copy in the cluster's own Region is lost with it"
    if not problems.check(
        destination != source, argument, destination, f"another Region than the cluster's, {source}", why
    ):
        return
    theirs, ours = partition_of(destination), partition_of(source)
    same = theirs == ours or None in (theirs, ours)
    why = "AWS copies within a partition only"
    problems.check(same, argument, f"{destination} in {theirs}", f"a Region of the cluster's partition, {ours}", why)
