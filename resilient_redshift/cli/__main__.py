"""``python -m resilient_redshift.cli``, where the script is not on the path."""

from __future__ import annotations

from resilient_redshift.cli import run

if __name__ == "__main__":
    run()
