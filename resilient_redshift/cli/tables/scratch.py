"""The scratch cluster of one job: restored by the plan's restore machine, found by its name, deleted by its tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, outlook, redshift
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.next_steps import Commands
from resilient_redshift.cli.tables.job import FailedError
from resilient_redshift.cli.tables.live import Live
from resilient_redshift.cli.tables.watching import watch
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import clusters, states
from resilient_redshift.cloud.restore.request import FAILOVER
from resilient_redshift.cloud.restore.seen import Seen, seen
from resilient_redshift.contract.names import RESTORED_CLUSTERS, TAG_RESTORED_FROM
from resilient_redshift.contract.outcomes import RESTORED, RESTORED_UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tables.job import Job
    from resilient_redshift.cli.tools import Tools

#: The first letters of the identifier of every scratch cluster. The policy of docs/restore-table.md lets an operator
#: delete these clusters alone.
SCRATCH_CLUSTERS: Final = f"{RESTORED_CLUSTERS}table-"
#: How the result of a deletion begins that did not take place.
LEFT: Final = "left"
#: How long a deletion is waited for.
_DELETION_SECONDS: Final = 3600.0
#: ``ApplyStatus`` of a role that Redshift attaches now (Redshift API, ClusterIamRole), and how long that is waited for.
_ATTACHING: Final = "adding"
_ROLE_SECONDS: Final = 900.0


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """The scratch cluster of a job, whether it exists or not."""

    tools: Tools
    plan: Plan
    job: Job

    @property
    def identifier(self) -> str:
        """The cluster's identifier: the same for the same job, so that a second command finds it."""
        return f"{SCRATCH_CLUSTERS}{self.job.key}"

    @property
    def _runs(self) -> str:
        """The first letters of the names of the executions that restore it."""
        return f"table-{self.job.key}-"

    def described(self) -> Mapping[str, Any] | None:
        """The cluster as DescribeClusters shows it. None: it does not exist.

        Raises:
            CliError: it could not be read.
        """
        return clusters.describe(redshift.client(self.tools.aws, self.plan.recovery), self.identifier)

    def look(self) -> Seen | None:
        """The cluster. None: it does not exist."""
        found = self.described()
        return None if found is None else seen(found)

    def is_ours(self, cluster: Seen) -> bool:
        """Whether an execution that this job started made the cluster, as its tags say."""
        return (
            cluster.identifier == self.identifier
            and cluster.belongs_to(self.plan.name)
            and cluster.made_by.startswith(self._runs)
        )

    def running(self) -> str | None:
        """The ARN of the running execution that restores the cluster. None: no such execution runs.

        Raises:
            CliError: the executions could not be listed.
        """
        machine = outlook.restore_machine(self.plan)
        found = self.tools.aws.pages(
            self.plan.recovery,
            "stepfunctions",
            "ListExecutions",
            "executions",
            stateMachineArn=machine,
            statusFilter=executions.RUNNING,
        )
        return next((str(one["executionArn"]) for one in found if one["name"].startswith(self._runs)), None)

    def start(self, snapshot: str) -> str:
        """Start the execution that restores the cluster. It publishes nothing.

        Raises:
            CliError: it did not start, or that is unknown.
        """
        machine_input = {
            "plan": self.plan.name,
            "mode": FAILOVER,
            "snapshot": snapshot,
            "target": self.identifier,
            "publish": False,
            "reason": f"restore-table {self.job.source} as {self.job.new}",
        }
        name = executions.name_for("table", self.job.key, self.tools.now())
        return executions.start(self.tools, outlook.restore_machine(self.plan), name, machine_input)

    def follow(self, arn: str) -> None:
        """Follow the restore to its end.

        Raises:
            FailedError: the cluster was not restored.
        """
        execution = Follower(self.tools, arn, self.job.command(self.tools)).follow()
        message = execution.report.get("message") or execution.cause
        if execution.outcome not in {RESTORED, RESTORED_UNVERIFIED}:
            raise FailedError(f"the scratch restore ended in {execution.outcome}: {message}", f"its execution: {arn}")
        if execution.outcome == RESTORED_UNVERIFIED:
            # a check of the plan may ask for data that is newer than the bad load
            self.tools.screen.say(f"  ! a check of the plan failed on the scratch cluster: {message}", "yellow")

    def live(self, role: str) -> tuple[Live, Seen]:
        """The cluster, ready for SQL, with a role attached.

        Raises:
            FailedError: the cluster does not exist, is not this job's, or is not available.
            CliError: the role is not attached. Somebody can attach it, and go on.
        """

        def look() -> tuple[tuple[Live, Seen] | None, str]:
            live, cluster = self._ready()
            if live.roles.get(role) == _ATTACHING:
                return None, "Redshift attaches the role"
            live.require_role(role, self.tools.profile)
            return (live, cluster), ""

        return watch(self.tools, f"look at {self.identifier}", look, most_seconds=_ROLE_SECONDS)

    def _ready(self) -> tuple[Live, Seen]:
        found = self.described()
        if found is None:
            raise FailedError(f"the scratch cluster {self.identifier} is gone", "run it again from the start")
        cluster = seen(found)
        if not self.is_ours(cluster):
            raise FailedError(f"the cluster {self.identifier} was not made by this command")
        if cluster.state.meaning is not states.Meaning.AVAILABLE:
            raise FailedError(f"the scratch cluster {self.identifier} is {cluster.state.name}")
        return Live.of(found, self.plan.recovery), cluster

    def snapshot_of(self, cluster: Seen) -> str:
        """The snapshot that the cluster was restored from."""
        return cluster.tags.get(TAG_RESTORED_FROM, "?")

    @property
    def delete_command(self) -> str:
        """The command that deletes the cluster by hand."""
        commands = Commands(region=self.plan.recovery, profile=self.tools.profile)
        words = ("--cluster-identifier", self.identifier, "--skip-final-cluster-snapshot")
        return commands.aws("redshift", "delete-cluster", *words)

    def delete(self) -> str:
        """Delete the cluster without a final snapshot, if its tags say that this job made it. Wait until it is gone.

        Returns:
            What became of it: ``deleted``, ``never there``, or why it is left.
        """
        try:
            cluster = self.look()
            if cluster is None:
                return "never there"
            if not self.is_ours(cluster):
                return f"{LEFT}: its tags do not say that this command made it. If it is yours: {self.delete_command}"
            watch(self.tools, f"delete {self.identifier}", self._delete, most_seconds=_DELETION_SECONDS)
        except CliError as error:
            return f"{LEFT}: {error.message}. Delete it: {self.delete_command}"
        return "deleted"

    def _delete(self) -> tuple[bool | None, str]:
        """Ask for the deletion until Redshift accepts it, then look until the cluster is gone."""
        cluster = self.look()
        if cluster is None:
            return True, ""
        if not self.is_ours(cluster):
            raise CliError("another cluster has its name now")
        if cluster.state.meaning is not states.Meaning.GOING:
            try:
                self.tools.aws.call(
                    self.plan.recovery,
                    "redshift",
                    "DeleteCluster",
                    ClusterIdentifier=self.identifier,
                    SkipFinalClusterSnapshot=True,
                )
            except ApiError as error:
                if error.meaning not in {Meaning.BUSY, Meaning.MISSING}:
                    raise
        return None, cluster.state.name
