"""Settings that a company needs on every role, log group and function: a path, a retention, a key, a VPC, a runtime.

There is no setting for permissions boundaries and tags. CDK's own ``iam.PermissionsBoundary.of(scope)`` and
``Tags.of(scope)`` reach every resource that this library makes, and a test proves it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.core.arguments import check_key_itself
from resilient_redshift.core.environment import check_environment, stack_environment, stack_of
from resilient_redshift.core.foreign import check_local
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.security_groups import check_security_groups
from resilient_redshift.core.subnets import checked_subnets
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.arns import check_role_path
from resilient_redshift.rules.retention import DAY, Span, span
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import IConstruct

#: The retentions that CloudWatch Logs offers, in days. Source: CloudWatch Logs API, PutRetentionPolicy.
LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
#: The most subnets and security groups of a function. Source: Lambda API, VpcConfig.
MOST_SUBNETS: Final = 16
MOST_SECURITY_GROUPS: Final = 5
#: The oldest minor version of Python 3 that the code of the functions runs on.
OLDEST_MINOR: Final = 11
_PATH: Final = re.compile(r"[^/\s]+(/[^/\s]+)*")
_RUNTIME: Final = re.compile(r"python3\.([1-9][0-9]{0,2})")
_NAMES: Final = ("role_path", "log_retention", "encryption_key", "lambda_runtime", "naming_path", "redshift_events")
#: These three belong together: the scope that names the VPC names all of them.
_VPC_NAMES: Final = ("lambda_vpc", "lambda_vpc_subnets", "lambda_security_groups")


@typed
@dataclass(frozen=True, init=False)
class StackSettings:
    """Settings of the resources that the library's constructs share in each stack.

    Apply the settings before you make the first construct of this library in a stack. A stack uses each setting from
    the nearest scope that has it: the stack itself, its Stage, or the app.

    Args:
        role_path: the path of every role that the library makes: ``/``, or 2 to 512 ASCII characters without blanks
            that begin and end with a slash (IAM API, CreateRole). A change replaces the roles. Default: ``/``.
        log_retention: how long the stack's log group keeps entries: a Duration of a number of days that CloudWatch Logs
            offers, such as 30, 90, 365 or 3653 (CloudWatch Logs API, PutRetentionPolicy). Default: 365 days.
        encryption_key: the symmetric key (not an alias) that encrypts the log group and the dead-letter queue, in the
            stack's Region. The library changes the policy of a key of the app, so that CloudWatch Logs and EventBridge
            may use the key. You must change the policy of any other key yourself. Default: each stack gets a new
            customer-managed key, which rotates and outlives the stack.
        lambda_vpc: the VPC in which all functions run, also those of CDK's Provider framework; in the stack's Region.
            They need a way to the endpoints of AWS, through a NAT gateway or VPC endpoints. Default: no VPC.
        lambda_vpc_subnets: the subnets of that VPC for the functions: 1 to 16, none of them public (Lambda API,
            VpcConfig). Needs ``lambda_vpc``. Default: the subnets that the VPC prefers: private subnets with egress, or
            isolated subnets where it has none.
        lambda_security_groups: 1 to 5 security groups of the functions (Lambda API, VpcConfig), which must let out
            HTTPS. Needs ``lambda_vpc``. Default: each stack gets one without ingress that lets out HTTPS alone.
        lambda_runtime: the runtime of the library's own functions: ``python3.11`` or a later Python that Lambda has.
            The functions of CDK's Provider framework keep the runtime that CDK chooses. Default: ``python3.13``.
        naming_path: the path that the stack had in the app when you first deployed it, such as ``Live/Recovery``. The
            generated names of grants and snapshot schedules contain a hash of it. Pass it when you rename the stack's
            construct and the stack keeps its name. Only for a stack, not for an app or a Stage. Default: the stack's
            whole path where the stack's name changes with the path, as CDK's default names do; else the stack's id.
        redshift_events: whether Redshift's own error events go to the topics ``notify`` and ``notify_primary``. Each
            topic of a stack takes one of the 20 event subscriptions that an account has in a Region (Redshift quotas).
            Default: they do.

    Raises:
        ResilientRedshiftError: when IAM would refuse the path, when CloudWatch Logs does not offer the retention, when
            the key is an alias, when the VPC has no such subnets, when Lambda would refuse the number of subnets or of
            security groups, when a subnet is public, when subnets or security groups come without a VPC, when the
            runtime is no Python from 3.11 on, or when the naming path is no path.
    """

    role_path: str | None
    log_retention: timedelta | None
    encryption_key: IKeyRef | None
    lambda_vpc: ec2.IVpc | None
    lambda_vpc_subnets: ec2.SubnetSelection | None
    lambda_security_groups: tuple[ec2.ISecurityGroup, ...] | None
    lambda_runtime: str | None
    naming_path: str | None
    redshift_events: bool | None

    def __init__(
        self,
        *,
        role_path: str | None = None,
        log_retention: Span | None = None,
        encryption_key: IKeyRef | None = None,
        lambda_vpc: ec2.IVpc | None = None,
        lambda_vpc_subnets: ec2.SubnetSelection | None = None,
        lambda_security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        lambda_runtime: str | None = None,
        naming_path: str | None = None,
        redshift_events: bool | None = None,
    ) -> None:
        problems = Problems("StackSettings")
        if role_path is not None:
            check_role_path(problems, "role_path", role_path)
        length = None
        if log_retention is not None:
            why = "CloudWatch Logs API: PutRetentionPolicy"
            length = span(problems, "log_retention", log_retention, why=why)
            day_list = ", ".join(map(str, LOG_RETENTION_DAYS))
            if length:
                ok = not length % DAY and length // DAY in LOG_RETENTION_DAYS
                problems.check(ok, "log_retention", log_retention, f"one of {day_list} days", why)
        if encryption_key is not None:
            check_key_itself(problems, "encryption_key", encryption_key)
        _check_vpc(problems, lambda_vpc, lambda_vpc_subnets, lambda_security_groups)
        if lambda_runtime is not None:
            _check_runtime(problems, lambda_runtime)
        if naming_path is not None:
            ok = known(naming_path) and _PATH.fullmatch(naming_path) is not None
            allowed = "a literal path of a stack, such as 'Live/Recovery'"
            problems.check(ok, "naming_path", naming_path, allowed, "generated names contain a hash of it")
        problems.raise_if_any()
        groups = None if lambda_security_groups is None else tuple(lambda_security_groups)
        object.__setattr__(self, "role_path", role_path)
        object.__setattr__(self, "log_retention", length)
        object.__setattr__(self, "encryption_key", encryption_key)
        object.__setattr__(self, "lambda_vpc", lambda_vpc)
        object.__setattr__(self, "lambda_vpc_subnets", lambda_vpc_subnets)
        object.__setattr__(self, "lambda_security_groups", groups)
        object.__setattr__(self, "lambda_runtime", lambda_runtime)
        object.__setattr__(self, "naming_path", naming_path)
        object.__setattr__(self, "redshift_events", redshift_events)

    def apply(self, scope: IConstruct) -> None:
        """Use these settings in every stack of a scope.

        A setting that you leave out keeps the value of an earlier call for the same scope. The VPC, its subnets and its
        security groups are one setting.

        Args:
            scope: an App, a Stage or a Stack.

        Raises:
            ResilientRedshiftError: when the scope is another construct, when a stack of the scope already has a
                construct of this library, or when the key or the VPC is in another Region than the stack.
        """
        path = path_of(scope)
        problems = Problems(f"{path or 'the app'} (StackSettings.apply)")
        applied = _applied(root_of(scope))
        ok = isinstance(scope, cdk.Stage | cdk.Stack)
        why = "roles, logs and queues are shared by all of the library's constructs in a stack"
        if problems.check(ok, "scope", path, "an App, a Stage or a Stack", why):
            late = next((stack for stack in applied.stacks_in_use if path in _scopes(stack)), None)
            why = (
                f"the stack '{late}' already has its shared resources, which were made with the settings of that "
                "moment; apply settings before the first construct of this library"
            )
            allowed = "a scope without constructs of this library"
            problems.check(late is None, "scope", path or "the app", allowed, why)
        if self.naming_path is not None:
            ok = isinstance(scope, cdk.Stack)
            problems.check(ok, "scope", path or "the app", "a Stack for 'naming_path'", "it is the path of one stack")
        if isinstance(scope, cdk.Stack):
            _check_regions(problems, self, scope)
        problems.raise_if_any()
        applied.settings[path] = _over(self, applied.settings.get(path))

    @classmethod
    def of(cls, scope: IConstruct) -> StackSettings:
        """The settings of a scope: each setting comes from the nearest scope that has it. None means the default.

        Args:
            scope: any construct.
        """
        settings = cls()
        applied = _applied(root_of(scope)).settings
        for path in _scopes(path_of(scope)):
            if path in applied:
                settings = _over(applied[path], settings)
        return settings


@dataclass
class _Applied:
    """The settings of an app.

    Attributes:
        settings: the settings that the user applied, by the scope's path.
        stacks_in_use: the paths of the stacks whose shared resources exist, so that a new setting would be too late.
    """

    settings: dict[str, StackSettings] = field(default_factory=dict)
    stacks_in_use: list[str] = field(default_factory=list)


def settings_for(stack: cdk.Stack) -> StackSettings:
    """The settings for the shared resources that a stack makes now. From this call on the settings cannot change.

    Raises:
        ResilientRedshiftError: when the key or the VPC is in another Region than the stack.
    """
    settings = StackSettings.of(stack)
    path = path_of(stack)
    problems = Problems(f"{path} (StackSettings)")
    _check_regions(problems, settings, stack)
    problems.raise_if_any()
    _applied(root_of(stack)).stacks_in_use.append(path)
    return settings


def _check_regions(problems: Problems, settings: StackSettings, stack: cdk.Stack) -> None:
    """Check that the key and the VPC are in the stack's Region. Both may be of another account: a VPC can be shared."""
    here = stack_environment(stack_of(stack))
    for name in ("encryption_key", *_VPC_NAMES):
        check_local(problems, name, getattr(settings, name), lambda: stack)
    if settings.encryption_key is not None:
        why = "log groups and queues are regional"
        check_environment(problems, "encryption_key", settings.encryption_key, here, account=False, why=why)
    if settings.lambda_vpc is not None:
        why = "functions are regional"
        check_environment(problems, "lambda_vpc", settings.lambda_vpc, here, account=False, why=why)


