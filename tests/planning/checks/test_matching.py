"""Which clusters a matcher means, and what only the deployment decides."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning.checks.matching import ClusterFacts, ClusterMatcher, Matched, facts_of
from resilient_redshift.planning.reading.template import SynthesizedTemplate
from tests.planning.templates import cluster, copy, stack

PARAMETER = {"Ref": "Environment"}
NO_TAGS: dict[str, str | None] = {}


def facts(stack_tags: dict[str, str | None] | None = NO_TAGS, **properties: Any) -> ClusterFacts:
    resource = cluster(**{"ClusterIdentifier": "Sales-1", **properties})
    resource["Metadata"] = {"aws:cdk:path": "Prod/Warehouse/Cluster"}
    template = SynthesizedTemplate(
        "Prod-Db", "us-east-1", {"Resources": {"W": resource}}, account="111111111111", tags=stack_tags
    )
    (picture,) = take_inventory([template])
    return facts_of(picture)


def tags(**given: Any) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


@pytest.mark.parametrize(
    "patterns",
    [
        {"name": "sales-*"},
        {"name": "SALES-?"},
        {"path": "Prod/*"},
        {"stack": "Prod-*"},
        {"region": "us-*"},
        {"account": "111111111111"},
        {"tag": "env"},
        {"tag": "env=prod*"},
        {"name": "sales-*", "region": "us-*", "tag": "env"},
    ],
    ids=str,
)
def test_a_matcher_matches_when_everything_given_does(patterns: dict[str, str]) -> None:
    assert ClusterMatcher(**patterns).matches(facts(Tags=tags(env="production"))) is Matched.YES


@pytest.mark.parametrize(
    "patterns",
    [
        {"name": "sales"},
        {"path": "prod/*"},
        {"stack": "Db"},
        {"region": "eu-*"},
        {"account": "2*"},
        {"tag": "stage"},
        {"tag": "env=dev"},
        {"name": "sales-*", "region": "eu-*"},
    ],
    ids=str,
)
def test_a_matcher_does_not_match_when_one_value_differs(patterns: dict[str, str]) -> None:
    assert ClusterMatcher(**patterns).matches(facts(Tags=tags(env="production"))) is Matched.NO


@pytest.mark.parametrize(
    ("properties", "patterns"),
    [
        ({"ClusterIdentifier": PARAMETER}, {"name": "dev-*"}),
        ({"Tags": tags(env=PARAMETER)}, {"tag": "env=dev"}),
        ({"Tags": [{"Key": PARAMETER, "Value": "dev"}]}, {"tag": "env"}),
        ({"Tags": {"Fn::If": ["IsDev", [], tags(env="dev")]}}, {"tag": "env"}),
    ],
    ids=["name", "value of a tag", "key of a tag", "all tags"],
)
def test_a_value_that_the_deployment_decides_may_match(properties: dict[str, Any], patterns: dict[str, str]) -> None:
    assert ClusterMatcher(**patterns).matches(facts(**properties)) is Matched.AT_DEPLOYMENT


def test_a_place_that_the_deployment_decides_may_match() -> None:
    (picture,) = take_inventory([stack(region=None, W=cluster())])
    found = facts_of(picture)
    for patterns in ({"region": "us-*"}, {"account": "1*"}, {"path": "Prod/*"}):
        assert ClusterMatcher(**patterns).matches(found) is Matched.AT_DEPLOYMENT


def test_one_value_that_differs_decides_although_another_one_is_unknown() -> None:
    matcher = ClusterMatcher(name="other", tag="env=dev")
    assert matcher.matches(facts(Tags=tags(env=PARAMETER))) is Matched.NO


def test_a_star_matches_what_is_unknown() -> None:
    assert ClusterMatcher(name="*").matches(facts(ClusterIdentifier=PARAMETER)) is Matched.YES


def test_a_cluster_without_an_identifier_goes_by_its_logical_id() -> None:
    (picture,) = take_inventory([stack(Warehouse=cluster())])
    assert ClusterMatcher(name="warehouse").matches(facts_of(picture)) is Matched.YES


def test_a_cluster_that_exists_already_has_unknown_tags_and_a_known_name() -> None:
    (picture,) = take_inventory([stack(Copy=copy("sales"))])
    found = facts_of(picture)
    assert ClusterMatcher(name="sales").matches(found) is Matched.YES
    assert ClusterMatcher(tag="env=dev").matches(found) is Matched.AT_DEPLOYMENT


def test_a_cluster_whose_name_cannot_be_read_may_have_any_name() -> None:
    (picture,) = take_inventory([stack(Copy=copy({"Ref": "Name"}))])
    assert ClusterMatcher(name="sales").matches(facts_of(picture)) is Matched.AT_DEPLOYMENT


def test_a_cluster_has_the_tags_of_its_stack() -> None:
    assert ClusterMatcher(tag="env=prod").matches(facts({"env": "prod"})) is Matched.YES


def test_a_tag_of_the_cluster_replaces_that_of_its_stack() -> None:
    found = facts({"env": "prod"}, Tags=tags(env="dev"))
    assert ClusterMatcher(tag="env=prod").matches(found) is Matched.NO
    assert ClusterMatcher(tag="env=dev").matches(found) is Matched.YES


def test_a_tag_of_the_stack_may_be_replaced_by_one_that_cannot_be_read() -> None:
    found = facts({"env": "prod"}, Tags=[{"Key": PARAMETER, "Value": "dev"}])
    assert ClusterMatcher(tag="env=prod").matches(found) is Matched.AT_DEPLOYMENT
    assert ClusterMatcher(tag="env").matches(found) is Matched.YES


def test_a_stack_whose_tags_are_not_known_may_have_any() -> None:
    found = facts(None, Tags=tags(team="data"))
    assert ClusterMatcher(tag="env=prod").matches(found) is Matched.AT_DEPLOYMENT
    assert ClusterMatcher(tag="team=web").matches(found) is Matched.NO
