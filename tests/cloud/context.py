"""What Lambda passes to a function beside its event."""

from __future__ import annotations

from resilient_redshift.stack.functions import LONGEST_SECONDS


class Context:
    """Lambda's context object, at the beginning of an invocation.

    Args:
        invoked_function_arn: the function's ARN. Default: that of a function in eu-central-1.
    """

    def __init__(self, invoked_function_arn: str = "arn:aws:lambda:eu-central-1:111122223333:function:ours") -> None:
        self.invoked_function_arn = invoked_function_arn

    def get_remaining_time_in_millis(self) -> int:
        return LONGEST_SECONDS * 1000
