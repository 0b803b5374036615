"""The intrinsic functions of CloudFormation that need nothing but their arguments.

Each function gets arguments that are resolved already, and returns its value. Where an argument is not known before
deployment, it returns the call itself, for the reader of the value. No function raises an error.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Final

from resilient_redshift.planning.reading import values

#: A value that nobody knows before deployment.
UNKNOWN: Final = {"Fn::Unknown": ""}
#: CloudFormation takes templates of 1 MB. A function that makes a text longer, again and again, ends here.
_LONGEST: Final = 2**20
_WEIGHT_OF_A_PART: Final = 20
_INDEX: Final = re.compile(r"[0-9]{1,6}")
_FUNCTION: Final = re.compile(r"Ref|Condition|Fn::.+")


def scalar_text(value: object) -> str | None:
    """How CloudFormation writes a text, a number or a truth value; None for any other value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) and abs(value) < values.LARGEST else None


def is_function(value: object) -> bool:
    """Whether a value is the call of a function, such as ``{"Ref": "Cluster"}``."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and all(isinstance(name, str) and _FUNCTION.fullmatch(name) is not None for name in value)
    )


def is_known(value: object) -> bool:
    """Whether a value has no call of a function in it."""
    if isinstance(value, dict):
        return not is_function(value) and all(is_known(item) for item in value.values())
    return all(is_known(item) for item in value) if isinstance(value, list) else True


def join(delimiter: object, parts: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::Join``."""
    if not isinstance(delimiter, str) or not isinstance(parts, list):
        return {"Fn::Join": [delimiter, parts]}
    if len(parts) == 1 and is_function(parts[0]):
        return parts[0]
    texts = [scalar_text(part) for part in parts]
    known = [text for text in texts if text is not None]
    return delimiter.join(known) if len(known) == len(texts) else {"Fn::Join": [delimiter, parts]}


def select(index: object, options: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::Select``."""
    number = scalar_text(index)
    if isinstance(options, list) and number is not None and not any(_may_vanish(each) for each in options):
        chosen = int(number) if _INDEX.fullmatch(number) else len(options)
        return options[chosen] if chosen < len(options) else UNKNOWN
    return {"Fn::Select": [index, options]}


def split(delimiter: object, source: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::Split``."""
    if isinstance(delimiter, str) and delimiter and isinstance(source, str):
        return source.split(delimiter)
    return {"Fn::Split": [delimiter, source]}


def length(options: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::Length``."""
    if isinstance(options, list) and not any(_may_vanish(each) for each in options):
        return len(options)
    return {"Fn::Length": options}


def base64_of(text: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::Base64``."""
    if not isinstance(text, str):
        return {"Fn::Base64": text}
    if len(text) > _LONGEST:
        return UNKNOWN
    return base64.b64encode(text.encode(errors="replace")).decode()


def json_text(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """``Fn::ToJsonString``. Calls inside become parts of a ``Fn::Join``, if they give texts."""
    if weight(value) > _LONGEST:
        return UNKNOWN
    calls: list[Any] = []
    marked = _marked(value, calls)
    text = json.dumps(marked, default=str)
    parts: list[Any] = []
    for position, piece in enumerate(re.split(r"\\u0000([0-9]+)\\u0000", text)):
        parts.append(calls[int(piece)] if position % 2 and int(piece) < len(calls) else piece)
    return join("", parts)


def weight(value: object) -> int:
    """How large a value is: its letters, and some for each part."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return _WEIGHT_OF_A_PART + sum(len(str(name)) + weight(item) for name, item in value.items())
    return _WEIGHT_OF_A_PART + (sum(map(weight, value)) if isinstance(value, list) else 0)


def _marked(value: object, calls: list[Any]) -> object:
    """A value in which a mark is in the place of each call."""
    if is_function(value):
        calls.append(value)
        return f"\0{len(calls) - 1}\0"
    if isinstance(value, dict):
        return {str(name): _marked(item, calls) for name, item in value.items()}
    return [_marked(item, calls) for item in value] if isinstance(value, list) else value


def _may_vanish(value: object) -> bool:
    """Whether an element of a list may be ``AWS::NoValue`` at deployment."""
    return "Fn::If" in values.mapping(value)


def moved(value: Any, source: int, target: int | None) -> Any:  # noqa: ANN401 - any JSON value
    """A value of one template, for a reader in another template.

    A reference keeps its meaning: the number of its template goes before the logical id, as in
    ``{"Ref": "3:Cluster"}``.

    Args:
        value: the value; resolved.
        source: the number of the template that the value comes from.
        target: the number of the reader's template; None for a reader that belongs to no template.
    """
    if isinstance(value, list):
        return [moved(item, source, target) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[Any, Any] = {}
    for name, item in value.items():
        if name == "Ref" and isinstance(item, str):
            result[name] = _moved_name(item, source, target)
        elif name in {"Fn::GetAtt", "Fn::If"} and isinstance(item, list) and item and isinstance(item[0], str):
            rest = [moved(part, source, target) for part in item[1:]]
            result[name] = [_moved_name(item[0], source, target), *rest]
        else:
            result[name] = moved(item, source, target)
    return result


#: Pseudo parameters that mean the same in each template of one place.
_OF_PLACE: Final = frozenset({"AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"})
_NUMBERED: Final = re.compile(r"([0-9]+):(.*)", re.DOTALL)


def _moved_name(name: str, source: int, target: int | None) -> str:
    if name in _OF_PLACE or values.DYNAMIC in name:
        return name
    match = _NUMBERED.fullmatch(name)
    home, local = (int(match[1]), match[2]) if match else (source, name)
    return local if home == target else f"{home}:{local}"
