"""The options of a command that writes reports: formats and their files, and what the text shows."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import _options as options
from resilient_redshift.planning import _process as process
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.reports.formats import Report

_STANDARD_OUTPUT: Final = "-"
#: A wider text is hard to read, so it fills no wider terminal unless the user asks for it.
_WIDEST: Final = 200
_COLOURS: Final = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class _Output:
    """A format and where it goes; no file means standard output."""

    format: Format
    file: Path | None


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command with reports has. :func:`write_reports` reads them.

    A wrong option ends the command before it reads anything: an unknown format, a file whose folder does not exist, or
    two formats at one place.

    Args:
        parser: the parser of the command.
    """
    group = parser.add_argument_group("output", "No option here changes the exit status.")
    group.add_argument(
        "--format",
        metavar="FORMAT[=FILE]",
        type=_output,
        action=_OnePlaceEach,
        default=(),
        help=f"one of {', '.join(Format)}, on standard output or in a file; may be repeated. Standard output has text, "
        "unless another format goes there",
    )
    group.add_argument(
        "--cluster",
        metavar="NAME",
        action="append",
        default=[],
        help="show only the clusters whose name fits, such as 'sales-*', with all details; may be repeated",
    )
    group.add_argument("--only", choices=["gaps"], help="show only clusters and rows with an open finding")
    group.add_argument("--width", type=options.columns, help=f"columns of the text (the terminal's, at most {_WIDEST})")
    group.add_argument(
        "--color",
        choices=_COLOURS,
        default=_COLOURS[0],
        help="colours in the text; auto: only on a terminal, as NO_COLOR and FORCE_COLOR say (auto)",
    )
    group.add_argument(
        "--root",
        metavar="FOLDER",
        type=_folder,
        default=".",
        help="the folder that paths are relative to in SARIF, and for GitHub and GitLab (the working directory)",
    )


def write_reports(given: argparse.Namespace, report: Report) -> None:
    """Write a report in each format that the options name. Each file is written whole or not at all.

    Args:
        given: the parsed options of :func:`add_report_arguments`.
        report: the result of a check, or a comparison.

    Raises:
        ResilientRedshiftError: when a file cannot be written.
    """
    outputs: list[_Output] = list(given.format)
    if all(output.file for output in outputs):
        outputs.append(_Output(Format.TEXT, None))
    texts = [(output.file, render(report, output.format, _options(given, output))) for output in outputs]
    for file, text in texts:
        if file is not None:
            _write(file, text)
    for file, text in texts:
        if file is None:
            _print(text)


class _OnePlaceEach(argparse.Action):
    """Collects formats, and refuses two of them at one place."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse passes it
    ) -> None:
        output = cast("_Output", values)
        before: tuple[_Output, ...] = getattr(namespace, self.dest)
        for other in before:
            if other.file == output.file:
                place = output.file or "standard output"
                parser.error(f"argument --format: {other.format} and {output.format} both go to {place}: name a file")
        setattr(namespace, self.dest, (*before, output))


def _output(text: str) -> _Output:
    """A format and its file, as the command line names them."""
    name, _, file = text.partition("=")
    if name not in set(Format):
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(Format)}, got {name!r}")
    if "=" not in text or file == _STANDARD_OUTPUT:
        return _Output(Format(name), None)
    return _Output(Format(name), _writable(file))


def _writable(name: str) -> Path:
    """The file to write, links followed."""
    try:
        file = Path(os.path.realpath(name))
        is_folder, has_folder = file.is_dir(), file.parent.is_dir()
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be the name of a file") from error
    if not name or is_folder:
        raise argparse.ArgumentTypeError(f"must be FORMAT=FILE, and {name!r} is {'a folder' if name else 'no name'}")
    if not has_folder:
        raise argparse.ArgumentTypeError(f"the folder of {name!r} does not exist")
    return file


def _folder(name: str) -> str:
    try:
        is_folder = Path(name).is_dir()
    except (OSError, ValueError):
        is_folder = False
    if not is_folder:
        raise argparse.ArgumentTypeError(f"must be a folder, got {name!r}")
    return name


def _options(given: argparse.Namespace, output: _Output) -> ReportOptions:
    return ReportOptions(
        width=given.width or min(shutil.get_terminal_size().columns, _WIDEST),
        colour=_has_colour(given.color, on_standard_output=output.file is None),
        only_gaps=given.only is not None,
        clusters=tuple(given.cluster),
        root=given.root,
    )


def _has_colour(choice: str, *, on_standard_output: bool) -> bool:
    """Whether the text has colours (https://no-color.org, https://force-color.org)."""
    if choice != _COLOURS[0]:
        return choice == "always"
    if not on_standard_output or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _write(file: Path, text: str) -> None:
    content = text.encode("utf-8", errors="replace")
    try:
        if file.exists() and not file.is_file():  # a device or a pipe, such as /dev/stderr
            file.write_bytes(content)
            return
        beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        try:
            beside.write_bytes(content)
            if file.exists():
                shutil.copymode(file, beside)
            beside.replace(file)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise ResilientRedshiftError("--format", [f"{file} cannot be written: {error.strerror or error}"]) from error


def _print(text: str) -> None:
    """Print a text. A letter that the terminal's alphabet does not have becomes a question mark."""
    alphabet = sys.stdout.encoding or "utf-8"
    with process.reader_may_leave():  # the exit status is not about the reader
        sys.stdout.write(text.encode(alphabet, errors="replace").decode(alphabet))
