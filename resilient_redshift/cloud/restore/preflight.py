"""Looks at everything that a restore needs, before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.restore import needs
from resilient_redshift.cloud.restore.calls import FEW, CallFailed, wait_out

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.needs import Line, Reply
    from resilient_redshift.cloud.restore.run import Run

#: A failover is in a hurry, and goes on without an answer. So it asks again soon.
_AGAIN_SECONDS: Final = 5


def check_key(run: Run, aws: Aws) -> str:
    """Look at the key that encrypts the restored cluster.

    Returns:
        Why the key cannot be used. Empty if it can, or if AWS does not say.
    """
    key = run.record["recovery"]["encryption_key"]
    reply = _ask(aws, "kms", "DescribeKey", KeyId=key)
    line = needs.key(key, reply, of_the_restore=True)
    _take(run, aws, reply, line)
    return line.seen if line.state == needs.NOT_OK else ""


def check_subnet_group(run: Run, aws: Aws) -> None:
    """Look at the cluster subnet group, and remember its Zones."""
    name = run.record["recovery"]["subnet_group"]
    reply = _ask(aws, "redshift", "DescribeClusterSubnetGroups", ClusterSubnetGroupName=name)
    _take(run, aws, reply, needs.subnet_group(name, reply))
    if not isinstance(reply, CallFailed):
        run.zones = needs.zones(reply)


def check_parameter_group(run: Run, aws: Aws) -> None:
    """Look at the cluster parameter group."""
    name = run.record["recovery"]["parameter_group"]
    reply = _ask(aws, "redshift", "DescribeClusterParameterGroups", ParameterGroupName=name)
    _take(run, aws, reply, needs.parameter_group(name, reply))


def check_security_groups(run: Run, aws: Aws) -> None:
    """Look at the security groups.

    A filter asks for them. A question by identifier is an error that names the first missing group only.
    """
    wanted = run.record["recovery"]["security_groups"]
    reply = _ask(aws, "ec2", "DescribeSecurityGroups", Filters=[{"Name": "group-id", "Values": wanted}])
    _take(run, aws, reply, needs.security_groups(wanted, reply))


def check_roles(run: Run, aws: Aws) -> None:
    """Look at the roles that the restored cluster gets.

    IAM's control plane may be in the Region that is lost. So the run has little patience, and no answer is a warning.
    """
    for arn in run.record.get("restore", {}).get("iam_role_arns", []):
        reply = _ask(aws, "iam", "GetRole", RoleName=arn.rpartition("/")[2])
        line = needs.role(arn, reply)
        _take(run, aws, reply, line)
        if line.state == needs.CANNOT_TELL:
            return


def _ask(aws: Aws, service: str, operation: str, **parameters: Any) -> Reply:  # noqa: ANN401 - of any call
    try:
        return aws.call(service, operation, **parameters)
    except CallFailed as error:
        return error


def _take(run: Run, aws: Aws, reply: Reply, line: Line) -> None:
    """Take note of what a look means.

    Without an answer the run goes on with a warning. Only a drill ends where a right is missing: its job is to find
    that out.

    Raises:
        Again: the call failed with an error that passes.
        CallFailed: a drill lacks a right.
    """
    run.missing += line.missing
    if not isinstance(reply, CallFailed):
        return
    wait_out(run, aws.now(), reply, FEW, seconds=_AGAIN_SECONDS)
    if line.state != needs.CANNOT_TELL:
        return
    if run.is_drill and reply.refused:
        raise reply
    run.warn(str(reply))
