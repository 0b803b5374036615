"""What snapshots cost: AWS's billing rules by the family of the node type, with prices as arguments (no CDK, no AWS).

* RA3: each manual snapshot is billed by its full size. Automated snapshots are free, for their 35 days at most.
* RG: manual snapshots are billed by the unique blocks of all of them together, since 8 June 2026 (AWS Big Data Blog,
  "Unlock cost savings with incremental snapshot billing"). Automated snapshots are free, as on RA3.
* DC2: automated and manual snapshots together are free up to the provisioned storage (Amazon Redshift pricing).

The copy of each snapshot to another Region is billed by the GB that are transferred, too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_amount
from resilient_redshift.rules.node_types import BackupBilling, family_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resilient_redshift.planning._simulation import Simulation, Snapshot

#: A month of AWS's price lists, in hours.
HOURS_OF_MONTH: Final = 730
_DAY: Final = 24 * 60
_MINUTES_OF_MONTH: Final = HOURS_OF_MONTH * 60
_FULL: Final = "full size of each snapshot"
_UNIQUE: Final = "unique blocks of all snapshots, at most"
_ABOVE_PROVISIONED: Final = "unique blocks of all snapshots above the provisioned storage, at most"
_UNVERIFIED: Final = (
    "AWS documents neither their price nor what of them is billed: not verified; the amount is the most"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoragePrices:
    """Your prices, in any currency. None means that you name no price, so that the cost is not known.

    Args:
        backup_storage: a GB-month of backup storage in the cluster's Region; 0 or more. Default: None.
        backup_storage_in_recovery: the same in the recovery Region. Default: as ``backup_storage``.
        copied_automated_snapshots: a GB-month of copied automated snapshots. AWS documents no price. Default: None.
        transfer: a GB that is copied to the recovery Region. Default: None.

    Raises:
        ResilientRedshiftError: for a price below 0.
    """

    backup_storage: float | None = None
    backup_storage_in_recovery: float | None = None
    copied_automated_snapshots: float | None = None
    transfer: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        problems = Problems("StoragePrices")
        for name in self.__slots__:
            if getattr(self, name) is not None:
                check_amount(problems, name, getattr(self, name))
        problems.raise_if_any()


@dataclass(frozen=True, kw_only=True, slots=True)
class CostLine:
    """One line of the bill, over the whole forecast.

    Attributes:
        region: the Region that bills it.
        item: what is billed.
        billed_by: AWS's rule, in words.
        unit: ``GB-month`` (of 730 hours) or ``GB``.
        quantity: how many units.
        price: the price of a unit; None when you named none.
        cost: quantity times price; None without a price.
        over_time: the GB at the end of each day; empty for a transfer.
        unverified: why AWS's bill may differ; empty for a documented rule.
    """

    region: str
    item: str
    billed_by: str
    unit: str
    quantity: float
    price: float | None
    over_time: tuple[float, ...] = ()
    unverified: str = ""

    @property
    def cost(self) -> float | None:
        """Quantity times price; None without a price."""
        return None if self.price is None else self.quantity * self.price


class Bill:
    """Bills the snapshots of a simulation.

    Args:
        simulation: the simulation.
        node_type: the node type. An unknown family is billed as RA3 is, which is the most.
        size: the GB of the cluster's data, all the time.
        change_rate: the GB that change in an hour in which the cluster is not paused.
        provisioned: the GB of the cluster's provisioned storage; DC2 only.
        prices: the prices.
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        node_type: str | None,
        size: float,
        change_rate: float,
        provisioned: float,
        prices: StoragePrices,
    ) -> None:
        self._simulation = simulation
        family = family_of(node_type)
        self._billing = family.billing if family else BackupBilling.FULL_SIZE
        self._size = size
        self._change_rate = change_rate
        self._provisioned = provisioned
        self._prices = prices

    def here(self, region: str, snapshots: Sequence[Snapshot]) -> list[CostLine]:
        """The backup storage in the cluster's Region."""
        price, what = self._prices.backup_storage, "automated and manual snapshots"
        if self._billing is BackupBilling.ABOVE_PROVISIONED:

            def above(gigabytes: float) -> float:
                return max(0.0, gigabytes - self._provisioned)

            return [self._line(region, what, _ABOVE_PROVISIONED, snapshots, price=price, billed=above)]
        manual = [each for each in snapshots if each.manual]
        return [self._line(region, "manual snapshots", self._rule, manual, price=price)]

    def copies(self, region: str, snapshots: Sequence[Snapshot]) -> list[CostLine]:
        """The backup storage in the recovery Region, and the transfer to it."""
        prices = self._prices
        price = prices.backup_storage_in_recovery
        manual = [each for each in snapshots if each.manual]
        automated = [each for each in snapshots if not each.manual]
        lines = [
            self._line(
                region,
                "copied manual snapshots",
                self._rule,
                manual,
                price=prices.backup_storage if price is None else price,
            ),
            self._line(
                region,
                "copied automated snapshots",
                self._rule,
                automated,
                price=prices.copied_automated_snapshots,
                unverified=_UNVERIFIED,
            ),
        ]
        taken = [each.taken for each in snapshots if each.usable <= self._simulation.end]
        moved = sum(self._changed(earlier, later) for earlier, later in zip([None, *taken], taken, strict=False))
        transfer = CostLine(
            region=region,
            item="transfer of copies",
            billed_by="changes since the copy before, at most",
            unit="GB",
            quantity=moved,
            price=prices.transfer,
        )
        return [*lines, transfer]

    @property
    def _rule(self) -> str:
        return _FULL if self._billing is BackupBilling.FULL_SIZE else _UNIQUE

    def _line(
        self,
        region: str,
        item: str,
        billed_by: str,
        snapshots: Sequence[Snapshot],
        *,
        price: float | None = None,
        billed: Callable[[float], float] = float,
        unverified: str = "",
    ) -> CostLine:
        steps = self._stored(snapshots, full=billed_by is _FULL)
        end = self._simulation.end
        gigabyte_minutes = 0.0
        daily: list[float] = []
        for (since, gigabytes), (until, _) in zip(steps, [*steps[1:], (end, 0.0)], strict=True):
            amount = billed(gigabytes)
            gigabyte_minutes += amount * (until - since)
            daily += [amount] * (until // _DAY - len(daily))
        return CostLine(
            region=region,
            item=item,
            billed_by=billed_by,
            unit="GB-month",
            quantity=gigabyte_minutes / _MINUTES_OF_MONTH,
            price=price,
            over_time=tuple(daily),
            unverified=unverified,
        )

    def _stored(self, snapshots: Sequence[Snapshot], *, full: bool) -> list[tuple[int, float]]:
        """The GB that snapshots hold, over time: from each minute on, until the next one."""
        end = self._simulation.end
        begun = [(each.taken, True, each.taken) for each in snapshots]
        ended = [
            (each.expires, False, each.taken) for each in snapshots if each.expires is not None and each.expires < end
        ]
        existing: list[int] = []
        gigabytes = 0.0
        steps = [(0, 0.0)]
        for minute, begins, taken in sorted([*begun, *ended]):
            place = bisect_left(existing, taken)
            if begins:
                insort(existing, taken)
                place = len(existing) - 1
            before = existing[place - 1] if place else None
            after = existing[place + 1] if place + 1 < len(existing) else None
            change = self._size if full else self._alone(before, taken, after)
            gigabytes = gigabytes + change if begins else gigabytes - change
            if not begins:
                del existing[place]
            steps.append((minute, gigabytes if existing else 0.0))
        return steps

    def _alone(self, before: int | None, taken: int, after: int | None) -> float:
        """The GB that a snapshot adds to the ones beside it."""
        if after is None:
            return self._changed(before, taken)
        return self._changed(before, taken) + self._changed(taken, after) - self._changed(before, after)

    def _changed(self, before: int | None, taken: int) -> float:
        """The GB that changed between two snapshots; all data where there is no snapshot before."""
        if before is None:
            return self._size
        active = self._simulation.active_until(taken) - self._simulation.active_until(before)
        return min(self._size, self._change_rate * active / 60)
