"""What the machine of restores can be asked to do, so that together it uses every right it has."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract import names
from tests.e2e.restore_site import DRILL_HOUR, PLAN
from tests.e2e.scene import ELSEWHERE, RECOVERY, fire_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.restore_site import RestoreSite

COPY_TO: Final = {"region": ELSEWHERE}


def failover(site: RestoreSite) -> dict[str, Any]:
    """The first one of a plan: no lineage is recorded, there is no room for what is, and a copy is asked for."""
    forget(site)
    site.aws.faults("no_capacity", more_nodes_than=2)
    return site.run("failover", copy_to=COPY_TO)


def elsewhere(site: RestoreSite) -> dict[str, Any]:
    """A failover under another name."""
    return site.run("failover", target="restored-beside", copy_to=COPY_TO)


def drill(site: RestoreSite) -> dict[str, Any]:
    """The first one of a plan."""
    forget(site)
    return site.run("drill")


def replaced(site: RestoreSite) -> dict[str, Any]:
    """A failover whose first cluster fails before it is available."""
    site.aws.faults("next_restores", "incompatible-restore")
    return site.run("failover")


def replaced_elsewhere(site: RestoreSite) -> dict[str, Any]:
    """The same under another name."""
    site.aws.faults("next_restores", "incompatible-restore")
    return site.run("failover", target="restored-beside")


def clean_up_beside_a_failover(site: RestoreSite) -> dict[str, Any]:
    """The function that cleans up after a killed drill, while a failover runs; its answer, or its error."""
    forget(site)
    site.aws.stop_execution_at("Check", machine="Restore")
    site.run("drill")
    site.aws.hold_time(True)
    site.start("failover")
    found = site.cleaned()
    site.aws.settle()
    site.aws.hold_time(False)
    if "errorMessage" not in found:
        return found
    outcome, _, message = found["errorMessage"].partition(": ")
    return {"outcome": outcome, "message": message}


def drill_beside_a_failover(site: RestoreSite) -> dict[str, Any]:
    """A drill that starts while a failover runs; the drill's report."""
    site.aws.hold_time(True)
    site.start("failover")
    run = site.start("drill")
    site.aws.settle()
    site.aws.hold_time(False)
    return site.ended(run)


def rule(site: RestoreSite) -> dict[str, Any]:
    """The rehearsal's rule when it is due: the drill's report, or what lies in the dead-letter queue."""
    queues, before = site.aws.client("sqs", RECOVERY), site.newest()
    [url] = [each for each in queues.list_queues()["QueueUrls"] if each != site.queue]
    fire_rule(site.aws, RECOVERY, "rehearses")
    dead = queues.receive_message(QueueUrl=url).get("Messages", [])
    for each in dead:
        queues.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    if site.newest() != before:
        return site.ended(site.newest())
    return {"outcome": "NotStarted", "message": str([each["Body"] for each in dead])}


def next_drill(site: RestoreSite) -> dt.datetime:
    """When the rehearsal is due next."""
    now = site.aws.now()
    today = now.replace(hour=DRILL_HOUR, minute=0, second=0, microsecond=0)
    return today if today > now else today + dt.timedelta(days=1)


def forget(site: RestoreSite) -> None:
    """Take away what the machine has written about the plan."""
    parameters = site.aws.client("ssm", RECOVERY)
    folders = (names.LINEAGE_FOLDER, names.DRILLS_FOLDER, names.ENDPOINT_FOLDER)
    parameters.delete_parameters(Names=[folder + PLAN for folder in folders])


STEPS: Final[dict[str, Callable[[RestoreSite], dict[str, Any]]]] = {
    "failover": failover,
    "elsewhere": elsewhere,
    "drill": drill,
    "replaced": replaced,
    "replaced elsewhere": replaced_elsewhere,
    "clean-up": clean_up_beside_a_failover,
    "drill beside a failover": drill_beside_a_failover,
    "rule": rule,
}
#: How each ends when nothing is missing.
WELL: Final = {
    "failover": "Restored",
    "elsewhere": "Restored",
    "drill": "Passed",
    "replaced": "Restored",
    "replaced elsewhere": "Restored",
    "clean-up": "Cleaned",
    "drill beside a failover": "SkippedFailover",
    "rule": "Passed",
}
