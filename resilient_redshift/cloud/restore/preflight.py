"""Looks at everything that a restore needs, before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.calls import FEW, CallFailed, wait_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

#: What a key's problem means beside what AWS says of a missing one.
_NO_KEY = frozenset({Meaning.MISSING, Meaning.KEY, Meaning.DENIED, Meaning.CREDENTIALS})
#: A failover is in a hurry, and goes on without an answer. So it asks again soon.
_AGAIN_SECONDS = 5
_NO_GROUP = frozenset({Meaning.MISSING, Meaning.INVALID})


def check_key(run: Run, aws: Aws) -> str:
    """Look at the key that encrypts the restored cluster.

    Returns:
        Why the key cannot be used. Empty if it can, or if AWS does not say.
    """
    key = run.record["recovery"]["encryption_key"]
    try:
        state = aws.call("kms", "DescribeKey", KeyId=key)["KeyMetadata"].get("KeyState")
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW, seconds=_AGAIN_SECONDS)
        if error.meaning in _NO_KEY:
            run.missing.append(f"key {key} ({error.code})")
            return f"the key {key} cannot be used: {error.message}"
        return _unknown(run, error)
    if state == "Enabled":
        return ""
    run.missing.append(f"key {key} ({state})")
    return f"the key {key} is {state}"


def check_subnet_group(run: Run, aws: Aws) -> None:
    """Look at the cluster subnet group, and remember its Zones."""
    name = run.record["recovery"]["subnet_group"]

    def look() -> bool:
        answer = aws.call("redshift", "DescribeClusterSubnetGroups", ClusterSubnetGroupName=name)
        groups = answer["ClusterSubnetGroups"]
        zones = [
            subnet["SubnetAvailabilityZone"]["Name"] for group in groups[:1] for subnet in group.get("Subnets", [])
        ]
        run.zones = list(dict.fromkeys(zones))
        return bool(groups)

    _check(run, aws, f"cluster subnet group {name}", look)


def check_parameter_group(run: Run, aws: Aws) -> None:
    """Look at the cluster parameter group."""
    name = run.record["recovery"]["parameter_group"]

    def look() -> bool:
        return bool(aws.call("redshift", "DescribeClusterParameterGroups", ParameterGroupName=name)["ParameterGroups"])

    _check(run, aws, f"cluster parameter group {name}", look)


def check_security_groups(run: Run, aws: Aws) -> None:
    """Look at the security groups.

    A filter asks for them. A question by identifier is an error that names the first missing group only.
    """
    wanted = run.record["recovery"]["security_groups"]
    try:
        answer = aws.call("ec2", "DescribeSecurityGroups", Filters=[{"Name": "group-id", "Values": wanted}])
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW, seconds=_AGAIN_SECONDS)
        _unknown(run, error)
        return
    there = {group["GroupId"] for group in answer["SecurityGroups"]}
    run.missing += [f"security group {name}" for name in wanted if name not in there]


def check_roles(run: Run, aws: Aws) -> None:
    """Look at the roles that the restored cluster gets.

    IAM's control plane may be in the Region that is lost. So the run has little patience, and no answer is a warning.
    """
    for arn in run.record.get("restore", {}).get("iam_role_arns", []):
        try:
            aws.call("iam", "GetRole", RoleName=arn.rpartition("/")[2])
        except CallFailed as error:
            wait_out(run, aws.now(), error, FEW, seconds=_AGAIN_SECONDS)
            if error.meaning is Meaning.MISSING:
                run.missing.append(f"role {arn}")
                continue
            _unknown(run, error)
            return


def _check(run: Run, aws: Aws, what: str, look: Callable[[], bool]) -> None:
    try:
        there = look()
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW, seconds=_AGAIN_SECONDS)
        if error.meaning not in _NO_GROUP:
            _unknown(run, error)
            return
        there = False
    if not there:
        run.missing.append(what)


def _unknown(run: Run, error: CallFailed) -> str:
    """Go on with a warning. Only a drill ends where a right is missing: its job is to find that out.

    Raises:
        CallFailed: a drill lacks a right.
    """
    if run.is_drill and error.refused:
        raise error
    run.warn(str(error))
    return ""
