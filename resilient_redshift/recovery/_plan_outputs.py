"""The outputs of a plan, on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from resilient_redshift.contract.names import endpoint_name
from resilient_redshift.core.typed import typed
from resilient_redshift.stack.outputs import add_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from constructs import Construct

    from resilient_redshift.recovery._site_base import SiteBase


@typed
class PlanOutputs:
    """Adds ``add_outputs`` to a plan that keeps its site and its name."""

    if TYPE_CHECKING:
        _site: SiteBase
        plan_name: str

    def add_outputs(self) -> Mapping[str, cdk.CfnOutput]:
        """Make outputs of the site's stack with what an operator needs.

        Returns:
            The outputs ``PlanName``, ``RestoreMachineArn`` and ``EndpointParameter``, the SSM parameter in which a
            failover publishes the restored cluster, by these names. A second call returns the same outputs.
        """
        return add_outputs(
            cast("Construct", self),
            {
                "PlanName": (self.plan_name, "the plan, as the command resilient-redshift names it"),
                "RestoreMachineArn": (self._site.restore.state_machine_arn, "the machine of failovers and drills"),
                "EndpointParameter": (endpoint_name(self.plan_name), "where a failover publishes the new endpoint"),
            },
        )
