"""Custom resources of ours: made alike, and removed only with both keys."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES

if TYPE_CHECKING:
    from constructs import Construct

    from resilient_redshift.errors import Problems
    from resilient_redshift.provider.framework import Provider

KEEPING: Final = (cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
#: Why SNAPSHOT is no removal policy of a copy or a grant.
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
    """Make a custom resource with both keys: the removal policy, and the same as a property."""
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
    """Record a problem where a removal policy is neither a keeping one nor DESTROY."""
    problems.check(policy in (*KEEPING, cdk.RemovalPolicy.DESTROY), "removal_policy", policy, _REMOVALS, why)
