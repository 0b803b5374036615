"""What ``status`` writes for Nagios and Prometheus: codes, values, and several plans in one output."""

from __future__ import annotations

import pytest

from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, THERE, Scene, record

OTHER = "web-us-east-1"


def nagios(scene: Scene, *arguments: str) -> tuple[int, str]:
    result = scene.run("status", *arguments, "--output", "nagios")
    return result.exit_code, result.stdout


@pytest.mark.parametrize(
    ("hours", "code", "begins"),
    [
        (2, 0, f"OK - {PLAN} fine: the newest copy in us-west-2 is 2 h old"),
        (8, 1, f"WARNING - {PLAN} fine, but: the newest copy in us-west-2 is 8 h old"),
        (11, 2, f"CRITICAL - {PLAN} missed: the newest copy in us-west-2 is 11 h old"),
    ],
)
def test_nagios_gets_one_line(scene: Scene, hours: float, code: int, begins: str) -> None:
    # GIVEN a copy of some age, and an objective of ten hours WHEN Nagios asks THEN line, code and thresholds say so
    scene.copied(hours=hours)
    status, line = nagios(scene, PLAN)
    assert status == code
    assert line.startswith(begins)
    assert line.endswith(f" | '{PLAN} {THERE}'={hours * 3600}s;27000;36000;0\n")
    assert line.count("\n") == 1


def test_a_region_that_is_lost_is_unknown_to_nagios(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.dark = {HERE}
    status, line = nagios(scene, PLAN)
    assert (status, line[:10]) == (3, "UNKNOWN - ")
    # AND so is a command that cannot begin
    scene.account.dark = {HERE, THERE}
    assert nagios(scene, PLAN)[0] == 3
    assert nagios(scene, PLAN, "--cluster", "sales")[0] == 3


def test_several_plans_are_one_line_with_the_bad_ones(scene: Scene) -> None:
    # GIVEN a plan that is fine, one without a copy, and a record that is not understood WHEN Nagios asks for all
    scene.copied(hours=2)
    scene.given_cluster("web")
    for region in (HERE, THERE):
        scene.put_record(region, record(region, OTHER, "web"))
    scene.put(THERE, names.plan_record_name("spoiled"), "{")
    status, line = nagios(scene)
    # THEN the certain problem decides, and each that is not fine is named
    assert status == 2
    assert line.startswith(
        f"CRITICAL - {OTHER} missed: no usable copy in us-west-2; unknown: the plan record /resilient"
    )
    assert "; 1 plan fine | " in line


def test_prometheus_gets_every_plan(scene: Scene) -> None:
    # GIVEN two plans, one without a copy WHEN Prometheus asks THEN each metric is there once, with a sample for each plan
    scene.copied(hours=2)
    scene.model.given_snapshot(HERE, scene.cluster, "rs:sales-1", kind="automated", age_days=1 / 24)
    scene.given_cluster("web")
    for region in (HERE, THERE):
        scene.put_record(region, record(region, OTHER, "web"))
    result = scene.run("status", "--output", "prometheus")
    told = result.stdout.splitlines()
    prefix = "resilient_redshift_"
    labels = f'plan="{PLAN}",cluster="sales"'
    for line in (
        f"{prefix}status{{{labels}}} 0",
        f'{prefix}status{{plan="{OTHER}",cluster="web"}} 1',
        f'{prefix}recovery_point_age_seconds{{{labels},region="{THERE}"}} 7200',
        f'{prefix}recovery_point_age_seconds{{{labels},region="{HERE}"}} 3600',
        f'{prefix}recovery_point_size_bytes{{{labels},region="{THERE}"}} 107374182400',
        f"{prefix}recovery_point_objective_seconds{{{labels}}} 36000",
        f'{prefix}recovery_points{{plan="{OTHER}",cluster="web",region="{THERE}"}} 0',
        f"{prefix}unreadable_records 0",
    ):
        assert line in told
    # AND a metric is declared once, and all was written: that is what the status says
    declared = [line for line in told if line.startswith("# TYPE")]
    assert len(declared) == len(set(declared)) == 8
    assert result.exit_code == 0


def test_prometheus_gets_nothing_that_is_not_known(scene: Scene) -> None:
    # GIVEN a recovery Region that does not answer WHEN asked from the primary THEN no age of it is made up
    scene.account.dark = {THERE}
    result = scene.run("status", PLAN, "--region", HERE, "--output", "prometheus")
    assert f'region="{THERE}"' not in result.stdout
    assert f'resilient_redshift_status{{plan="{PLAN}",cluster="sales"}} 2' in result.stdout
    # AND where nothing could be read, nothing is written
    scene.account.dark = {THERE, HERE}
    result = scene.run("status", PLAN, "--output", "prometheus")
    assert (result.exit_code, result.stdout) == (2, "")


def test_json_is_what_the_option_json_gives(scene: Scene) -> None:
    scene.copied(hours=2)
    assert scene.run("status", PLAN, "--output", "json").stdout == scene.run("status", PLAN, "--json").stdout
