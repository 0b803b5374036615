"""What ends a call: each message becomes the reason that CloudFormation shows, so it says what to do next."""

from __future__ import annotations


class ProviderError(Exception):
    """The base of every failure that this handler names itself."""


class Refused(ProviderError):  # noqa: N818 - it reads as the outcome that it is
    """Asked for what must not be done, or cannot be done as things stand; the refusal itself changed nothing."""


class Failed(ProviderError):  # noqa: N818 - likewise
    """AWS said no for good, or for longer than we wait."""


class Busy(ProviderError):  # noqa: N818 - likewise
    """Not now: the call is repeated until the deadline, and this text is the reason when it passes."""
