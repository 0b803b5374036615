"""Who calls: every function runs under a session of its role, whether IAM is enforced or not; so does an operator who signed in.

ministack gives functions the account's own key unless ``AUTH`` is on; then nobody could tell a function's call from ours.
"""

from __future__ import annotations

import dataclasses
import hashlib

from ministack.core import lambda_runtime
from ministack.services import sts

from emulator.redshift_model import ACCOUNT


@dataclasses.dataclass(frozen=True)
class Principal:
    """A role as somebody acts under it."""

    role_arn: str
    session_name: str
    access_key: str = ""
    function_arn: str = ""

    @property
    def role_name(self) -> str:
        """The role's name, without its path."""
        return self.role_arn.rsplit("/", 1)[-1]

    @property
    def session_arn(self) -> str:
        """As AWS names the caller."""
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role_name}/{self.session_name}"


_functions: dict[str, Principal] = {}
_operators: dict[str, Principal] = {}


def _digest(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


def assume(role_arn: str, session_name: str) -> Principal:
    """Build the principal of a role for a call that needs no signature."""
    return Principal(role_arn, session_name)


def _sign_in(role_arn: str, session_name: str, function_arn: str) -> tuple[Principal, str]:
    """Build a function's principal, and let ministack know its access key."""
    digest = _digest(role_arn, session_name, function_arn)
    principal = Principal(role_arn, session_name, f"ASIA{digest[:16].upper()}", function_arn)
    sts.register_session(
        principal.access_key,
        {
            "Arn": principal.session_arn,
            "UserId": f"{principal.role_name}:{session_name}",
            "SecretAccessKey": digest[:40],
            "SessionToken": digest,
        },
    )
    (_functions if function_arn else _operators)[principal.access_key] = principal
    return principal, digest


def _environment(principal: Principal, digest: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": principal.access_key,
        "AWS_SECRET_ACCESS_KEY": digest[:40],
        "AWS_SESSION_TOKEN": digest,
    }


def sign_in(role_arn: str) -> dict[str, str]:
    """Let somebody outside act under a role: what AssumeRole would give him, as environment variables."""
    return _environment(*_sign_in(role_arn, "operator", ""))


def function_principal(access_key: str) -> Principal | None:
    """The function that signs with this key, if it is one's."""
    return _functions.get(access_key)


def principal_of(access_key: str) -> Principal | None:
    """Whoever signs with this key, if IAM is asked about him: a function, or an operator who signed in."""
    return _functions.get(access_key) or _operators.get(access_key)


def install() -> None:
    """Let every function run under its role."""

    def execution_credentials(config: dict[str, object]) -> dict[str, str]:
        name, role, arn = (str(config.get(key, "")) for key in ("FunctionName", "Role", "FunctionArn"))
        return _environment(*_sign_in(role, name[:64] or "function", arn))

    lambda_runtime.execution_credentials = execution_credentials
