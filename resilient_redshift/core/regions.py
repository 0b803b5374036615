"""What synth knows about Regions: partitions, and whether snapshots can be copied from one Region to another.

The source is CDK's ``region_info``. The library has no table of Regions of its own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from aws_cdk import region_info

from resilient_redshift.rules.naming import check_region
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems


@functools.cache
def partition_of(region: str) -> str | None:
    """The Region's partition; None for a Region that CDK does not know."""
    return region_info.RegionInfo.get(region).partition


@functools.cache
def _domain_suffix(region: str) -> str | None:
    return region_info.RegionInfo.get(region).domain_suffix


def unknown_region(region: str) -> bool:
    """Whether CDK does not know the Region. The Region may be new, or its name may have a typing error."""
    return partition_of(region) is None


def redshift_endpoints(region: str) -> list[str]:
    """The names under which KMS may see Redshift as the calling service (kms:ViaService)."""
    return service_endpoints("redshift", region)


def service_endpoints(service: str, region: str) -> list[str]:
    """The names under which KMS may see a service as the calling service (kms:ViaService).

    In a partition whose domain is not amazonaws.com, there are two names: one with each domain.
    """
    suffix = _domain_suffix(region)
    return [f"{service}.{region}.{ending}" for ending in dict.fromkeys(("amazonaws.com", suffix or "amazonaws.com"))]


def check_other_region(problems: Problems, argument: str, destination: str, source: str | None) -> None:
    """Record a problem when snapshots cannot be copied from one Region to another.

    Args:
        problems: collects the problems of the call.
        argument: the name of the argument that holds the destination.
        destination: the Region that receives the copies.
        source: the cluster's Region; None in an environment-agnostic stack.
    """
    if not known(destination):
        why = "a token could resolve to the cluster's own Region, and no check would notice it"
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
    in_form = check_region(problems, argument, destination)
    if not check_region(problems, "cluster", source) or not in_form:
        return
    why = "the loss of the cluster's Region would take the copy too"
    if not problems.check(
        destination != source, argument, destination, f"another Region than the cluster's, {source}", why
    ):
        return
    destination_partition, source_partition = partition_of(destination), partition_of(source)
    ok = destination_partition == source_partition or None in (destination_partition, source_partition)
    why = "AWS copies within a partition only"
    allowed = f"a Region of the cluster's partition, {source_partition}"
    problems.check(ok, argument, f"{destination} in {destination_partition}", allowed, why)
