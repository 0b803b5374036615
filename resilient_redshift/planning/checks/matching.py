"""Which clusters an entry of a policy means: by name, tag, construct path, stack, Region and account."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.checks.findings import ClusterKey, key_of
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.tags import merged, tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.planning._pictures import ClusterPicture

_REFERENCE: Final = "${"
#: The name of a cluster whose identifier cannot be read begins like this.
_UNKNOWN_NAME: Final = "unknown, of "
_EQUALS: Final = "="


class Matched(Enum):
    """Whether a cluster is one that an entry of a policy means."""

    YES = "yes"
    NO = "no"
    AT_DEPLOYMENT = "decided at deployment"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterFacts:
    """What an entry of a policy can ask about a cluster.

    Attributes:
        key: the cluster.
        name_known: whether the cluster's name is in the templates. Default: it is.
        tags: the tags whose key is in the templates; None as a value means that the deployment decides the value.
        all_tags_known: whether the cluster has no other tags. Default: it may have others.
    """

    key: ClusterKey
    name_known: bool = True
    tags: Mapping[str, str | None] = field(default_factory=dict)
    all_tags_known: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterMatcher:
    """The clusters that an entry of a policy means. A cluster must match everything that is given.

    Each value is a pattern: ``*`` stands for any text, ``?`` for one character, ``[ab]`` for one of several. Upper and
    lower case differ, except in names, because Redshift stores identifiers in lower case.

    Args:
        name: the cluster's identifier, or the logical id when the template gives no identifier. Default: any.
        tag: a tag of the cluster or of its stack: ``env=dev``, or ``env`` for any value. The key is no pattern.
            Default: any.
        path: the construct path, such as ``Prod/Warehouse/*``. Default: any.
        stack: the stack's name. Default: any.
        region: the Region, such as ``eu-*``. Default: any.
        account: the account. Default: any.

    Raises:
        ResilientRedshiftError: for a pattern that is no text or that is empty, and for a tag without a key.
    """

    name: str | None = None
    tag: str | None = None
    path: str | None = None
    stack: str | None = None
    region: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no cluster can have."""
        problems = Problems("ClusterMatcher")
        for name, pattern in self.given.items():
            is_text = isinstance(pattern, str) and bool(pattern.strip())
            problems.check(is_text, name, pattern, "a text that is not empty")
            if is_text and name == "tag":
                problems.check(not pattern.startswith(_EQUALS), name, pattern, 'a key, or a key and a value: "env=dev"')
        problems.raise_if_any()

    @property
    def in_words(self) -> str:
        """The matcher as the policy's file has it, such as ``name = "dev-*", region = "us-east-1"``."""
        return ", ".join(f'{name} = "{pattern}"' for name, pattern in self.given.items())

    @property
    def given(self) -> Mapping[str, str]:
        """The patterns that are given, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: pattern for name, pattern in found.items() if pattern is not None}

    def matches(self, facts: ClusterFacts) -> Matched:
        """Whether a cluster is one of those that this matcher means.

        Args:
            facts: what the templates say about the cluster.

        Returns:
            NO when one pattern certainly does not match. Otherwise AT_DEPLOYMENT when the templates do not show one of
            the values.
        """
        found = [_matches(name, pattern, facts) for name, pattern in self.given.items()]
        if Matched.NO in found:
            return Matched.NO
        return Matched.AT_DEPLOYMENT if Matched.AT_DEPLOYMENT in found else Matched.YES

    def undecided(self, facts: ClusterFacts) -> tuple[str, ...]:
        """The names of the patterns that only the deployment of a cluster can decide."""
        return tuple(
            name for name, pattern in self.given.items() if _matches(name, pattern, facts) is Matched.AT_DEPLOYMENT
        )


def facts_of(cluster: ClusterPicture) -> ClusterFacts:
    """What an entry of a policy can ask about a cluster.

    Args:
        cluster: what the templates say about the cluster.
    """
    key = key_of(cluster)
    resource = cluster.resource
    if resource is None:
        readable = _REFERENCE not in cluster.name and not cluster.name.startswith(_UNKNOWN_NAME)
        return ClusterFacts(key=key, name_known=readable)
    identifier = resource.properties.get("ClusterIdentifier")
    own, own_are_all = tags_of(resource.properties.get("Tags"), resource.pseudo)
    tags, all_known = merged(resource.home.tags, own, own_are_all=own_are_all)
    return ClusterFacts(
        key=key,
        name_known=values.absent(identifier) or resource.literal("ClusterIdentifier") is not None,
        tags=tags,
        all_tags_known=all_known,
    )


def _matches(name: str, pattern: str, facts: ClusterFacts) -> Matched:
    if name == "tag":
        return _tag_matches(pattern, facts)
    key = facts.key
    value = {
        "name": key.name.lower() if facts.name_known else None,
        "path": key.path,
        "stack": key.stack,
        "region": None if key.region == UNKNOWN_REGION else key.region,
        "account": key.account,
    }[name]
    return _decide(value, pattern.lower() if name == "name" else pattern)


def _tag_matches(pattern: str, facts: ClusterFacts) -> Matched:
    key, equals, wanted = pattern.partition(_EQUALS)
    if key in facts.tags:
        return _decide(facts.tags[key], wanted) if equals else Matched.YES
    return Matched.NO if facts.all_tags_known else Matched.AT_DEPLOYMENT


def _decide(value: str | None, pattern: str) -> Matched:
    if value is None:
        # every text matches "*"
        return Matched.YES if pattern == "*" else Matched.AT_DEPLOYMENT
    return Matched.YES if fnmatchcase(value, pattern) else Matched.NO
