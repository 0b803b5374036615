"""Tells clusters of the same name apart: Stages, accounts and Regions often have equal stacks with equal names."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning.checks.findings import ClusterKey


class Twins:
    """The clusters of a report by what a reader sees of them.

    Args:
        clusters: all clusters of the report, those that the options leave out too.
    """

    def __init__(self, clusters: Iterable[ClusterKey]) -> None:
        self._by_name: dict[tuple[str, str], set[ClusterKey]] = defaultdict(set)
        for cluster in clusters:
            self._by_name[cluster.name, cluster.region].add(cluster)

    def difference(self, cluster: ClusterKey) -> str:
        """What a line with the name and the Region of a cluster needs besides, such as ``stack Warehouse``; or nothing.

        Args:
            cluster: a cluster of the report.
        """
        twins = self._by_name[cluster.name, cluster.region]
        accounts, stacks = ({getattr(each, name) for each in twins} for name in ("account", "stack"))
        parts = [f"account {cluster.account or 'unknown'}"] if len(accounts) > 1 else []
        return ", ".join([*parts, *([f"stack {cluster.stack}"] if len(stacks) > 1 else [])])

    def heading(self, cluster: ClusterKey) -> str:
        """A cluster in words; with its account where the rest does not tell it apart.

        Args:
            cluster: a cluster of the report.
        """
        twins = [each for each in self._by_name[cluster.name, cluster.region] if each.stack == cluster.stack]
        if len(twins) == 1:
            return cluster.in_words
        return f"{cluster.name} ({cluster.region}, account {cluster.account or 'unknown'}, stack {cluster.stack})"
