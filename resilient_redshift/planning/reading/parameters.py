"""Reads the values that a deployment gives to parameters, as the tools of AWS take them."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.functions import scalar_text
from resilient_redshift.planning.reading.source import AssemblyError, content_of, documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_PAIR: Final = re.compile(r"(?:(?P<stack>[^=]+?):)?(?P<key>AWS::[A-Za-z]+|[A-Za-z0-9]+)=(?P<value>.*)", re.DOTALL)
_SHORTHAND: Final = re.compile(r"ParameterKey=(?P<key>[^,]+),(?P<rest>.*)", re.DOTALL)
_FILE: Final = "file://"
_REGION: Final = "AWS::Region"
_ACCOUNT: Final = "AWS::AccountId"
#: The pseudo parameters that may be given: those that a template outside a cloud assembly does not know.
_PSEUDO: Final = frozenset({_REGION, _ACCOUNT, "AWS::StackName", "AWS::Partition", "AWS::URLSuffix"})
_ENDINGS: Final = re.compile(r"(\.template)?\.(json|ya?ml|template)$")
_REGION_NAME: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")


def parse_parameters(words: Iterable[str]) -> dict[str, str | None]:
    """The values of parameters, from the words of a command line.

    Args:
        words: each a ``Key=Value``, a ``Stack:Key=Value``, ``ParameterKey=Key,ParameterValue=Value``, or the path of a
            file, also as ``file://path``. A file is JSON or YAML and has one of the forms of ``aws cloudformation``
            (a list of ``{"ParameterKey": ..., "ParameterValue": ...}``, or of ``Key=Value``), a mapping, or a mapping
            under ``Parameters`` as CodePipeline takes it. A later word replaces an earlier one.

    Returns:
        The values by ``Key`` or ``Stack:Key``. None is a value that the deployment keeps from the time before
        (``UsePreviousValue``), so nobody knows it here.

    Raises:
        AssemblyError: for a word that is neither a value nor a file, and for a file that cannot be read.
    """
    found: dict[str, str | None] = {}
    for word in words:
        found.update(_of_word(word))
    return found


def _of_word(word: str) -> dict[str, str | None]:
    shorthand = _SHORTHAND.fullmatch(word)
    if shorthand:
        rest = shorthand["rest"]
        if rest.startswith("ParameterValue="):
            return {shorthand["key"]: rest.removeprefix("ParameterValue=")}
        if rest.lower() == "usepreviousvalue=true":
            return {shorthand["key"]: None}
    pair = None if word.startswith(_FILE) else _PAIR.fullmatch(word)
    if pair:
        key = pair["key"] if pair["stack"] is None else f"{pair['stack']}:{pair['key']}"
        return {key: pair["value"]}
    return _of_file(word)


def _of_file(word: str) -> dict[str, str | None]:
    file = Path(word.removeprefix(_FILE))
    try:
        is_file = file.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        raise AssemblyError(f"--parameters: {_shown(word)} is neither Key=Value, nor Stack:Key=Value, nor a file")
    contents = documents(file.name, content_of(file))
    content = contents[0] if contents else None
    found = dict(_pairs(content))
    if not found and content not in ({}, [], {"Parameters": {}}):
        raise AssemblyError(f"--parameters: {file.name} has no parameters in a form of aws cloudformation or CDK")
    return found


def _pairs(content: object) -> Iterator[tuple[str, str | None]]:
    """The values in a file of parameters."""
    if isinstance(content, list):
        for each in content:
            entry = values.mapping(each)
            key = entry.get("ParameterKey")
            if isinstance(each, str):
                yield from _of_word(each).items() if _PAIR.fullmatch(each) else ()
            elif isinstance(key, str):
                yield key, None if entry.get("UsePreviousValue") is True else scalar_text(entry.get("ParameterValue"))
        return
    entries = values.mapping(content)
    inner = entries.get("Parameters")
    for key, value in values.mapping(inner if isinstance(inner, dict) else entries).items():
        if isinstance(value, list):
            yield key, ",".join(scalar_text(each) or "" for each in value)
        elif (text := scalar_text(value)) is not None:
            yield key, text


def with_parameters(
    templates: Sequence[SynthesizedTemplate], given: Mapping[str, str | None], *, ignore_undeclared: bool = False
) -> list[SynthesizedTemplate]:
    """The templates with the values that are given for their parameters.

    Args:
        templates: the templates that somebody deploys; no nested ones, because a parent gives them their values.
        given: the values, by ``Key`` for each template that declares the parameter, or by ``Stack:Key``.
            ``AWS::Region`` and ``AWS::AccountId`` are for templates whose Region and account are not known.
        ignore_undeclared: ignore a parameter that no template declares. Default: such a parameter is an error.

    Raises:
        AssemblyError: for a parameter that no template declares, and for a value that its declaration does not allow.
    """
    used: set[str] = set()
    changed = [_with_values(each, given, used) for each in templates]
    for key in given:
        if key not in used and not ignore_undeclared:
            raise AssemblyError(_undeclared(key, templates))
    return changed


def _with_values(template: SynthesizedTemplate, given: Mapping[str, str | None], used: set[str]) -> SynthesizedTemplate:
    declared = values.mapping(values.mapping(template.template).get("Parameters"))
    parameters = dict(template.parameters)
    stacks = _names_of(template)
    for whole, value in sorted(given.items(), key=lambda each: _split(each[0])[0] is not None):
        stack, key = _split(whole)
        if (stack is not None and stack not in stacks) or (key not in declared and key not in _PSEUDO):
            continue
        used.add(whole)
        parameters[key] = value
        if value is not None:
            _check(key, value, values.mapping(declared.get(key)))
    region, account = parameters.pop(_REGION, None), parameters.pop(_ACCOUNT, None)
    return replace(
        template,
        parameters=parameters,
        region=template.region or region,
        account=template.account or account,
    )


def _names_of(template: SynthesizedTemplate) -> set[str]:
    """What a user may call a stack: its name, or the name of its file."""
    return {template.name, _ENDINGS.sub("", template.name), _ENDINGS.sub("", Path(template.file or "").name)}


def _split(key: str) -> tuple[str | None, str]:
    """The stack and the name of a parameter; no stack for a parameter of any stack."""
    if key.startswith("AWS::"):
        return None, key
    before, separator, name = key.rpartition(":AWS::")
    if separator:
        return before, f"AWS::{name}"
    before, separator, name = key.rpartition(":")
    return (before, name) if separator else (None, name)


def _check(key: str, value: str, declared: Mapping[str, Any]) -> None:
    allowed = [scalar_text(each) for each in values.items(declared.get("AllowedValues"))]
    known = [each for each in allowed if each is not None]
    if known and value not in known:
        raise AssemblyError(f"parameter '{key}' must be one of {', '.join(known)}, got {_shown(value)}")
    for name, pattern in ((_REGION, _REGION_NAME), (_ACCOUNT, _ACCOUNT_ID)):
        if key == name and not pattern.fullmatch(value):
            what = "a Region such as us-east-1" if name == _REGION else "an account of 12 digits"
            raise AssemblyError(f"parameter '{key}' must be {what}, got {_shown(value)}")


def _undeclared(whole: str, templates: Sequence[SynthesizedTemplate]) -> str:
    stack, key = _split(whole)
    stacks = sorted({name for each in templates for name in _names_of(each) if name})
    if stack is not None and stack not in stacks:
        return f"parameter '{whole}' is of no stack of the input{_near(stack, stacks)}"
    declared = sorted(
        {
            name
            for each in templates
            if stack is None or stack in _names_of(each)
            for name in values.mapping(values.mapping(each.template).get("Parameters"))
        }
        | _PSEUDO
    )
    return f"parameter '{key}' is declared by no template of the input{_near(key, declared)}"


def _near(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1) or [each for each in names if each.lower() == name.lower()]
    return f"; did you mean '{close[0]}'?" if close else ""


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:60]}...")  # noqa: PLR2004 - letters of an error
