"""Whether a failover would start now: what is shown, the exit status, and which Region is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract import names
from tests.cli.fakes import Needs
from tests.cli.scene import HERE, NAME, PLAN, THERE, Scene, record, words_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """A recovery Region that is ready."""
    scene.ready()
    scene.copied(hours=2)
    return scene


def lines(scene: Scene, *arguments: str) -> dict[str, str]:
    told = json.loads(scene.run("check", PLAN, "--json", *arguments).stdout)
    return {line["name"]: line["state"] for line in told["lines"]}


def test_all_is_ready(ready: Scene) -> None:
    # GIVEN a recovery Region that has all WHEN checked THEN each line is ok, nothing is to be done, and the status is 0
    result = ready.run("check", PLAN)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "ready: a failover would start now"
    assert set(lines(ready).values()) == {"ok"}
    assert max(map(len, result.output.splitlines())) <= 80


def test_only_the_recovery_region_is_asked(ready: Scene) -> None:
    # GIVEN a primary Region that is lost WHEN checked in the recovery Region THEN nobody asks the primary
    ready.account.dark = {HERE}
    assert ready.run("check", PLAN).exit_code == 0
    assert {region for region, _, _ in ready.account.calls} == {THERE}


def test_it_works_from_the_primary_region(ready: Scene) -> None:
    # GIVEN the primary's record WHEN checked from there THEN the record and the things of the recovery Region count
    assert lines(ready, "--region", HERE) == lines(ready)


def taken(scene: Scene) -> None:
    scene.model.given_cluster(THERE, NAME)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (lambda scene: setattr(scene.account, "needs", Needs(key_state="Disabled")), "key"),
        (lambda scene: setattr(scene.account, "needs", Needs(quota=1)), "node quota"),
        (lambda scene: setattr(scene.account, "needs", Needs(decision="implicitDeny")), "function's rights"),
        (lambda scene: scene.account.machines.clear(), "restore machine"),
        (lambda scene: scene.put_record(THERE, record(THERE, machines={})), "restore machine"),
        (taken, "cluster name"),
    ],
    ids=["key", "quota", "rights", "machine", "no machine", "name"],
)
def test_what_is_missing_is_named(ready: Scene, broken: Callable[[Scene], Any], line: str) -> None:
    # GIVEN one thing that a failover needs and that is not right WHEN checked THEN its line says so, and the status is 1
    broken(ready)
    result = ready.run("check", PLAN)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("not ready: ")
    assert lines(ready)[line] == "not ok"


DNS = {"hosted_zone_id": "Z0123456789", "record_name": "sales.example.com", "ttl_seconds": 60}


@pytest.mark.parametrize("zone", [{"Features": {"AcceleratedRecoveryStatus": "DISABLED"}}, {}], ids=["off", "unknown"])
def test_a_zone_without_accelerated_recovery_is_an_advice(ready: Scene, zone: dict[str, Any]) -> None:
    # GIVEN a plan that moves a record of a public zone WHEN checked
    ready.put_record(THERE, record(THERE, restore={"dns": DNS}))
    ready.account.needs.zone.update(zone)
    result = ready.run("check", PLAN)
    # THEN the command to switch it on is shown, and a failover would start all the same
    assert result.exit_code == 0
    assert "aws route53 update-hosted-zone-features --hosted-zone-id Z0123456789" in words_of(result)
    assert result.output.splitlines()[-1] == "ready: a failover would start now"
    told = json.loads(ready.run("check", PLAN, "--json").stdout)["lines"][-1]
    assert (told["name"], told["advice"]) == ("DNS zone", True)
    assert "DNS zone" not in ready.run("check", PLAN, "--output", "prometheus").output
    # AND the verdict on something else does not name it
    ready.account.needs.key_state = "Disabled"
    verdict = json.loads(ready.run("check", PLAN, "--json").stdout)["verdict"]["line"]
    assert "key" in verdict
    assert "DNS zone" not in verdict


def test_a_zone_that_may_not_be_read_is_no_refusal(ready: Scene) -> None:
    ready.put_record(THERE, record(THERE, restore={"dns": DNS}))
    ready.account.denied = {"GetHostedZone"}
    result = ready.run("check", PLAN)
    assert result.exit_code == 0
    assert lines(ready)["DNS zone"] == "cannot tell"


def test_a_plan_without_a_record_there_cannot_fail_over(ready: Scene) -> None:
    # GIVEN a plan whose record in the recovery Region was deleted WHEN checked from the primary Region
    ready.put(THERE, names.plan_record_name(PLAN), None)
    result = ready.run("check", PLAN, "--region", HERE)
    # THEN that is certain, and the page says how it comes back
    assert result.exit_code == 1
    assert f"there is no record /resilient-redshift/plans/{PLAN}" in words_of(result)


def test_what_may_not_be_read_cannot_be_told(ready: Scene) -> None:
    # GIVEN a caller that may not simulate WHEN checked THEN the two roles cannot be told, and the status is 2
    ready.account.denied = {"iam:SimulatePrincipalPolicy"}
    result = ready.run("check", PLAN)
    assert result.exit_code == 2
    assert [name for name, state in lines(ready).items() if state != "ok"] == ["machine's rights", "function's rights"]
    # AND a certain problem counts more
    ready.account.needs = Needs(key_state="Disabled")
    assert ready.run("check", PLAN).exit_code == 1


def test_nagios_gets_its_line_and_its_code(ready: Scene) -> None:
    # GIVEN a ready Region, one with a disabled key, and a plan that does not exist WHEN Nagios asks
    fine = ready.run("check", PLAN, "--output", "nagios")
    ready.account.needs = Needs(key_state="Disabled")
    bad = ready.run("check", PLAN, "--output", "nagios")
    unknown = ready.run("check", "another", "--output", "nagios")
    # THEN each answer is one line with a code of Nagios
    assert (fine.exit_code, fine.stdout) == (0, f"OK - {PLAN}: ready: a failover would start now\n")
    assert (bad.exit_code, bad.stdout.partition(": key")[0]) == (2, f"CRITICAL - {PLAN}: not ready")
    assert unknown.exit_code == 3
    assert unknown.stdout == f"UNKNOWN - no plan 'another' in {THERE}; there is: {PLAN}\n"


def test_prometheus_gets_each_line(ready: Scene) -> None:
    # GIVEN a disabled key WHEN Prometheus asks THEN the states are values, and the status says that all was written
    ready.account.needs = Needs(key_state="Disabled")
    result = ready.run("check", PLAN, "--output", "prometheus")
    told = result.stdout.splitlines()
    assert f'resilient_redshift_readiness{{plan="{PLAN}",region="{THERE}"}} 1' in told
    assert f'resilient_redshift_readiness_line{{plan="{PLAN}",region="{THERE}",need="key"}} 1' in told
    assert result.exit_code == 0
