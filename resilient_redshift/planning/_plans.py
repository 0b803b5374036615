"""Reads plan records: which cluster has a recovery plan, and how often drills rehearse the plan."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import PLAN_RECORD_FOLDER
from resilient_redshift.planning._conditions import exists_with
from resilient_redshift.planning._pictures import Plan
from resilient_redshift.planning.reading import values
from resilient_redshift.rules.naming import stored_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

_PARAMETER: Final = "AWS::SSM::Parameter"
#: A record with a longer gap is not one of this library: about 32 years.
_LONGEST_GAP_SECONDS: Final = 10**9


def give_plans(resources: Iterable[Resource], clusters: Iterable[ClusterPicture]) -> None:
    """Give each cluster the plan whose record names the cluster.

    The records of both Regions hold the same rehearsals, so the first record is enough.

    Args:
        resources: the resources of all templates.
        clusters: the clusters of all templates.
    """
    named: dict[str, list[ClusterPicture]] = defaultdict(list)
    for cluster in clusters:
        # a logical id is no identifier: AWS chooses one for such a cluster, and a plan needs a known one
        identifier = cluster.name if cluster.resource is None else cluster.resource.literal("ClusterIdentifier")
        if identifier is not None:
            named[stored_identifier(identifier)].append(cluster)
    for resource in resources:
        if resource.kind != _PARAMETER or not (resource.literal("Name") or "").startswith(PLAN_RECORD_FOLDER):
            continue
        record = values.decoded(resource.text("Value"))
        protected = values.mapping(record.get("cluster"))
        for cluster in named.get(stored_identifier(str(protected.get("identifier"))), ()):
            if _is_of_place(protected, cluster) and exists_with(resource, cluster):
                cluster.plan = cluster.plan or _plan(record)


def _is_of_place(protected: Mapping[str, Any], cluster: ClusterPicture) -> bool:
    """Whether a record means the Region of a cluster, and no other account than the cluster's."""
    account = protected.get("account")
    known = isinstance(account, str) and account.isdecimal() and cluster.account is not None
    return cluster.region == protected.get("region") and (not known or account == cluster.account)


def _plan(record: Mapping[str, Any]) -> Plan | None:
    name, drill = record.get("plan"), values.mapping(record.get("drill"))
    if not isinstance(name, str):
        return None
    rehearsals = [values.mapping(each) for each in values.items(drill.get("rehearsals"))]
    names = tuple(str(each["name"]) for each in rehearsals if each.get("enabled") is True and "name" in each)
    gap = drill.get("longest_gap_seconds")
    known = isinstance(gap, int) and not isinstance(gap, bool) and 0 < gap < _LONGEST_GAP_SECONDS and bool(names)
    return Plan(name=name, rehearsals=names, longest_gap=timedelta(seconds=gap or 0) if known else None)
