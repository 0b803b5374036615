"""What a shell needs to reach a kept AWS: variables that sh, bash and zsh read, and two commands on the PATH."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Final

from demo.aws import NOWHERE
from demo.cli import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What an earlier login may have set, and what would lead elsewhere.
_FORGOTTEN: Final = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
_COMMANDS: Final = {"ground": "demo.ground", "resilient-redshift": "resilient_redshift.cli"}
#: The log of all calls, beside the settings.
CALLS: Final = "calls.log"
#: Virtual seconds for each real second in which somebody calls.
FLOW: Final = 60
FOLDER_VARIABLE: Final = "GROUND_FOLDER"


def write_settings(folder: Path, aws_env: Mapping[str, str], names: Mapping[str, str]) -> Path:
    """Write the file that a shell reads, and the commands.

    Args:
        folder: for the file ``env`` and the folder ``bin``.
        aws_env: what points AWS's tools at the kept AWS.
        names: further variables, such as the name of the plan.

    Returns:
        The file.
    """
    folder = folder.absolute()
    commands = folder / "bin"
    commands.mkdir(parents=True, exist_ok=True)
    for name, module in _COMMANDS.items():
        path = f"PYTHONPATH={shlex.quote(str(ROOT))}${{PYTHONPATH:+:$PYTHONPATH}}"
        text = f'#!/bin/sh\n{path} exec {shlex.quote(sys.executable)} -m {module} "$@"\n'
        (commands / name).write_text(text, encoding="utf-8")
        (commands / name).chmod(0o755)
    aws = {name: value for name, value in aws_env.items() if name.startswith("AWS_")}
    values = {**aws, **NOWHERE, **names, FOLDER_VARIABLE: str(folder)}
    lines = [f"unset {' '.join(_FORGOTTEN)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    lines.append(f"export PATH={shlex.quote(str(commands))}{os.pathsep}$PATH")
    file = folder / "env"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
