"""The emulator as a process: it comes up, is reached by the stock CLI, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

from emulator.aws import EmulatedAws
from emulator.aws.client import EmulatorError

ROOT = Path(__file__).resolve().parents[2]


def gone(pid: int) -> bool:
    """Whether a process has ended, within some seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (OSError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_closing_ends_the_process_and_its_files() -> None:
    with EmulatedAws.start() as aws:
        pid, folder = aws.pid, aws.folder
        assert aws.account == "111122223333"
        assert aws.client("sts", "us-west-2").get_caller_identity()["Account"] == aws.account
    assert gone(pid)
    assert not folder.exists()


def test_it_ends_with_its_parent_even_if_that_is_killed() -> None:
    # GIVEN a parent that is killed without a chance to tidy up
    code = """
        import os, signal
        from emulator.aws import EmulatedAws
        with EmulatedAws.start() as aws:
            print(aws.pid, aws.folder, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    # THEN the emulator is gone, too
    assert done.returncode == -signal.SIGKILL
    pid, folder = done.stdout.split()
    assert gone(int(pid))
    assert not Path(folder).exists()


def test_it_may_be_left_running() -> None:
    code = """
        from emulator.aws import EmulatedAws
        with EmulatedAws.start() as aws:
            print(aws.pid, aws.endpoint, flush=True)
            aws.leave_running()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    pid, endpoint = done.stdout.split()
    try:
        address = f"{endpoint}/_emulator/health"
        with urllib.request.urlopen(address, data=b"{}") as answer:  # noqa: S310  # our own address
            assert answer.status == 200
    finally:
        os.kill(int(pid), signal.SIGTERM)
    assert gone(int(pid))


def test_it_listens_on_the_loopback_alone() -> None:
    with EmulatedAws.start() as aws:
        listening = {
            line.split()[1]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/{aws.pid}/net/{name}").read_text().splitlines()[1:]
            if line.split()[9] in _inodes(aws.pid) and line.split()[3] == "0A"
        }
    port = aws.endpoint.rsplit(":", 1)[1]
    assert listening == {f"0100007F:{int(port):04X}"}


def _inodes(pid: int) -> set[str]:
    links = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:[")}


def test_a_quick_bootstrap_leaves_what_the_cli_leaves(tmp_path: Path) -> None:
    # GIVEN an account WHEN one Region is bootstrapped by the CLI, and another one without it
    with EmulatedAws.start(keep_log=tmp_path / "log") as aws:
        done = aws.cdk("bootstrap", f"aws://{aws.account}/us-east-1")
        assert done.ok, done.output
        aws.bootstrap("us-west-2")
        # THEN both have the same stack, but for the Region
        found = []
        for region in ("us-east-1", "us-west-2"):
            client = aws.client("cloudformation", region)
            [stack] = client.describe_stacks(StackName="CDKToolkit")["Stacks"]
            resources = client.describe_stack_resources(StackName="CDKToolkit")["StackResources"]
            told = {one["LogicalResourceId"]: one["PhysicalResourceId"].replace(region, "") for one in resources}
            outputs = {one["OutputKey"]: one["OutputValue"].replace(region, "") for one in stack["Outputs"]}
            found.append((stack["StackStatus"], stack["Parameters"], outputs, told))
    assert found[0] == found[1]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_an_unknown_command_says_so() -> None:
    with EmulatedAws.start() as aws:
        with pytest.raises(EmulatorError, match="no such command"):
            aws._command("nonsense")
        with pytest.raises(EmulatorError, match="has no nonsense"):
            aws.settings(nonsense=1)
