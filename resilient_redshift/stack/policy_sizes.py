"""The size of a role's policies at synth. IAM would refuse too large policies halfway through a deployment."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The fewest characters that each value can have. A role that is too large here is then too large for IAM too.
_PSEUDO: Final = {"AWS::Partition": 3, "AWS::Region": 9, "AWS::AccountId": 12, "AWS::StackId": 80}
_LEAST_NAME: Final = 1
_LEAST_ARN: Final = 20

#: How the description of a managed policy of this library begins.
OWN_DESCRIPTION: Final = "resilient_redshift: "

_TOKEN: Final = re.compile(r"\$\{Token\[(AWS\.Partition)?[^\]]*\]\}")
# The longest that a partition's name is, and a name or an ARN that only the deployment knows usually is.
_LONGEST_PARTITION: Final = "aws-us-gov"
_LONG_NAME: Final = "x" * 80


def longest_size(document: Mapping[str, Any]) -> int:
    """The characters that a policy document of an app, with CDK's tokens in it, can have at most."""
    text = json.dumps(document, separators=(",", ":"))
    return len(_TOKEN.sub(lambda token: _LONGEST_PARTITION if token[1] else _LONG_NAME, text))


def inline_policy_sizes(resources: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The logical id of each role, and the fewest characters that the policies of the role can have together."""
    sizes: dict[str, int] = {}
    for resource in resources.values():
        # a resource of the user may be a loop or a macro, which only CloudFormation can read
        match resource:
            case {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document, "Roles": list(roles)}}:
                size = len(json.dumps(_shortest(document, resources), separators=(",", ":")))
                for role in roles:
                    if isinstance(role, dict) and "Ref" in role:
                        sizes[role["Ref"]] = sizes.get(role["Ref"], 0) + size
    yield from sizes.items()


def managed_policies(resources: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The managed policies that this library makes.

    Args:
        resources: the resources of a template.

    Yields:
        The logical id of each policy, the fewest characters that it can have, and the logical id of its role.
    """
    for name, resource in resources.items():
        match resource:
            case {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Description": str(text), "PolicyDocument": document, "Roles": [{"Ref": role}]},
            } if text.startswith(OWN_DESCRIPTION):
                yield name, len(json.dumps(_shortest(document, resources), separators=(",", ":"))), role


def _shortest(value: Any, resources: Mapping[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - any template value, one case each
    """The value with each reference as short as it can become."""
    match value:
        case {"Ref": name}:
            identifier = resources.get(name, {}).get("Properties", {}).get("ClusterIdentifier")
            return identifier if isinstance(identifier, str) else "x" * _PSEUDO.get(name, _LEAST_NAME)
        case {"Fn::GetAtt": _}:
            return "x" * _LEAST_ARN
        case {"Fn::If": [_, one, other]}:
            return min(_shortest(one, resources), _shortest(other, resources), key=lambda each: len(json.dumps(each)))
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(_shortest(part, resources)) for part in parts)
        case dict():
            return {key: _shortest(item, resources) for key, item in value.items()}
        case list():
            return [_shortest(item, resources) for item in value]
    return value
