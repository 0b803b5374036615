"""Runs the command as ``python -m resilient_redshift.cli``, for machines whose path lacks the script."""

from __future__ import annotations

from resilient_redshift.cli import run

if __name__ == "__main__":
    run()
