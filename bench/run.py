"""Compares the library with the hand-written baselines and with its budget (docs/performance.md); ``make bench``.

The commands ``check`` and ``diff`` have a budget of their own (``bench/fleet.py``).

The variants take turns, each in fresh processes, after one unmeasured round that fills caches. The slope between two
sizes is compared, so that starting costs are on neither side of a ratio. Each round gives one ratio: its variants ran
one after the other, so other work on the machine disturbs them alike. The median of these ratios decides, and their
middle half shows the spread. Processor seconds of Python and Node are used where the system reports them, because
other work on the machine moves them less than the clock.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from bench import fleet

_ROOT: Final = Path(__file__).parent.parent
_ROUNDS: Final = 7
_VARIANTS: Final = ("l1", "ours", "l2")
_SIZES: Final = (10, 50)
_LONG: Final = (10, 100, 200)
_LONG_ROUNDS: Final = 3
_NOISE: Final = 1.15
_BUDGET_L1: Final = 1.7
_BUDGET_L2: Final = 1.2
_BUDGET_IMPORT: Final = 1.1


def measure(*arguments: str) -> dict[str, Any]:
    """One measurement in a fresh process."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "JSII_DEPRECATED": "quiet"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "bench.measure", *arguments]
    done = subprocess.run(command, cwd=_ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def slope(small: dict[str, float], large: dict[str, float], *what: str) -> float:
    """Milliseconds for each cluster added."""
    return 1000 * sum(large[name] - small[name] for name in what) / (large["n"] - small["n"])


def median_slope(runs: list[list[dict[str, float]]], first: int, last: int, *what: str) -> float:
    """The median over the rounds."""
    return statistics.median(slope(apps[first], apps[last], *what) for apps in runs)


@dataclasses.dataclass(frozen=True)
class Ratio:
    """The ratios of all rounds: their median, and where their middle half begins and ends."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ratios: list[float]) -> Ratio:
        """Summarize one ratio per round."""
        low, median, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        return cls(median, low, high)

    def __str__(self) -> str:
        return f"{self.median:5.2f} ({self.low:.2f} to {self.high:.2f})"

    def judged(self, budget: float) -> str:
        """PASS, OVER, or UNSURE where the spread of the rounds holds the budget's line."""
        if self.median <= budget:
            return "PASS"
        return "UNSURE" if self.low <= budget else "OVER"


def compare() -> tuple[Ratio, Ratio]:
    """The library beside both baselines; prints a table and returns the two ratios."""
    runs: dict[str, list[list[dict[str, float]]]] = {variant: [] for variant in _VARIANTS}
    memory: dict[str, list[float]] = {variant: [] for variant in _VARIANTS}
    for round_ in range(_ROUNDS + 1):
        for variant in _VARIANTS:
            measured = measure(variant, *map(str, _SIZES))
            if round_:  # the first one only warms up
                runs[variant].append(measured["apps"])
                memory[variant].append(measured["python_mb"])
    print(f"milliseconds for each added cluster (N={_SIZES[0]} to {_SIZES[1]}, median of {_ROUNDS})")
    print(f"{'':6}{'construct':>11}{'synth':>8}{'clock':>8}{'processors':>12}{'Python MB':>11}")
    for variant, rounds in runs.items():
        construct, synth = (median_slope(rounds, 0, 1, what) for what in ("construct", "synth"))
        clock = median_slope(rounds, 0, 1, "construct", "synth")
        processors = median_slope(rounds, 0, 1, "processors")
        megabytes = statistics.median(memory[variant])
        print(f"{variant:6}{construct:11.1f}{synth:8.1f}{clock:8.1f}{processors:12.1f}{megabytes:11.0f}")
    counts = {variant: measure("trips", variant)["trips"] for variant in _VARIANTS}
    print(
        "questions to jsii for each added cluster: "
        + ", ".join(f"{name} {count:.0f}" for name, count in counts.items())
    )
    l1, l2 = (paired(runs, baseline, "construct", "synth") for baseline in ("l1", "l2"))
    print(f"on the clock: {l1} of l1, {l2} of l2")
    if not Path("/proc/self/stat").exists():
        return l1, l2
    return paired(runs, "l1", "processors"), paired(runs, "l2", "processors")


def paired(runs: dict[str, list[list[dict[str, float]]]], baseline: str, *what: str) -> Ratio:
    """The library's slope over a baseline's, round by round."""
    rounds = zip(runs["ours"], runs[baseline], strict=True)
    return Ratio.of([slope(*ours, *what) / slope(*theirs, *what) for ours, theirs in rounds])


def growth() -> Ratio:
    """How much dearer a cluster is from 100 to 200 than from 10 to 100."""
    runs = [measure("ours", *map(str, _LONG))["apps"] for _ in range(_LONG_ROUNDS)]
    what = "processors" if Path("/proc/self/stat").exists() else "construct"
    early, late = median_slope(runs, 0, 1, what), median_slope(runs, 1, 2, what)
    print(f"milliseconds for each added cluster: {early:.1f} from 10 to 100, {late:.1f} from 100 to 200")
    return Ratio.of([slope(apps[1], apps[2], what) / slope(apps[0], apps[1], what) for apps in runs])


def importing() -> Ratio:
    """Seconds to import the library beside the CDK modules that it loads."""
    ours = measure("import", "ours")
    modules = ",".join(ours["cdk"])
    theirs = measure("import", modules)
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(2 * _ROUNDS):
        seconds[0].append(measure("import", "ours")["seconds"])
        seconds[1].append(measure("import", modules)["seconds"])
    ours_s, theirs_s = (min(found) for found in seconds)  # whatever disturbs an import only lengthens it
    print(f"import: {ours_s:.2f} s, the CDK modules alone {theirs_s:.2f} s ({len(theirs['cdk'])} of them)")
    return Ratio.of([ours_s / theirs_s])


def main() -> int:
    """Measure everything; 1 where a line of the budget is surely not kept."""
    of_l1, of_l2 = compare()
    commands = fleet.measure()
    fleet.tabulate(commands)
    lines = [
        ("construct + synth of an added cluster, of l1 by hand (aim: 1.4)", of_l1, _BUDGET_L1),
        ("construct + synth of an added cluster, of l2 by hand (aim: 0.7)", of_l2, _BUDGET_L2),
        ("cost of a cluster, 100 to 200 beside 10 to 100", growth(), _NOISE),
        ("import of all public names, of the CDK modules alone", importing(), _BUDGET_IMPORT),
        (
            "seconds of the slowest check or diff of 200 clusters",
            Ratio.of(fleet.worst(commands, "processors")),
            fleet.MOST_SECONDS,
        ),
        (
            "MB of the largest check or diff of 200 clusters",
            Ratio.of(fleet.worst(commands, "megabytes")),
            fleet.MOST_MEGABYTES,
        ),
    ]
    print()
    for name, ratio, budget in lines:
        print(f"{ratio.judged(budget):6}  {ratio}  at most {budget:4.2f}  {name}")
    return int(any(ratio.judged(budget) == "OVER" for _, ratio, budget in lines))


if __name__ == "__main__":
    sys.exit(main())
