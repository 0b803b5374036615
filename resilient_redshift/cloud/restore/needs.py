"""What a restore needs of its Region, and what a look at each thing means.

The restore itself judges by these functions before it makes anything, and so does whoever asks whether a failover would
start now. This module imports no botocore: it judges what somebody else read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

OK: Final = "ok"
NOT_OK: Final = "not ok"
CANNOT_TELL: Final = "cannot tell"
STATES: Final = (OK, NOT_OK, CANNOT_TELL)

#: The answer of a call, or why there is none.
Reply = Mapping[str, Any] | Unread

#: What a key's problem means beside what AWS says of a missing one.
_NO_KEY: Final = frozenset({Meaning.MISSING, Meaning.KEY})
_NO_GROUP: Final = frozenset({Meaning.MISSING, Meaning.INVALID})
#: What to do where a second look may help, and where a deployment brings back what is missing. A deployment of an
#: unchanged template brings nothing back: CloudFormation compares templates.
AGAIN: Final = "run it again"
DEPLOY: Final = "deploy the recovery stack with --revert-drift"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that a failover needs.

    Args:
        name: what it is.
        state: one of :data:`STATES`.
        seen: what was seen.
        to_do: what to do about it. Empty: nothing.
        missing: what is not there, as the report of a restore names it.
        has_finding: whether the watcher has a finding of its own for it, so that it opens no second one.
        advice: whether a failover starts without it. Then it changes neither the verdict nor the exit status.
    """

    name: str
    state: str
    seen: str
    to_do: str = ""
    missing: tuple[str, ...] = ()
    has_finding: bool = False
    advice: bool = False


def ok(name: str, seen: str) -> Line:
    """The line of a thing that is as a failover needs it."""
    return Line(name=name, state=OK, seen=seen)


def not_ok(name: str, seen: str, to_do: str, **also: Any) -> Line:  # noqa: ANN401 - the other fields of a line
    """The line of a thing that stops a failover."""
    return Line(name=name, state=NOT_OK, seen=seen, to_do=to_do, **also)


def cannot_tell(name: str, seen: str, to_do: str = AGAIN, **also: Any) -> Line:  # noqa: ANN401 - as above
    """The line of a thing that may be as it should be."""
    return Line(name=name, state=CANNOT_TELL, seen=seen, to_do=to_do, **also)


def unread(name: str, error: Unread) -> Line:
    """The line of a thing that could not be read."""
    return cannot_tell(name, str(error), "let the caller read it (docs/cli.md, 'Rights')" if error.refused else AGAIN)


def key(arn: str, reply: Reply, *, of_the_restore: bool) -> Line:
    """Judge the key that encrypts the restored cluster.

    Args:
        arn: the key's ARN.
        reply: the answer of DescribeKey.
        of_the_restore: whether the caller restores with the key itself. Then a refused look is a key that it cannot
            use. Otherwise the look says nothing.
    """
    to_do = f"enable the key, or cancel its deletion: {arn}"
    if isinstance(reply, Unread):
        if reply.meaning in _NO_KEY or (of_the_restore and reply.refused):
            missing, seen = f"key {arn} ({reply.code})", f"the key {arn} cannot be used: {reply.message}"
            return not_ok("key", seen, to_do, missing=(missing,))
        return unread("key", reply)
    state = reply["KeyMetadata"].get("KeyState")
    if state == "Enabled":
        return ok("key", "enabled")
    missing, seen = f"key {arn} ({state})", f"the key {arn} is {state}"
    return not_ok("key", seen, to_do, missing=(missing,))


def subnet_group(identifier: str, reply: Reply) -> Line:
    """Judge the cluster subnet group by the answer of DescribeClusterSubnetGroups."""
    return _group("subnet group", identifier, reply, "ClusterSubnetGroups")


def zones(reply: Reply) -> list[str]:
    """The Zones of the cluster subnet group."""
    groups = [] if isinstance(reply, Unread) else reply["ClusterSubnetGroups"][:1]
    found = [subnet["SubnetAvailabilityZone"]["Name"] for group in groups for subnet in group.get("Subnets", [])]
    return list(dict.fromkeys(found))


def parameter_group(identifier: str, reply: Reply) -> Line:
    """Judge the cluster parameter group by the answer of DescribeClusterParameterGroups."""
    return _group("parameter group", identifier, reply, "ParameterGroups")


def security_groups(identifiers: Sequence[str], reply: Reply) -> Line:
    """Judge the security groups by the answer of DescribeSecurityGroups."""
    name = "security groups"
    if isinstance(reply, Unread):
        return unread(name, reply)
    there = {group["GroupId"] for group in reply["SecurityGroups"]}
    missing = [one for one in identifiers if one not in there]
    if not missing:
        return ok(name, ", ".join(identifiers))
    also = tuple(f"security group {one}" for one in missing)
    return not_ok(name, f"not there: {', '.join(missing)}", DEPLOY, missing=also)


def role(arn: str, reply: Reply) -> Line:
    """Judge a role that the restored cluster gets, by the answer of GetRole."""
    name = "cluster's roles"
    if not isinstance(reply, Unread):
        return ok(name, arn)
    if reply.meaning is Meaning.MISSING:
        to_do = "make the role again, or deploy the recovery stack without it"
        return not_ok(name, f"not there: {arn}", to_do, missing=(f"role {arn}",))
    return unread(name, reply)


def _group(name: str, identifier: str, reply: Reply, member: str) -> Line:
    if isinstance(reply, Unread) and reply.meaning not in _NO_GROUP:
        return unread(name, reply)
    if isinstance(reply, Unread) or not reply[member]:
        return not_ok(name, f"not there: {identifier}", DEPLOY, missing=(f"cluster {name} {identifier}",))
    return ok(name, identifier)
