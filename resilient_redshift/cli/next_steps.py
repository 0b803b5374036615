"""What an operator does after a restore, as commands to paste: let clients in, the password, keep what is there.

Each command names its Region and the profile, and is quoted for the shell. Nothing here is called.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import endpoint_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cli.plans import Plan

#: Redshift's port if nobody chose another one (Redshift API, CreateCluster).
_PORT: Final = 5439
#: How many of the newest copies the freeze after a failover keeps.
_FROZEN: Final = 3


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step.

    Args:
        text: what it is for.
        commands: the commands, in order. None for a step without a command.
    """

    text: str
    commands: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Writes command lines.

    Args:
        region: the Region that each command names.
        profile: the profile of the AWS configuration. None if no command names one.
    """

    region: str
    profile: str | None = None

    def ours(self, verb: str, plan: str, *words: str) -> str:
        """A command of ``resilient-redshift``."""
        return shlex.join(["resilient-redshift", verb, plan, *self._place, *words])

    def aws(self, service: str, operation: str, *words: str) -> str:
        """A command of the AWS CLI."""
        return shlex.join(["aws", service, operation, *self._place, *words])

    @property
    def _place(self) -> list[str]:
        return ["--region", self.region, *(["--profile", self.profile] if self.profile else [])]


def after_restore(
    plan: Plan,
    cluster: Mapping[str, Any],
    *,
    published: bool,
    copied_to: str,
    name: str,
    profile: str | None = None,
) -> Iterator[Step]:
    """The steps after a restore.

    Args:
        plan: the plan record of the Region in which the cluster was restored.
        cluster: the cluster, as the machine's report has it.
        published: whether the restore published the cluster's endpoint, so that the warehouse is there now.
        copied_to: the Region that the cluster's snapshots are copied to. Empty: none.
        name: what makes the name of the first snapshot unique, such as the time of the restore.
        profile: the profile of the AWS configuration. Default: no command names one.
    """
    region, identifier = plan.recovery, str(cluster["identifier"])
    commands = Commands(region=region, profile=profile)
    yield from _let_in(commands, plan, cluster)
    yield from _password(commands, cluster)
    if not published:
        drop = commands.aws("redshift", "delete-cluster", "--cluster-identifier", identifier)
        yield Step(
            text=f"clients go where they went before. When you have seen enough, delete {identifier}",
            commands=[f"{drop} --skip-final-cluster-snapshot"],
        )
        return
    yield _clients(plan, cluster)
    yield Step(
        text=f"keep the newest copies: they go on expiring, and {plan.primary} may send no new ones",
        commands=[commands.ours("freeze", plan.name, "--newest", str(_FROZEN))],
    )
    snapshot = ("--cluster-identifier", identifier, "--snapshot-identifier", f"{identifier}-after-failover-{name}")
    yield Step(
        text=f"take a first snapshot of {identifier}",
        commands=[commands.aws("redshift", "create-cluster-snapshot", *snapshot)],
    )
    yield Step(
        text=f"as soon as {plan.primary} answers again, cut clients off from the old cluster there",
        commands=[commands.ours("fence", plan.name)],
    )
    forward = plan.record.get("reverse_of")
    yield _at_home(commands, plan, str(forward), profile) if forward else _home(commands, plan, copied_to)
    yield Step(text="see what is left to do", commands=[commands.ours("status", plan.name)])


def after_switchover(
    plan: Plan,
    cluster: Mapping[str, Any],
    *,
    name: str,
    retired: str,
    made_room: bool = False,
    profile: str | None = None,
) -> Iterator[Step]:
    """The steps after a switchover. Both Regions are there, and the old cluster is closed or has no writer.

    Args:
        plan: the plan record of the Region that the warehouse went to.
        cluster: the new cluster, as the machine's report has it.
        name: what makes the names of snapshots unique, such as the time of the switchover.
        retired: the identifier that a cluster gets whose name is needed.
        made_room: whether the cluster in the way has it. Default: none was in the way.
        profile: the profile of the AWS configuration. Default: no command names one.
    """
    commands = Commands(region=plan.recovery, profile=profile)
    former = Commands(region=plan.primary, profile=profile)
    yield from _let_in(commands, plan, cluster)
    yield from _password(commands, cluster)
    yield _clients(plan, cluster)
    identifier = str(cluster["identifier"])
    first = ("--cluster-identifier", identifier, "--snapshot-identifier", f"{identifier}-after-switchover-{name}")
    yield Step(
        text=f"take a first snapshot of {identifier}: no Region has a copy of the new cluster yet",
        commands=[commands.aws("redshift", "create-cluster-snapshot", *first)],
    )
    yield _old_cluster(former, plan, retired, f"{plan.cluster}-final-{name}")
    if made_room:
        kept, its = ("--cluster-identifier", retired), ("--final-cluster-snapshot-identifier", f"{retired}-final")
        yield Step(
            text=f"{retired} in {plan.recovery} had the name, and is paused: delete it when nobody misses anything",
            commands=[
                commands.aws("redshift", "resume-cluster", *kept),
                commands.aws("redshift", "delete-cluster", *kept, *its),
            ],
        )
    back = plan.record.get("reversed_by") or plan.record.get("reverse_of")
    if back:
        yield Step(
            text=f"when the first snapshot was copied to {plan.primary}, rehearse the way back",
            commands=[former.ours("drill", str(back))],
        )
    forward = plan.record.get("reverse_of")  # at home, the way home is a standby that has nothing to say
    status = former.ours("status", str(forward)) if forward else commands.ours("status", plan.name)
    yield Step(text="see what is left to do", commands=[status])


def show(screen: Screen, steps: Iterator[Step], heading: str = "next steps") -> None:
    """Show the steps, each with its commands on lines of their own."""
    screen.say(heading, "bold")
    for number, step in enumerate(steps, 1):
        screen.say(f"  {number}. {step.text}", hang=5)
        for command in step.commands:
            screen.command(command)


def _let_in(commands: Commands, plan: Plan, cluster: Mapping[str, Any]) -> Iterator[Step]:
    """The ingress of the plan's first security group. The site's own group lets nobody in."""
    groups = [str(group) for group in plan.part("recovery").get("security_groups", [])]
    if not groups:
        return
    port = int(cluster.get("port", _PORT))
    ingress = commands.aws("ec2", "authorize-security-group-ingress", "--group-id", groups[0])
    permission = f"IpProtocol=tcp,FromPort={port},ToPort={port},IpRanges=[{{CidrIp=$CLIENTS,Description=clients}}]"
    others = f" (the cluster also has {', '.join(groups[1:])})" if groups[1:] else ""
    yield Step(
        text=f"let your clients in{others}. Paste it, then type their network, such as 10.20.0.0/16",
        commands=[f'read -r CLIENTS && {ingress} --ip-permissions "{permission}"'],
    )


def _password(commands: Commands, cluster: Mapping[str, Any]) -> Iterator[Step]:
    if "secret_arn" in cluster:
        words = ("--secret-id", str(cluster["secret_arn"]), "--query", "SecretString", "--output", "text")
        yield Step(
            text=f"read the new password of {cluster.get('admin_user', 'the admin')}",
            commands=[commands.aws("secretsmanager", "get-secret-value", *words)],
        )


def _clients(plan: Plan, cluster: Mapping[str, Any]) -> Step:
    address = f"{cluster.get('endpoint', '?')}:{cluster.get('port', _PORT)}"
    dns = plan.part("restore").get("dns") or {}
    if dns.get("record_name"):
        return Step(text=f"look whether the DNS name {dns['record_name']} leads to {address}, and start your jobs")
    return Step(text=f"point your DNS name and your tools to {address}, and start your jobs")


def _old_cluster(former: Commands, plan: Plan, retired: str, final: str) -> Step:
    """What to do with the cluster that the warehouse left. At home, it has the name that the next failover needs."""
    old = ("--cluster-identifier", plan.cluster)
    if not plan.record.get("reverse_of"):  # the cluster's stack knows it by its name
        return Step(
            text=f"pause the old cluster in {plan.primary}, or delete it when nobody misses anything",
            commands=[
                former.aws("redshift", "pause-cluster", *old),
                former.aws("redshift", "delete-cluster", *old, "--final-cluster-snapshot-identifier", final),
            ],
        )
    return Step(
        text=f"the old cluster in {plan.primary} has the name that the next failover needs: rename it, and pause it. "
        "Begin each command when the one before has taken effect",
        commands=[
            former.aws("redshift", "disable-snapshot-copy", *old),
            former.aws("redshift", "modify-cluster", *old, "--new-cluster-identifier", retired),
            former.aws("redshift", "pause-cluster", "--cluster-identifier", retired),
        ],
    )


def _at_home(commands: Commands, plan: Plan, forward: str, profile: str | None) -> Step:
    """After a failover home: the endpoint of the other direction, in a Region that was lost, still says away."""
    away = Commands(region=plan.primary, profile=profile)
    return Step(
        text=f"then withdraw both endpoints, that of {forward} first: nothing published means at home",
        commands=[
            each.aws("ssm", "delete-parameter", "--name", endpoint_name(name))
            for each, name in ((away, forward), (commands, plan.name))
        ],
    )


def _home(commands: Commands, plan: Plan, copied_to: str) -> Step:
    """Protection of the new cluster, and the way home."""
    home = plan.record.get("reversed_by")
    copies = f"its snapshots are copied to {copied_to}" if copied_to else "until then no other Region has a copy of it"
    if home:
        return Step(
            text=f"go home when you want, and lose nothing; {copies}",
            commands=[commands.ours("switchover", str(home), "--fence")],
        )
    return Step(text=f"protect {plan.cluster} from {plan.recovery} (docs/failback.md); {copies}")
