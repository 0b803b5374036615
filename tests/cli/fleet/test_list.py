"""``list``, and ``status`` of many plans: one line each, in few calls."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError
from resilient_redshift.contract import names
from tests.cli.fleet.many import given_plans
from tests.cli.scene import HERE, NAME, PLAN, RESTORE, THERE, Scene, record, words_of

if TYPE_CHECKING:
    import pytest


def listed(scene: Scene, *options: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(scene.run("list", "--json", *options).stdout)
    return value


def test_two_hundred_plans_take_some_fifty_calls_and_a_line_each(scene: Scene) -> None:
    # GIVEN 200 plans with 600 copies WHEN their status is asked for THEN each Region's lists are read once
    given_plans(scene, 200, copies=3)
    result = scene.run("status")
    assert result.exit_code == 0
    assert len(scene.account.calls) <= 60
    # AND the screen is a list that says how to see one plan whole
    lines = result.output.splitlines()
    assert len(lines) < 210
    assert lines[0].split() == ["plan", "verdict", "age", "objective", "last", "drill", "failed", "over"]
    assert lines[1].split() == ["plan-000", "fine", "2", "h", "10", "h", "Passed", "3", "d", "ago", "no"]
    assert lines[-2:] == ["200 plans: 200 fine", "one plan whole: resilient-redshift status PLAN"]


def test_many_plans_are_judged_as_one_is(scene: Scene) -> None:
    # GIVEN plans with each kind of state WHEN their status is asked for at once, and one by one THEN nothing differs
    plans = given_plans(scene, 7)
    scene.model.given_schedule(HERE, "fourhourly", "rate(4 hours)")
    scheduled = scene.model.world.clusters[(HERE, "cluster-plan-001")]
    scheduled.schedule, scheduled.schedule_state = "fourhourly", "ACTIVE"
    scene.model.world.clusters.pop((HERE, "cluster-plan-002"))
    scene.account.given_run(RESTORE, "failover-plan-003-20261123t080000z", plan="plan-003", mode="failover")
    scene.put(THERE, names.endpoint_name("plan-004"), json.dumps({"version": 1, "cluster": "cluster-plan-004"}))
    scene.put(THERE, names.lineage_name("plan-005"), "no time")
    many = json.loads(scene.run("status", "--json").stdout)["plans"]
    alone = [json.loads(scene.run("status", plan, "--json").stdout)["plans"][0] for plan in plans]
    assert many == alone
    assert many[1]["primary"]["schedule"]["definitions"] == ["rate(4 hours)"]
    assert many[3]["recovery"]["running"][0]["mode"] == "failover"


def test_a_denied_list_of_parameters_is_read_one_by_one(scene: Scene) -> None:
    # GIVEN an operator who may read parameters by name, and no folder but that of the records
    given_plans(scene, 7)
    answer = scene.account._GetParametersByPath

    def without_folders(region: str, params: dict[str, Any]) -> dict[str, Any]:
        if not params["Path"].endswith("plans"):
            scene.account.denied.add("ssm:GetParametersByPath")
        return answer(region, params)

    scene.account._GetParametersByPath = without_folders  # type: ignore[method-assign]
    scene.account.denied.clear()
    result = scene.run("list")
    assert result.exit_code == 0
    assert "7 plans: 7 fine" in result.output


def test_all_regions_show_each_plan_once(scene: Scene) -> None:
    # GIVEN a plan with a record in both Regions, and one whose record only the primary Region has
    scene.copied(hours=2)
    scene.put_record(HERE, record(HERE, "other-us-east-1", "other"))
    value = listed(scene, "--all-regions")
    assert [plan["plan"] for plan in value["plans"]] == ["other-us-east-1", PLAN]
    assert value["regions"] == [{"region": HERE}, {"region": THERE}]
    assert value["plans"][1] == {
        "plan": PLAN,
        "cluster": NAME,
        "primary_region": HERE,
        "recovery_region": THERE,
        "status": "fine",
        "standing": "at home",
        "recovery_point": "copy:rs:sales-1",
        "recovery_point_age_seconds": 7200,
        "recovery_point_objective_seconds": 36000,
        "line": "fine: the newest copy in us-west-2 is 2 h old, within the objective of 10 h",
    }


def test_a_region_that_does_not_answer_is_unknown_and_the_rest_is_shown(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.regions.append("eu-west-1")
    scene.account.dark = {"eu-west-1"}
    result = scene.run("list", "--all-regions")
    assert result.exit_code == 2
    assert "sales-us-east-1 fine 2 h 10 h none no" in words_of(result)
    assert "eu-west-1: unknown: eu-west-1 does not answer" in words_of(result)
    # AND a file says so on standard error
    assert "eu-west-1: unknown:" in scene.run("list", "--all-regions", "--csv").stderr
    assert "problem" in listed(scene, "--all-regions")["regions"][0]


def test_without_the_right_to_list_regions_every_region_with_redshift_is_asked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN that nobody says which Regions are enabled, and one that is not
    scene.copied(hours=2)
    scene.account.denied.add("ec2:DescribeRegions")
    monkeypatch.setattr("botocore.session.Session.get_available_regions", lambda *_, **__: [HERE, THERE, "ap-east-1"])
    answer = scene.account._GetParametersByPath

    def not_enabled(region: str, params: dict[str, Any]) -> dict[str, Any]:
        if region == "ap-east-1":
            raise ApiError("UnrecognizedClientException", "The security token included in the request is invalid", 400)
        return answer(region, params)

    scene.account._GetParametersByPath = not_enabled  # type: ignore[method-assign]
    result = scene.run("list", "--all-regions")
    assert result.exit_code == 0
    assert "cannot ask which Regions are enabled (ec2:DescribeRegions: AccessDenied)" in result.stderr
    assert "ap-east-1" not in words_of(result)


def test_csv_is_no_formula_for_a_spreadsheet(scene: Scene) -> None:
    # GIVEN a last drill whose outcome somebody wrote as a formula
    last = {
        "outcome": '=HYPERLINK("https://example.com","x")\n\x1b[2J',
        "ended": "2026-11-22T08:15:00Z",
        "execution": "d",
    }
    drills = {"version": 1, "since": "2026-11-01T00:00:00Z", "last": last}
    scene.put(THERE, names.drills_name(PLAN), json.dumps(drills))
    [row] = csv.DictReader(io.StringIO(scene.run("list", "--csv").stdout))
    assert row["plan"] == PLAN
    assert row["last_drill_outcome"].startswith("'=HYPERLINK")
    assert "\x1b" not in row["last_drill_outcome"]
    assert scene.run("list", "--csv", "--json").exit_code == 2


def test_a_group_is_listed_alone(scene: Scene) -> None:
    scene.put_record(THERE, record(THERE, "other-us-east-1", "other", group="billing"))
    assert [plan["plan"] for plan in listed(scene, "--group", "billing")["plans"]] == ["other-us-east-1"]
    result = scene.run("list", "--group", "nobody")
    assert result.exit_code == 2
    assert "no plan of the group 'nobody' in us-west-2 hint: there are the groups: billing" in words_of(result)
