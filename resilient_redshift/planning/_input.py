"""The input of a command that reads templates: the places, and the values of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.reading.parameters import parse_parameters
from resilient_redshift.planning.reading.templates import read_templates

if TYPE_CHECKING:
    import argparse

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

DEFAULT_PLACE: Final = "cdk.out"
_PLACES_HELP: Final = (
    "a folder that cdk synth wrote, another folder with templates, a template in JSON or YAML, or - for standard "
    f"input; may be repeated ({DEFAULT_PLACE})"
)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the places with templates, and the option ``--parameters``. :func:`read_input` reads them.

    Args:
        parser: the parser of the command.
    """
    parser.add_argument("places", nargs="*", metavar="INPUT", help=_PLACES_HELP)
    add_parameters(parser)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--parameters`` alone.

    Args:
        parser: the parser of the command.
    """
    parser.add_argument(
        "--parameters",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="the value of a parameter of the templates, Stack:Key=Value for one stack, or a file as aws "
        "cloudformation takes it; may be repeated. AWS::Region=us-east-1 gives a Region to templates outside a cloud "
        "assembly (the defaults of the templates)",
    )


def read_input(given: argparse.Namespace) -> tuple[SynthesizedTemplate, ...]:
    """Read the templates of the places that a command line names.

    Args:
        given: what the parser read.

    Raises:
        AssemblyError: as for :func:`read_templates`.
    """
    return read_templates(*(given.places or [DEFAULT_PLACE]), parameters=parse_parameters(given.parameters))


def places_in_words(given: argparse.Namespace) -> str:
    """The places that a command line names, for a sentence."""
    return ", ".join(given.places or [DEFAULT_PLACE])
