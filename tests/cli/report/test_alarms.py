"""When alarms rang: from the changes of their states, those of the plan alone."""

from __future__ import annotations

import json

from tests.cli.report.archive import AGE_ALARM, PAUSED_ALARM, PLAN_ALARM, Past


def test_the_times_in_which_alarms_rang() -> None:
    # GIVEN the alarms of a plan: one that rang twice, a composite one that rings still, one that only says of a pause,
    # and one of another plan
    past = Past()
    past.alarmed()
    past.rang(AGE_ALARM, 12, 11)
    past.rang(AGE_ALARM, 5, 4.5)
    past.rang(PLAN_ALARM, 1, None, "CompositeAlarm")
    past.rang(PAUSED_ALARM, 7, 6)
    past.rang("Foreign", 7, 6)
    alarms = past.plan()["alarms"]
    assert alarms["watched"] == [PLAN_ALARM, AGE_ALARM]
    assert [(one["alarm"], one.get("opened"), one.get("closed")) for one in alarms["rang"]] == [
        (AGE_ALARM, "2026-11-11T08:15:00Z", "2026-11-12T08:15:00Z"),
        (AGE_ALARM, "2026-11-18T08:15:00Z", "2026-11-18T20:15:00Z"),
        (PLAN_ALARM, "2026-11-22T08:15:00Z", None),
    ]


def test_an_alarm_that_began_before_the_history_rang_all_the_same() -> None:
    # GIVEN one alarm whose beginning CloudWatch has forgotten, and one that rings since then without a change
    past = Past()
    past.alarmed()
    past.rang(AGE_ALARM, None, 25)
    composite = past.archive.alarms["CompositeAlarm"][0]
    composite |= {"StateValue": "ALARM", "StateTransitionedTimestamp": past.ago(100)}
    alarms = past.plan()["alarms"]
    assert [(one["alarm"], one.get("opened"), one.get("closed")) for one in alarms["rang"]] == [
        (PLAN_ALARM, "2026-08-15T08:15:00Z", None),
        (AGE_ALARM, None, "2026-10-29T08:15:00Z"),
    ]
    assert alarms["rang"][0]["source"] == "cloudwatch:DescribeAlarms in us-west-2"


def test_a_plan_without_alarms_has_a_gap_and_not_a_quiet_year() -> None:
    gaps = Past().plan()["gaps"]
    assert ("when alarms rang", "the plan has no alarm there") in {(gap["what"], gap["why"]) for gap in gaps}


def test_a_change_that_is_not_understood_is_a_gap() -> None:
    past = Past()
    past.alarmed()
    past.rang(AGE_ALARM, 12, 11)
    past.archive.changes["MetricAlarm"][0]["HistoryData"] = json.dumps({"oldState": "OK"})
    plan = past.plan()
    assert plan["alarms"]["rang"] == []
    assert any("is not understood" in gap["why"] for gap in plan["gaps"])


def test_a_denied_history_is_a_gap() -> None:
    past = Past()
    past.alarmed()
    past.account.denied = {"cloudwatch:DescribeAlarmHistory"}
    plan = past.plan()
    assert any("AccessDenied" in gap["why"] for gap in plan["gaps"] if gap["what"] == "when alarms rang")
