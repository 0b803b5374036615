"""What other monitoring systems read: one line of a Nagios plugin, and Prometheus's text format.

Sources: "Monitoring Plugins Development Guidelines" (one line, performance data, exit codes); Prometheus, "Exposition
formats" (text format 0.0.4). Names from outside could contain anything, so each text is made harmless.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.output import harmless
from resilient_redshift.errors import ResilientRedshiftError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from resilient_redshift.cli.tools import Tools

F = TypeVar("F", bound="Callable[..., Any]")

TEXT: Final = "text"
JSON: Final = "json"
NAGIOS: Final = "nagios"
PROMETHEUS: Final = "prometheus"

#: The exit codes of a Nagios plugin.
NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN = range(4)
_NAGIOS_WORDS: Final = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
#: The worst comes first, as the command's own statuses have it: what is certainly wrong before what is unknown.
_WORST_FIRST: Final = (NAGIOS_CRITICAL, NAGIOS_UNKNOWN, NAGIOS_WARNING, NAGIOS_OK)
#: Characters that end the text or a label in a plugin's line.
_IN_A_LINE: Final = str.maketrans({"|": "/", "\n": " ", "\t": " ", "\r": " "})
_IN_A_LABEL: Final = str.maketrans({"=": "_", "'": "_"})


def as_output(command: F) -> F:
    """Add the option ``--output``. The command gets ``output``; ``--json`` is the same as ``--output json``.

    For Nagios a command ends by the rules of its plugins also when it fails: one line on standard output, exit code 3.
    Another exit code would say that something is critical, or fine.
    """

    @functools.wraps(command)
    def wrapped(tools: Tools, output: str, **options: Any) -> Any:  # noqa: ANN401 - of any command
        output = JSON if tools.json and output == TEXT else output
        tools.json = output != TEXT
        if output != NAGIOS or tools.debug:
            return command(tools, output=output, **options)
        try:
            return command(tools, output=output, **options)
        except (click.exceptions.Exit, click.Abort):
            raise
        except CliError as error:
            text = f"{error.message}; {error.hint}" if error.hint else error.message
        except ResilientRedshiftError as error:
            text = "; ".join(error.problems)
        except click.ClickException as error:
            text = error.format_message()
        except Exception as error:  # noqa: BLE001 - Nagios must get its line whatever happens
            text = f"unexpected {type(error).__name__}: {error}"
        click.echo(nagios_line(NAGIOS_UNKNOWN, text))
        raise click.exceptions.Exit(NAGIOS_UNKNOWN)

    return click.option(
        "--output",
        type=click.Choice([TEXT, JSON, NAGIOS, PROMETHEUS]),
        default=TEXT,
        help="What to print on standard output: text for people; JSON; one line for Nagios, with its exit codes; or "
        "Prometheus's text format.  [default: text]",
    )(cast("F", wrapped))


def worst_of_nagios(codes: Sequence[int]) -> int:
    """The exit code of several plans."""
    return next((code for code in _WORST_FIRST if code in codes), NAGIOS_UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """One value of a plugin's performance data.

    Args:
        label: its name.
        value: the value.
        unit: ``s``, ``B``, or empty for a number of things.
        warning: the value from which it is a warning. None: there is none.
        critical: the value from which it is critical. None: there is none.
    """

    label: str
    value: float
    unit: str = ""
    warning: float | None = None
    critical: float | None = None

    def __str__(self) -> str:
        """The value as a plugin writes it."""
        label = harmless(self.label).translate(_IN_A_LINE).translate(_IN_A_LABEL)
        thresholds = ";".join("" if limit is None else number(limit) for limit in (self.warning, self.critical))
        return f"'{label}'={number(self.value)}{self.unit};{thresholds};0"


def nagios_line(code: int, text: str, performance: Sequence[Performance] = ()) -> str:
    """The one line of a plugin."""
    words = " ".join(harmless(text).translate(_IN_A_LINE).split())
    data = " ".join(str(one) for one in performance)
    return f"{_NAGIOS_WORDS[code]} - {words}" + (f" | {data}" if data else "")


@dataclass(kw_only=True)
class Family:
    """One metric of Prometheus, with all its samples.

    Args:
        name: the name of the metric. All of ours are gauges and begin with ``resilient_redshift_``.
        says: what it means.
        samples: the labels and the value of each sample.
    """

    name: str
    says: str
    samples: list[tuple[Mapping[str, str], float]] = field(default_factory=list)

    def add(self, value: float | None, **labels: str) -> None:
        """Add a sample. A value that is not known has none."""
        if value is not None:
            self.samples.append((labels, value))

    def __str__(self) -> str:
        """The metric in the text format. Without a sample there is nothing to say."""
        if not self.samples:
            return ""
        name = f"resilient_redshift_{self.name}"
        lines = [f"# HELP {name} {self.says}", f"# TYPE {name} gauge"]
        for labels, value in self.samples:
            told = ",".join(f'{label}="{_label_value(text)}"' for label, text in labels.items())
            lines.append(f"{name}{{{told}}} {number(value)}" if told else f"{name} {number(value)}")
        return "\n".join(lines) + "\n"


def print_families(families: Sequence[Family]) -> None:
    """Write metrics to standard output, without time stamps: the textfile collector refuses them."""
    click.echo("".join(str(family) for family in families), nl=False)


def _label_value(text: str) -> str:
    return harmless(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """A number without an exponent or a needless point."""
    return str(int(value)) if value == int(value) else f"{value:.3f}"
