"""The Region answers again: the old cluster is fenced, and a switchover brings the warehouse home with every row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.errors import DemoError
from demo.observe import copy_status
from demo.spans import exactly, moment
from demo.way_back import count, run
from resilient_redshift.contract.names import endpoint_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from demo.aws import Aws
    from demo.cli import Command
    from demo.observe import Protected
    from demo.screen import Screen

TWO_WRITERS: Final = "two writers"
#: The exit status of ``status`` while something must be done.
_MISSED: Final = 1
#: The first automated snapshot of the cluster at home comes about eight hours after it, and its copy a little later.
_FIRST_COPY: Final = timedelta(hours=9)


@dataclass(frozen=True)
class Home:
    """How the warehouse came home.

    Attributes:
        at: when it was published there, by the clock of the emulated AWS.
        took: from the beginning of the switchover, while nobody could write.
        orders: rows that are there.
    """

    at: datetime
    took: timedelta
    orders: int


def fence(screen: Screen, aws: Aws, command: Command, plan: str, who: Protected) -> None:
    """See that ``status`` tells of two writers, and fence the old cluster; DemoError unless it lets nobody in then."""
    said = run(screen, aws, command, ["status", plan, "--region", who.recovery], seen=True, expected=_MISSED)
    if TWO_WRITERS not in "\n".join(said):
        raise DemoError(f"'resilient-redshift status' did not say {TWO_WRITERS!r} of a Region that is back")
    before = _groups(aws, who)
    run(screen, aws, command, ["fence", plan, "--region", who.recovery, "--yes"], seen=not screen.live)
    if before & _groups(aws, who):
        raise DemoError(f"{who.cluster} in {who.primary} still has the security groups of its clients after the fence")


def switch_home(screen: Screen, aws: Aws, command: Command, way_home: str, who: Protected) -> Home:
    """Switch over to the primary Region; DemoError unless every row is there then."""
    held, begun = count(aws, who.recovery, who.cluster), aws.now()
    words = ["switchover", way_home, "--region", who.primary, "--fence", "--yes"]
    run(screen, aws, command, words, seen=not screen.live)
    found = Home(at=aws.now(), took=aws.now() - begun, orders=count(aws, who.primary, who.cluster))
    if found.orders != held:
        raise DemoError(f"{who.cluster} came home with {found.orders} orders of {held}")
    return found


def judge(aws: Aws, plan: str, who: Protected, copied: Mapping[str, Any]) -> None:
    """DemoError if the endpoint is still published, or the copy is not as it was before the Region went dark."""
    if aws.client("ssm", who.recovery).get_parameters(Names=[endpoint_name(plan)])["Parameters"]:
        raise DemoError(f"the endpoint of {plan} is still published, although the warehouse is at home")
    now = copy_status(aws, who)
    if now != copied:
        raise DemoError(f"the copy of {who.cluster} is {now} at home, and was {dict(copied)}")


def all_is_well(screen: Screen, aws: Aws, command: Command, plan: str, who: Protected) -> None:
    """Wait for the first copy of the cluster at home; DemoError unless ``status`` then says that all is fine."""
    aws.advance(_FIRST_COPY)
    run(screen, aws, command, ["status", plan, "--region", who.recovery], seen=True)


def in_words(found: Home, who: Protected) -> str:
    """What came of it, in one line."""
    return (
        f"When {who.primary} answered again, a switchover brought {who.cluster} home at {moment(found.at)} with all of "
        f"its {found.orders:,} orders; nobody could write for {exactly(found.took)}. "
        "Its stack owns it, and has nothing to change."
    )


def _groups(aws: Aws, who: Protected) -> set[str]:
    """The security groups of the cluster in the primary Region."""
    [cluster] = aws.client("redshift", who.primary).describe_clusters(ClusterIdentifier=who.cluster)["Clusters"]
    return {str(group["VpcSecurityGroupId"]) for group in cluster.get("VpcSecurityGroups", ())}
