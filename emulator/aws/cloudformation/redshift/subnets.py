"""Redshift's subnet groups look at ministack's EC2."""

from __future__ import annotations

from ministack.core.responses import get_region
from ministack.services import ec2


def subnet(region: str, name: str) -> tuple[str, str] | None:
    """(VPC, Zone) of a subnet of the Region that is asked, None if there is none."""
    found = ec2._subnets.get(name) if region == get_region() else None
    return None if found is None else (str(found["VpcId"]), str(found["AvailabilityZone"]))
