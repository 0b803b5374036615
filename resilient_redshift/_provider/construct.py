"""The provider in a stack: two functions of ours behind CDK's Provider framework, least privilege, once a stack.

Every logical id here is a contract for ever: CloudFormation refuses another ServiceToken for a custom resource that
exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import custom_resources
from constructs import Construct

from resilient_redshift._naming import short_hash
from resilient_redshift._network import names_of, stack_of
from resilient_redshift._stack_services import StackServices, acknowledge, wildcard_finding
from resilient_redshift._tree import ref_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct, Node

HANDLER_FOLDER: Final = Path(__file__).parent / "handler"

#: The newest that CDK names for every partition.
_RUNTIME: Final = "python3.13"
#: Lambda ends an invocation after 15 minutes; the handler's own deadline is shorter.
_FUNCTION_TIMEOUT_MINUTES: Final = 15
_WAIT_MINUTES: Final = 30
_QUERY_INTERVAL_SECONDS: Final = 20
#: What CloudFormation waits for a dead handler (3600 s at most): one invocation, the waiting, and a little more.
SERVICE_TIMEOUT_MINUTES: Final = _FUNCTION_TIMEOUT_MINUTES + _WAIT_MINUTES + 5

#: What the handler may do to one cluster (service authorization reference, Amazon Redshift).
COPY_ACTIONS: Final = (
    "redshift:EnableSnapshotCopy",
    "redshift:ModifySnapshotCopyRetentionPeriod",
    "redshift:DescribeClusters",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
GRANT_ACTIONS: Final = ("redshift:CreateSnapshotCopyGrant", "redshift:CreateTags")
#: Only where the removal policy is DESTROY: a thief of the role ends nothing that was to be kept.
END_COPY_ACTIONS: Final = ("redshift:DisableSnapshotCopy",)
END_GRANT_ACTIONS: Final = ("redshift:DeleteSnapshotCopyGrant",)
#: RetireGrant does not carry the key kms:GrantIsForAWSResource (AWS KMS condition keys).
END_GRANT_KEY_ACTIONS: Final = ("kms:RetireGrant",)
END_KEY_GRANT_ACTIONS: Final = ("kms:RevokeGrant",)
#: These only read. The grants' one supports no resource type; the snapshots' one takes a cluster, but is called in the
#: destination Region, where the cluster's ARN does not exist: only "*" works.
READ_ACTIONS: Final = ("redshift:DescribeClusterSnapshots", "redshift:DescribeSnapshotCopyGrants")
#: Redshift uses a customer's key with its caller's rights ("Authorizing Amazon Redshift to use a customer managed
#: key").
KEY_READ_ACTIONS: Final = ("kms:DescribeKey",)
KEY_GRANT_ACTIONS: Final = ("kms:CreateGrant",)
#: Findings of compliance packs on these resources, each with the reason that holds for every user.
_ACKNOWLEDGED: Final = {
    "AwsSolutions-L1": "Python 3.13 is the newest runtime that CDK names for every partition, and suffices",
    "AwsSolutions-SF1": "the waiter only calls functions that log each step themselves; its execution data holds "
    "CloudFormation's pre-signed response address, which belongs in no log",
    "AwsSolutions-SF2": "the waiter of CDK's Provider framework runs in deployments only; its functions log each step",
    "NIST.800.53.R5-IAMNoInlinePolicy": "each policy names one cluster, key or function and lives and dies with it; a "
    "role takes 10 managed policies, and a stack may hold 20 clusters",
    "NIST.800.53.R5-LambdaConcurrency": "only CloudFormation and the waiter call these functions, a few times a "
    "deployment; reserved concurrency would be taken from the account for ever",
    "NIST.800.53.R5-LambdaDLQ": "CloudFormation waits for each call's answer and reports a failure; a lost call ends "
    "with ServiceTimeout",
    "NIST.800.53.R5-LambdaInsideVPC": "the functions call AWS APIs only and reach no resource of a VPC",
}
_READS_ACKNOWLEDGED: Final = {
    "AwsSolutions-IAM5[Resource::*]": "DescribeSnapshotCopyGrants supports no resource type, and "
    "DescribeClusterSnapshots asks the destination Region, where the cluster's ARN does not exist; both only read",
}
_ANY_KEY: Final = (
    "reads the descriptions of this account's keys; naming each cluster's key once more would break the 10,240 "
    "characters of a role at 20 clusters, and what lets a key be used names each"
)
_LOG_ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_ATTRIBUTE: Final = "_resilient_redshift_provider"


class SnapshotProvider(Construct):
    """Runs the custom resources of one stack.

    Args:
        scope: the stack; use :meth:`of`.
        construct_id: fixed, see :attr:`ID`.
    """

    ID: Final = "ResilientRedshiftProvider"

    def __init__(self, scope: cdk.Stack, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._stack = scope
        setattr(scope, _ATTRIBUTE, self)
        services = StackServices.of(scope)
        self._log_group_arn = services.log_group_arn
        self._log_group_name = services.log_group.ref
        self._policies: dict[str, iam.CfnPolicy] = {}
        self._source_keys: list[str] = []
        self._role = _role(self, "HandlerRole")
        handler_policy = self._handler_policy()
        self.service_token: str = self._framework(*self._handlers(handler_policy))
        acknowledge(self, _ACKNOWLEDGED)

    @classmethod
    def of(cls, scope: IConstruct) -> SnapshotProvider:
        """The provider of the scope's stack, made on the first call."""
        stack = stack_of(scope)
        # kept on the stack: each copy asks, and jsii is slow
        found = getattr(stack, _ATTRIBUTE, None) or stack.node.try_find_child(cls.ID)
        return cast("SnapshotProvider", found) if found is not None else cls(stack, cls.ID)

    def copy_policies(
        self,
        *,
        cluster_key: str,
        cluster_identifier: str,
        source_key_arn: str | None = None,
        destroy: bool = False,
    ) -> list[iam.CfnPolicy]:
        """Let the handler manage one cluster's snapshot copy; the copy depends on all that this returns.

        Args:
            cluster_key: names the cluster in the construct's id; stable, the same for the same cluster.
            cluster_identifier: the cluster's identifier, a token inside the stack.
            source_key_arn: the key that encrypts the cluster, where it is known. Default: no right on a key.
            destroy: whether the handler may end the copy. Default: it may not.
        """
        policy_id = f"Copy{short_hash(cluster_key)}"
        if policy_id not in self._policies:
            arn = self._arn("cluster", cluster_identifier)
            self._policies[policy_id] = self._policy(
                policy_id, [_allow((*COPY_ACTIONS, *(END_COPY_ACTIONS if destroy else ())), arn)]
            )
        policies = [self._policies[policy_id]]
        if source_key_arn is not None:
            policies.append(self._allow_source_key(source_key_arn))
        return policies

    def grant_policy(self, *, grant_name: str, key_arn: str, destroy: bool = False) -> iam.CfnPolicy:
        """Let the handler make and tag one snapshot copy grant on one key.

        Args:
            grant_name: the grant's name.
            key_arn: the ARN of the key that Redshift may then use.
            destroy: whether the handler may delete the grant. Default: it may not.
        """
        policy_id = f"Grant{short_hash(grant_name)}"
        if policy_id not in self._policies:
            on_grant = (*GRANT_ACTIONS, *(END_GRANT_ACTIONS if destroy else ()))
            statements = [
                _allow(on_grant, self._arn("snapshotcopygrant", grant_name)),
                _allow((*KEY_READ_ACTIONS, *(END_GRANT_KEY_ACTIONS if destroy else ())), key_arn),
                _grants_for_aws_only(key_arn, destroy=destroy),
            ]
            self._policies[policy_id] = self._policy(policy_id, statements)
        return self._policies[policy_id]

    def _allow_source_key(self, key_arn: str) -> iam.CfnPolicy:
        """One policy for all source keys: an ARN costs a third of a statement, and a role's policies have a limit."""
        if key_arn not in self._source_keys:
            self._source_keys.append(key_arn)
        if "SourceKeys" not in self._policies:
            # told once, at synth, however many clusters there are
            names = names_of(self._stack)
            any_key = f"arn:{names.partition}:kms:{names.region}:{names.account}:key/*"
            document = cdk.Lazy.any(_SourceKeys(any_key, self._source_keys))
            self._policies["SourceKeys"] = self._policy("SourceKeys", document)
            acknowledge(self._policies["SourceKeys"], {wildcard_finding(self._stack, any_key): _ANY_KEY})
        return self._policies["SourceKeys"]

    def _handler_policy(self) -> iam.CfnPolicy:
        statements = [_allow(_LOG_ACTIONS, self._log_group_arn), _allow(READ_ACTIONS, "*")]
        policy = self._policy("HandlerPolicy", statements)
        acknowledge(policy, _READS_ACKNOWLEDGED)
        return policy

    def _handlers(self, policy: iam.CfnPolicy) -> Iterator[str]:
        """Make the functions of on_event and is_complete; yield their ARNs."""
        # the package `handler` alone at the root of the archive: its relative imports hold there as they do here
        code = s3_assets.Asset(
            self,
            "Code",
            path=str(HANDLER_FOLDER.parent),
            exclude=["*", "!handler", "!handler/*.py"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        shared: dict[str, Any] = {
            "code": {"s3Bucket": code.s3_bucket_name, "s3Key": code.s3_object_key},
            "runtime": _RUNTIME,
            "role": self._role.attr_arn,
            "timeout": _FUNCTION_TIMEOUT_MINUTES * 60,
            "memory_size": 256,
            "logging_config": {"logGroup": self._log_group_name},
            "environment": {"variables": {"ALLOWED_STACK_ID": cdk.Aws.STACK_ID}},
        }
        for construct_id, function in (("OnEvent", "on_event"), ("IsComplete", "is_complete")):
            made = lambda_.CfnFunction(
                self,
                construct_id,
                handler=f"handler.index.{function}",
                description=f"resilient_redshift: snapshot copies and grants, {function}",
                **shared,
            )
            # a function never runs before its rights stand, and is gone before they go
            made.node.add_dependency(policy)
            yield made.attr_arn

    def _framework(self, on_event: str, is_complete: str) -> str:
        """Wire CDK's framework with a role of ours: its own would allow every version of each function, by wildcard."""
        role = _role(self, "FrameworkRole")
        write = _allow(_LOG_ACTIONS, self._log_group_arn)
        invoke = _allow(("lambda:GetFunction", "lambda:InvokeFunction"), on_event, is_complete)
        policy = self._policy("FrameworkPolicy", [write, invoke], role)
        framework_role = _as_role(self, "FrameworkRoleRef", role)
        provider = custom_resources.Provider(
            self,
            "Framework",
            on_event_handler=_without_permissions(self, "OnEventRef", on_event),
            is_complete_handler=_without_permissions(self, "IsCompleteRef", is_complete),
            framework_on_event_role=framework_role,
            framework_complete_and_timeout_role=framework_role,
            query_interval=cdk.Duration.seconds(_QUERY_INTERVAL_SECONDS),
            total_timeout=cdk.Duration.minutes(_WAIT_MINUTES),
            # CDK's framework wants an ILogGroup
            log_group=logs.LogGroup.from_log_group_name(self, "Logs", self._log_group_name),
        )
        node = provider.node
        parts = [
            cast("lambda_.Function", node.find_child(f"framework-{name}"))
            for name in ("onEvent", "isComplete", "onTimeout")
        ]
        machine = node.find_child("waiter-state-machine").node
        _narrow_waiter(machine, [part.function_arn for part in parts[1:]])
        waiter = cast("cdk.CfnResource", machine.default_child)
        start = self._policy("StartPolicy", [_allow(("states:StartExecution",), waiter.ref)], role)
        for part, policies in zip(parts, ((policy, start), (policy,), (policy,)), strict=True):
            part.node.add_dependency(*policies)
        return provider.service_token

    def _policy(
        self,
        construct_id: str,
        statements: Sequence[dict[str, Any]] | cdk.IResolvable,
        role: iam.CfnRole | None = None,
    ) -> iam.CfnPolicy:
        return iam.CfnPolicy(
            self,
            construct_id,
            policy_name=construct_id,
            policy_document=_document(statements) if isinstance(statements, Sequence) else statements,
            roles=[ref_of(role or self._role)],
        )

    def _arn(self, resource: str, name: str) -> str:
        return names_of(self._stack).arn("redshift", resource, name)


@jsii.implements(cdk.IStableAnyProducer)
class _SourceKeys:
    """What the handler may do with the keys of all clusters."""

    def __init__(self, any_key: str, arns: Sequence[str]) -> None:
        self._any_key = any_key
        self._arns = arns

    def produce(self) -> dict[str, Any]:
        return _document([_allow(KEY_READ_ACTIONS, self._any_key), _grants_for_aws_only(*self._arns)])


def _role(scope: Construct, construct_id: str) -> iam.CfnRole:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return iam.CfnRole(scope, construct_id, assume_role_policy_document=_document([trust]))


def _narrow_waiter(machine: Node, functions: Sequence[str]) -> None:
    """Let the waiter call the two functions themselves; CDK writes a wildcard for versions too."""
    role = machine.find_child("Role")
    policy = cast("iam.CfnPolicy", role.node.find_child("DefaultPolicy").node.default_child)
    policy.policy_document = _document([_allow(("lambda:InvokeFunction",), *functions)])


def _as_role(scope: Construct, construct_id: str, role: iam.CfnRole) -> iam.IRole:
    """The role for constructs that want an IRole; they cannot add to it."""
    return iam.Role.from_role_arn(scope, construct_id, role.attr_arn, mutable=False)


def _without_permissions(scope: Construct, construct_id: str, function_arn: str) -> lambda_.IFunction:
    """The function for CDK's framework, which otherwise adds a Lambda permission beside the role's policy."""
    return lambda_.Function.from_function_attributes(
        scope,
        construct_id,
        function_arn=function_arn,
        skip_permissions=True,
    )


def _allow(actions: Sequence[str], *resources: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }


def _grants_for_aws_only(*keys: str, destroy: bool = False) -> dict[str, Any]:
    """Let AWS services use keys with the handler's rights; without the condition, its thief could let himself."""
    actions = (*KEY_GRANT_ACTIONS, *(END_KEY_GRANT_ACTIONS if destroy else ()))
    return {**_allow(actions, *keys), "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}


def _document(statements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
