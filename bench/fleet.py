"""Time and memory of ``check`` and ``diff`` over 1, 20 and 200 clusters, in each format: ``python -m bench.fleet``.

The assemblies are those of the bench: clusters as in the example, ten in a pair of stacks. The head of a comparison has
shorter retentions of every tenth copy. Each command runs in a process of its own, as its users run it, and the report
has the details of every cluster.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from resilient_redshift.planning.reports.formats import Format

SIZES: Final = (1, 20, 200)
MOST_SECONDS: Final = 2.0
MOST_MEGABYTES: Final = 200.0
_ROUNDS: Final = 3
_EACH: Final = 10
_COPY: Final = "Custom::RedshiftSnapshotCopy"


@dataclass(frozen=True)
class Run:
    """What one command took."""

    clock: float
    processors: float
    megabytes: float


def synthesize(size: int, folder: Path) -> None:
    """Write the assembly of so many clusters, in a process of its own: the memory of CDK would count for the commands."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "JSII_DEPRECATED": "quiet"}
    command = [sys.executable, "-m", "bench.fleet", str(size), str(folder)]
    subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parent.parent)


def worsen(base: Path, head: Path) -> None:
    """Copy an assembly, and shorten the retention of every tenth copy in it."""
    shutil.copytree(base, head)
    number = 0
    for file in sorted(head.glob("*.template.json")):
        template = json.loads(file.read_text(encoding="utf-8"))
        for resource in template["Resources"].values():
            if resource["Type"] == _COPY:
                if number % _EACH == 0:
                    resource["Properties"]["RetentionPeriod"] = "1"
                number += 1
        file.write_text(json.dumps(template), encoding="utf-8")


def run(*words: str) -> Run:
    """Run a command of planning."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "resilient_redshift.planning", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    error = child.stderr.read().decode() if child.stderr else ""
    _, status, usage = os.wait4(child.pid, 0)
    clock = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in {0, 1}:
        sys.exit(f"{' '.join(words)}: {child.returncode}\n{error}")
    return Run(clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure() -> dict[tuple[int, str, Format], list[Run]]:
    """Several runs of each command, for each size and format."""
    found: dict[tuple[int, str, Format], list[Run]] = {}
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            base, head = Path(place, f"base-{size}"), Path(place, f"head-{size}")
            synthesize(size, base)
            worsen(base, head)
            for form in Format:
                options = (f"--format={form}", "--cluster=*", "--policy=default")
                commands = {"check": ("check", str(head)), "diff": ("diff", str(base), str(head))}
                for name, words in commands.items():
                    found[size, name, form] = [run(*words, *options) for _ in range(_ROUNDS)]
    return found


def tabulate(found: dict[tuple[int, str, Format], list[Run]]) -> None:
    """Print the medians."""
    print("\nseconds on the clock (of processors), and MB, of one command; medians")
    print(f"{'':16}" + "".join(f"{size:>12} clusters    " for size in SIZES))
    for name in ("check", "diff"):
        for form in Format:
            cells = []
            for size in SIZES:
                runs = found[size, name, form]
                clock, processors, megabytes = (
                    statistics.median(getattr(each, what) for each in runs)
                    for what in ("clock", "processors", "megabytes")
                )
                cells.append(f"{clock:7.2f} ({processors:.2f}){megabytes:6.0f} MB  ")
            print(f"{name:6}{form:10}" + "".join(cells))


def worst(found: dict[tuple[int, str, Format], list[Run]], what: str) -> list[float]:
    """What the slowest, or the largest, of the commands over 200 clusters took in each round."""
    runs = [runs for (size, _, _), runs in found.items() if size == SIZES[-1]]
    return max(([getattr(each, what) for each in series] for series in runs), key=statistics.median)


def _build(size: int, folder: str) -> None:
    import aws_cdk as cdk  # noqa: PLC0415 - only this process needs CDK

    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, outdir=folder, analytics_reporting=False)
    importlib.import_module("bench.ours").build(app, size)
    app.synth()


if __name__ == "__main__":
    if sys.argv[1:]:
        _build(int(sys.argv[1]), sys.argv[2])
    else:
        tabulate(measure())
