"""The options of a command that checks clusters against a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.planning import _options as options
from resilient_redshift.planning.checks.policy_file import POLICY_FILE, PROJECT_FILE, find_policy, read_policy

if TYPE_CHECKING:
    import argparse

    from resilient_redshift.planning.checks.policy import ResiliencePolicy


def add_policy_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--policy``, which :func:`policy_of` reads, and ``--expected-copy-time``.

    Args:
        parser: the parser of the command.
    """
    parser.add_argument(
        "--policy",
        metavar="FILE",
        help=f"the policy's file, or default for the default policy (the first {POLICY_FILE}, or {PROJECT_FILE} with "
        "[tool.resilient-redshift], from here upward to the repository's folder; without one, the default policy)",
    )
    options.add_copy_time(parser)


def policy_of(given: argparse.Namespace) -> ResiliencePolicy:
    """The policy that the options name, or the one that is found.

    Args:
        given: what the parser read.

    Raises:
        ResilientRedshiftError: for a policy that cannot be read.
    """
    return read_policy(given.policy) if given.policy is not None else find_policy()
