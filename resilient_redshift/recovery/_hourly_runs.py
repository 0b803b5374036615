"""What the hourly runs of the recovery machines share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.core.tree import after
from resilient_redshift.watching.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterable

    import aws_cdk as cdk

    from resilient_redshift.stack.functions import ScheduledFunction

#: An alarm on missing hourly runs goes into the ALARM state after this many hours without a run.
SILENT_HOURS: Final = 3


def run_in_deployment(
    function: ScheduledFunction, name: str, *, plan: str, alarm: cdk.CfnResource, needed: Iterable[cdk.CfnResource]
) -> None:
    """Have the deployment run a function once for a plan, before the alarm on the plan's missing runs exists.

    A new alarm counts the hours before it as missing. Without that run it would ring on the first day. A stack without
    a watcher has no such run.

    Args:
        function: the function.
        name: a name of the function that never changes.
        plan: the plan's name.
        alarm: the alarm.
        needed: what must exist before the run.
    """
    watcher = Watcher.here(function)
    if watcher is None:
        return
    watcher.run_first(name, function.function_arn, {"plan": plan}, needed)
    after(alarm, watcher.first_look)
