"""The primary Region is dark: what the command then says, and what is there when it has brought the warehouse back."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.errors import DemoError
from demo.spans import exactly
from resilient_redshift.contract.names import endpoint_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.aws import Aws
    from demo.cli import Command
    from demo.observe import Protected
    from demo.screen import Screen

#: What our own steps may take beyond Redshift's restore.
OWN_AT_MOST: Final = timedelta(seconds=60)
UNREACHABLE: Final = "primary unreachable"
#: The exit status of ``status`` while nobody can tell whether the primary lives.
_CANNOT_TELL: Final = 2
#: As text, so that nothing here needs a driver: the Data API answers with numbers.
_COUNT: Final = "select count(*) from orders"
_PATIENCE: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Recovered:
    """What a failover brought back, by the clock of the emulated AWS.

    Attributes:
        cluster: the new cluster's identifier.
        endpoint: where clients find it.
        point: from the time of the data to the failover's start.
        time: from there until it was validated and published.
        restore: what Redshift took to restore, as the emulated one was told.
        orders: rows that are there again.
    """

    cluster: str
    endpoint: str
    point: timedelta
    time: timedelta
    restore: timedelta
    orders: int

    @property
    def own(self) -> timedelta:
        """What our own steps took beyond Redshift's restore; looks every 20 seconds are among them."""
        return self.time - self.restore


def status(screen: Screen, aws: Aws, command: Command, plan: str, region: str) -> None:
    """Ask ``resilient-redshift status`` in the recovery Region alone; DemoError unless that is enough."""
    said = run(screen, aws, command, ["status", plan, "--region", region], seen=True, expected=_CANNOT_TELL)
    if UNREACHABLE not in "\n".join(said):
        raise DemoError(f"'resilient-redshift status' did not say {UNREACHABLE!r} of a Region that is dark")


def failover(screen: Screen, aws: Aws, command: Command, plan: str, who: Protected) -> Recovered:
    """Run ``resilient-redshift failover``, and read what it left; DemoError unless the warehouse is back."""
    run(screen, aws, command, ["failover", plan, "--region", who.recovery, "--yes"], seen=not screen.live)
    parameter = aws.client("ssm", who.recovery).get_parameter(Name=endpoint_name(plan))
    published = json.loads(parameter["Parameter"]["Value"])
    report = _report(aws, who, published["execution"])
    [cluster] = aws.client("redshift", who.recovery).describe_clusters(ClusterIdentifier=published["cluster"])[
        "Clusters"
    ]
    if cluster["ClusterStatus"] != "available":
        raise DemoError(f"{published['cluster']} in {who.recovery} is {cluster['ClusterStatus']} after the failover")
    return Recovered(
        cluster=published["cluster"],
        endpoint=f"{published['endpoint']}:{published['port']}",
        point=_time(report["started"]) - _time(report["snapshot"]["created"]),
        time=_time(report["ended"]) - _time(report["started"]),
        restore=timedelta(seconds=aws.settings()["restore_seconds"]),
        orders=count(aws, who.recovery, published["cluster"]),
    )


def judge(found: Recovered, who: Protected, expected: int) -> None:
    """DemoError if data are missing, or it took too long; `summary.judge` sees to the recovery point."""
    if found.orders != expected:
        raise DemoError(f"{found.cluster} came back with {found.orders} orders, the snapshot held {expected}")
    if found.time > who.within:
        raise DemoError(f"the recovery time was {exactly(found.time)}, objective {exactly(who.within)}")
    if found.own > OWN_AT_MOST:
        raise DemoError(f"our own steps took {exactly(found.own)} beyond the restore, {exactly(OWN_AT_MOST)} at most")


def in_words(found: Recovered, who: Protected, written: int) -> str:
    """What came of it, in one line."""
    point, time, own = exactly(found.point), exactly(found.time), exactly(found.own)
    return (
        f"Then {who.primary} went dark, and {found.cluster} came back in {who.recovery} with {found.orders:,} of "
        f"{written:,} orders: recovery point {point} (objective {exactly(who.objective)}), recovery time {time} "
        f"(objective {exactly(who.within)}), of which {exactly(found.restore)} were Redshift's restore and {own} our "
        f"own steps (at most {exactly(OWN_AT_MOST)})."
    )


def run(
    screen: Screen, aws: Aws, command: Command, words: Sequence[str], *, seen: bool, expected: int = 0
) -> list[str]:
    """Run ``resilient-redshift``, and show what it says.

    Args:
        screen: where it is shown.
        aws: the emulated AWS.
        command: the command.
        words: its arguments.
        seen: whether to read along; otherwise it writes to the terminal itself, live.
        expected: its exit status.

    Returns:
        What it said, if somebody read along.

    Raises:
        DemoError: it ended with another status.
    """
    screen.raw(f"\n   $ {shlex.join(['resilient-redshift', *words])}")
    said: list[str] = []

    def told(line: str) -> None:
        said.append(line)
        screen.raw(f"   {line}".rstrip())

    number = command(words, env=aws.env, on_line=told if seen else None)
    screen.raw("")
    if number != expected:
        reason = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        raise DemoError(f"resilient-redshift {words[0]} ended with status {number}: {reason}")
    return said


def _report(aws: Aws, who: Protected, name: str) -> dict[str, Any]:
    arn = f"{who.machine.replace(':stateMachine:', ':execution:')}:{name}"
    found = aws.client("stepfunctions", who.recovery).describe_execution(executionArn=arn)
    if found["status"] != "SUCCEEDED":
        raise DemoError(f"the execution {name} of the restore machine is {found['status']}")
    report: dict[str, Any] = json.loads(found["output"])
    return report


def count(aws: Aws, region: str, cluster: str) -> int:
    """The orders of a cluster, through the Redshift Data API."""
    [found] = aws.client("redshift", region).describe_clusters(ClusterIdentifier=cluster)["Clusters"]
    data = aws.client("redshift-data", region)
    asked = data.execute_statement(
        ClusterIdentifier=cluster, Database=found["DBName"], DbUser=found["MasterUsername"], Sql=_COUNT
    )
    aws.advance(_PATIENCE)
    return int(data.get_statement_result(Id=asked["Id"])["Records"][0][0]["longValue"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
