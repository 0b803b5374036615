"""Names as the SDK for Java 2 spells them, for Step Functions shows those: errors, members of requests and of answers.

Rules [S: aws-sdk-java-v2, DefaultNamingStrategy]: an exception is its shape, ``Fault`` made ``Exception``, or ``Exception`` added; a member's
leading capitals are one word (``DBName`` is ``DbName``, ``MultiAZ`` stays). Step Functions writes members in PascalCase [D].
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING, Any

from emulator.redshift_model.errors import service_model

if TYPE_CHECKING:
    from collections.abc import Callable

#: Step Functions' name of a service -> botocore's, and the prefix of its errors.
SERVICES = {
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "ec2": ("ec2", "Ec2"),
    "iam": ("iam", "Iam"),
    "kms": ("kms", "Kms"),
    "lambda": ("lambda", "Lambda"),
    "redshift": ("redshift", "Redshift"),
    "redshiftdata": ("redshift-data", "RedshiftData"),
    "route53": ("route53", "Route53"),
    "s3": ("s3", "S3"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "ssm": ("ssm", "Ssm"),
    "sts": ("sts", "Sts"),
}
_DEEP = (dict, list, dt.datetime)
_CAPITALS = re.compile(r"[A-Z]+(?=[A-Z][a-z]|$|[0-9])")
_LEADING = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|[0-9]|$)")


def _words(name: str) -> str:
    return _CAPITALS.sub(lambda found: found.group().capitalize(), name)


@functools.cache
def exception(service: str, shape: str | None) -> str:
    """Name an error of ``service`` (as Step Functions spells it); None: a code that the service's model does not list [U]."""
    prefix = SERVICES[service][1] if service in SERVICES else service.capitalize()
    if shape is None:
        return f"{prefix}.{'AWSLambda' if service == 'lambda' else prefix}Exception"
    name = shape.removesuffix("Fault").removesuffix("Exception")
    return f"{prefix}.{_words(name)}Exception"


@functools.cache
def _by_code(service: str) -> dict[str, str]:
    """Wire code and shape name -> shape name."""
    found: dict[str, str] = {}
    for shape in service_model(SERVICES[service][0]).error_shapes:
        found[str(shape.metadata.get("error", {}).get("code", shape.name))] = found[shape.name] = shape.name
    return found


def exception_of_code(service: str, code: str) -> str:
    """Name an error that came over the wire with ``code``."""
    return exception(service, _by_code(service).get(code.rsplit("#", 1)[-1]))


@functools.cache
def member(name: str) -> str:
    """Spell a member as Step Functions does."""
    spelled = _LEADING.sub(lambda found: found.group().capitalize(), name)
    return spelled[0].upper() + spelled[1:]


def to_wire(shape: Any, value: Any, spell: Callable[[str], str] = member) -> Any:
    """Give arguments the API's names and types: JSONata has one kind of number, JSON has no dates.

    A name that the SDK does not have (``TTL`` for ``Ttl``) becomes one that no API has, for whoever checks parameters.
    """
    if shape is None or value is None:
        return value
    if isinstance(value, dict) and shape.type_name == "map":
        return {key: to_wire(shape.value, item, spell) for key, item in value.items()}
    if isinstance(value, dict) and shape.type_name == "structure":
        members = shape.members
        names = {spell(name): name for name in members}
        return {
            names.get(key, f"{key} (unknown)"): to_wire(members.get(names.get(key)), item, spell)
            for key, item in value.items()
        }
    if isinstance(value, list) and shape.type_name == "list":
        return [to_wire(shape.member, item, spell) for item in value]
    return _typed(shape.type_name, value)


def _typed(kind: str, value: Any) -> Any:
    if kind in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind in {"double", "float"} and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "timestamp":
        return dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return value


def from_wire(shape: Any, value: Any) -> Any:
    """Give an answer Step Functions' names, and dates as ISO 8601 with ``Z``."""
    if isinstance(value, dict) and shape is not None:
        if shape.type_name == "map":
            return {key: from_wire(shape.value, item) for key, item in value.items()}
        members = shape.members
        return {
            member(key): from_wire(members.get(key), item) if isinstance(item, _DEEP) else item
            for key, item in value.items()
        }
    if isinstance(value, list) and shape is not None:
        return [from_wire(shape.member, item) for item in value]
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    return value
