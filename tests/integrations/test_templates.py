"""The templates of other services: their scripts run over a repository of two commits, with what a service provides."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from resilient_redshift.planning import _check_command
from tests.integrations.repository import git, two_commits
from tests.integrations.runner import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GITLAB = yaml.safe_load((ROOT / "integrations" / "gitlab-ci.yml").read_text(encoding="utf-8"))["resilient-redshift"]
CODEBUILD = yaml.safe_load((ROOT / "integrations" / "buildspec.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def checkout(tmp_path: Path) -> tuple[Path, str]:
    """A clone with the head checked out, and the commit of the base, which is a branch of the origin."""
    repository = tmp_path / "origin"
    repository.mkdir()
    base, _ = two_commits(repository)
    git(tmp_path, "clone", "--quiet", str(repository), str(tmp_path / "clone"))
    git(repository, "branch", "target", base)
    return tmp_path / "clone", base


def run(folder: Path, commands: list[str], variables: dict[str, Any], **service: str) -> tuple[int, str]:
    """Run commands in one shell, with the variables of the template and of the service."""
    shell = folder.parent / "bin"
    shell.mkdir()
    for name in ("check", "diff"):
        script = shell / f"resilient-redshift-{name}"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m resilient_redshift.planning {name} "$@"\n')
        script.chmod(0o755)
    environment = {
        **os.environ,
        **{name: str(value) for name, value in variables.items()},
        "SYNTH": "cp -r app/templates cdk.out",
        **service,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{shell}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(folder.parent),
    }
    words = ["bash", "-e", "-c", "\n".join(commands)]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_gitlab_job_fails_when_the_merge_request_makes_a_cluster_worse(checkout: tuple[Path, str]) -> None:
    folder, base = checkout
    status, log = run(
        folder,
        GITLAB["script"],
        GITLAB["variables"],
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
        CI_BUILDS_DIR=str(folder.parent),
        CI_JOB_ID="1",
    )
    assert (status, "RR121" in log) == (1, True), log
    # THEN every file that GitLab is to take is there
    reports = GITLAB["artifacts"]["reports"].values()
    assert all((folder / file).stat().st_size for file in (*reports, *GITLAB["artifacts"]["paths"]))


def test_the_codebuild_build_fails_when_the_pull_request_makes_a_cluster_worse(checkout: tuple[Path, str]) -> None:
    folder, _ = checkout
    status, log = run(
        folder,
        CODEBUILD["phases"]["build"]["commands"],
        CODEBUILD["env"]["variables"],
        CODEBUILD_WEBHOOK_BASE_REF="refs/heads/target",
    )
    assert (status, "RR121" in log) == (1, True), log
    files = [*CODEBUILD["reports"]["resilient-redshift"]["files"], *CODEBUILD["artifacts"]["files"]]
    assert all((folder / file).stat().st_size for file in files)


@pytest.mark.parametrize(
    "template",
    [
        (GITLAB["script"], GITLAB["variables"]),
        (CODEBUILD["phases"]["build"]["commands"], CODEBUILD["env"]["variables"]),
    ],
    ids=["gitlab", "codebuild"],
)
@pytest.mark.parametrize(
    ("app", "synth", "expected"),
    [
        ("new", "cp -r ../app/templates cdk.out", (0, "so every cluster is new")),
        (".", "test -d new && cp -r app/templates cdk.out", (2, "the base cannot be synthesized: mend it there")),
    ],
    ids=["new", "broken"],
)
def test_a_template_says_what_is_wrong_with_the_base(
    checkout: tuple[Path, str],
    template: tuple[list[str], dict[str, Any]],
    app: str,
    synth: str,
    expected: tuple[int, str],
) -> None:
    # GIVEN a folder that the base does not have
    folder, base = checkout
    (folder / "new").mkdir()
    service = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_JOB_ID": "1", "CI_BUILDS_DIR": str(folder.parent)}
    service |= {"CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/target"}
    # WHEN the app is there, or is not synthesized without it THEN its clusters are new, or the job fails in one line
    status, log = run(folder, *template, WORKING_DIRECTORY=app, SYNTH=synth, **service)
    assert status == expected[0], log
    assert expected[1] in log


@pytest.mark.parametrize(
    "commands", [GITLAB["before_script"], CODEBUILD["phases"]["install"]["commands"]], ids=["gitlab", "codebuild"]
)
def test_a_template_installs_what_reads_yaml(commands: list[str]) -> None:
    assert any('"resilient-redshift[yaml]"' in each for each in commands)


def test_the_hook_checks_the_templates_of_a_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN the files of a commit
    two_commits(tmp_path)
    (tmp_path / "tsconfig.json").write_text("{}")
    (hook,) = HOOKS
    names = git(tmp_path, "ls-files", "--cached", "--others").splitlines()
    # WHEN pre-commit gives those that fit to the entry THEN it is our console script, and finds the broken template
    chosen = [str(tmp_path / name) for name in names if re.search(hook["files"], name)]
    assert chosen == [str(tmp_path / "app" / "templates" / "warehouse.template.json")]
    assert hook["entry"] == "resilient-redshift-check"
    assert _check_command.main([*hook["args"], *chosen]) == 1
    assert "RR105" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("cdk.out/A.template.json", True),
        ("template.yaml", True),
        ("infra/template.yml", True),
        ("my-template.json", False),
        ("package.json", False),
    ],
)
def test_the_hook_takes_templates_by_their_name(name: str, fits: bool) -> None:
    assert (re.search(HOOKS[0]["files"], name) is not None) is fits
