"""What identifies a finding and a cluster, and where both lie."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning.checks.findings import ClusterKey, Finding, Level, key_of
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reading.creation import SourceLine
from resilient_redshift.planning.reading.template import SynthesizedTemplate
from tests.planning.templates import JSON, cluster, copy

LINE = (SourceLine("/app/app.py", 8),)


def key(**resources: JSON) -> ClusterKey:
    template = SynthesizedTemplate(
        "Warehouse", None, {"Resources": resources}, file="cdk.out/W.json", created_at=dict.fromkeys(resources, LINE)
    )
    (picture,) = take_inventory([template])
    return key_of(picture)


@pytest.mark.parametrize(
    ("resources", "logical_ids"),
    [({"Dw": cluster()}, ("Dw", None)), ({"Copy": copy("sales")}, (None, "Copy"))],
    ids=["in the template", "named by a copy"],
)
def test_a_cluster_lies_where_its_template_contains_or_names_it(
    resources: dict[str, JSON], logical_ids: tuple[str | None, str | None]
) -> None:
    found = key(**resources)

    assert (found.file, found.source) == ("cdk.out/W.json", LINE)
    assert (found.logical_id, found.named_by) == logical_ids


def test_the_line_of_the_app_does_not_make_another_cluster() -> None:
    assert ClusterKey(name="a", stack="s", region="r", source=LINE) == ClusterKey(name="a", stack="s", region="r")


def finding(**given: Any) -> Finding:
    cluster_given = {"name": "sales", "stack": "W", "region": "us-east-1", "account": "1", **given.pop("cluster", {})}
    values = {
        "rule": CheckRule.REGION_LOST,
        "level": Level.ERROR,
        "message": "m",
        "cluster": ClusterKey(**cluster_given),
    }
    return Finding(**{**values, **given})


@pytest.mark.parametrize(
    "other",
    [
        {"message": "n"},
        {"level": Level.NOTE},
        {"accepted": "later"},
        {"new": True},
        {"cluster": {"path": "A/B"}},
        {"cluster": {"logical_id": "Dw2"}},
        {"cluster": {"file": "other.json", "source": LINE}},
    ],
    ids=["message", "level", "accepted", "new", "path", "logical id", "place"],
)
def test_a_fingerprint_stays_while_the_same_thing_is_wrong(other: dict[str, Any]) -> None:
    assert finding(**other).fingerprint == finding().fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"rule": CheckRule.ZONE_LOST},
        {"subject": "7 d"},
        {"cluster": {"name": "finance"}},
        {"cluster": {"stack": "W2"}},
        {"cluster": {"region": "us-west-2"}},
        {"cluster": {"account": "2"}},
    ],
    ids=["rule", "subject", "name", "stack", "Region", "account"],
)
def test_another_thing_has_another_fingerprint(other: dict[str, Any]) -> None:
    assert finding(**other).fingerprint != finding().fingerprint
