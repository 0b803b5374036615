"""The operator's command, ``resilient-redshift``: click, rich and boto3, never CDK (extra ``[cli]``)."""

from __future__ import annotations

import sys
from importlib import import_module


def run() -> None:
    """Run the command and exit. Without its libraries, print how to install them."""
    try:
        command = import_module("resilient_redshift.cli.main")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich", "boto3", "botocore"}:
            raise
        sys.stderr.write(f"resilient-redshift: {error.name} is not installed\n")
        sys.stderr.write("  hint: pip install 'resilient-redshift[cli]'\n")
        sys.exit(2)
    command.main()
