"""Somebody at a terminal: runs ``resilient-redshift`` as a process of its own, under a role with the rights of docs/cli.md and no others."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from emulator.children import default_signals
from tests.e2e.restore_site import HOME, PLAN, THERE
from tests.e2e.scene import RECOVERY

if TYPE_CHECKING:
    from tests.e2e.restore_site import RestoreSite

ROOT: Final = Path(__file__).parents[2]
#: The names that docs/cli.md has in the place of the deployed machines.
_RESTORE, _SNAPSHOTS = "SiteRestoreMachine-1ab2c3d4e5f6", "ResilientRedshiftSnapshots39CD0846-aBcDeFgH"
#: Real time after which a command hangs for good; it ends by itself long before, on a busy machine, too.
_PATIENCE_SECONDS: Final = 600
_REFUSED: Final = re.compile("AccessDenied|403")


@dataclasses.dataclass(frozen=True)
class Done:
    """How a command ended, and what it said on both streams."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output, which is nothing but JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def plan(self) -> dict[str, Any]:
        """The only plan that ``status --json`` tells."""
        [found] = self.json["plans"]
        return dict(found)


#: The hosted zone of the page's policy.
ZONE = "Z0123456789ABCDEFGHIJ"


class Operator:
    """Runs commands; ``role`` is what IAM knows him by."""

    def __init__(self, site: RestoreSite, name: str = "warehouse-operator", page: str = "cli") -> None:
        """Make the role of a name, with the policy of a page for what is deployed. An auditor gets two, and only reads."""
        self._aws = site.aws
        iam = site.aws.client("iam", RECOVERY)
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": site.aws.account}}
        document = {"Version": "2012-10-17", "Statement": [trust]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]
        self.role = str(role["Arn"])
        machines = {
            _RESTORE: site.machine,
            _SNAPSHOTS: site.thing(HOME, "AWS::StepFunctions::StateMachine", "Snapshots"),
        }
        text = rights()
        for shown, arn in {**machines, **_of_the_restore(site)}.items():
            assert shown in text
            text = text.replace(shown, arn.rsplit(":", 1)[-1])
        text = text.replace(ZONE, site.zone_id)
        if page != "cli":
            text = _reading(text)
            more = rights(page).replace("recovery-reports", site.bucket)
            iam.put_role_policy(RoleName=name, PolicyName=page, PolicyDocument=more)
        iam.put_role_policy(RoleName=name, PolicyName="docs", PolicyDocument=text)
        self._begun: list[subprocess.Popen[str]] = []
        self._env = {**site.aws.sign_in(self.role), "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}

    def begin(self, *words: str, region: str = RECOVERY) -> subprocess.Popen[str]:
        """Begin a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with default_signals():
            process = subprocess.Popen(
                [sys.executable, "-m", "resilient_redshift.cli", "--region", region, *words],
                env={**kept, **self._env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        self._begun.append(process)
        return process

    def run(self, *words: str, region: str = RECOVERY) -> Done:
        """Run one to its end."""
        return end(self.begin(*words, region=region))

    def status(self, region: str = RECOVERY) -> Done:
        """Ask for the plan's status, as JSON."""
        return self.run("status", PLAN, "--json", region=region)

    def leave(self) -> None:
        """End what a failed test left running."""
        for process in self._begun:
            if process.poll() is None:
                process.kill()
                process.communicate()
        self._begun.clear()

    def refusals(self, since: int) -> list[dict[str, Any]]:
        """What IAM refused him since then."""
        calls = [call for call in self._aws.calls(since) if call["principal"] == self.role]
        return [call for call in calls if _REFUSED.search(str(call["error"]))]


def _of_the_restore(site: RestoreSite) -> dict[str, str]:
    """What ``check`` reads: the names of docs/cli.md, and what is deployed."""
    return {
        "SiteRestoreFunction5F2C9A41-1ab2c3d4e5f6": site.thing(
            THERE, "AWS::Lambda::Function", "RestoreMachineFunction"
        ),
        "role/SiteRestoreRole0C1D2E3F-1ab2c3d4e5f6": "role/" + _role(site, "SiteRestoreMachineRole"),
        "role/SiteRestoreFunctionRole4A5B6C7D-1ab2c3d4e5f6": "role/" + _role(site, "SiteRestoreMachineFunctionRole"),
        "role/spectrum": site.role.rsplit(":", 1)[-1],
        "key/1f0c6a52-7d1e-4c8e-9b2a-0d6f3c1b5e4a": "key/" + site.thing(THERE, "AWS::KMS::Key", "Site"),
    }


def _role(site: RestoreSite, word: str) -> str:
    return site.thing(THERE, "AWS::IAM::Role", word)


def end(process: subprocess.Popen[str]) -> Done:
    """Wait for a command's end."""
    out, err = process.communicate(timeout=_PATIENCE_SECONDS)
    return Done(process.returncode, out, err)


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read what a command writes, up to a line in which a pattern is found; it is killed if that does not come."""
    assert process.stdout is not None
    said = []
    patience = threading.Timer(_PATIENCE_SECONDS, process.kill)
    patience.start()
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(pattern, line):
                return found
    finally:
        patience.cancel()
    raise AssertionError(f"it never said {pattern}: {''.join(said)}{process.communicate()[1]}")


def rights(name: str = "cli") -> str:
    """The policy of a page, as it stands there."""
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8").split("\n## Rights\n", 1)[1]
    return page.split("```json\n", 1)[1].split("```", 1)[0]


def _reading(text: str) -> str:
    """The first five statements of the policy of docs/cli.md, which are enough for ``status``."""
    policy = json.loads(text)
    return json.dumps({**policy, "Statement": policy["Statement"][:5]})
