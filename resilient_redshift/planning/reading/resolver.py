"""Resolves one template: parameters, mappings, conditions and functions become the values that they certainly have.

What only the deployment decides stays a function. Nothing raises an error, whatever the template holds: a value that is
too deep, or a template that is too large, is unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from resilient_redshift.planning.reading import functions, values
from resilient_redshift.planning.reading.functions import UNKNOWN, is_function, is_known, moved, scalar_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

#: How many values may contain one another, over all templates.
_DEEPEST: Final = 60
#: How many values one template may have: five times as many as fit into 1 MB, the most that CloudFormation takes.
_MOST_VALUES: Final = 1_000_000
#: What all uses of values may weigh: outputs that repeat one another can make any length from a short text.
_MOST_WEIGHT: Final = 50_000_000
_NO_VALUE: Final = object()
_MISSING: Final = object()
_NAME_IN_TEXT: Final = re.compile(r"\$\{(!?)([^}]*)\}")
_LIST_TYPES: Final = ("CommaDelimitedList", "List<")
_SSM_TYPES: Final = ("AWS::SSM::Parameter",)
_OUTPUTS: Final = "Outputs."


class Outside(Protocol):
    """What a template gets from other templates. Each value is in the terms of the template that asks."""

    def given(self, number: int, parameter: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value that a parent gives to a parameter of a nested stack; None without a value."""

    def nested_output(self, number: int, logical_id: str, output: str) -> Any:  # noqa: ANN401 - any JSON value
        """The output of a nested stack; None when it is not known."""

    def exported(self, number: int, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value of an export; None when no template exports it, or several do."""

    def stack_output(self, number: int, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        """The value that ``Fn::GetStackOutput`` asks for; None when it is not known."""


class Progress:
    """What the resolvers of one input share.

    Attributes:
        depth: how many values contain the value that is resolved now.
        counted: the parameters that count with their defaults in the value that is resolved now: for each the number of
            its template, and its name.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.counted: set[tuple[int, str]] = set()
        self._memory: dict[Hashable, tuple[Any, frozenset[tuple[int, str]], int]] = {}
        self._weight = 0

    def once(self, what: Hashable, compute: Callable[[], Any], unknown: object) -> Any:  # noqa: ANN401 - any value
        """Compute something once, and remember which parameters count with their defaults in it.

        Args:
            what: what is computed.
            compute: computes it.
            unknown: the value while it is being computed, when it depends on itself, and when it is too deep.
        """
        if what not in self._memory:
            if self.depth > _DEEPEST:
                return unknown
            self._memory[what] = (unknown, frozenset(), 0)
            self.depth += 1
            value, counted = self.traced(compute)
            # a text names a table of all templates, which no value repeats
            self._memory[what] = (value, counted, 0 if isinstance(what, str) else functions.weight(value))
            self.depth -= 1
        value, counted, weight = self._memory[what]
        self._weight += weight
        if self._weight > _MOST_WEIGHT:
            return unknown
        self.counted |= counted
        return value

    def traced(self, compute: Callable[[], Any]) -> tuple[Any, frozenset[tuple[int, str]]]:
        """Compute something, and say which parameters count with their defaults in it."""
        outer, self.counted = self.counted, set()
        computed = compute()
        counted, self.counted = frozenset(self.counted), outer
        return computed, counted


class Resolver:
    """Resolves the values of one template.

    Args:
        number: the number of the template.
        template: the template.
        pseudo: the pseudo parameters that are known, such as ``AWS::Region``.
        outside: what the template gets from other templates.
        progress: what the resolvers of one input share.
    """

    def __init__(
        self,
        number: int,
        template: SynthesizedTemplate,
        pseudo: Mapping[str, str],
        outside: Outside,
        progress: Progress,
    ) -> None:
        self.number = number
        self.template = template
        self.pseudo = pseudo
        source = values.mapping(template.template)
        self._declared = values.mapping(source.get("Parameters"))
        self._mappings = values.mapping(source.get("Mappings"))
        self._conditions = values.mapping(source.get("Conditions"))
        self._outputs = values.mapping(source.get("Outputs"))
        self._outside = outside
        self._progress = progress
        self._visited = 0
        self._functions: dict[object, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::Base64": lambda argument: functions.base64_of(self.value(argument)),
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::GetStackOutput": self._get_stack_output,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": lambda argument: self._of_two("Fn::Join", functions.join, argument),
            "Fn::Length": lambda argument: functions.length(self.value(argument)),
            "Fn::Select": lambda argument: self._of_two("Fn::Select", functions.select, argument),
            "Fn::Split": lambda argument: self._of_two("Fn::Split", functions.split, argument),
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": lambda argument: functions.json_text(self.value(argument)),
        }

    def value(self, value: object) -> Any:  # noqa: ANN401 - any JSON value
        """A value with each part that is known; ``AWS::NoValue`` for a value that the template takes away."""
        resolved = self._resolved(value)
        return {"Ref": "AWS::NoValue"} if resolved is _NO_VALUE else resolved

    def _resolved(self, value: object) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return {"Ref": value} if values.DYNAMIC in value else value
        if not isinstance(value, dict | list):
            return value
        progress = self._progress
        self._visited += 1
        if progress.depth > _DEEPEST or self._visited > _MOST_VALUES:
            return UNKNOWN
        progress.depth += 1
        if isinstance(value, list):
            items = [self._resolved(item) for item in value]
            resolved: Any = [item for item in items if item is not _NO_VALUE]
        else:
            call = None
            if len(value) == 1:
                ((name, argument),) = value.items()
                call = self._functions.get(name)
            if call is not None:
                resolved = call(argument)
            else:
                entries = ((name, self._resolved(item)) for name, item in value.items())
                resolved = {name: item for name, item in entries if item is not _NO_VALUE}
        progress.depth -= 1
        return resolved

    # Parameters and references

    def _ref(self, name: object) -> Any:  # noqa: ANN401 - any JSON value
        if not isinstance(name, str):
            return {"Ref": name}
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self._declared:
            return self._once(("parameter", name), lambda: self._parameter(name), {"Ref": name})
        return {"Ref": name}

    def _parameter(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        declared = values.mapping(self._declared[name])
        kind = scalar_text(declared.get("Type")) or ""
        unknown = {"Ref": name}
        value = self.template.parameters.get(name, _MISSING)
        if value is _MISSING:
            value = self._outside.given(self.number, name)
            if value is None and "Default" in declared:
                value = declared["Default"]
                self._progress.counted.add((self.number, name))
        if value is None or kind.startswith(_SSM_TYPES):
            self._progress.counted.discard((self.number, name))
            return unknown
        if is_function(value):
            return {"Fn::Split": [",", value]} if kind.startswith(_LIST_TYPES) else value
        if isinstance(value, list):
            value = ",".join(scalar_text(item) or "" for item in value) if is_known(value) else None
        text = scalar_text(value)
        if text is None:
            return unknown
        if kind.startswith(_LIST_TYPES):
            return [self._resolved(item.strip()) for item in text.split(",")]
        return self._resolved(text)

    def _get_att(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        parts = argument.split(".", 1) if isinstance(argument, str) else values.items(argument)
        resolved = [self.value(part) for part in parts]
        match resolved:
            case [str(logical_id), str(attribute)] if attribute.startswith(_OUTPUTS):
                output = attribute.removeprefix(_OUTPUTS)
                found = self._outside.nested_output(self.number, logical_id, output)
                return {"Fn::GetAtt": resolved} if found is None else found
        return {"Fn::GetAtt": resolved}

    def _import_value(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        name = self.value(argument)
        found = self._outside.exported(self.number, name) if isinstance(name, str) else None
        return {"Fn::ImportValue": name} if found is None else found

    def _get_stack_output(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        request = self.value(argument)
        found = self._outside.stack_output(self.number, values.mapping(request))
        return {"Fn::GetStackOutput": request} if found is None else found

    def output(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value of an output; None for an output that the template does not have."""
        if name not in self._outputs:
            return None
        value = values.mapping(self._outputs[name]).get("Value")
        return self._once(("output", name), lambda: self.value(value), UNKNOWN)

    def argument(self, logical_id: str, name: str, value: object) -> Any:  # noqa: ANN401 - any JSON value
        """A value that the template gives to a parameter of a nested stack.

        Args:
            logical_id: the nested stack.
            name: the parameter.
            value: the value, as the template holds it.
        """
        return self._once(("argument", logical_id, name), lambda: self.value(value), UNKNOWN)

    def exports(self) -> list[tuple[str, str]]:
        """The exports of the template whose names are known: the name, and the output that it exports."""
        found = []
        for output, attributes in self._outputs.items():
            export = values.mapping(values.mapping(attributes).get("Export"))
            name = self.value(export.get("Name"))
            if isinstance(name, str) and self.condition(values.mapping(attributes).get("Condition")) is not False:
                found.append((name, output))
        return found

    def _once(self, what: tuple[str, ...], compute: Callable[[], Any], unknown: object) -> Any:  # noqa: ANN401
        return self._progress.once((self.number, *what), compute, unknown)

    # Functions

    def _of_two(self, name: str, function: Callable[[Any, Any], Any], argument: object) -> Any:  # noqa: ANN401
        match argument:
            case [first, second]:
                return function(self.value(first), self.value(second))
        return {name: self.value(argument)}

    def _sub(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        pattern, own = argument, None
        match argument:
            case [first, second]:
                pattern, own = first, second
        variables = values.mapping(own)
        if not isinstance(pattern, str):
            return UNKNOWN
        parts: list[Any] = []
        end = 0
        for match in _NAME_IN_TEXT.finditer(pattern):
            parts.append(pattern[end : match.start()])
            end = match.end()
            parts.append(self._substituted(match, variables))
        parts.append(pattern[end:])
        return functions.join("", [part for part in parts if part != ""])

    def _substituted(self, match: re.Match[str], variables: Mapping[str, Any]) -> Any:  # noqa: ANN401
        name = match[2].strip()
        if match[1]:
            return f"${{{match[2]}}}"
        if name in variables:
            return self.value(variables[name])
        value = self._get_att(name) if "." in name else self._ref(name)
        return UNKNOWN if value is _NO_VALUE or isinstance(value, list) else value

    def _find_in_map(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        resolved = self.value(argument)
        match resolved:
            case [name, top, second, *options]:
                keys = [scalar_text(each) for each in (name, top, second)]
                found: Any = self._mappings
                for key in keys:
                    found = values.mapping(found).get(key, _MISSING) if key is not None else _MISSING
                if found is not _MISSING:
                    return self._resolved(found)
                default = values.mapping(options[0] if options else None)
                if None not in keys and "DefaultValue" in default:
                    return default["DefaultValue"]
        return {"Fn::FindInMap": resolved}

    # Conditions

    def _if(self, argument: object) -> Any:  # noqa: ANN401 - any JSON value
        match argument:
            case [str(name), yes, no]:
                decided = self.condition(name)
                if decided is not None:
                    return self._resolved(yes if decided else no)
                branches = [self.value(yes), self.value(no)]
                return branches[0] if branches[0] == branches[1] else {"Fn::If": [name, *branches]}
        return UNKNOWN

    def condition(self, name: object) -> bool | None:
        """Whether a condition holds; True without a name, None when only the deployment decides it."""
        if not isinstance(name, str):
            return True
        rest = self._rest(name)
        return rest if isinstance(rest, bool) else None

    def undecided(self, name: object) -> frozenset[str]:
        """What must still hold at deployment for a condition to hold; empty for a condition that is decided."""
        rest = self._rest(name) if isinstance(name, str) else True
        if isinstance(rest, bool):
            return frozenset()
        return frozenset(_key(each) for each in (rest[1:] if rest[0] == "And" else [rest]))

    def _rest(self, name: str) -> bool | list[Any]:
        """A condition: decided, or what the deployment must still decide."""
        unknown = ["Condition", self.number, name]
        expression = self._conditions.get(name, _MISSING)
        rest: bool | list[Any] = self._once(("condition", name), lambda: self._decided(expression, name), unknown)
        return rest

    def _decided(self, expression: object, name: str) -> bool | list[Any]:
        unknown = ["Condition", self.number, name]
        if not isinstance(expression, dict) or len(expression) != 1 or self._progress.depth > _DEEPEST:
            return unknown
        ((function, argument),) = expression.items()
        self._progress.depth += 1
        result: bool | list[Any] = unknown
        match function, argument:
            case "Condition", str(other):
                result = self._rest(other)
            case "Fn::Equals", [first, second]:
                result = self._equal(self.value(first), self.value(second))
            case "Fn::Not", [only]:
                result = _negated(self._decided(only, name))
            case "Fn::And", [*parts]:
                result = _all("And", [self._decided(each, name) for each in parts])
            case "Fn::Or", [*parts]:
                result = _negated(_all("And", [_negated(self._decided(each, name)) for each in parts]))
        self._progress.depth -= 1
        return result

    def _equal(self, first: object, second: object) -> bool | list[Any]:
        one, other = scalar_text(first), scalar_text(second)
        if one is not None and other is not None:
            return one == other
        if first == second:
            return True
        if is_known(first) and is_known(second):
            return False
        sides = sorted((moved(each, self.number, None) for each in (first, second)), key=repr)
        return ["Equals", *sides]


def _all(name: str, parts: list[bool | list[Any]]) -> bool | list[Any]:
    """What must still be decided of several conditions that all must hold."""
    if False in parts:
        return False
    rest: list[list[Any]] = []
    for part in parts:
        if not isinstance(part, bool):
            rest += part[1:] if part[0] == name else [part]
    unique = sorted({_key(each): each for each in rest}.values(), key=repr)
    if not unique:
        return True
    return unique[0] if len(unique) == 1 else [name, *unique]


def _negated(rest: bool | list[Any]) -> bool | list[Any]:  # noqa: FBT001 - a decided condition
    if isinstance(rest, bool):
        return not rest
    negated: list[Any] = rest[1] if rest[0] == "Not" else ["Not", rest]
    return negated


def _key(rest: object) -> str:
    return repr(rest)
