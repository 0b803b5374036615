"""The GitHub Action, its steps run with bash over a repository of two commits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.integrations.repository import SYNTH, git, two_commits
from tests.integrations.runner import ROOT, Runner

ACTION = ROOT / "action.yml"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner with the head of the pull request checked out."""
    workspace = tmp_path_factory.mktemp("work space")
    base, head = two_commits(workspace)
    event = {"event.pull_request.base.sha": base, "sha": head}
    return Runner(workspace, tmp_path_factory.mktemp("temp"), event)


@pytest.fixture
def app(runner: Runner, tmp_path: Path) -> Runner:
    """The same runner, with an empty folder for temporary files."""
    git(runner.workspace, "clean", "-xdfq")
    return Runner(runner.workspace, tmp_path, runner.event)


def test_both_sides_are_synthesized_and_the_worse_one_fails(app: Runner) -> None:
    # WHEN the head of a pull request is compared with its base, and CDK is asked for the lines of the app
    synth = f'test "$JSII_HOST_STACK_TRACES" = 1 && {SYNTH}'
    ran = app.run(ACTION, synth=synth, working_directory="app", python=sys.executable)
    # THEN the action fails, and says why everywhere
    assert (ran.status, ran.outputs["failed"]) == (1, "true"), ran.log
    assert "RR121" in ran.log
    assert "sales" in ran.summary
    assert ran.outputs["comment"].strip() == ran.summary.strip()
    sarif = json.loads(Path(ran.outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert "RR121" in {each["ruleId"] for each in sarif["runs"][0]["results"]}


def test_what_fails_is_chosen_and_an_input_is_never_run(app: Runner) -> None:
    # GIVEN inputs that a shell would run, if they were part of a script
    hostile = '"; touch hacked; $(touch hacked) `touch hacked`'
    folder = app.workspace / "app" / "templates"
    # WHEN two folders are compared, and nothing is to fail
    ran = app.run(ACTION, head=str(folder), base=str(folder), fail_on="never", python=sys.executable, base_ref=hostile)
    # THEN
    assert (ran.status, ran.outputs["failed"]) == (0, "false"), ran.log
    # WHEN a folder is named so THEN it is not found
    ran = app.run(ACTION, head=hostile, python=sys.executable)
    assert (ran.status, ran.outputs["failed"], ran.outputs["comment"]) == (2, "true", "")
    assert not list(app.workspace.rglob("hacked"))


def test_templates_alone_are_checked_against_the_policy(app: Runner) -> None:
    # GIVEN a policy that the head breaks
    (app.temporary / "policy.toml").write_text('[survive]\nstack-deleted = "24h"\n')
    # WHEN there is no base
    policy, head = str(app.temporary / "policy.toml"), "app/templates"
    ran = app.run(ACTION, head=head, policy=policy, python=sys.executable)
    # THEN
    assert (ran.status, ran.outputs["failed"]) == (1, "true"), ran.log
    assert "RR105" in ran.log


def test_parameters_and_the_copy_time_reach_the_command(app: Runner) -> None:
    # GIVEN a command that prints its words
    python = app.temporary / "python"
    python.write_text("#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n")
    python.chmod(0o755)
    # WHEN there are two parameters, one of which a shell would run
    parameters = "Stage=prod\n\nName=$(touch hacked) *\n"
    ran = app.run(ACTION, python=str(python), parameters=parameters, expected_copy_time="90")
    # THEN each line is one word
    words = [each for each in ran.log.splitlines() if each.startswith(("<--parameters", "<--expected"))]
    assert words == ["<--parameters=Stage=prod>", "<--parameters=Name=$(touch hacked) *>", "<--expected-copy-time=90>"]
    assert not list(app.workspace.rglob("hacked"))


def test_the_action_says_that_yaml_needs_a_package() -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert "YAML need PyYAML" in action["inputs"]["python"]["description"]


def test_the_base_of_a_merge_commit_is_its_first_parent(app: Runner) -> None:
    # GIVEN a merge of the pull request, whose event names a commit that is not there
    base, head = app.event["event.pull_request.base.sha"], app.event["sha"]
    tree = git(app.workspace, "rev-parse", f"{head}^{{tree}}")
    merge = git(app.workspace, "commit-tree", tree, "-p", base, "-p", head, "-m", "merge")
    git(app.workspace, "checkout", "--quiet", merge)
    runner = Runner(app.workspace, app.temporary, {"sha": merge, "event.pull_request.base.sha": "0" * 40})
    # WHEN THEN
    ran = runner.run(ACTION, synth=SYNTH, working_directory="app", python=sys.executable)
    git(app.workspace, "checkout", "--quiet", head)
    assert "RR121" in ran.log


def test_a_base_that_cannot_be_synthesized_is_named(app: Runner) -> None:
    # GIVEN a command that fails for the base alone
    base = app.event["event.pull_request.base.sha"]
    ran = app.run(ACTION, synth=f'test "$(git rev-parse HEAD)" != {base}', working_directory="app")
    # THEN nothing is compared
    assert (ran.status, ran.summary) == (2, "")
    assert f"::error::the base {base} cannot be synthesized" in ran.log


def test_an_app_that_the_base_does_not_have_is_new(app: Runner) -> None:
    # GIVEN a folder that only the working tree has
    (app.workspace / "new").mkdir()
    synth = "cp -r ../app/templates cdk.out"
    # WHEN it is compared with the base THEN its clusters are new, and nothing gets worse
    ran = app.run(ACTION, synth=synth, working_directory="new", python=sys.executable)
    assert ran.outputs["failed"] == "false", ran.log
    assert "so every cluster is new" in ran.log


def test_a_pull_request_replaces_no_module_and_changes_no_policy_without_a_word(app: Runner) -> None:
    # GIVEN a pull request with a policy of its own, and with a file that is called as a module of Python
    head = app.event["sha"]
    (app.workspace / "app" / "resilience.toml").write_text('[survive]\nnode = "24h"\n')
    (app.workspace / "app" / "json.py").write_text("raise SystemExit(0)")
    git(app.workspace, "add", ".")
    git(app.workspace, "commit", "--quiet", "--message", "policy")
    # WHEN it is compared with its base
    runner = Runner(app.workspace, app.temporary, {**app.event, "sha": git(app.workspace, "rev-parse", "HEAD")})
    ran = runner.run(ACTION, synth=SYNTH, working_directory="app", python=sys.executable)
    git(app.workspace, "checkout", "--quiet", head)
    # THEN it fails as before, and says that the policy is another one
    assert (ran.status, ran.outputs["failed"]) == (1, "true"), ran.log
    assert "::warning::the policy differs from that of the base" in ran.log


def test_a_command_without_a_report_fails_whatever_is_to_fail(app: Runner) -> None:
    # GIVEN a Python that ends with the status of a broken policy, as it does after an error of its own
    ran = app.run(ACTION, head="app/templates", fail_on="never", python="false")
    assert (ran.status, ran.outputs["failed"]) == (1, "true")


def test_without_a_pull_request_the_action_asks_for_a_commit(app: Runner) -> None:
    runner = Runner(app.workspace, app.temporary, {"sha": app.event["sha"]})
    for base_ref in ("", "--upload-pack=touch hacked"):
        ran = runner.run(ACTION, synth=SYNTH, working_directory="app", base_ref=base_ref)
        assert (ran.status, ran.outputs["failed"]) == (2, ""), ran.log
        assert "::error::there is no pull request" in ran.log


def test_no_script_has_an_expression() -> None:
    # GIVEN that GitHub writes the value of an expression into the script, where a shell would run it
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert [step["id"] for step in action["runs"]["steps"] if "${{" in step["run"]] == []
