"""``resilient-redshift describe-cluster``: an existing cluster as Python for ``ExistingCluster.from_identifier``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import cluster_facts
from resilient_redshift.cli.errors import FINE, UNKNOWN
from resilient_redshift.cli.options import NAME, as_json, common
from resilient_redshift.cli.output import harmless, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.cli.cluster_facts import ClusterFacts
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


@click.command
@click.argument("cluster", type=NAME)
@as_json
@common
@click.pass_obj
def describe_cluster(tools: Tools, cluster: str) -> None:
    """Print the facts about CLUSTER as Python to paste: a call of ExistingCluster.from_identifier.

    The command reads the live cluster in the cluster's own Region. What it cannot read is a comment, and then the exit
    status is 2.
    """
    region = tools.aws.region
    facts = cluster_facts.read(tools.aws, region, cluster)
    if tools.json:
        print_json({"version": JSON_VERSION, "cluster": cluster, "region": region, **_as_json(facts)})
    else:
        for line in python(cluster, region, facts):
            click.echo(harmless(line))
    click.get_current_context().exit(UNKNOWN if facts.unknown else FINE)


def python(cluster: str, region: str, facts: ClusterFacts) -> Iterator[str]:
    """The facts as lines of Python.

    Args:
        cluster: the cluster's identifier.
        region: its Region.
        facts: the facts.
    """
    name = "".join(part.capitalize() for part in cluster.split("-"))
    yield f"# read from {region}"
    yield "rr.ExistingCluster.from_identifier("
    yield "    stack,"
    yield f"    {_literal(name)},"
    yield f"    {_literal(cluster)},"
    for fact, value in facts.known.items():
        yield f"    {fact}={_literal(value)},"
    for fact, why in facts.unknown.items():
        yield f"    # {fact}: unknown: {' '.join(why.split())}"
    yield ")"
    for note in facts.notes:
        yield f"# {' '.join(note.split())}"


def _literal(value: Any) -> str:  # noqa: ANN401 - a fact of any type
    """A value as Python, with double quotes as formatters write them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _as_json(facts: ClusterFacts) -> dict[str, Any]:
    return {"facts": facts.known, "unknown": facts.unknown, "notes": facts.notes}
