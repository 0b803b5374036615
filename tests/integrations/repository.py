"""A repository of two commits: the base has a cluster that keeps its data, and the head of the pull request does not."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.planning.templates import cluster

if TYPE_CHECKING:
    from pathlib import Path

#: What stands for ``cdk synth``: it copies the templates of the commit.
SYNTH = "cp -r templates cdk.out"


def git(folder: Path, *words: str) -> str:
    author = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *author, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, deletion_policy: str) -> str:
    """Commit one template, and return the commit."""
    app = folder / "app" / "templates"
    app.mkdir(parents=True, exist_ok=True)
    resources = {"Dw": cluster(deletion_policy, ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod=14)}
    (app / "warehouse.template.json").write_text(json.dumps({"Resources": resources}))
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", deletion_policy)
    return git(folder, "rev-parse", "HEAD")


def two_commits(folder: Path) -> tuple[str, str]:
    """Make the repository in an empty folder, and return the commits of the base and the head."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder, "Retain"), commit(folder, "Delete")
