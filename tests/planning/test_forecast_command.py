"""``python -m resilient_redshift.planning forecast``: from templates to the forecast of each cluster."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import forecast, recovery_point_bounds, snapshot_policies
from resilient_redshift.planning.__main__ import main
from resilient_redshift.rules.retention import FOREVER_DAYS
from tests.planning.templates import cluster, copy, row, rule, stack, table
from tests.planning.test_pauses import action
from tests.planning.test_schedules import association, schedule

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "warehouse.template.json"
    nightly = rule(keep=30, keep_in_recovery=14)
    resources = {"Warehouse": cluster(ClusterIdentifier="sales"), "Nightly": nightly, "Copy": copy()}
    file.write_text(json.dumps({"Resources": resources}))
    return file


def said(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    assert main(["forecast", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_table_for_each_cluster(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--days", "60", "--size", "100", "--price-backup-storage", "0.5", "--copy-time", "30", "--width", "120"]
    assert main(["forecast", str(template), *words]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sales (unknown Region, stack warehouse.template.json): 60 days"
    assert lines[4].split() == ["us-west-2", "8", "h", "30", "min", *lines[4].split()[5:]]
    assert lines[4].split()[-2:] == ["15", "700"]
    assert any(line.startswith("manual snapshots ") and line.endswith("(at 0.5)") for line in lines)
    assert any("AWS documents neither their price nor what of them is billed: not verified" in line for line in lines)


def test_json_has_the_series(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, template, "--days", "30", "--quota", "20", "--change-rate", "0.12TB/d", "--snapshot-time", "5")

    [sales] = shown["clusters"]
    here, there = sales["forecast"]["regions"]
    # 10 GB change in 1 h 58 min at 5.12 GB an hour
    assert (here["worst_seconds"], here["never_above_seconds"]) == (123 * 60, 8 * HOUR + 5 * 60)
    assert there["recovery_points"][:2] == [[0, None], [183 * 60, 118 * 60]]
    assert (here["quota"], here["quota_full_on_day"], there["manual_snapshots"]) == (20, 20, 15)
    assert sales["forecast"]["cost"] is None


def test_a_picture_for_each_cluster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"A": cluster(), "B": cluster()}}))

    assert main(["forecast", str(file), "--days", "3", "--picture", str(tmp_path / "p.svg")]) == 0

    assert [(tmp_path / name).read_text()[:4] for name in ("p.svg", "p-2.svg")] == ["<svg", "<svg"]
    capsys.readouterr()
    assert main(["forecast", str(file), "--picture", str(tmp_path / "no" / "p.svg")]) == 2
    assert "the picture cannot be written: No such file" in capsys.readouterr().err


def test_what_cannot_be_read_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", str(tmp_path)]) == 2
    assert "run `cdk synth` first" in capsys.readouterr().err


def test_no_cluster_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.json").write_text('{"Resources": {}}')
    assert main(["forecast", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"no Redshift cluster in {tmp_path}\n"


@pytest.mark.parametrize(
    "option",
    [
        "--days=0",
        "--days=3654",
        "--copy-time=-1",
        "--size=1e30",
        "--size=nan",
        "--price-transfer=-1",
        "--change-rate=5",
        "--change-rate=5GB/s",
        "--change-rate=1.2.3GB/h",
        "--change-rate=9999999999999GB/h",
        "--quota=1000001",
    ],
)
def test_a_wrong_option_is_status_2(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["forecast", option])
    assert ended.value.code == 2
    assert f"argument {option.split('=', maxsplit=1)[0]}: must be " in capsys.readouterr().err


class TestPolicies:
    def test_everything_in_the_templates_is_in_the_policy(self) -> None:
        pause, resume = action("PauseCluster", "cron(0 20 * * ? *)"), action("ResumeCluster", "cron(0 7 * * ? *)")
        warehouse = cluster(AutomatedSnapshotRetentionPeriod=9)
        noon = rule(schedule="cron(0 12 * * ? *)", keep=30, keep_in_recovery=FOREVER_DAYS)
        resources = {"Noon": noon, "Copy": copy(automated="5", manual="90"), "Pause": pause, "Resume": resume}

        [found] = snapshot_policies([stack(Warehouse=warehouse, **resources)])

        policy = found.policy
        assert policy is not None
        assert (policy.region, policy.destination_region) == ("us-east-1", "us-west-2")
        assert (policy.automated_snapshot_retention_period, policy.retention_period) == (9, 5)
        assert [(each.keep, each.keep_in_recovery) for each in policy.rules] == [(30, FOREVER_DAYS)]
        assert [each.keep for each in policy.copied_rules] == [90]
        assert (policy.node_type, policy.number_of_nodes) == ("ra3.large", 2)
        assert (policy.pausing, policy.resuming) == (("cron(0 20 * * ? *)",), ("cron(0 7 * * ? *)",))
        assert found.notes == ()

    def test_what_is_not_known_is_a_note(self) -> None:
        warehouse = cluster(NumberOfNodes={"Ref": "Nodes"}, AutomatedSnapshotRetentionPeriod={"Ref": "Days"})
        resources = {"Copy": copy(region={"Ref": "Region"}, automated={"Ref": "Days"})}

        [found] = snapshot_policies([stack(region=None, Warehouse=warehouse, **resources)])

        assert found.policy is not None
        assert found.policy.destination_region == "unknown recovery Region"
        assert {note.split(":")[0] for note in found.notes} == {
            "automated snapshots are not counted",
            "one node is counted",
            "copied automated snapshots are not counted",
            "for copies whose retention is not known, one day is counted",
        }

    def test_a_retention_that_redshift_does_not_have_is_not_counted(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "t.json"
        file.write_text(json.dumps({"Resources": {"W": cluster(AutomatedSnapshotRetentionPeriod=99)}}))
        # WHEN THEN the cluster is named, with the reason
        assert main(["forecast", str(file)]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "automated snapshots are not counted: Redshift has no retention of 99 days for them" in shown

    @pytest.mark.parametrize(
        ("resources", "definitions", "gap"),
        [
            ({"S": schedule("rate(4 hours)"), "A": association()}, ("rate(4 hours)",), 4),
            ({"A": association()}, ("rate(24 hours)",), 24),  # not known here: the longest that Redshift allows
            ({"S": schedule("rate(4 hours)"), "A": association(condition="Prod")}, (), 8),  # the longer gap counts
            ({"S": schedule("rate(12 hours)"), "A": association(condition="Prod")}, ("rate(12 hours)",), 12),
        ],
    )
    def test_the_schedule_is_the_one_whose_gap_the_table_counts(
        self, resources: dict[str, Any], definitions: tuple[str, ...], gap: int
    ) -> None:
        [found] = snapshot_policies([stack(Warehouse=cluster(), **resources)])

        assert found.policy is not None
        assert found.policy.schedule_definitions == definitions
        [here] = recovery_point_bounds(found.policy)
        assert here.recovery_point == gap * timedelta(hours=1)


@pytest.mark.parametrize(
    "resources",
    [
        {},
        {"Night": rule(schedule="cron(0 0 * * ? *)", name="a"), "Noon": rule(schedule="cron(0 12 * * ? *)", name="b")},
        {"Often": rule(schedule="rate(3 hours)", keep=2, keep_in_recovery=1)},
        {"Brief": rule(keep=1)},  # the copy expires before the next one has arrived
        {"S": schedule("rate(24 hours)"), "A": association(), "Hourly": rule(schedule="cron(0 8-18 * * ? *)")},
    ],
    ids=["automated", "two rules", "rate", "brief", "schedule"],
)
def test_table_bounds_and_objective_agree(resources: dict[str, Any]) -> None:
    # GIVEN a cluster whose snapshots are copied
    template = stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=3), Copy=copy(), **resources)

    # WHEN the table and the bounds judge it
    worst = row(table(template), "the Region").worst_loss
    [found] = snapshot_policies([template])
    assert found.policy is not None
    _, there = recovery_point_bounds(found.policy)

    # THEN they say the same, and no forecast exceeds it
    assert worst == there.recovery_point
    forecasted = forecast(found.policy, days=9).regions[1].worst
    assert worst is not None
    assert forecasted is not None
    assert forecasted <= worst
