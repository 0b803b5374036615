"""Parameter groups: which parameters a cluster gets, and one group for equal ones."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_redshift as redshift

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
#: TLS for every connection, and the log of every statement: not to be turned off here.
ENFORCED: Final = MappingProxyType({"enable_user_activity_logging": "true", "require_ssl": "true"})

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FAMILY: Final = re.compile(r"redshift-[0-9]+\.[0-9]+")
_WLM: Final = "wlm_json_configuration"


def check_parameters(problems: Problems, given: Mapping[str, str]) -> None:
    """Check the shape of parameters: names in lower case, values as strings, the WLM configuration as JSON."""
    for name, value in given.items():
        argument = f"parameters[{name!r}]"
        named = isinstance(name, str) and _NAME.fullmatch(name) is not None
        problems.check(named, "parameters", name, "names in lower case", "Redshift API: ParameterName")
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


def with_enforced(problems: Problems, given: Mapping[str, str]) -> dict[str, str]:
    """The given parameters and the enforced ones, by name; a problem for each that would turn an enforced one off."""
    for name, value in ENFORCED.items():
        got = given.get(name, value)
        why = "a cluster without it needs an aws_redshift.CfnCluster of its own"
        problems.check(got == value, f"parameters[{name!r}]", got, repr(value), why)
    return dict(sorted({**given, **ENFORCED}.items()))


@Remembered
def _groups(_stack: Stack) -> dict[str, redshift.CfnClusterParameterGroup]:
    """The stack's groups so far, by the hash of their content."""
    return {}


def parameter_group(
    owner: Construct, stack: Stack, family: str, parameters: Mapping[str, str]
) -> redshift.CfnClusterParameterGroup:
    """The stack's one group with this family and these parameters.

    An account has 20 parameter groups a Region at most, so equal ones are one. The group is named after its content:
    other parameters are another group, and CloudFormation reboots a cluster that gets another group where a parameter
    needs it, while a group that changes in place leaves the cluster at "pending-reboot" (resource provider,
    UpdateHandler).
    """
    if not all(map(known, (family, *parameters.values()))):  # a token has no stable text to name a group after
        return _make(owner, "ParameterGroup", family, parameters)
    content = short_hash(family, *(part for pair in parameters.items() for part in pair))
    groups = _groups(stack)
    if content not in groups:
        groups[content] = _make(stack, f"ResilientRedshiftParameters{content}", family, parameters)
    return groups[content]


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
