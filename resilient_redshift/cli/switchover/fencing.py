"""The fence: a cluster gets a security group that lets nobody in, and is rebooted so that open sessions end.

What was there before is written down first, so that ``--unfence`` brings it back after a crash at any point (decision
record 0021).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cli.switchover import parameters
from resilient_redshift.cli.switchover.clusters import Live, change, look
from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.contract.names import TAG_FENCE, fence_group_name, fence_name
from resilient_redshift.contract.switchovers import FENCE_VERSION, read_fence
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.tools import Tools

#: EC2's code for a security group whose name is taken (EC2 API, CreateSecurityGroup).
_GROUP_EXISTS: Final = "InvalidGroup.Duplicate"
#: The status of a cluster that is being rebooted.
_REBOOTING: Final = "rebooting"
#: DescribeClusters shows a reboot that AWS accepted before this time is over.
_REBOOT_IS_SEEN: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Fence:
    """What a fence replaced.

    Args:
        cluster: the cluster's identifier.
        created: its ClusterCreateTime.
        groups: the security groups that it had.
        group: the group that it has instead.
        by: the ARN of who fenced it.
        at: when.
        complete: when no session of before was left, by AWS's clock. None: it has not come to that yet.
    """

    cluster: str
    created: datetime
    groups: tuple[str, ...]
    group: str
    by: str
    at: datetime
    complete: datetime | None = None

    def is_of(self, cluster: Live) -> bool:
        """Whether it is the fence of this very cluster, and not of a former one of that name."""
        return cluster.identifier == self.cluster and same_cluster(cluster.created, self.created)

    @property
    def gives_back(self) -> str:
        """What taking the fence away does, in words. Somebody else may have written the parameter."""
        return f"The cluster gets these security groups again: {', '.join(self.groups) or 'none is written down'}."

    def holds(self, cluster: Live) -> bool:
        """Whether the cluster has the fence's group now, and no other."""
        return self.is_of(cluster) and cluster.groups == (self.group,)


def read(aws: Aws, region: str, plan: str) -> Fence | None:
    """Read what the fence of a plan's cluster replaced.

    Args:
        aws: calls to AWS.
        region: the cluster's Region.
        plan: the name of the plan.

    Returns:
        The fence. None: there is none.

    Raises:
        CliError: the parameter could not be read, or is not understood.
    """
    text = parameters.get(aws, region, fence_name(plan))
    if text is None:
        return None
    stored = read_fence(text, plan)
    if stored.understood.problems:
        hint = "its history has the former text: aws ssm get-parameter-history"
        raise CliError(f"{'; '.join(stored.problems)} ({region})", hint)
    value = stored.value
    created, at = read_time(value["created"]), read_time(value["at"])
    assert created is not None  # noqa: S101 - the schema says so
    return Fence(
        cluster=value["cluster"],
        created=created,
        groups=tuple(value["groups"]),
        group=value["fence_group"],
        by=value["by"],
        at=at or created,
        complete=read_time(value.get("complete")),
    )


