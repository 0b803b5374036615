"""Warnings about entries of a policy that match no cluster: people would believe that such an entry protects them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from resilient_redshift.planning.checks.findings import Finding, Level
from resilient_redshift.planning.checks.matching import Matched
from resilient_redshift.planning.checks.rules import CheckRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from resilient_redshift.planning.checks.matching import ClusterFacts
    from resilient_redshift.planning.checks.policy import ClusterEntry, ResiliencePolicy


def idle_entries(policy: ResiliencePolicy, clusters: Iterable[ClusterFacts]) -> Iterator[Finding]:
    """A warning for each ``[[cluster]]`` entry that changes nothing.

    Args:
        policy: the policy.
        clusters: what the templates say about each cluster.
    """
    known = list(clusters)
    for entry in policy.clusters:
        matched = [entry.match.matches(cluster) for cluster in known]
        undecided = [cluster for cluster, each in zip(known, matched, strict=True) if each is Matched.AT_DEPLOYMENT]
        if Matched.YES in matched or (undecided and entry.tightens):
            continue
        yield Finding(
            rule=CheckRule.ENTRY_IDLE,
            level=Level.WARNING,
            message=f"The entry for clusters with {entry.match.in_words} {_why(entry, known, undecided)}.",
            subject=entry.match.in_words,
            file=policy.file,
        )


def _why(entry: ClusterEntry, clusters: Sequence[ClusterFacts], undecided: Sequence[ClusterFacts]) -> str:
    if undecided:
        first = undecided[0]
        what = " and ".join(entry.match.undecided(first))
        return f"takes nothing away: only the deployment decides the {what} of cluster {first.key.name}"
    near = [
        f'{name} = "{found}"'
        for name, pattern in entry.match.given.items()
        for found in get_close_matches(pattern, _values(name, clusters), n=1)
        if found != pattern
    ]
    return "matches no cluster" + (f"; there is {', '.join(near)}" if near else "")


def _values(name: str, clusters: Iterable[ClusterFacts]) -> list[str]:
    """What the clusters have at the place that a pattern looks at."""
    if name == "tag":
        return [f"{key}={value}" for cluster in clusters for key, value in cluster.tags.items() if value is not None]
    return [value for cluster in clusters if (value := getattr(cluster.key, name)) is not None]
