"""Compares the library with the hand-written baselines and with its budget (docs/performance.md); ``make bench``.

The variants take turns, each in fresh processes, after one unmeasured round that fills caches. What is
compared is the slope between two sizes, so that starting costs are in neither side of a ratio; each number is the
median over all rounds. Processor seconds of Python and Node decide where the system tells them, as other work on the
machine moves them less than the clock.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parent.parent
_ROUNDS: Final = 5
_VARIANTS: Final = ("l1", "ours", "l2")
_SIZES: Final = (10, 50)
_LONG: Final = (10, 100, 200)
_LONG_ROUNDS: Final = 3
_NOISE: Final = 1.15
_BUDGET_L1: Final = 1.8
_BUDGET_L2: Final = 0.9
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


def compare() -> tuple[float, float]:
    """The library beside both baselines; prints a table and returns the two ratios."""
    runs: dict[str, list[list[dict[str, float]]]] = {variant: [] for variant in _VARIANTS}
    memory: dict[str, list[float]] = {variant: [] for variant in _VARIANTS}
    for round_ in range(_ROUNDS + 1):
        for variant in _VARIANTS:
            found = measure(variant, *map(str, _SIZES))
            if round_:  # the first one only warms up
                runs[variant].append(found["apps"])
                memory[variant].append(found["python_mb"])
    print(f"milliseconds for each added cluster (N={_SIZES[0]} to {_SIZES[1]}, median of {_ROUNDS})")
    print(f"{'':6}{'construct':>11}{'synth':>8}{'clock':>8}{'processors':>12}{'Python MB':>11}")
    rows = {}
    for variant, found_runs in runs.items():
        construct, synth = (median_slope(found_runs, 0, 1, what) for what in ("construct", "synth"))
        clock = median_slope(found_runs, 0, 1, "construct", "synth")
        processors = median_slope(found_runs, 0, 1, "processors")
        megabytes = statistics.median(memory[variant])
        rows[variant] = (processors, clock)
        print(f"{variant:6}{construct:11.1f}{synth:8.1f}{clock:8.1f}{processors:12.1f}{megabytes:11.0f}")
    by = 0 if Path("/proc/self/stat").exists() else 1
    l1, ours, l2 = (rows[variant][by] for variant in _VARIANTS)
    print(f"on the clock: {rows['ours'][1] / rows['l1'][1]:.2f} of l1, {rows['ours'][1] / rows['l2'][1]:.2f} of l2")
    return ours / l1, ours / l2


def growth() -> float:
    """How much dearer a cluster is from 100 to 200 than from 10 to 100."""
    runs = [measure("ours", *map(str, _LONG))["apps"] for _ in range(_LONG_ROUNDS)]
    what = "processors" if Path("/proc/self/stat").exists() else "construct"
    early, late = median_slope(runs, 0, 1, what), median_slope(runs, 1, 2, what)
    print(f"milliseconds for each added cluster: {early:.1f} from 10 to 100, {late:.1f} from 100 to 200")
    return late / early


def importing() -> float:
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
    return ours_s / theirs_s


def main() -> int:
    """Measure everything; 1 where a line of the budget is not kept."""
    of_l1, of_l2 = compare()
    lines = [
        ("construct + synth of an added cluster, of l1 by hand (aim: 1.4)", of_l1, _BUDGET_L1),
        ("construct + synth of an added cluster, of l2 by hand (aim: 0.7)", of_l2, _BUDGET_L2),
        ("cost of a cluster, 100 to 200 beside 10 to 100", growth(), _NOISE),
        ("import of all public names, of the CDK modules alone", importing(), _BUDGET_IMPORT),
    ]
    print()
    for name, found, budget in lines:
        print(f"{'PASS' if found <= budget else 'OVER'}  {found:5.2f}  at most {budget:4.2f}  {name}")
    return int(any(found > budget for _, found, budget in lines))


if __name__ == "__main__":
    sys.exit(main())
