"""What ``is_complete`` must see before a request is done.

``on_event`` answers one of these values under ``Expect``. CDK's Provider framework adds the answer to the event that
``is_complete`` gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resilient_redshift.cloud.custom_resources.events import Request

#: There is nothing to wait for.
EXPECT_NOTHING: Final = "nothing"
#: The snapshot copy is on, as wanted.
EXPECT_COPY: Final = "copy"
#: The snapshot copy is off.
EXPECT_OFF: Final = "off"
#: The grant is visible, with its key.
EXPECT_GRANT: Final = "grant"
#: The snapshot schedule has the wanted times.
EXPECT_SCHEDULE: Final = "schedule"
#: The cluster has the snapshot schedule.
EXPECT_ASSOCIATION: Final = "association"
#: The cluster does not have the snapshot schedule any more.
EXPECT_RELEASE: Final = "release"
#: CloudWatch shows the metrics of each watch.
EXPECT_SEEN: Final = "seen"


def expectation(request: Request, default: str) -> str:
    """Return what a request waits for.

    Args:
        request: the event of ``is_complete``.
        default: what a Create or an Update waits for where the event does not say. A Delete waits for nothing then.
    """
    return str(request.raw.get("Expect", EXPECT_NOTHING if request.kind == "Delete" else default))
