"""The custom resources of this library. All are made in the same way, and a removal takes two keys."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES
from resilient_redshift.stack.removal import KEEPING
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from constructs import Construct

    from resilient_redshift.errors import Problems
    from resilient_redshift.provider.framework import Provider

#: Why a copy or a grant cannot have the removal policy SNAPSHOT.
NO_SNAPSHOTS: Final = "neither a copy nor a grant has snapshots of its own"
_REMOVALS: Final = "RemovalPolicy.RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY"


@functools.cache
def _service_timeout() -> cdk.Duration:
    return cdk.Duration.minutes(SERVICE_TIMEOUT_MINUTES)


def custom_resource(
    scope: Construct,
    construct_id: str,
    *,
    provider: Provider,
    resource_type: str,
    properties: dict[str, Any],
    removal_policy: cdk.RemovalPolicy,
) -> cdk.CustomResource:
    """Make a custom resource with both keys to its removal: the removal policy, and a property with the same meaning.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        provider: the provider whose functions serve the resource.
        resource_type: the resource's type, ``Custom::...``.
        properties: the resource's properties.
        removal_policy: one of the policies that :func:`check_removal` accepts.
    """
    SynthChecks.of(scope)  # a rule compares both keys in the finished template
    return cdk.CustomResource(
        scope,
        construct_id,
        service_token=provider.service_token,
        resource_type=resource_type,
        properties={**properties, "RemovalPolicy": "retain" if removal_policy in KEEPING else "destroy"},
        removal_policy=removal_policy,
        service_timeout=_service_timeout(),
    )


def check_removal(problems: Problems, policy: cdk.RemovalPolicy, why: str) -> None:
    """Record a problem unless a removal policy is RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY.

    Args:
        problems: collects the problems of the call.
        policy: the removal policy that the user passed.
        why: why the policy cannot be SNAPSHOT.
    """
    problems.check(policy in (*KEEPING, cdk.RemovalPolicy.DESTROY), "removal_policy", policy, _REMOVALS, why)
