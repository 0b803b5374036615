"""Parameter groups: the parameters that a cluster gets, and one group in a stack for equal parameters."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_redshift as redshift

from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Stack
    from constructs import Construct

    from resilient_redshift.errors import Problems

#: The family that the Redshift API names for today's engine (CreateClusterParameterGroup).
FAMILY: Final = "redshift-1.0"
#: TLS for every connection, and a log of every statement. A cluster of this library always has both.
ENFORCED: Final = MappingProxyType({"enable_user_activity_logging": "true", "require_ssl": "true"})

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FAMILY: Final = re.compile(r"redshift-[0-9]+\.[0-9]+")
_WLM: Final = "wlm_json_configuration"


def check_parameters(problems: Problems, parameters: Mapping[str, str]) -> None:
    """Check the form of parameters: lower-case names, strings as values, JSON as the WLM configuration."""
    for name, value in parameters.items():
        argument = f"parameters[{name!r}]"
        ok = isinstance(name, str) and _NAME.fullmatch(name) is not None
        problems.check(ok, "parameters", name, "names in lower case", "Redshift API: ParameterName")
        if not known(value):
            continue
        if problems.check(isinstance(value, str), argument, value, "a string", "Redshift API: ParameterValue"):
            problems.check(name != _WLM or _is_json(value), argument, value, "JSON", "Redshift: workload management")


def check_family(problems: Problems, value: str) -> None:
    """Check the name of a parameter group family."""
    ok = not known(value) or (isinstance(value, str) and _FAMILY.fullmatch(value) is not None)
    problems.check(
        ok, "parameter_group_family", value, f"a family such as {FAMILY!r}", "Redshift API: ParameterGroupFamily"
    )


def with_enforced(problems: Problems, parameters: Mapping[str, str]) -> dict[str, str]:
    """Add the enforced parameters, and sort all parameters by name.

    Args:
        problems: gets a problem for each parameter that would turn an enforced parameter off.
        parameters: the parameters that the user passed.
    """
    for name, value in ENFORCED.items():
        got = parameters.get(name, value)
        why = "a cluster without it needs an aws_redshift.CfnCluster of its own"
        problems.check(got == value, f"parameters[{name!r}]", got, repr(value), why)
    return dict(sorted({**parameters, **ENFORCED}.items()))


@Remembered
def _groups(_stack: Stack) -> dict[str, redshift.CfnClusterParameterGroup]:
    """The stack's groups so far, by the hash of their content."""
    return {}


def parameter_group(
    owner: Construct, stack: Stack, family: str, parameters: Mapping[str, str]
) -> redshift.CfnClusterParameterGroup:
    """The stack's one group with this family and these parameters.

    An account has at most 20 parameter groups in a Region, so clusters with equal parameters share one group. The id of
    the group comes from its content, so other parameters make another group. CloudFormation reboots a cluster that gets
    another group, where a parameter needs a reboot. A group that changes in place would leave the cluster at
    "pending-reboot" (resource provider, UpdateHandler). See decision 0007, "parameter groups named after content".

    Args:
        owner: the cluster's construct. The group is its child where the content holds a token.
        stack: the cluster's stack.
        family: the group's family, such as ``redshift-1.0``.
        parameters: all parameters of the group, sorted by name.
    """
    if not all(map(known, (family, *parameters.values()))):  # a token has no stable text for the id
        return _make(owner, "ParameterGroup", family, parameters)
    content = short_hash(family, *(part for pair in parameters.items() for part in pair))
    groups = _groups(stack)
    if content not in groups:
        groups[content] = _make(stack, f"ResilientRedshiftParameters{content}", family, parameters)
    return groups[content]


def parameters_of(group: redshift.CfnClusterParameterGroup) -> Mapping[str, str] | None:
    """The parameters of a group; None where only the deployment decides one of them."""
    parameters: dict[str, str] = {}
    for parameter in stack_of(group).resolve(group.parameters) or []:
        name, value = parameter.get("parameterName"), parameter.get("parameterValue")
        if not isinstance(name, str) or not isinstance(value, str):
            return None
        parameters[name] = value
    return MappingProxyType(parameters)


def _make(
    scope: Construct, construct_id: str, family: str, parameters: Mapping[str, str]
) -> redshift.CfnClusterParameterGroup:
    return redshift.CfnClusterParameterGroup(
        scope,
        construct_id,
        description="Parameters of Redshift clusters, by resilient_redshift",
        parameter_group_family=family,
        parameters=[{"parameterName": name, "parameterValue": value} for name, value in parameters.items()],
    )


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
