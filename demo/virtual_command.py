"""``resilient-redshift`` whose sleep is virtual: while it waits, time passes in the emulated AWS alone."""

from __future__ import annotations

import os
from datetime import timedelta
from urllib.parse import urlsplit

from emulator.aws.door import Door
from resilient_redshift.cli.main import cli
from resilient_redshift.cli.tools import Tools


def main() -> None:
    """Run the command over the AWS that the environment points at."""
    door = Door(urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0)

    def sleep(seconds: float) -> None:
        door.advance(timedelta(seconds=seconds))

    cli.main(prog_name="resilient-redshift", obj=Tools(sleep=sleep, clock=door.now))


if __name__ == "__main__":
    main()
