"""What a company asks of every role and log group: a path, a retention, a key of its own.

Permissions boundaries and tags are not here: CDK's own ``iam.PermissionsBoundary.of(scope)`` and ``Tags.of(scope)``
reach every resource that this library makes, and a test says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.core.arguments import check_key_itself
from resilient_redshift.core.environment import check_environment, stack_environment, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import DAY, Span, span
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from datetime import timedelta

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import IConstruct

#: CloudWatch Logs API, PutRetentionPolicy.
LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
LONGEST_ROLE_PATH: Final = 512
_ROLE_PATH: Final = re.compile(r"/|/[!-~]+/")
_NAMES: Final = ("role_path", "log_retention", "encryption_key")


@dataclass(frozen=True, init=False)
class StackSettings:
    """Settings of what the library's constructs share in each stack; apply them before the first of these constructs.

    Each setting is taken from the nearest scope that has it: the stack, its Stage, the app.

    Args:
        role_path: the path of every role that the library makes: ``/``, or 2 to 512 characters that begin and end with
            a slash, of ASCII without blanks (IAM API, CreateRole). A change replaces the roles. Default: ``/``.
        log_retention: how long the stack's log group keeps entries; a Duration of one of the numbers of days that
            CloudWatch Logs takes, such as 30, 90, 365 or 3653 (CloudWatch Logs API, PutRetentionPolicy). Default: 365
            days.
        encryption_key: the symmetric key (no alias) of the log group and the dead-letter queue, in the stack's Region.
            A key of the app is told to let CloudWatch Logs and EventBridge use it; any other key's policy must do so.
            Default: a new customer-managed key in each stack, which rotates and is kept.

    Raises:
        ResilientRedshiftError: a path that IAM refuses, a retention that CloudWatch Logs does not offer, or an alias.
    """

    role_path: str | None
    log_retention: timedelta | None
    encryption_key: IKeyRef | None

    def __init__(
        self,
        *,
        role_path: str | None = None,
        log_retention: Span | None = None,
        encryption_key: IKeyRef | None = None,
    ) -> None:
        problems = Problems("StackSettings")
        if role_path is not None and known(role_path):
            ok = (
                isinstance(role_path, str)
                and len(role_path) <= LONGEST_ROLE_PATH
                and _ROLE_PATH.fullmatch(role_path) is not None
            )
            allowed = f"a path of at most {LONGEST_ROLE_PATH} characters that begins and ends with '/', without blanks"
            problems.check(ok, "role_path", role_path, allowed, "IAM API: CreateRole, Path")
        length = None
        if log_retention is not None:
            why = "CloudWatch Logs API: PutRetentionPolicy"
            length = span(problems, "log_retention", log_retention, why=why)
            told = ", ".join(map(str, LOG_RETENTION_DAYS))
            if length:
                ok = not length % DAY and length // DAY in LOG_RETENTION_DAYS
                problems.check(ok, "log_retention", log_retention, f"one of {told} days", why)
        if encryption_key is not None:
            check_key_itself(problems, "encryption_key", encryption_key)
        problems.raise_if_any()
        object.__setattr__(self, "role_path", role_path)
        object.__setattr__(self, "log_retention", length)
        object.__setattr__(self, "encryption_key", encryption_key)

    def apply(self, scope: IConstruct) -> None:
        """Use these settings in every stack of a scope, from the library's first construct there on.

        What was applied to the same scope before stays where these settings leave something out.

        Args:
            scope: an App, a Stage or a Stack.

        Raises:
            ResilientRedshiftError: another scope, one in whose stacks the library has made something already, or a key
                of another Region than the stack's.
        """
        path = path_of(scope)
        problems = Problems(f"{path or 'the app'} (StackSettings.apply)")
        applied = _applied(root_of(scope))
        ok = isinstance(scope, cdk.Stage | cdk.Stack)
        why = "roles, logs and queues are shared by all of the library's constructs in a stack"
        if problems.check(ok, "scope", path, "an App, a Stage or a Stack", why):
            made = next((stack for stack in applied.made if path in _scopes(stack)), None)
            why = f"'{made}' has its shared resources already, with the settings that held then"
            problems.check(made is None, "scope", path or "the app", "one without constructs of this library yet", why)
        if isinstance(scope, cdk.Stack):
            _check_key(problems, self.encryption_key, scope)
        problems.raise_if_any()
        applied.settings[path] = _over(self, applied.settings.get(path))

    @classmethod
    def of(cls, scope: IConstruct) -> StackSettings:
        """The settings that hold in a scope, from the nearest that has each; None is the default.

        Args:
            scope: any construct.
        """
        found = cls()
        applied = _applied(root_of(scope)).settings
        for path in _scopes(path_of(scope)):
            if path in applied:
                found = _over(applied[path], found)
        return found


@dataclass
class _Applied:
    """What was applied in an app, by the scope's path, and the stacks in which it is too late."""

    settings: dict[str, StackSettings] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)


def settings_for(stack: cdk.Stack) -> StackSettings:
    """The settings with which a stack's shared resources are made now: from here on they cannot change.

    Raises:
        ResilientRedshiftError: a key of another Region than the stack's.
    """
    found = StackSettings.of(stack)
    path = path_of(stack)
    problems = Problems(f"{path} (StackSettings)")
    _check_key(problems, found.encryption_key, stack)
    problems.raise_if_any()
    _applied(root_of(stack)).made.append(path)
    return found


def _check_key(problems: Problems, key: IKeyRef | None, stack: cdk.Stack) -> None:
    if key is not None:  # which may lie in another account
        check_environment(problems, "encryption_key", key, stack_environment(stack_of(stack)), account=False)


@Remembered
def _applied(_root: IConstruct) -> _Applied:
    return _Applied()


def _scopes(path: str) -> list[str]:
    """The paths of a construct's scopes, from the app's to its own."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _over(settings: StackSettings, former: StackSettings | None) -> StackSettings:
    """Settings, and where they leave something out, the former ones."""
    if former is None:
        return settings
    given: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(settings, name)
        given[name] = getattr(former, name) if value is None else value
    return StackSettings(**given)
