"""``resilient-redshift report``: the evidence of the past for auditors, as one HTML page or JSON."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import plans, words
from resilient_redshift.cli.errors import FINE, UNKNOWN, CliError
from resilient_redshift.cli.options import NAME, TIME, as_json, common
from resilient_redshift.cli.report import summary
from resilient_redshift.cli.report.calls import Reading
from resilient_redshift.cli.report.collecting import collect
from resilient_redshift.cli.report.document import document
from resilient_redshift.cli.report.evidence import Gap, Window
from resilient_redshift.cli.report.html_page import page
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

    SinceType = click.ParamType[datetime | timedelta]
else:  # before click 8.2, ParamType takes no type parameters at run time
    SinceType = click.ParamType

HTML: Final = "html"
JSON: Final = "json"
_STANDARD_OUTPUT: Final = "-"
_LIBRARY: Final = "resilient_redshift"


class _Since(SinceType):
    name = "since"

    def convert(
        self, value: str | datetime | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """Read a number of days such as ``365d``, or a time."""
        if not isinstance(value, str):
            return value
        days = value.removesuffix("d")
        if days != value and days.isascii() and days.isdigit() and len(days) <= len(str(MOST_MANUAL_DAYS)):
            if 1 <= int(days) <= MOST_MANUAL_DAYS:
                return timedelta(days=int(days))
            self.fail(f"{value!r} is not 1d to {MOST_MANUAL_DAYS}d", param, ctx)
        try:
            return words.parse_time(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of days such as 365d nor a time such as 2026-01-01", param, ctx)


@click.command
@click.argument("plan_names", metavar="[PLAN]...", nargs=-1, type=NAME)
@click.option(
    "--since",
    type=_Since(),
    default="365d",
    show_default=True,
    metavar="DAYS|TIME",
    help=f"The beginning: so many days before the end, 1d to {MOST_MANUAL_DAYS}d, or a time in ISO 8601.",
)
@click.option("--until", type=TIME, metavar="TIME", help="The end, in ISO 8601.  [default: now]")
@click.option(
    "--format",
    "form",
    type=click.Choice([HTML, JSON]),
    help="One HTML page without scripts and other resources, or JSON.  [default: html, and json with --json]",
)
@click.option(
    "--output",
    metavar="FILE",
    help="The file; '-' is standard output.  [default: resilient-redshift-report-TIME.html or .json here]",
)
@as_json
@common
@click.pass_obj
def report(
    tools: Tools,
    plan_names: tuple[str, ...],
    *,
    since: datetime | timedelta,
    until: datetime | None,
    form: str | None,
    output: str | None,
) -> None:
    """Write the evidence for auditors: of each PLAN, or of every plan with a record in the Region.

    The report has the objectives, what drills, failovers and switchovers measured, what failed and when it was mended,
    who started what, the age of the recovery point, alarms and retention. Each figure has its date and its source. It
    only reads. Exit status: 0 when everything was read, 2 when the report has gaps, which it names.
    """
    form, output = _form(tools, form, output)
    _check_folder(output)
    records, problems = _plans(tools, plan_names)
    window = _window(tools, since, until)
    made_by, gaps = _made_by(tools, window)
    gaps += [Gap(what="a plan", why=problem.message, source="ssm:GetParametersByPath") for problem in problems]
    with tools.screen.line() as line:
        line(f"reading the past of {words.count(len(records), 'plan')}")
        evidence = collect(tools, records, window)
    found = document(evidence, window, release=import_module(_LIBRARY).__version__, made_by=made_by, gaps=gaps)
    text = page(found) if form == HTML else json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    path = output or f"resilient-redshift-report-{words.stamp(window.at)}.{form}"
    if path == _STANDARD_OUTPUT:
        click.echo(text, nl=False)
    else:
        _write(Path(path), text)
    summary.show(tools.screen, found, "standard output" if path == _STANDARD_OUTPUT else path)
    whole = not found["gaps"] and not any(plan["gaps"] for plan in found["plans"])
    click.get_current_context().exit(FINE if whole else UNKNOWN)


def _form(tools: Tools, form: str | None, output: str | None) -> tuple[str, str | None]:
    """The format and the file. ``--json`` is JSON on standard output, as with every command."""
    if tools.json and (form == HTML or output not in {None, _STANDARD_OUTPUT}):
        raise click.UsageError("--json is JSON on standard output: it goes with no other --format or --output")
    form, output = (JSON, _STANDARD_OUTPUT) if tools.json else (form or HTML, output)
    tools.json = output == _STANDARD_OUTPUT  # the text for people must not mix with the report
    return form, output


def _plans(tools: Tools, names: Sequence[str]) -> tuple[list[Plan], list[CliError]]:
    if names:
        return [plans.find(tools.aws, name) for name in dict.fromkeys(names)], []
    return plans.of_cluster(tools.aws, "")


def _window(tools: Tools, since: datetime | timedelta, until: datetime | None) -> Window:
    """The time of the report, by AWS's clock, which the first answer showed."""
    at = tools.now().replace(microsecond=0)
    end = until or at
    if end > at:
        raise click.UsageError(f"--until {words.iso(end)} is in the future; it is {words.iso(at)}")
    start = end - since if isinstance(since, timedelta) else since
    if start >= end:
        raise click.UsageError(f"--since {words.iso(start)} must be before the end, {words.iso(end)}")
    return Window(since=start, until=end, at=at, to_the_last=until is None)


def _made_by(tools: Tools, window: Window) -> tuple[dict[str, str] | None, list[Gap]]:
    source = "sts:GetCallerIdentity"
    try:
        answer = Reading(tools, window).call(tools.aws.region, "sts", "GetCallerIdentity")
    except CliError as problem:
        return None, [Gap(what="who made this report", why=problem.message, source=source)]
    return {"arn": str(answer["Arn"]), "account": str(answer["Account"]), "source": source}, []


def _check_folder(output: str | None) -> None:
    """Refuse a file that cannot be written before AWS is asked for a year.

    Raises:
        CliError: there is no such folder, or nobody may write into it.
    """
    folder = Path() if output in {None, _STANDARD_OUTPUT} else Path(str(output)).parent
    if output == _STANDARD_OUTPUT or os.access(folder, os.W_OK | os.X_OK):
        return
    why = "you may not write into that folder" if folder.is_dir() else "there is no such folder"
    raise CliError(f"{output or 'the report'} cannot be written: {why}", "pass another one: --output FILE")


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all, readable by its owner alone: it has ARNs and texts of your account.

    Raises:
        CliError: it cannot be written.
    """
    temporary: Any = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = file.name
            file.write(text)
        os.replace(temporary, path)  # noqa: PTH105 - a name of tempfile is a text
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        raise CliError(f"{path} cannot be written: {error.strerror or error}") from error