def _check_runtime(problems: Problems, runtime: str) -> None:
    """Check a runtime. A token passes."""
    if not known(runtime):
        return
    found = _RUNTIME.fullmatch(runtime)
    allowed = f"'python3.{OLDEST_MINOR}' or a later Python runtime of Lambda, such as 'python3.13'"
    why = f"the code of the functions needs Python 3.{OLDEST_MINOR}"
    problems.check(
        found is not None and int(found[1]) >= OLDEST_MINOR,
        "lambda_runtime",
        runtime,
        allowed,
        why,
    )


def _check_vpc(
    problems: Problems,
    vpc: ec2.IVpc | None,
    vpc_subnets: ec2.SubnetSelection | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
) -> None:
    """Check the VPC of the functions, its subnets and its security groups."""
    source = "Lambda API: VpcConfig"
    if security_groups is not None:
        count = len(security_groups)
        allowed = f"a list of 1 to {MOST_SECURITY_GROUPS} security groups"
        few = 1 <= count <= MOST_SECURITY_GROUPS
        problems.check(few, "lambda_security_groups", f"a list of {count}", allowed, source)
    if vpc is None:
        for name, value in (("lambda_vpc_subnets", vpc_subnets), ("lambda_security_groups", security_groups)):
            problems.check(value is None, name, "no lambda_vpc", "given together with 'lambda_vpc'", source)
        return
    check_security_groups(problems, "lambda_security_groups", security_groups or (), vpc)
    ids = checked_subnets(problems, "lambda_vpc_subnets", vpc, vpc_subnets).ids
    if not ids:
        return
    allowed = f"1 to {MOST_SUBNETS} subnets"
    problems.check(1 <= len(ids) <= MOST_SUBNETS, "lambda_vpc_subnets", f"{len(ids)} subnets", allowed, source)
    public = {subnet.subnet_id for subnet in vpc.public_subnets} & set(ids)
    why = "a function in a public subnet has no public address, and so no way to the endpoints of AWS"
    problems.check(not public, "lambda_vpc_subnets", "a public subnet", "private or isolated subnets", why)


@Remembered
def _applied(_root: IConstruct) -> _Applied:
    return _Applied()


def _scopes(path: str) -> list[str]:
    """The paths of a construct's scopes, from the app to the construct itself."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _over(settings: StackSettings, fallback: StackSettings | None) -> StackSettings:
    """The settings, with the value of the fallback for each setting that they leave out."""
    if fallback is None:
        return settings
    values: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(settings, name)
        values[name] = getattr(fallback, name) if value is None else value
    of_vpc = fallback if settings.lambda_vpc is None else settings
    values |= {name: getattr(of_vpc, name) for name in _VPC_NAMES}
    return StackSettings(**values)
