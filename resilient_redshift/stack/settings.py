"""Settings that a company needs on every role and log group: a path, a retention, its own key.

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
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import DAY, Span, span
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from datetime import timedelta

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import IConstruct

#: The retentions that CloudWatch Logs offers, in days. Source: CloudWatch Logs API, PutRetentionPolicy.
LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
#: The most characters of a role's path. Source: IAM API, CreateRole: Path.
LONGEST_ROLE_PATH: Final = 512
_ROLE_PATH: Final = re.compile(r"/|/[!-~]+/")
_NAMES: Final = ("role_path", "log_retention", "encryption_key")


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

    Raises:
        ResilientRedshiftError: when IAM would refuse the path, when CloudWatch Logs does not offer the retention, or
            when the key is an alias.
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
            day_list = ", ".join(map(str, LOG_RETENTION_DAYS))
            if length:
                ok = not length % DAY and length // DAY in LOG_RETENTION_DAYS
                problems.check(ok, "log_retention", log_retention, f"one of {day_list} days", why)
        if encryption_key is not None:
            check_key_itself(problems, "encryption_key", encryption_key)
        problems.raise_if_any()
        object.__setattr__(self, "role_path", role_path)
        object.__setattr__(self, "log_retention", length)
        object.__setattr__(self, "encryption_key", encryption_key)

    def apply(self, scope: IConstruct) -> None:
        """Use these settings in every stack of a scope.

        A setting that you leave out keeps the value of an earlier call for the same scope.

        Args:
            scope: an App, a Stage or a Stack.

        Raises:
            ResilientRedshiftError: when the scope is another construct, when a stack of the scope already has a
                construct of this library, or when the key is in another Region than the stack.
        """
        path = path_of(scope)
        problems = Problems(f"{path or 'the app'} (StackSettings.apply)")
        applied = _applied(root_of(scope))
        ok = isinstance(scope, cdk.Stage | cdk.Stack)
        why = "roles, logs and queues are shared by all of the library's constructs in a stack"
        if problems.check(ok, "scope", path, "an App, a Stage or a Stack", why):
            late = next((stack for stack in applied.stacks_in_use if path in _scopes(stack)), None)
            why = (
                f"the stack '{late}' already has its shared resources, which were made with the settings of that moment"
            )
            allowed = "a scope without constructs of this library"
            problems.check(late is None, "scope", path or "the app", allowed, why)
        if isinstance(scope, cdk.Stack):
            _check_key(problems, self.encryption_key, scope)
        problems.raise_if_any()
        applied.settings[path] = _over(self, applied.settings.get(path))

    @classmethod
    def of(cls, scope: IConstruct) -> StackSettings:
        """The settings of a scope: each setting comes from the nearest scope that has it; None means the default.

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
        ResilientRedshiftError: when the key is in another Region than the stack.
    """
    settings = StackSettings.of(stack)
    path = path_of(stack)
    problems = Problems(f"{path} (StackSettings)")
    _check_key(problems, settings.encryption_key, stack)
    problems.raise_if_any()
    _applied(root_of(stack)).stacks_in_use.append(path)
    return settings


def _check_key(problems: Problems, key: IKeyRef | None, stack: cdk.Stack) -> None:
    if key is not None:  # the key may be in another account
        check_environment(problems, "encryption_key", key, stack_environment(stack_of(stack)), account=False)


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
    return StackSettings(**values)
