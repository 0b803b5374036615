"""The errors that end a request.

CloudFormation shows the text of such an error as the reason. So each text says what happened and what to do next.
"""

from __future__ import annotations


class ProviderError(Exception):
    """The base class of every failure that the handler explains in its own words."""


class Refused(ProviderError):  # noqa: N818 - the name reads as the outcome
    """The request must not be carried out, or cannot be carried out now. The refusal itself changed nothing."""


class Failed(ProviderError):  # noqa: N818 - the name reads as the outcome
    """AWS refused for good, or refused for longer than the handler waits."""


class Busy(ProviderError):  # noqa: N818 - the name reads as the outcome
    """AWS cannot do it now. The call is repeated until the deadline, and then this text is part of the reason."""


class NotKnown(Busy):
    """AWS answers with something that this release does not know. The call is repeated for a short time only."""
