"""What ends the demo early, in one line."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; its text is the reason, one line that a reader can act on."""
