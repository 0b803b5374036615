"""What a construct took from another resource's definition, and whether the finished template still says the same.

A property can change after a construct has read it: by a setter, an escape hatch, a mixin or an Aspect. A plan record
would then describe a cluster that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.rules.naming import stored_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: What CloudFormation does without a property (CloudFormation, AWS::Redshift::Cluster and AWS::Events::Rule).
_DEFAULTS: Final[Mapping[str, str]] = {"MultiAZ": "false", "State": "ENABLED"}


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """A property that may have any value but one.

    Attributes:
        value: the value that it must not have.
    """

    value: object


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """The properties of one resource that a construct has read.

    Attributes:
        by: what has read them, in words that come before a value, such as "the plan 'sales' has recorded".
        properties: the values by CloudFormation's names; None for a property that the resource did not have.
        effect: what would go wrong with another value, in words.
    """

    by: str
    properties: Mapping[str, object]
    effect: str = "a restored cluster would differ from this one"


def changes(recorded: Recorded, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find the properties that are not as they were recorded.

    Args:
        recorded: what was recorded, without tokens.
        properties: the resource's properties in the finished template.

    Yields:
        The name of each such property, and a sentence about it.
    """
    for name, value in recorded.properties.items():
        actual = _seen(name, properties)
        if isinstance(value, AnythingBut):
            changed = actual == _plain(value.value)
            words = "another value"
        else:
            changed = actual != _seen(name, {name: value})
            words = repr(value)
        if changed:
            is_now = f"{name} is {properties.get(name)!r} in the template"
            yield name, f"{is_now}, but {recorded.by} {words}: {recorded.effect}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - any template value
    """A value in the one form that CloudFormation gives to all its spellings; None for an absent value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value] or None
    if isinstance(value, dict):
        return None if value == {"Ref": "AWS::NoValue"} else {key: _plain(each) for key, each in value.items()} or None
    return value


def _identifier(value: Any, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any template value
    return stored_identifier(value) if isinstance(value, str) else _plain(value)


def _nodes(value: Any, properties: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any template value
    return "1" if properties.get("ClusterType") == "single-node" else _plain(value)


def _log_exports(value: Any, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any template value
    """The audit logs that go to CloudWatch Logs. What was recorded is a list of them already."""
    if not isinstance(value, dict):
        return _plain(value)
    return _plain(value.get("LogExports")) if value.get("LogDestinationType") == "cloudwatch" else None


def _parameters(value: Any, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any template value
    """The parameters of a group by name: their order means nothing."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return _plain(value)
    return {str(each.get("ParameterName")): _plain(each.get("ParameterValue")) for each in value} or None


_FORMS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Any]]] = {
    "ClusterIdentifier": _identifier,
    "LoggingProperties": _log_exports,
    "NumberOfNodes": _nodes,
    "Parameters": _parameters,
}


def _seen(name: str, properties: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any template value
    """A property in a form that can be compared."""
    form = _FORMS.get(name)
    value = properties.get(name)
    seen = _plain(value) if form is None else form(value, properties)
    return _DEFAULTS.get(name) if seen is None else seen
