"""The state that a row of datapoints gives an alarm: "How alarm state is evaluated when data is missing" [D] CloudWatch guide.

The two tables of that page are the test of this module. Not on that page, so guessed [I]: an alarm keeps its state while missing
data is ``missing`` or ``ignore`` and the few datapoints that are there breach, but not for long enough.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

OK: Final = "OK"
ALARM: Final = "ALARM"
INSUFFICIENT_DATA: Final = "INSUFFICIENT_DATA"
#: How many datapoints more than EvaluationPeriods are retrieved: 5 for 3 [D]; the number for others is not published [I].
_MORE: Final = 2
_COMPARISONS: Final = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


@dataclasses.dataclass(frozen=True)
class Criteria:
    """When an alarm is in the ALARM state."""

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: str = "missing"

    @property
    def evaluation_range(self) -> int:
        """How many datapoints are looked at."""
        return self.periods + _MORE

    def state(self, row: Sequence[float | None], current: str) -> str:
        """The state after an evaluation.

        Args:
            row: the datapoints of the evaluation range, newest first; None where one is missing.
            current: the state before.
        """
        breaches = _COMPARISONS[self.comparison]
        verdicts = [None if value is None else breaches(value, self.threshold) for value in row]
        real = [verdict for verdict in verdicts if verdict is not None]
        if not real:
            return {"breaching": ALARM, "notBreaching": OK, "ignore": current}.get(self.missing, INSUFFICIENT_DATA)
        if len(real) >= self.periods:
            return self._by_number(sum(real[: self.periods]))
        if self.missing == "breaching":
            return self._by_number(sum(real) + self.periods - len(real))
        if self.missing == "notBreaching" or sum(real) >= self.to_alarm:
            return self._by_number(sum(real))
        if not all(real):
            return OK
        oldest = max((index for index, each in enumerate(verdicts[: self.periods]) if each), default=-1)
        premature = oldest >= self.to_alarm - 1  # "premature alarm state" [D]
        return ALARM if premature and self.missing == "missing" else current

    def _by_number(self, breaching: int) -> str:
        return ALARM if breaching >= self.to_alarm else OK
