"""A stand-in for the runner of GitHub Actions: it runs the steps of a composite action with bash, as GitHub does."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parent.parent.parent
_EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}")


@dataclass
class Ran:
    """What a run of an action left."""

    status: int
    outputs: dict[str, str]
    summary: str
    log: str


@dataclass
class Runner:
    """A machine with a workspace and a folder for temporary files.

    Args:
        workspace: the checked-out repository.
        temporary: an empty folder of the runner.
        event: the values of the ``github`` context, by name.
    """

    workspace: Path
    temporary: Path
    event: dict[str, str] = field(default_factory=dict)

    def run(self, action_file: Path, **inputs: str) -> Ran:
        """Run an action with inputs; an underscore in a name stands for the hyphen of the action's input."""
        action = yaml.safe_load(action_file.read_text(encoding="utf-8"))
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= action["inputs"].keys()
        context = {f"inputs.{name}": given.get(name, each["default"]) for name, each in action["inputs"].items()}
        context |= {f"github.{name}": value for name, value in self.event.items()}
        summary, log, status = self.temporary / "summary", "", 0
        summary.write_text("", encoding="utf-8")
        for step in action["runs"]["steps"]:
            if not _holds(step.get("if", "'yes' != ''"), context):
                continue
            output = self.temporary / f"output-{step['id']}"
            output.write_text("", encoding="utf-8")
            done = self._step(step, context, action_file.parent, output, summary)
            log += done.stdout + done.stderr
            found = _outputs(output)
            context |= {f"steps.{step['id']}.outputs.{name}": value for name, value in found.items()}
            if done.returncode:
                status = done.returncode
                break
        outputs = {name: _filled(each["value"], context) for name, each in action["outputs"].items()}
        return Ran(status, outputs, summary.read_text(encoding="utf-8"), log)

    def _step(
        self, step: dict[str, Any], context: dict[str, str], place: Path, output: Path, summary: Path
    ) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        script = self.temporary / f"{step['id']}.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {
            **os.environ,
            "GITHUB_ACTION_PATH": str(place),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_SHA": self.event.get("sha", ""),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.temporary),
            **{name: _filled(value, context) for name, value in step.get("env", {}).items()},
        }
        folder = self.workspace / _filled(step.get("working-directory", "."), context)
        # how GitHub starts a step whose shell is bash
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _outputs(file: Path) -> dict[str, str]:
    """The outputs that a step has written, in both forms of GitHub's file."""
    found: dict[str, str] = {}
    lines = iter(file.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, several, end = line.partition("<<")
        if several and "=" not in name:
            found[name] = "\n".join(takewhile(lambda each, end=end: each != end, lines))  # type: ignore[misc]
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def _filled(text: str, context: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: _value(match[1], context), text)


def _value(expression: str, context: dict[str, str]) -> str:
    """The first alternative that is not empty; a name that the context does not have is empty."""
    names = [each.strip() for each in expression.split("||")]
    assert all(re.fullmatch(r"(inputs|steps|github)(\.[\w-]+)+", name) for name in names), expression
    return next((context[name] for name in names if context.get(name)), "")


def _holds(condition: str, context: dict[str, str]) -> bool:
    match = re.fullmatch(r"(\S+) != ''", condition)
    assert match is not None, condition
    return match[1] == "'yes'" or _value(match[1], context) != ""
