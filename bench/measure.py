"""One measurement in a process of its own, as JSON: ``python -m bench.measure {ours,l1,l2} N...``, ``import NAME`` or ``trips NAME``.

A fresh process builds one small app unmeasured, so that one-time costs (loading modules, first use of each class) are
in no number, and then an app of each size that was asked for.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def build(variant: str, sizes: list[int]) -> dict[str, object]:
    """Seconds to construct and to synthesize an app of each size: on the clock, and of processors (Python and Node)."""
    import aws_cdk as cdk  # noqa: PLC0415 - an import is measured elsewhere in this file

    declare = importlib.import_module(f"bench.{variant}").build
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (1, *sizes):
            gc.collect()
            app = cdk.App(context=context, outdir=f"{folder}/{size}-{len(found)}", analytics_reporting=False)
            started, processors = time.perf_counter(), _processor_seconds()
            declare(app, size)
            constructed = time.perf_counter()
            app.synth()
            found.append(
                {
                    "n": size,
                    "construct": constructed - started,
                    "synth": time.perf_counter() - constructed,
                    "processors": _processor_seconds() - processors,
                }
            )
    return {"apps": found[1:], "python_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def trips(variant: str) -> dict[str, object]:
    """How many questions to jsii each of ten added clusters takes, with its share of a pair of stacks."""
    import aws_cdk as cdk  # noqa: PLC0415 - an import is measured elsewhere in this file
    from jsii._kernel.providers import process  # noqa: PLC0415 - jsii counts nothing itself

    sent = 0
    send = process._NodeProcess.send  # noqa: SLF001 - every question goes through it

    def counted(*arguments: object) -> object:
        nonlocal sent
        sent += 1
        return send(*arguments)  # type: ignore[arg-type]

    process._NodeProcess.send = counted  # type: ignore[method-assign, assignment]  # noqa: SLF001 - as above
    declare = importlib.import_module(f"bench.{variant}").build
    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    totals = []
    for size in (1, 10, 20):  # the first app loads modules
        with tempfile.TemporaryDirectory() as folder:
            before = sent
            app = cdk.App(context=context, outdir=folder, analytics_reporting=False)
            declare(app, size)
            app.synth()
            totals.append(sent - before)
    return {"trips": (totals[2] - totals[1]) / 10}


def imports(name: str) -> dict[str, object]:
    """Seconds to import the library with all its public names, or only the CDK modules that this loads."""
    started = time.perf_counter()
    if name == "ours":
        library = importlib.import_module("resilient_redshift")
        for public in library.__all__:
            getattr(library, public)
    else:
        for module in name.split(","):
            importlib.import_module(module)
    seconds = time.perf_counter() - started
    loaded = [
        module for module in sys.modules if module.split(".")[0] in {"aws_cdk", "constructs"} and "._" not in module
    ]
    return {"seconds": seconds, "cdk": loaded}


def _processor_seconds() -> float:
    """What this process and its Node have used of processors: other work on the machine changes it little."""
    total = sum(os.times()[:2])
    for child in _descendants(os.getpid()):
        fields = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def _descendants(process: int) -> list[int]:
    """The processes below one; none where the system does not tell (Linux does)."""
    children = Path(f"/proc/{process}/task/{process}/children")
    found = [int(child) for child in children.read_text(encoding="utf-8").split()] if children.exists() else []
    return [*found, *(below for child in found for below in _descendants(child))]


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "import":
        print(json.dumps(imports(rest[0])))
    elif what == "trips":
        print(json.dumps(trips(rest[0])))
    else:
        print(json.dumps(build(what, [int(size) for size in rest])))
