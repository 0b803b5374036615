"""``resilient-redshift guardrails``: policies that keep everybody but a few roles from destroying recovery points."""

from __future__ import annotations

from typing import Final

import click

from resilient_redshift.cli.options import as_json, common
from resilient_redshift.contract.guardrails import Guardrails, printed
from resilient_redshift.errors import Problems

#: Each kind of policy, by the value of ``--kind``.
_KINDS: Final = {
    "scp": Guardrails.service_control_policy,
    "rcp": Guardrails.resource_control_policy,
    "iam": Guardrails.managed_policy,
    "kms": Guardrails.key_statements,
}


@click.command
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    default="scp",
    show_default=True,
    help="scp: a service control policy. rcp: a resource control policy for keys. iam: a managed policy. "
    "kms: statements for the policy of a key.",
)
@click.option(
    "--break-glass",
    "break_glass_roles",
    multiple=True,
    required=True,
    metavar="ARN",
    help="A role that may do everything; '*' and '?' are wildcards. You may pass it several times.",
)
@click.option(
    "--role-path",
    "role_paths",
    multiple=True,
    required=True,
    metavar="PATH",
    help="The path of the library's roles: StackSettings(role_path=...). You may pass it several times.",
)
@click.option(
    "--deployment",
    "deployment_roles",
    multiple=True,
    metavar="ARN",
    help="A role with which CloudFormation deploys. You may pass it several times.  "
    "[default: CDK's cdk-*-cfn-exec-role-*]",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="ARN",
    help="A key to guard. You may pass it several times.  [default: every key of the accounts]",
)
@click.option(
    "--partition", default="aws", show_default=True, metavar="NAME", help="The partition, such as aws-cn or aws-us-gov."
)
@as_json
@common
def guardrails(
    *,
    kind: str,
    break_glass_roles: tuple[str, ...],
    role_paths: tuple[str, ...],
    deployment_roles: tuple[str, ...],
    keys: tuple[str, ...],
    partition: str,
) -> None:
    """Print a policy that keeps everybody but a few roles from destroying recovery points.

    The policy denies the calls that delete snapshots and clusters, switch the copy off, can lower a retention, or make
    a key unusable. The roles that you name and the library's own roles are exempt. The output is JSON, also without
    --json. The command calls nothing in AWS.
    """
    problems = Problems("resilient-redshift guardrails")
    policies = Guardrails.checked(
        problems,
        partition=partition,
        break_glass_roles=break_glass_roles,
        role_paths=role_paths,
        deployment_roles=deployment_roles or None,
        keys=keys or None,
    )
    problems.raise_if_any()
    click.echo(printed(_KINDS[kind](policies)))
