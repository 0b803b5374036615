"""The inline policies of deployed roles: what they allow, one action after the other, and a role without one of them."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.e2e.providers import described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws


class Right(NamedTuple):
    """One action that a role is allowed, on one kind of thing.

    ``role`` is its stack's name and its logical id without the hash; ``on`` the type of a resource (of a function or a machine:
    its logical id without the hash), or ``*``.
    """

    role: str
    action: str
    on: str


class Roles:
    """All roles of some stacks; ``names`` are their physical names by label."""

    def __init__(self, aws: EmulatedAws, stacks: dict[str, str], *, but: str = "(?!)") -> None:
        """Look at ``stacks``, name to Region, but not at roles whose labels match the pattern ``but``."""
        self._iam = aws.client("iam", next(iter(stacks.values())))
        self.names: dict[str, str] = {}
        self._things: dict[str, str] = {}
        for stack, region in stacks.items():
            for each in described(aws, region, stack):
                logical_id, physical_id = each["LogicalResourceId"][:-8], each["PhysicalResourceId"]
                label = f"{stack}/{logical_id}"
                if each["ResourceType"] == "AWS::IAM::Role" and not re.search(but, label):
                    self.names[label] = physical_id
                self._things[physical_id] = logical_id

    def rights(self) -> set[Right]:
        """Everything that the policies allow."""
        return {
            Right(role, action, self._kind(resource))
            for role, name in self.names.items()
            for _, document in self._documents(name)
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        }

    def thing(self, physical_id: str) -> str:
        """The logical id without the hash of something deployed."""
        return self._things[physical_id]

    @contextlib.contextmanager
    def without(self, right: Right, *more: Right) -> Iterator[None]:
        """Take rights from their role for a while, and nothing else."""
        taken = {right, *more}
        name = self.names[right.role]
        before = dict(self._documents(name))
        for policy, document in before.items():
            statements = [each for one in document["Statement"] for each in self._less(right.role, one, taken)]
            self._put(name, policy, {**document, "Statement": statements})
        try:
            yield
        finally:
            for policy, document in before.items():
                self._put(name, policy, document)

    def _less(self, role: str, statement: dict[str, Any], taken: set[Right]) -> Iterator[dict[str, Any]]:
        """A statement, one for each of its pairs where something is taken from it."""
        if statement["Effect"] != "Allow":
            yield statement
            return
        pairs = [(a, r) for a in _listed(statement["Action"]) for r in _listed(statement["Resource"])]
        left = [(a, r) for a, r in pairs if Right(role, a, self._kind(r)) not in taken]
        if left == pairs:
            yield statement
            return
        for action, resource in left:
            yield {**statement, "Action": action, "Resource": resource}

    def _documents(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for policy in self._iam.list_role_policies(RoleName=name)["PolicyNames"]:
            yield policy, self._iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]

    def _put(self, name: str, policy: str, document: dict[str, Any]) -> None:
        if document["Statement"]:
            self._iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        else:
            self._iam.delete_role_policy(RoleName=name, PolicyName=policy)

    def _kind(self, resource: str) -> str:
        if resource == "*":
            return resource
        service, name = resource.split(":", 5)[2::3]
        if service in {"lambda", "states"}:
            return self._things.get(resource) or self._things[name.split(":")[1]]  # execution:<machine>:* too
        return name.replace("/", ":").split(":", 1)[0]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
