"""Resolves the templates of one input together, so that a value of another stack of the input is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.functions import UNKNOWN, moved
from resilient_redshift.planning.reading.resolver import Progress, Resolver
from resilient_redshift.planning.reading.template import Resource

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

#: The services of AWS whose resources say something about clusters. The values of other services stay as they are
#: written: nobody reads them, and they are most of a template.
_READ_SERVICES: Final = frozenset(
    {
        "Backup",
        "CloudFormation",
        "Events",
        "KMS",
        "Redshift",
        "RedshiftServerless",
        "SSM",
        "Scheduler",
        "Serverless",
        "ServiceCatalog",
    }
)
_STACK_NAME: Final = "AWS::StackName"
_PARTS_OF_A_TYPE: Final = 3
_PROPERTIES: Final = "Properties"
_CONDITION: Final = "Condition"
#: The beginning of a Region, its partition and the end of its host names. Other partitions are not known here.
_PARTITIONS: Final = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    *((f"{area}-", "aws", "amazonaws.com") for area in ("af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us")),
)
_ISOLATED: Final = ("us-iso", "eu-iso", "us-isof", "us-isob")


@dataclass(frozen=True, slots=True)
class ResolvedResources:
    """The resources of one input.

    Attributes:
        present: the resources that exist, or that may exist.
        gone: the resources whose condition certainly does not hold. They have neither properties nor other attributes
            than their type and their condition.
    """

    present: list[Resource]
    gone: list[Resource]


def resources_of(templates: Sequence[SynthesizedTemplate]) -> ResolvedResources:
    """The resources of templates, each value resolved as far as it is certain before deployment.

    Args:
        templates: the templates of one input, of any shape; references between them are followed.
    """
    return _Stacks(templates).resources()


class _Stacks:
    """The templates of one input, and what they get from one another.

    Args:
        templates: the templates.
    """

    def __init__(self, templates: Sequence[SynthesizedTemplate]) -> None:
        self._progress = Progress()
        self._resolvers = [
            Resolver(number, each, _pseudo(each), self, self._progress) for number, each in enumerate(templates)
        ]
        self._resources = [values.mapping(values.mapping(each.template).get("Resources")) for each in templates]
        numbers = {each.key: number for number, each in enumerate(templates)}
        #: for each nested stack, its parent and the logical id that it has there
        self._parents: dict[int, tuple[int, str]] = {}
        for number, each in enumerate(templates):
            parent = numbers.get(each.used_by[0], number) if each.used_by else number
            if each.used_by and parent != number:
                self._parents[number] = parent, each.used_by[1]
        self._nested = {place: number for number, place in self._parents.items()}

    def resources(self) -> ResolvedResources:
        """The resources of all templates."""
        found = ResolvedResources([], [])
        for resolver, resources in zip(self._resolvers, self._resources, strict=True):
            for logical_id, attributes in resources.items():
                exists, resource = self._resource(resolver, logical_id, values.mapping(attributes))
                (found.present if exists else found.gone).append(resource)
        return found

    def _resource(self, resolver: Resolver, logical_id: str, source: Mapping[str, Any]) -> tuple[bool, Resource]:
        condition = source.get(_CONDITION)
        (exists, name, conditions), counted = self._progress.traced(lambda: self._existence(resolver, condition))
        defaults = {"": counted}
        is_read = _is_read(source.get("Type"))

        def resolve(owner: str, value: object) -> Any:  # noqa: ANN401 - any JSON value
            if not is_read:
                return value
            if not isinstance(value, dict | list | str):  # there is nothing to resolve
                return value
            resolved, counted = self._progress.traced(lambda: resolver.value(value))
            if counted:
                defaults[owner] = defaults.get(owner, frozenset()) | counted
            return resolved

        attributes: dict[str, Any] = {} if name is None else {_CONDITION: name}
        for attribute, value in source.items() if exists else [("Type", source.get("Type"))]:
            if attribute == _PROPERTIES and isinstance(value, dict) and not _is_call(value):
                resolved = {each: resolve(str(each), item) for each, item in value.items()}
                attributes[attribute] = {each: item for each, item in resolved.items() if not values.absent(item)}
            elif attribute != _CONDITION:
                attributes[attribute] = resolve("", value)
        named = {owner: self._names(resolver.number, each) for owner, each in defaults.items() if each}
        place = resolver.number, resolver.template, logical_id
        return exists, Resource(*place, attributes, resolver.pseudo, conditions, named)

    def _names(self, number: int, counted: frozenset[tuple[int, str]]) -> frozenset[str]:
        """Parameters for the reader; those of another template with its stack."""
        return frozenset(
            name if home == number else f"{self._resolvers[home].template.name}:{name}" for home, name in counted
        )

    def _existence(self, resolver: Resolver, condition: object) -> tuple[bool, str | None, frozenset[str]]:
        """Whether a resource may exist; the name of the condition that is not decided, and what it is about."""
        exists, name, conditions = True, None, frozenset[str]()
        number = resolver.number
        if number in self._parents:
            exists, name, conditions = self._progress.once(
                ("existence", number),
                lambda: self._existence_of_nested(*self._parents[number]),
                (True, None, conditions),
            )
        decided = resolver.condition(condition)
        if decided is None:
            name = str(condition)
        return exists and decided is not False, name, conditions | resolver.undecided(condition)

    def _existence_of_nested(self, parent: int, logical_id: str) -> tuple[bool, str | None, frozenset[str]]:
        resolver = self._resolvers[parent]
        condition = values.mapping(self._resources[parent].get(logical_id)).get(_CONDITION)
        exists, name, conditions = self._existence(resolver, condition)
        if resolver.condition(condition) is None:  # the nested stack may have another condition of this name
            name = f"{name} of {resolver.template.name}"
        return exists, name, conditions

    # What a template gets from others

    def given(self, number: int, parameter: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value that a parent gives to a parameter of a nested stack; None without a value."""
        if number not in self._parents:
            return None
        parent, logical_id = self._parents[number]
        attributes = values.mapping(self._resources[parent].get(logical_id))
        properties = values.mapping(attributes.get(_PROPERTIES))
        if parameter in _overridden(properties):
            return UNKNOWN
        given = properties.get("Parameters")
        if isinstance(given, list):  # a stack set
            pairs = [values.mapping(each) for each in given]
            given = {str(each.get("ParameterKey")): each.get("ParameterValue") for each in pairs}
        if parameter not in values.mapping(given):
            return None
        value = self._resolvers[parent].argument(logical_id, parameter, values.mapping(given)[parameter])
        return None if values.absent(value) else moved(value, parent, number)

    def nested_output(self, number: int, logical_id: str, output: str) -> Any:  # noqa: ANN401 - any JSON value
        """The output of a nested stack; None when it is not known."""
        nested = self._nested.get((number, logical_id))
        return None if nested is None else self._output(nested, output, number)

    def exported(self, number: int, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value of an export; None when no template exports it, or several do."""
        template = self._resolvers[number].template
        exports = self._progress.once("exports", self._all_exports, {})
        found = exports.get((template.account, template.region, name))
        return None if found is None else self._output(found[0], found[1], number)

    def stack_output(self, number: int, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        """The value that ``Fn::GetStackOutput`` asks for; None when it is not known."""
        stack, output = request.get("StackName"), request.get("OutputName")
        region = request.get("Region", self._resolvers[number].template.region)
        if not isinstance(stack, str) or not isinstance(output, str) or not isinstance(region, str):
            return None
        name = stack.split("/")[1] if stack.startswith("arn:") and "/" in stack else stack
        found = self._progress.once("stacks", self._stacks_by_name, {}).get((region, name))
        return None if found is None else self._output(found, output, number)

    def _output(self, source: int, output: str, target: int) -> Any:  # noqa: ANN401 - any JSON value
        value = self._resolvers[source].output(output)
        return None if value is None or values.absent(value) else moved(value, source, target)

    def _all_exports(self) -> dict[Hashable, tuple[int, str] | None]:
        return _unique(
            ((each.template.account, each.template.region, name), (each.number, output))
            for each in self._resolvers
            for name, output in each.exports()
        )

    def _stacks_by_name(self) -> dict[Hashable, int | None]:
        return _unique(((each.template.region, each.template.name), each.number) for each in self._resolvers)


def _overridden(properties: Mapping[str, Any]) -> set[object]:
    """The parameters that some instances of a stack set give another value."""
    groups = [values.mapping(each) for each in values.items(properties.get("StackInstancesGroup"))]
    overrides = [values.mapping(each) for group in groups for each in values.items(group.get("ParameterOverrides"))]
    return {each["ParameterKey"] for each in overrides if isinstance(each.get("ParameterKey"), str)}


def _unique(pairs: Any) -> dict[Hashable, Any]:  # noqa: ANN401 - pairs of any kind
    """A dictionary in which a key that several pairs have is None."""
    found: dict[Hashable, Any] = {}
    for key, value in pairs:
        found[key] = None if key in found else value
    return found


def _is_read(kind: object) -> bool:
    """Whether somebody reads the values of a resource of this type."""
    parts = kind.split("::") if isinstance(kind, str) else [""]
    return parts[0] != "AWS" or len(parts) < _PARTS_OF_A_TYPE or parts[1] in _READ_SERVICES


def _is_call(value: Mapping[object, Any]) -> bool:
    """Whether a resource's properties are, or contain, the call of a function or a macro."""
    return any(isinstance(each, str) and each.startswith("Fn::") for each in value)


def _pseudo(template: SynthesizedTemplate) -> Mapping[str, str]:
    """The pseudo parameters that are known."""
    region = template.region
    known: dict[str, str | None] = {
        "AWS::Region": region,
        "AWS::AccountId": template.account,
        _STACK_NAME: template.name,
    }
    for beginning, partition, suffix in _PARTITIONS if region and not region.startswith(_ISOLATED) else ():
        if region and region.startswith(beginning):
            known |= {"AWS::Partition": partition, "AWS::URLSuffix": suffix}
            break
    known |= {name: value for name, value in template.parameters.items() if name.startswith("AWS::")}
    return {name: value for name, value in known.items() if value is not None}
