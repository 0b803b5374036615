"""What comes after a restore, as commands that work when pasted."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli import next_steps
from resilient_redshift.cli.plans import parse
from tests.cli.restoring import FULL, SECRET, machine, report
from tests.cli.scene import HERE, PLAN, THERE, Scene, record
from tests.docs import test_cli_commands, test_commands

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = FULL["cluster"]


def steps(*, profile: str | None = None, copied_to: str = "", published: bool = True, **changes: Any) -> list[Any]:
    plan = parse(json.dumps(record(THERE, **changes)), PLAN, THERE)
    return list(
        next_steps.after_restore(
            plan, CLUSTER, published=published, copied_to=copied_to, name="20261123t081500z", profile=profile
        )
    )


def commands(**given: Any) -> list[str]:
    return [command for step in steps(**given) for command in step.commands]


def after_switchover(**changes: Any) -> list[str]:
    plan = parse(json.dumps(record(THERE, **changes)), PLAN, THERE)
    steps = next_steps.after_switchover(
        plan, CLUSTER, name="20261123t081500z", retired="sales-retired-1", made_room=True
    )
    return [command for step in steps for command in step.commands]


VARIANTS: dict[str, dict[str, Any]] = {
    "published": {},
    "beside": {"published": False},
    "profile": {"profile": "at night"},
    "a way home": {"reversed_by": "sales-us-west-2"},
    "a failover home": {"reverse_of": "sales-us-west-2"},
    "switchover": {"reversed_by": "sales-us-west-2"},
    "switchover home": {"reverse_of": "sales-us-west-2"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_command_is_one_that_exists(variant: str) -> None:
    # GIVEN the commands WHEN read as the pages' commands are THEN AWS's API model and the command line take each word
    shown = after_switchover(**VARIANTS[variant]) if "switchover" in variant else commands(**VARIANTS[variant])
    assert len(shown) >= 3
    for command in shown:
        words = shlex.split(command.partition(" && ")[2] or command)
        if words[0] == "aws":
            given = [word for word in words if word not in {"--profile", "at night"}]
            test_commands.test_each_command_is_one_of_awss("next steps", tuple(given))
        else:
            test_cli_commands.test_the_command_line_takes_it("next steps", command)


def test_each_command_names_its_region_and_the_profile() -> None:
    for command in commands(profile="at night"):
        assert f"--region {THERE}" in command
        assert "--profile 'at night'" in command


def test_pasted_into_a_shell_each_word_arrives_whole(tmp_path: Path) -> None:
    # GIVEN a secret and a profile that a shell would change WHEN the lines are pasted THEN each word is what was meant
    for name in ("aws", "resilient-redshift"):
        (tmp_path / name).write_text("#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done\n")
        (tmp_path / name).chmod(0o755)
    path = f'PATH="{tmp_path}:$PATH"\n'
    pasted = [
        subprocess.run(
            ["/bin/sh", "-c", path + command],
            input="10.20.0.0/16\n",
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for command in commands(profile="at night")
    ]
    assert all("at night" in words for words in pasted)
    ingress, secret = pasted[:2]
    allowed = "IpProtocol=tcp,FromPort=5439,ToPort=5439,IpRanges=[{CidrIp=10.20.0.0/16,Description=clients}]"
    assert ingress[ingress.index("--ip-permissions") + 1] == allowed
    assert secret[secret.index("--secret-id") + 1] == SECRET


def test_the_steps_are_in_the_order_of_the_night() -> None:
    verbs = [" ".join(shlex.split(command.partition(" && ")[2] or command)[1:3]) for command in commands()]
    assert verbs == [
        "ec2 authorize-security-group-ingress",
        "secretsmanager get-secret-value",
        f"freeze {PLAN}",
        "redshift create-cluster-snapshot",
        f"fence {PLAN}",
        f"status {PLAN}",
    ]


def test_a_prepared_way_home_is_a_command() -> None:
    # GIVEN a plan whose way home was prepared WHEN failed over THEN going home is one line; without it, a page
    home = "resilient-redshift switchover sales-us-west-2 --region us-west-2 --fence"
    assert home in commands(reversed_by="sales-us-west-2")
    assert "protect sales from us-west-2 (docs/failback.md)" in " ".join(step.text for step in steps())


def test_after_a_switchover_away_the_old_cluster_is_paused_or_deleted_with_a_final_snapshot() -> None:
    # GIVEN a switchover away WHEN it is over THEN nothing is deleted by a pasted line without a final snapshot
    shown = after_switchover(reversed_by="sales-us-west-2")
    old = "--region us-east-1 --cluster-identifier sales"
    assert f"aws redshift pause-cluster {old}" in shown
    final = "--final-cluster-snapshot-identifier sales-final-20261123t081500z"
    assert f"aws redshift delete-cluster {old} {final}" in shown


@pytest.mark.parametrize("field", ["reversed_by", "reverse_of"])
def test_after_a_switchover_the_way_back_is_rehearsed(field: str) -> None:
    shown = after_switchover(**{field: "sales-us-west-2"})
    assert "resilient-redshift drill sales-us-west-2 --region us-east-1" in shown
    # at home, the way home is a standby: the plan that it reverses is asked
    status = {"reversed_by": f"{PLAN} --region us-west-2", "reverse_of": "sales-us-west-2 --region us-east-1"}
    assert shown[-1] == f"resilient-redshift status {status[field]}"


def test_a_restore_beside_ends_with_its_deletion() -> None:
    # GIVEN a cluster to look at WHEN done THEN nothing says that clients go there
    shown = steps(published=False)
    assert shown[-1].text.startswith("clients go where they went before")
    assert "delete-cluster" in shown[-1].commands[0]
    assert not any("freeze" in command for command in commands(published=False))


def test_a_dns_name_that_moved_is_only_looked_at() -> None:
    dns = {"record_name": "sales.example.com", "hosted_zone_id": "Z1", "ttl_seconds": 60}
    text = " ".join(step.text for step in steps(restore={"dns": dns}))
    assert "look whether the DNS name sales.example.com leads to sales.example.us-west-2:5439" in text
    assert "point your DNS name and your tools to sales.example.us-west-2:5439" in " ".join(one.text for one in steps())


def test_further_groups_are_named() -> None:
    site = {**record(THERE)["recovery"], "security_groups": ["sg-1", "sg-2"]}
    assert "(the cluster also has sg-2)" in steps(recovery=site)[0].text
    assert "let your clients in" not in steps(recovery={**site, "security_groups": []})[0].text


@pytest.mark.parametrize(
    ("copied_to", "said"), [("", "no other Region has a copy"), ("eu-west-1", "copied to eu-west-1")]
)
def test_it_says_whether_the_new_cluster_is_copied(copied_to: str, said: str) -> None:
    assert said in " ".join(step.text for step in steps(copied_to=copied_to))


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [
        ("Restored", "next steps\n"),
        ("RestoredUnverified", "next steps, if the failed check is wrong\n"),
        ("TargetExists", None),
    ],
)
def test_a_failover_shows_them_at_its_end(scene: Scene, outcome: str, heading: str | None) -> None:
    scene.copied()
    machine(scene, ends=report(outcome, **FULL), failed=outcome != "Restored")
    output = scene.run("failover", PLAN, "--yes").output
    assert ("next steps" in output) == (heading is not None)
    assert heading is None or heading in output


def test_a_drill_has_none(scene: Scene) -> None:
    scene.copied()
    machine(scene, ends=report("Passed", mode="drill", **FULL))
    assert "next steps" not in scene.run("drill", PLAN, "--yes").output


def test_a_failover_beside_publishes_nothing(scene: Scene) -> None:
    scene.copied()
    machine(scene, ends=report(**FULL))
    output = scene.run("failover", PLAN, "--yes", "--target", "restored-sales").output
    assert "clients go where they went before" in output


def test_a_failover_home_ends_with_nothing_published() -> None:
    # GIVEN a way home, and a lost Region that still publishes the endpoint of the other direction
    # WHEN the warehouse was brought home by a failover THEN both endpoints are withdrawn, each in its Region
    shown = [command for command in commands(reverse_of="sales-away") if "delete-parameter" in command]
    assert [command.split()[4::2] for command in shown] == [
        [HERE, "/resilient-redshift/endpoints/sales-away"],
        [THERE, f"/resilient-redshift/endpoints/{PLAN}"],
    ]


def test_after_the_way_home_the_old_cluster_gives_up_the_name_that_the_next_failover_needs() -> None:
    # GIVEN a switchover home WHEN its next steps are read THEN the cluster that was away is renamed, then paused
    shown = after_switchover(reverse_of="sales-us-west-2")
    [rename] = [command for command in shown if "modify-cluster" in command]
    assert "--cluster-identifier sales --new-cluster-identifier sales-retired-1" in rename
    assert f"--region {HERE}" in rename
    # AND the cluster of a stack keeps its name, by which the stack knows it
    assert not [command for command in after_switchover(reversed_by="sales-us-west-2") if "modify-cluster" in command]
