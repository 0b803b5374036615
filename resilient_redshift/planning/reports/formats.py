"""The formats of a report, and the one function that writes a report in any of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from resilient_redshift.planning.checks.findings import CheckResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.checks.findings import ClusterKey

    Report: TypeAlias = CheckResult | Comparison


class Format(StrEnum):
    """The formats of a report; docs/reports.md shows each."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportOptions:
    """What a report shows, and how. No option changes whether the policy is kept.

    Attributes:
        width: the columns of the terminal, 1 or more; only the text uses it. Default: 100.
        colour: whether the text has colours. Default: no.
        only_gaps: show only the clusters with a finding that nobody accepted, and only the rows that are missed.
            Default: show all clusters.
        clusters: show only the clusters whose name fits one of these patterns, such as ``sales-*``; the text then shows
            the details of each. Default: show all clusters.
        root: the folder that paths are relative to in SARIF, and for GitHub and GitLab. Default: the working directory.
    """

    width: int = 100
    colour: bool = False
    only_gaps: bool = False
    clusters: tuple[str, ...] = ()
    root: str = "."

    def names(self, cluster: ClusterKey) -> bool:
        """Whether a pattern of :attr:`clusters` fits the cluster's name, or there is no pattern."""
        return not self.clusters or any(fnmatchcase(cluster.name, pattern) for pattern in self.clusters)


#: The module of each format. It has a function for each kind of report, such as ``check_as_text`` and
#: ``comparison_as_text``. Each takes the report and the options, and returns the text with a line feed at its end.
_MODULES: Final = {
    Format.TEXT: "text",
    Format.MARKDOWN: "markdown",
    Format.JSON: "json_report",
    Format.SARIF: "sarif",
    Format.JUNIT: "junit",
    Format.GITHUB: "annotations",
    Format.GITLAB: "annotations",
}


def render(report: Report, format: Format, options: ReportOptions) -> str:  # noqa: A002 - the option's name
    """Write a report.

    Args:
        report: the result of a check, or a comparison.
        format: the format.
        options: what the report shows, and how.

    Returns:
        The text, with a line feed at its end. It may hold half of a surrogate pair, if a template does.
    """
    kind = "check" if isinstance(report, CheckResult) else "comparison"
    # loaded on first use: a command writes one or two formats
    module = import_module(f"resilient_redshift.planning.reports.{_MODULES[format]}")
    write = cast("Callable[[Report, ReportOptions], str]", getattr(module, f"{kind}_as_{format}"))
    return write(report, options)
