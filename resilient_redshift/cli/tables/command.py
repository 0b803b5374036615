"""``resilient-redshift restore-table``: one table back beside the bad one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli.options import TIME, TextType, as_json, common, plan_argument
from resilient_redshift.cli.tables import from_copies, from_snapshot
from resilient_redshift.cli.tables.job import Job
from resilient_redshift.cli.tables.table_names import DATABASE, NEW_TABLE, TABLE, table_of

if TYPE_CHECKING:
    from resilient_redshift.cli.tools import Tools

#: A role's path and name (IAM API, CreateRole: Path and RoleName): no quote, comma or blank.
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=.@/-]{1,576}", re.ASCII)
#: A bucket's name and a prefix of characters that S3 calls safe (S3 User Guide, "Naming objects"), without the quote.
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[\w!.*()-]+)*/?", re.ASCII)


class _Role(TextType):
    name = "arn"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the ARN of a role."""
        if _ROLE.fullmatch(value) is None:
            self.fail(f"{value!r} is not the ARN of an IAM role", param, ctx)
        return value


class _Bucket(TextType):
    name = "s3"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the place in S3 without a slash at the end."""
        if _BUCKET.fullmatch(value) is None:
            allowed = "s3://bucket or s3://bucket/prefix, of letters, digits and ! _ . * ( ) -"
            self.fail(f"{value!r} is not {allowed}", param, ctx)
        return value.rstrip("/")


@click.command
@plan_argument
@click.argument("table", type=TABLE, metavar="SCHEMA.TABLE")
@click.option(
    "--as", "new_name", type=NEW_TABLE, required=True, metavar="[SCHEMA.]NAME", help="The new table. It must not exist."
)
@click.option("--before", type=TIME, metavar="TIME", help="The time of the bad load: the newest data from before it.")
@click.option("--snapshot", metavar="ID", help="Take this snapshot.  [default: the newest usable one]")
@click.option("--database", type=DATABASE, metavar="NAME", help="The table's database.  [default: the cluster's own]")
@click.option("--to-database", type=DATABASE, metavar="NAME", help="The new table's database.  [default: the table's]")
@click.option(
    "--from-copies",
    is_flag=True,
    help="Take a copy in the recovery Region: restore a scratch cluster there, unload the table, copy it home, and "
    "delete the scratch cluster. Needs --role and --bucket.",
)
@click.option("--role", type=_Role(), metavar="ARN", help="The role for UNLOAD and COPY, attached to both clusters.")
@click.option(
    "--bucket",
    type=_Bucket(),
    metavar="S3",
    help="Where the files go, such as s3://bucket/prefix, in the cluster's Region.",
)
@click.option("--keep-scratch", is_flag=True, help="Keep the scratch cluster. It costs its nodes.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Check and show everything, and start nothing.")
@as_json
@common
@click.pass_obj
def restore_table(
    tools: Tools,
    /,
    plan: str,
    table: str,
    new_name: str,
    *,
    yes: bool,
    dry_run: bool,
    **options: Any,  # noqa: ANN401 - click's
) -> None:
    """Bring one table of PLAN's cluster back from a snapshot, as a new table beside the present one.

    Redshift restores it from a snapshot in the cluster's own Region, one table at a time. The restore runs on if this
    terminal closes: the same command watches it again. Nothing that exists is changed.
    """
    _check(options)
    source = table_of(table)
    job = Job(
        plan=plan,
        source=source,
        new=table_of(new_name, source.schema),
        database=options["database"],
        to_database=options["to_database"],
        before=options["before"],
        snapshot=options["snapshot"],
        from_copies=options["from_copies"],
        role=options["role"] or "",
        bucket=options["bucket"] or "",
        keep_scratch=options["keep_scratch"],
    )
    way = from_copies if job.from_copies else from_snapshot
    click.get_current_context().exit(way.restore(tools, job, yes=yes, dry_run=dry_run))


def _check(options: dict[str, Any]) -> None:
    """Refuse options that do not go together.

    Raises:
        click.UsageError: an option is missing, or has no meaning without another one.
    """
    if options["from_copies"]:
        missing = [f"--{name}" for name in ("role", "bucket") if not options[name]]
        if missing:
            raise click.UsageError(f"--from-copies needs {' and '.join(missing)}: UNLOAD and COPY go through Amazon S3")
        return
    useless = [f"--{name.replace('_', '-')}" for name in ("role", "bucket", "keep_scratch") if options[name]]
    if useless:
        raise click.UsageError(f"{', '.join(useless)}: only with --from-copies")
