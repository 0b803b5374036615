"""What all variants stand on: pairs of stacks in two Regions, ten clusters in each pair, VPCs that exist already."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A token, as in the library: no ARN names a partition.
PARTITION: Final = cdk.Aws.PARTITION
ACCOUNT: Final = "123456789012"
HOME_REGION: Final = "us-east-1"
AWAY_REGION: Final = "us-west-2"
CLUSTERS_PER_PAIR: Final = 10
VPC_ID: Final = "vpc-0123456789abcdef0"
SUBNETS: Final = ("subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb", "subnet-0cccccccccccccccc")
#: Where the files lie that baselines name: the handler and the state machines' definitions.
PACKAGE: Final = Path(__file__).parent.parent / "resilient_redshift"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A stack with clusters and the stack where they would be restored."""

    home: cdk.Stack
    away: cdk.Stack
    home_vpc: ec2.IVpc
    away_vpc: ec2.IVpc
    clusters: tuple[str, ...]


class Site(Protocol):
    """What a record tells of the recovery Region."""

    machine_arn: str
    grant: str
    key_arn: str
    subnet_group: str
    security_group: str
    parameter_group: str


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


def definition(name: str) -> str:
    """A state machine's definition, as a template holds it."""
    text = (PACKAGE / "definitions" / f"{name}.asl.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def record(name: str, plan: str, away: Site, *, snapshots_arn: str | None = None) -> str:
    """What a plan's parameter holds, as the library writes it.

    Names of the recovery Region stand in that Region only, the machine that takes snapshots in the cluster's only.
    """
    names: dict[str, Any] = {
        "encryption_key": away.key_arn,
        "subnet_group": away.subnet_group,
        "security_groups": [away.security_group],
        "parameter_group": away.parameter_group,
    }
    here = snapshots_arn is None
    drills = hashlib.sha256(f"drill\0{plan}\0{AWAY_REGION}".encode()).hexdigest()[:8]
    return json.dumps(
        {
            "version": 1,
            "plan": plan,
            "cluster": {"identifier": name, "region": HOME_REGION, "account": ACCOUNT},
            "recovery": {
                "region": AWAY_REGION,
                "site": "Away/Site",
                "snapshot_copy_grant_name": away.grant,
                **(names if here else {}),
            },
            "objectives": {
                "recovery_point_seconds": 93600,
                "recovery_time_seconds": 14400,
                "expected_copy_time_seconds": 3600,
            },
            "copy": {"keep_automated_days": 14, "keep_manual_days": 14},
            "rules": [
                {
                    "rule": "nightly",
                    "schedule": "cron(0 3 * * ? *)",
                    "keep_days": 7,
                    "keep_in_recovery_days": 14,
                    "enabled": True,
                }
            ],
            "restore": {
                "node_type": "ra3.large",
                "number_of_nodes": 2,
                "port": 5440,
                "automated_days": 14,
                "log_exports": ["connectionlog", "userlog", "useractivitylog"],
            },
            "machines": {"restore": away.machine_arn} if here else {"snapshot": snapshots_arn},
            "drill": {"cluster_prefix": f"drill-{drills}-"},
        },
        separators=(",", ":"),
    )