@dataclass
class Fencing:
    """Fences one cluster, and takes the fence away again.

    Args:
        tools: the world around the command.
        plan: the name of the plan.
        region: the cluster's Region.
        cluster: the cluster's identifier.
        by: the ARN of who does it.
    """

    tools: Tools
    plan: str
    region: str
    cluster: str
    by: str
    fence: Fence | None = None
    _seen_rebooting: bool = field(default=False, init=False)
    _reboot_asked: datetime | None = field(default=None, init=False)
    _group: str = field(default="", init=False)

    def tick(self) -> str:
        """Take the next small step of the fence. Empty: the fence is complete, and ``fence.complete`` says since when.

        Raises:
            CliError: the cluster cannot be fenced.
        """
        live = self._live()
        fence = self._written(live)
        if live.state.name == _REBOOTING and fence.holds(live):
            self._seen_rebooting = True
        if not live.available:
            return f"{live.name} is {live.state.name}"
        if not fence.holds(live):
            self._write(replace(fence, complete=None))
            change(self.tools.aws, live, "ModifyCluster", VpcSecurityGroupIds=[fence.group])
            return f"{live.name} gets the security group {fence.group}, which lets nobody in"
        return self._end_sessions(live, fence)

    def _end_sessions(self, live: Live, fence: Fence) -> str:
        """Reboot the cluster, which has the fence's group, once. Empty: nobody of before is connected any more."""
        if not live.groups_active:
            return f"{live.name}: the security group {fence.group} is not in force yet"
        if live.tags.get(TAG_FENCE) != fence.group:
            tag = {"Key": TAG_FENCE, "Value": fence.group}
            self.tools.aws.call(live.region, "redshift", "CreateTags", ResourceName=live.arn(self.by), Tags=[tag])
            return f"{live.name} gets a tag that says that it is fenced"
        if fence.complete is None and not self._rebooted():
            if self._reboot_asked is None:
                change(self.tools.aws, live, "RebootCluster")
                self._reboot_asked = self.tools.now()
            return f"{live.name} is rebooted, so that open sessions end"
        if fence.complete is None:
            self._write(replace(fence, complete=self.tools.aws.answered_at or self.tools.now()))
        return ""

    def untick(self) -> str:
        """Take the next small step back. Empty: the cluster has its security groups again.

        Raises:
            CliError: nobody knows the former groups, or the cluster is gone.
        """
        fence = read(self.tools.aws, self.region, self.plan)
        if fence is None:
            return ""
        live = look(self.tools.aws, self.region, self.cluster)
        if live is None or not fence.is_of(live):
            raise CliError(
                f"the fence is of a cluster {fence.cluster} that was created {words.iso(fence.created)}, and "
                f"{self.region} has no such cluster under that name",
                f"it had the security groups {', '.join(fence.groups)}",
            )
        live.require_hope()
        if not fence.groups:
            raise CliError(
                f"the parameter {fence_name(self.plan)} in {self.region} names no security group of before",
                "give the cluster its security groups by hand: aws redshift modify-cluster --vpc-security-group-ids",
            )
        if not live.available:
            return f"{live.name} is {live.state.name}"
        if set(live.groups) != set(fence.groups):
            change(self.tools.aws, live, "ModifyCluster", VpcSecurityGroupIds=list(fence.groups))
            return f"{live.name} gets its security groups again: {', '.join(fence.groups)}"
        if not live.groups_active:
            return f"{live.name}: its security groups are not in force yet"
        if TAG_FENCE in live.tags:
            keys = [TAG_FENCE]
            self.tools.aws.call(live.region, "redshift", "DeleteTags", ResourceName=live.arn(self.by), TagKeys=keys)
        parameters.delete(self.tools.aws, self.region, fence_name(self.plan))
        return ""

    def _rebooted(self) -> bool:
        """Whether a reboot that AWS accepted is over. One that nobody saw counts after a minute."""
        asked = self._reboot_asked
        return self._seen_rebooting or (asked is not None and self.tools.now() - asked > _REBOOT_IS_SEEN)

    def _live(self) -> Live:
        live = look(self.tools.aws, self.region, self.cluster)
        if live is None:
            raise CliError(f"there is no cluster {self.cluster} in {self.region}")
        live.require_hope()
        return live

    def _written(self, live: Live) -> Fence:
        """What the fence replaces, written down before anything is changed."""
        self.fence = read(self.tools.aws, self.region, self.plan)
        group = self._group = self._group or self._find_group(live)
        if self.fence is not None and self.fence.is_of(live):
            return replace(self.fence, group=group)
        if group in live.groups:
            raise CliError(
                f"{live.name} has the security group {group} of a fence, but the parameter {fence_name(self.plan)} "
                f"does not say which ones it had before",
                "give it its security groups by hand: aws redshift modify-cluster --vpc-security-group-ids",
            )
        fence = Fence(
            cluster=live.identifier,
            created=live.created,
            groups=live.groups,
            group=group,
            by=self.by,
            at=self.tools.now(),
        )
        self._write(fence)
        return fence

    def _write(self, fence: Fence) -> None:
        """Write the fence down. Two operators write the same groups, because both see the same cluster."""
        if fence == self.fence:
            return
        value: dict[str, Any] = {
            "version": FENCE_VERSION,
            "plan": self.plan,
            "cluster": fence.cluster,
            "created": words.iso(fence.created),
            "groups": list(fence.groups),
            "fence_group": fence.group,
            "by": fence.by,
            "at": words.iso(fence.at),
            **({"complete": words.iso(fence.complete)} if fence.complete else {}),
        }
        parameters.put(self.tools.aws, self.region, fence_name(self.plan), value)
        self.fence = fence

    def _find_group(self, live: Live) -> str:
        """The security group without ingress in the cluster's VPC. It is made if there is none."""
        if not live.groups or not live.vpc:
            raise CliError(f"{live.name} has no security groups of a VPC, so it cannot be fenced this way")
        name, aws = fence_group_name(self.plan), self.tools.aws
        filters = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [live.vpc]}]
        found = aws.call(self.region, "ec2", "DescribeSecurityGroups", Filters=filters)["SecurityGroups"]
        if not found:
            try:
                description = f"Lets nobody in. It fences {live.identifier} (resilient-redshift, {self.plan})"
                aws.call(
                    self.region,
                    "ec2",
                    "CreateSecurityGroup",
                    GroupName=name,
                    Description=description,
                    VpcId=live.vpc,
                )
            except ApiError as error:
                if error.code != _GROUP_EXISTS:
                    raise
            found = aws.call(self.region, "ec2", "DescribeSecurityGroups", Filters=filters)["SecurityGroups"]
        if not found:
            raise CliError(f"the security group {name} in {self.region} is not visible yet", "run it again")
        if found[0].get("IpPermissions"):
            hint = "remove its rules: it must let nobody in"
            raise CliError(f"the security group {found[0]['GroupId']} ({name}) in {self.region} has ingress", hint)
        return str(found[0]["GroupId"])
