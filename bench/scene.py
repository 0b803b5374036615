"""What all variants stand on: pairs of stacks in two Regions, ten clusters in each pair, VPCs that exist already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT: Final = "123456789012"
HOME_REGION: Final = "us-east-1"
AWAY_REGION: Final = "us-west-2"
CLUSTERS_PER_PAIR: Final = 10
VPC_ID: Final = "vpc-0123456789abcdef0"
SUBNETS: Final = ("subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb", "subnet-0cccccccccccccccc")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A stack with clusters and the stack where they would be restored."""

    home: cdk.Stack
    away: cdk.Stack
    home_vpc: ec2.IVpc
    away_vpc: ec2.IVpc
    clusters: tuple[str, ...]


def pairs(app: cdk.App, n: int) -> Iterator[Pair]:
    """As many pairs of stacks as ``n`` clusters need; importing a VPC costs every variant the same."""
    for number, first in enumerate(range(0, n, CLUSTERS_PER_PAIR)):
        home = cdk.Stack(app, f"Home{number}", env=cdk.Environment(account=ACCOUNT, region=HOME_REGION))
        away = cdk.Stack(app, f"Away{number}", env=cdk.Environment(account=ACCOUNT, region=AWAY_REGION))
        names = tuple(f"warehouse{index}" for index in range(first, min(first + CLUSTERS_PER_PAIR, n)))
        yield Pair(home=home, away=away, home_vpc=_vpc(home), away_vpc=_vpc(away), clusters=names)


def _vpc(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id=VPC_ID,
        availability_zones=[stack.region + zone for zone in "abc"],
        private_subnet_ids=list(SUBNETS),
    )
