"""What the annotation of a public argument accepts: one row for each kind of value.

This module does not import CDK, because planning and the command line run without it. A value of a CDK class can exist
only after somebody imported CDK.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from resilient_redshift.core.arguments import is_in_a_stack
from resilient_redshift.rules.tokens import known

#: One fault of a value: the argument's name, what it got, what it may be, and why.
Fault = tuple[str, object, str, str]


class Kind:
    """The values that one annotation accepts, and the words for them in an error."""

    #: What the argument may be; it follows "must be".
    allowed: str

    def faults(self, argument: str, value: object) -> Iterator[Fault]:
        """Why a value is not of this kind; nothing where it is."""
        raise NotImplementedError


@dataclass(frozen=True)
class Plain(Kind):
    """A kind that one condition decides.

    Attributes:
        allowed: what the argument may be.
        fits: the condition.
        why: the next step for a wrong value.
    """

    allowed: str
    fits: Callable[[Any], bool]
    why: Callable[[Any], str] = lambda _: ""

    def faults(self, argument: str, value: object) -> Iterator[Fault]:
        """Yield one fault unless the value fits."""
        if not self.fits(value):
            yield argument, value, self.allowed, self.why(value)


@dataclass(frozen=True)
class ListOf(Kind):
    """A list, a tuple or another collection whose elements have one kind."""

    element: Kind

    @property
    def allowed(self) -> str:  # type: ignore[override]  # it depends on the element
        """What the argument may be."""
        return f"a list, each element {self.element.allowed}"

    def faults(self, argument: str, value: object) -> Iterator[Fault]:
        """Yield the fault of a value that is no list, or the faults of its elements."""
        if isinstance(value, str):
            yield argument, value, self.allowed, "Python reads one string as a list of its letters; write ['...']"
        elif isinstance(value, bytes | Mapping | type) or not isinstance(value, Collection):
            single = not isinstance(value, type) and not any(self.element.faults(argument, value))
            yield argument, value, self.allowed, "write brackets around one value" if single else ""
        else:
            for number, element in enumerate(value):
                yield from self.element.faults(f"{argument}[{number}]", element)


@dataclass(frozen=True)
class MappingOf(Kind):
    """A mapping whose keys and values have one kind each."""

    key: Kind
    value: Kind

    @property
    def allowed(self) -> str:  # type: ignore[override]  # it depends on the parts
        """What the argument may be."""
        return f"a mapping, each key {self.key.allowed} and each value {self.value.allowed}"

    def faults(self, argument: str, value: object) -> Iterator[Fault]:
        """Yield the fault of a value that is no mapping, or the faults of its keys and values."""
        if not isinstance(value, Mapping):
            yield argument, value, self.allowed, ""
            return
        for key, each in value.items():
            yield from self.key.faults(f"{argument}, a key", key)
            yield from self.value.faults(f"{argument}[{key!r}]", each)


@dataclass(frozen=True)
class Either(Kind):
    """One of several kinds. The words leave None out, because nobody has to write it."""

    kinds: tuple[Kind, ...]

    @property
    def allowed(self) -> str:  # type: ignore[override]  # it depends on the kinds
        """What the argument may be."""
        return " or ".join(kind.allowed for kind in self.kinds if kind is not NOTHING)

    def faults(self, argument: str, value: object) -> Iterator[Fault]:
        """Yield the faults of the only kind besides None, or one fault over all kinds."""
        if any(not any(kind.faults(argument, value)) for kind in self.kinds):
            return
        others = [kind for kind in self.kinds if kind is not NOTHING]
        if len(others) == 1:
            yield from others[0].faults(argument, value)
        else:
            yield argument, value, self.allowed, ""


def has_members(value: object, *names: str) -> bool:
    """Whether a value has some members, of which no one is read. A class is no value.

    An object that jsii made for an interface alone, such as the result of ``Key.from_key_arn``, has the members of the
    objects that it represents.
    """
    if isinstance(value, type):
        return False
    classes = [type(value), *map(type, getattr(value, "__dict__", {}).get("_delegates", ()))]
    return any(all(hasattr(each, name) for name in names) for each in classes) or all(
        hasattr(value, name) for name in names
    )


def _reference(member: str, inner: str, module: str) -> Callable[[Any], bool]:
    """The condition of an interface with a reference, such as ``IKeyRef`` with ``key_ref.key_arn``.

    Other services use the same member: an ECS cluster has a ``cluster_ref`` too. The class is enough for most objects;
    only an unusual one costs a question to jsii.
    """

    def fits(value: Any) -> bool:  # noqa: ANN401 - what the user passed
        if not has_members(value, member):
            return False
        names = (str(getattr(each, "__jsii_type__", "")) for each in type(value).__mro__)
        return any(f".{module}." in name for name in names) or hasattr(getattr(value, member), inner)

    return fits


def _group(member: str) -> Callable[[Any], bool]:
    """The condition of a group: its name, an L1, or an interface of the alpha module, which has no reference."""

    def fits(value: Any) -> bool:  # noqa: ANN401 - what the user passed
        # a CfnCluster has the name of its group too, but it is an L1
        is_alpha = has_members(value, f"{member}_name", "node") and not has_members(value, "cfn_options")
        return is_text(value) or has_members(value, f"{member}_ref") or is_alpha

    return fits


def _instance(module: str, name: str) -> Callable[[Any], bool]:
    """The condition of a class or enumeration of CDK."""
    return lambda value: isinstance(value, getattr(sys.modules.get(module), name, ()))


def is_text(value: object) -> bool:
    """Whether a value is a string that UTF-8 can hold; a lone surrogate is no character."""
    try:
        return isinstance(value, str) and (value.isascii() or value.encode() != b"")
    except UnicodeEncodeError:
        return False


def _is_number(value: object) -> bool:
    # CDK encodes the token of a number as a float
    return (isinstance(value, int) and not isinstance(value, bool)) or _is_token(value)


def _is_token(value: object) -> bool:
    return (isinstance(value, float) or has_members(value, "resolve")) and not known(value)


def _is_cluster(value: object) -> bool:
    # a cluster of the alpha module is no IClusterRef, but works where its facts are enough
    return _CLUSTER_REFERENCE(value) or has_members(value, "cluster_name", "cluster_endpoint", "node")


_CLUSTER_REFERENCE: Final = _reference("cluster_ref", "cluster_identifier", "aws_redshift")


def _utc(value: Any) -> str:  # noqa: ANN401 - what the user passed
    """What to write instead of a value that is no ``events.Schedule``."""
    if isinstance(value, str):
        return f"write events.Schedule.expression({value!r})"
    if not has_members(value, "expression_string", "time_zone"):
        return ""
    from resilient_redshift.core._time_zones import instead_of  # noqa: PLC0415 - only an error needs it

    zone = value.time_zone
    return instead_of(value.expression_string, None if zone is None else zone.timezone_name)


def _its_text(value: object) -> str:
    """What to write instead of an object that has a text."""
    name = next((name for name in ("role_arn", "key_arn", "topic_arn") if has_members(value, name)), None)
    if name is not None:
        return f"pass its {name}"
    types = (("aws_cdk.aws_ec2", "InstanceType"), ("aws_cdk.aws_redshift_alpha", "NodeType"))
    is_type = any(_instance(module, kind)(value) for module, kind in types)
    return "pass its text, such as 'ra3.large'" if is_type else ""


def _alpha(value: object) -> str:
    del value
    return "pass a CfnCluster itself; refer to any other cluster with ExistingCluster.from_identifier"


NOTHING: Final = Plain("None", lambda value: value is None)
_ANYTHING: Final = Plain("anything", lambda _: True)
_ALPHA: Final = Plain(
    "a Cluster or ICluster of aws_cdk.aws_redshift_alpha",
    lambda value: has_members(value, "node", "cluster_name", "cluster_endpoint"),
    _alpha,
)
#: Each kind that is no class of this library, by the last part of its annotation.
_KINDS: Final[Mapping[str, Kind]] = {
    "None": NOTHING,
    "Path": Plain("a path", lambda value: isinstance(value, PurePath)),
    "str": Plain("a string", lambda value: is_text(value) or _is_token(value), _its_text),
    "int": Plain("a whole number", _is_number),
    "bool": Plain("True or False", lambda value: isinstance(value, bool) or _is_token(value)),
    # the rule of each argument names its range, and refuses another type with it (rules/retention.py)
    "Span": _ANYTHING,
    "Keep": _ANYTHING,
    "Callable": Plain("a function", callable),
    "Construct": Plain("a construct in a stack", lambda value: has_members(value, "node") and is_in_a_stack(value)),
    "IConstruct": Plain("a construct", lambda value: has_members(value, "node")),
    "Stage": Plain("an App or a Stage", _instance("aws_cdk", "Stage")),
    "IPolicyValidationContext": Plain(
        "the context that CDK passes to a plugin", lambda value: has_members(value, "app_construct", "template_paths")
    ),
    "Duration": Plain("a Duration such as Duration.minutes(5)", _instance("aws_cdk", "Duration")),
    "RemovalPolicy": Plain("a RemovalPolicy such as RemovalPolicy.RETAIN", _instance("aws_cdk", "RemovalPolicy")),
    "ScheduleExpression": Plain(
        "a cloudwatch.ScheduleExpression", _instance("aws_cdk.aws_cloudwatch", "ScheduleExpression")
    ),
    "IAlarmAction": Plain(
        "a cloudwatch.IAlarmAction, such as aws_cloudwatch_actions.LambdaAction(...)",
        lambda value: has_members(value, "bind"),
    ),
    "Schedule": Plain("an events.Schedule", _instance("aws_cdk.aws_events", "Schedule"), _utc),
    "SubnetSelection": Plain("an ec2.SubnetSelection", _instance("aws_cdk.aws_ec2", "SubnetSelection")),
    "IVpc": Plain(
        "a VPC, such as an ec2.Vpc or the result of ec2.Vpc.from_lookup",
        lambda value: has_members(value, "vpc_id", "select_subnets"),
    ),
    "ISecurityGroup": Plain(
        "a security group, such as an ec2.SecurityGroup or the result of ec2.SecurityGroup.from_security_group_id",
        lambda value: has_members(value, "security_group_id"),
    ),
    "IKeyRef": Plain(
        "a key, such as a kms.Key or the result of kms.Key.from_key_arn", _reference("key_ref", "key_arn", "aws_kms")
    ),
    "ITopicRef": Plain(
        "a topic, such as an sns.Topic or the result of sns.Topic.from_topic_arn",
        _reference("topic_ref", "topic_arn", "aws_sns"),
    ),
    "IBucketRef": Plain(
        "a bucket, such as an s3.Bucket or the result of s3.Bucket.from_bucket_name",
        _reference("bucket_ref", "bucket_name", "aws_s3"),
    ),
    "IRoleRef": Plain(
        "a role, such as an iam.Role or the result of iam.Role.from_role_arn",
        _reference("role_ref", "role_arn", "aws_iam"),
    ),
    "IGrantable": Plain("a principal, such as an iam.Role", lambda value: has_members(value, "grant_principal")),
    "SubnetGroup": Plain(
        "a subnet group: its name, a CfnClusterSubnetGroup or a ClusterSubnetGroup",
        _group("cluster_subnet_group"),
    ),
    "ParameterGroup": Plain(
        "a parameter group: its name, a CfnClusterParameterGroup or a ClusterParameterGroup",
        _group("cluster_parameter_group"),
    ),
    "IClusterRef": Plain(
        "a cluster: a ResilientCluster, a CfnCluster or an ExistingCluster",
        _is_cluster,
        lambda _: "ExistingCluster.from_identifier refers to a cluster by its name",
    ),
    "ICluster": _ALPHA,
    "Cluster": _ALPHA,
}


@functools.cache
def kind_of(annotation: str) -> Kind:
    """The kind of an annotation, as the module that holds the function spells it."""
    return _parsed(ast.parse(annotation, mode="eval").body)


def _parsed(node: ast.expr) -> Kind:
    if isinstance(node, ast.BinOp):
        kinds = [kind for side in (node.left, node.right) for kind in _alternatives(_parsed(side))]
        return Either(tuple(dict.fromkeys(kinds)))
    if isinstance(node, ast.Subscript):
        name = _last_part(node.value)
        if name == "Mapping":
            assert isinstance(node.slice, ast.Tuple)  # noqa: S101 - a mapping has two parameters
            key, value = map(_parsed, node.slice.elts)
            return MappingOf(key, value)
        return _KINDS["Callable"] if name == "Callable" else ListOf(_parsed(node.slice))
    name = _last_part(node)
    return _KINDS.get(name) or _ours(name)


def _alternatives(kind: Kind) -> tuple[Kind, ...]:
    return kind.kinds if isinstance(kind, Either) else (kind,)


def _last_part(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _ours(name: str) -> Kind:
    """A class of this library."""

    def fits(value: object) -> bool:
        return any(
            each.__name__ == name and each.__module__.startswith("resilient_redshift") for each in type(value).__mro__
        )

    article = "an" if name[0] in "AEIOU" or name.startswith("Sql") else "a"
    return Plain(f"{article} {name}", fits)
