"""Reads what a failover of a plan needs in the recovery Region. It calls no other Region.

The watcher reads through boto3, the command through its own calls. Both pass an object with the method ``call``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.contract.names import plan_record_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from resilient_redshift.cloud.restore.needs import Reply

#: The quota of the nodes of all clusters of an account and Region in Service Quotas, and its name there.
NODES_QUOTA: Final = "L-F9D462EE"
NODES_QUOTA_NAME: Final = "Nodes"
_FUNCTION: Final = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")
#: The end of a name that stands for all names in a simulation.
_ANY: Final = "any"
#: A service that does not answer one call is not asked again, because each call may take its whole time-out. IAM's
#: control plane may be in the Region that is lost, and a function in a VPC may not reach it.
_NO_ANSWER: Final = frozenset({Meaning.UNREACHABLE, Meaning.TRANSIENT})
#: What the two roles must be allowed so that a restore is accepted.
#: ``recovery/_restore_machine.py`` allows it, and a test compares both.
RESTORE_RIGHTS: Final = ("redshift:RestoreFromClusterSnapshot",)
READ_RIGHTS: Final = (
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusters",
    "secretsmanager:GetRandomPassword",
)
RECORD_RIGHTS: Final = ("ssm:GetParameter",)
KEY_RIGHTS: Final = ("kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:RetireGrant")
#: Redshift makes the secret of the admin with its caller's rights.
SECRET_RIGHTS: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UpdateSecret",
)
ROLE_RIGHTS: Final = ("iam:PassRole",)
MACHINE_RIGHTS: Final = ("lambda:InvokeFunction",)


class Caller(Protocol):
    """Calls to AWS in one Region."""

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401 - of any call
        """Make one call.

        Raises:
            Unread: AWS refused, or did not answer.
        """
        ...


@dataclass(kw_only=True)
class Replies:
    """What AWS said of one plan. None: there was nothing to ask for.

    Args:
        machine: DescribeStateMachine of the restore machine.
        function: GetFunctionConfiguration of the function that the machine calls.
        concurrency: GetFunctionConcurrency of that function.
        rights: SimulatePrincipalPolicy, by the role that is meant: ``machine`` or ``function``.
        roles: GetRole of each role that the restored cluster gets, by its ARN.
        key: DescribeKey of the key that encrypts the restored cluster.
        grant: DescribeSnapshotCopyGrants.
        subnet_group: DescribeClusterSubnetGroups.
        parameter_group: DescribeClusterParameterGroups.
        security_groups: DescribeSecurityGroups.
        quota: GetServiceQuota of the nodes, or GetAWSDefaultServiceQuota where no other quota was applied.
    """

    machine: Reply | None = None
    function: Reply | None = None
    concurrency: Reply | None = None
    rights: dict[str, list[Reply]] = field(default_factory=dict)
    roles: dict[str, Reply] = field(default_factory=dict)
    key: Reply | None = None
    grant: Reply | None = None
    subnet_group: Reply | None = None
    parameter_group: Reply | None = None
    security_groups: Reply | None = None
    quota: Reply | None = None


class Reader:
    """Reads for many plans. Plans of one site share most of what they need, so the same call is made only once.

    Args:
        caller: calls to AWS in the recovery Region.
        run_all: runs all reads of one plan, each of which asks other services. In an outage each may take the whole
            time that is waited for an answer. Default: one after another.
    """

    def __init__(self, caller: Caller, run_all: Callable[[Sequence[Callable[[], None]]], object] | None = None) -> None:
        self._caller = caller
        self._run_all = run_all or _one_by_one
        self._replies: dict[str, Reply] = {}
        self._silent: dict[str, Unread] = {}

    def read(self, record: Mapping[str, Any]) -> Replies:
        """Read what a failover of a plan needs.

        Args:
            record: what is understood of the plan's record in the recovery Region.
        """
        replies = Replies()
        reads = (
            self._read_quota,
            self._read_machine,
            self._read_key,
            self._read_redshift,
            self._read_security_groups,
            self._read_roles,
        )
        self._run_all([partial(read, replies, record) for read in reads])
        return replies

    def _read_quota(self, replies: Replies, _record: Mapping[str, Any]) -> None:
        asked = {"ServiceCode": "redshift", "QuotaCode": NODES_QUOTA}
        replies.quota = self._ask("service-quotas", "GetServiceQuota", **asked)
        if isinstance(replies.quota, Unread) and replies.quota.meaning is Meaning.MISSING:
            replies.quota = self._ask("service-quotas", "GetAWSDefaultServiceQuota", **asked)

    def _read_key(self, replies: Replies, record: Mapping[str, Any]) -> None:
        key = record.get("recovery", {}).get("encryption_key")
        if key is not None:
            replies.key = self._ask("kms", "DescribeKey", KeyId=key)

    def _read_redshift(self, replies: Replies, record: Mapping[str, Any]) -> None:
        recovery = record.get("recovery", {})
        if "snapshot_copy_grant_name" in recovery:
            name = recovery["snapshot_copy_grant_name"]
            replies.grant = self._ask("redshift", "DescribeSnapshotCopyGrants", SnapshotCopyGrantName=name)
        if "subnet_group" in recovery:
            name = recovery["subnet_group"]
            replies.subnet_group = self._ask("redshift", "DescribeClusterSubnetGroups", ClusterSubnetGroupName=name)
        if "parameter_group" in recovery:
            name = recovery["parameter_group"]
            replies.parameter_group = self._ask("redshift", "DescribeClusterParameterGroups", ParameterGroupName=name)

    def _read_security_groups(self, replies: Replies, record: Mapping[str, Any]) -> None:
        groups = record.get("recovery", {}).get("security_groups")
        if groups:
            filters = [{"Name": "group-id", "Values": groups}]
            replies.security_groups = self._ask("ec2", "DescribeSecurityGroups", Filters=filters)

    def _read_roles(self, replies: Replies, record: Mapping[str, Any]) -> None:
        roles = record.get("restore", {}).get("iam_role_arns", [])
        replies.roles = {arn: self._ask("iam", "GetRole", RoleName=arn.rpartition("/")[2]) for arn in roles}

    def _read_machine(self, replies: Replies, record: Mapping[str, Any]) -> None:
        machine = record.get("machines", {}).get("restore")
        if machine is None:
            return
        replies.machine = self._ask("stepfunctions", "DescribeStateMachine", stateMachineArn=machine)
        if isinstance(replies.machine, Unread):
            return
        functions = sorted(set(_FUNCTION.findall(str(replies.machine.get("definition", "")))))
        if functions:
            replies.function = self._ask("lambda", "GetFunctionConfiguration", FunctionName=functions[0])
            replies.concurrency = self._ask("lambda", "GetFunctionConcurrency", FunctionName=functions[0])
        role = str(replies.machine.get("roleArn", ""))
        replies.rights["machine"] = [self._simulate(role, MACHINE_RIGHTS, functions)] if functions and role else []
        if isinstance(replies.function, Unread) or replies.function is None:
            return
        role = str(replies.function.get("Role", ""))
        asked = _rights_of_the_restore(record, machine)
        replies.rights["function"] = [self._simulate(role, *one) for one in asked] if role else []

    def _simulate(
        self, role: str, actions: Sequence[str], resources: Sequence[str], context: Mapping[str, str] | None = None
    ) -> Reply:
        entries = [
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in (context or {}).items()
        ]
        return self._ask(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=role,
            ActionNames=list(actions),
            ResourceArns=list(resources),
            **({"ContextEntries": entries} if entries else {}),
        )

    def _ask(self, service: str, operation: str, **parameters: Any) -> Reply:  # noqa: ANN401 - of any call
        asked = f"{service}:{operation} {json.dumps(parameters, sort_keys=True)}"
        if asked not in self._replies:
            self._replies[asked] = self._silent.get(service) or self._ask_now(service, operation, parameters)
        return self._replies[asked]

    def _ask_now(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Reply:
        try:
            return self._caller.call(service, operation, **parameters)
        except Unread as error:
            if error.meaning in _NO_ANSWER:
                self._silent[service] = error
            return error


def _one_by_one(reads: Sequence[Callable[[], None]]) -> None:
    for read in reads:
        read()


def _rights_of_the_restore(
    record: Mapping[str, Any], machine: str
) -> Iterator[tuple[Sequence[str], Sequence[str], Mapping[str, str]]]:
    """What the function's role must be allowed: the actions, the resources, and the keys of the request's context."""
    partition, _, region, account = machine.split(":")[1:5]
    arn, name = f"arn:{partition}:redshift:{region}:{account}", record["cluster"]["identifier"]
    yield READ_RIGHTS, ["*"], {}
    yield RESTORE_RIGHTS, [f"{arn}:cluster:{name}", f"{arn}:snapshot:{name}/{_ANY}"], {}
    yield SECRET_RIGHTS, [f"arn:{partition}:secretsmanager:{region}:{account}:secret:redshift!{_ANY}"], {}
    if "plan" in record:
        parameter = plan_record_name(record["plan"])
        yield RECORD_RIGHTS, [f"arn:{partition}:ssm:{region}:{account}:parameter{parameter}"], {}
    key = record.get("recovery", {}).get("encryption_key")
    if key:
        yield KEY_RIGHTS, [key], {"kms:ViaService": f"redshift.{region}.amazonaws.com"}
    roles = record.get("restore", {}).get("iam_role_arns", [])
    if roles:
        yield ROLE_RIGHTS, list(roles), {"iam:PassedToService": "redshift.amazonaws.com"}
