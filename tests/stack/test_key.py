"""The key of a stack's logs and dead letters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import HERE, new_stack, resources_of

if TYPE_CHECKING:
    import aws_cdk as cdk


def stack_with_key(env: cdk.Environment | None = HERE) -> cdk.Stack:
    stack = new_stack(env)
    assert StackServices.of(stack).log_group_arn
    return stack


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    [resource] = resources_of(stack, kind)
    return resource


def test_the_key_rotates_and_outlives_the_stack_as_the_logs_do() -> None:
    stack = stack_with_key()
    key, logs = only(stack, "AWS::KMS::Key"), only(stack, "AWS::Logs::LogGroup")
    assert key["Properties"]["EnableKeyRotation"] is True
    for resource in (key, logs):
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_key_serves_this_regions_logs_in_every_partition() -> None:
    stack = stack_with_key(None)
    statements = only(stack, "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"]
    principals = [statement["Principal"] for statement in statements]
    logs = {"Fn::Join": ["", ["logs.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]}
    assert principals[1:] == [{"Service": logs}, {"Service": "events.amazonaws.com"}]
    assert "arn:aws:" not in json.dumps(statements)
    assert "kms:EncryptionContext:aws:logs:arn" in statements[1]["Condition"]["ArnLike"]
