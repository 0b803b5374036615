"""The end of a switchover: exactly one parameter says where the warehouse is, and the way back knows the new cluster.

That parameter is the endpoint that the plan of the cluster's own Region publishes in its recovery Region. Present, the
warehouse is away; absent, it is at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.switchover import clusters, parameters
from resilient_redshift.contract.endpoint_events import withdrawn
from resilient_redshift.contract.names import endpoint_name, lineage_name

if TYPE_CHECKING:
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.switchover.state import State
    from resilient_redshift.cli.tools import Tools


@dataclass
class HandOver:
    """Says where the warehouse is.

    Args:
        tools: the world around the command.
        plan: the plan record of the Region that the switchover went to.
        state: the switchover.
        cluster: the identifier of the new cluster.
    """

    tools: Tools
    plan: Plan
    state: State
    cluster: str

    def tick(self) -> str:
        """Do all of it: each part is harmless if it is done twice.

        Raises:
            CliError: the new cluster is gone.
        """
        live = clusters.look(self.tools.aws, self.plan.recovery, self.cluster)
        if live is None:
            raise CliError(f"the restored cluster {self.cluster} in {self.plan.recovery} is gone")
        forward = str(self.plan.record.get("reverse_of") or "")
        other = forward or str(self.plan.record.get("reversed_by") or "")
        if other:
            # so that a drill of that plan, and the next way, take copies of the new cluster
            parameters.put(self.tools.aws, self.plan.primary, lineage_name(other), words.iso(live.created))
        if forward:
            self._withdraw(forward, self.plan.primary)
            parameters.delete(self.tools.aws, self.plan.recovery, endpoint_name(self.plan.name))
            # the next journey may begin with a failover, which records no lineage for the way home
            parameters.delete(self.tools.aws, self.plan.recovery, lineage_name(self.plan.name))
        return ""

    def _withdraw(self, plan: str, region: str) -> None:
        """Withdraw an endpoint, and send the event. A second call sends it again: the first may have died before."""
        parameters.delete(self.tools.aws, region, endpoint_name(plan))
        entry = withdrawn(
            plan=plan,
            region=region,
            cluster=self.plan.cluster,
            execution=self.state.id,
            at=words.iso(self.tools.now()),
        )
        try:
            answer = self.tools.aws.call(region, "events", "PutEvents", Entries=[entry])
            refused = [one["ErrorCode"] for one in answer.get("Entries", ()) if one.get("ErrorCode")]
            problem = f"PutEvents in {region}: {refused[0]}" if refused else ""
        except CliError as error:
            problem = error.message
        if problem:
            self.tools.screen.say(f"    ! no event says that the endpoint of {plan} is withdrawn: {problem}", "yellow")
