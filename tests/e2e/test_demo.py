"""`make demo` itself: the whole story on the emulated AWS, kept running, and stopped by Ctrl-C."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from emulator.children import default_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
#: Real time after which the demo hangs for good; it ends by itself long before, on a busy machine, too.
PATIENCE_SECONDS = 1200
#: The same of a process that has nothing more to do than to end.
LAST_SECONDS = 60
SIGNED_IN = {"AWS_PROFILE": "the-users-own", "AWS_ACCESS_KEY_ID": "the-users-own"}
#: Says that a resource is ready, and waits for ever, with a child that does.
HANGING_CDK = """#!/bin/sh
if [ "$1" = deploy ]; then
  sleep 3600 &
  echo "Warehouse | 1/9 | 1:00:14 PM | CREATE_COMPLETE | AWS::SQS::Queue | Hanging (Hanging1) "
  wait
fi
"""


def children(of: int) -> set[int]:
    """Every process below one, however far down, that has not ended."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = place.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:  # it went while we looked
            continue
        if state != "Z":
            parents[int(place.parent.name)] = int(parent)
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in found | {of}} - found:
        found |= more
    return found


@pytest.fixture
def started() -> Iterator[Callable[[], set[int]]]:
    """Tells which processes a test has started, orphans among them; ends them after it."""
    keeps_orphans = 36  # PR_SET_CHILD_SUBREAPER: who loses its parent becomes our child, not init's
    ctypes.CDLL(None).prctl(keeps_orphans, 1)
    before = children(os.getpid())
    yield lambda: children(os.getpid()) - before
    for pid in children(os.getpid()) - before:
        os.kill(pid, signal.SIGKILL)
    ctypes.CDLL(None).prctl(keeps_orphans, 0)


def left(running: set[int]) -> set[int]:
    """Which of these processes do not end: one that was ended needs the processor once more, which may be busy."""
    stays = set()
    for pid in running:
        try:
            ending = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([ending], [], [], LAST_SECONDS)[0]:
                stays.add(pid)
        finally:
            os.close(ending)
    return stays


def demo(tmp_path: Path, *arguments: str, path: str = "") -> subprocess.Popen[str]:
    env = {**os.environ, **SIGNED_IN, "PATH": f"{path}{os.pathsep if path else ''}{os.environ['PATH']}"}
    env.pop("CDK_VALIDATION", None)
    command = [sys.executable, "-m", "demo", "--folder", str(tmp_path / "build"), *arguments]
    with default_signals():
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def test_the_whole_story_kept_running(tmp_path: Path, started: Callable[[], set[int]]) -> None:
    # GIVEN the real CLI and the emulated AWS WHEN the demo runs with --keep THEN all is well, and the AWS still answers
    process = demo(tmp_path, "--keep")
    text, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, text
    assert "RetentionPeriod 14 -> 21, all else as it was" in text
    assert "38 days: " in text
    for line in (
        "the watch has begun: CloudWatch has a RecoveryPointAge of ",
        ", and no alarm rang",
        ": plan 'sales-us-east-1': a finding is a warning or worse.",
        "found: PrimarySilent: the watcher in us-east-1 is silent for 1 h",
        ", and no alarm of the watch rang until us-east-1 went dark at 2026-12-31 ",
        "     primary unreachable",
        "   Restored: sales is restored from ",
        "last drill      Passed, ",
        "checks          4 of 4 passed",
        "our own steps (at most 1 min).",
        "fenced: no client connects to sales in us-east-1 since ",
        "SwitchedOver: the warehouse is in us-east-1",
        "ok  cdk diff: there is nothing to deploy",
        "fine: the newest copy in us-west-2 is ",
        "a switchover brought sales home at ",
    ):
        assert line in text
    assert "\x1b" not in text
    said = dict(line.removeprefix("  export ").split("=", 1) for line in text.splitlines() if "  export " in line)
    client = boto3.Session(said["AWS_ACCESS_KEY_ID"], said["AWS_SECRET_ACCESS_KEY"]).client(
        "redshift", "us-west-2", endpoint_url=said["AWS_ENDPOINT_URL"], config=Config(proxies={})
    )
    assert client.describe_cluster_snapshots(MaxRecords=20)["Snapshots"]
    [back] = client.describe_clusters(ClusterIdentifier="sales")["Clusters"]
    assert back["ClusterStatus"] == "available"
    assert f"sales is available at {back['Endpoint']['Address']}:{back['Endpoint']['Port']}" in text
    [end] = [line.split()[-1] for line in text.splitlines() if line.startswith("End it:  kill ")]
    assert int(end) in started()
    os.kill(int(end), signal.SIGTERM)  # as told
    assert left(started()) == set()  # its functions' processes end when their pipes do
    calls = (tmp_path / "build" / "demo" / "calls.log").read_text().splitlines()
    assert [line for line in calls if "us-east-1" in line and " closed " in line]  # while it was dark
    assert (tmp_path / "build" / "timeline.svg").exists()
    assert (tmp_path / "build" / "timeline.png").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_when_the_reader_stops_it(
    tmp_path: Path, started: Callable[[], set[int]], number: int
) -> None:
    # GIVEN a demo in the middle of a deployment WHEN its whole process group is interrupted THEN nothing of it lives on
    cdk = tmp_path / "bin" / "cdk"
    cdk.parent.mkdir()
    cdk.write_text(HANGING_CDK)
    cdk.chmod(0o755)
    process = demo(tmp_path, "--keep", path=str(cdk.parent))
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if "Hanging" in line:
            break
    assert "Hanging" in told[-1], told
    assert len(started()) >= 4  # the demo, the AWS, the CLI and its child
    os.killpg(process.pid, number)
    rest, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + number
    assert rest.rstrip().endswith("demo: stopped")
    assert left(started()) == set()
