"""What Redshift looks up in other services: subnets and security groups in EC2, roles in IAM, policies of topics in SNS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core.responses import request_scope
from ministack.services import ec2, iam

from emulator.aws.deliveries import REDSHIFT
from emulator.aws.deliveries import topic_refusal as refusal_of

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld


def install(world: EmulatedWorld) -> None:
    """Let the model see them; subnets that a test has put into the model count, too."""
    model, account = world.model.world, world.account

    def subnet(region: str, name: str) -> tuple[str, str] | None:
        found = ec2._subnets.get_scoped(account, region, name)
        if found is None:
            return model.given_subnets.get((region, name))
        return str(found["VpcId"]), str(found["AvailabilityZone"])

    def role(arn: str) -> bool:
        found = iam._roles.get_scoped(account, "", arn.rsplit("/", 1)[-1])
        return found is not None and found["Arn"] == arn

    def topic_refusal(region: str, topic: str, subscription: str) -> str | None:
        with request_scope(account, region):
            return refusal_of(topic, REDSHIFT, subscription)

    model.subnet = subnet
    model.topic_refusal = topic_refusal
    model.security_group = lambda region, name: ec2._security_groups.contains_scoped(account, region, name)
    model.role = role
