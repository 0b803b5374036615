"""Calls that read much: a throttled call waits and tries again, and a list ends after so many pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.errors import ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.report.evidence import Window
    from resilient_redshift.cli.tools import Tools

#: Seconds before each further attempt of a throttled call. Step Functions refills 10 to 15 descriptions a second (Step
#: Functions developer guide, "Quotas").
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Reading:
    """One reading of AWS.

    Args:
        tools: the world around the command.
        window: the time of the report.
    """

    tools: Tools
    window: Window

    def call(self, region: str, service: str, operation: str, **parameters: object) -> dict[str, Any]:
        """Make one call, and try again while AWS throttles it.

        Args:
            region: the Region.
            service: the service, as boto3 names it.
            operation: the operation, as the API spells it.
            parameters: the parameters, as the API spells them.

        Raises:
            CliError: the failure, in one line.
        """
        for pause in _PAUSES:
            try:
                return self.tools.aws.call(region, service, operation, **parameters)
            except ThrottledError:
                self.tools.sleep(pause)
        return self.tools.aws.call(region, service, operation, **parameters)


def pages(
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    member: str,
    *,
    marker: tuple[str, str] = ("NextToken", "NextToken"),
    most: int,
    enough: Callable[[list[dict[str, Any]]], bool] = lambda _: False,
) -> tuple[list[dict[str, Any]], bool]:
    """Read the pages of a list.

    Args:
        ask: makes one call with the parameter that names the page.
        member: the member of each answer that holds the items.
        marker: the name of the page marker in an answer, and in the next call.
        most: the most pages to read.
        enough: whether the items so far are enough. Default: never.

    Returns:
        The items, and whether they are all that was needed.

    Raises:
        CliError: the failure of a call.
    """
    items: list[dict[str, Any]] = []
    asked: dict[str, Any] = {}
    for _ in range(most):
        answer = ask(asked)
        items += answer.get(member, [])
        if enough(items) or not answer.get(marker[0]):
            return items, True
        asked = {marker[1]: answer[marker[0]]}
    return items, False
