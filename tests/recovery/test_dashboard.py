"""The dashboard of a site's plans: which plans it shows, under which name, and which arguments are refused."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import RecoveryDashboard, ResilientRedshiftError
from resilient_redshift.recovery import dashboard as module
from tests.scenes.recovery import OBJECTIVES, existing, site_of, two_stacks


def body_of(dashboard: RecoveryDashboard) -> dict[str, Any]:
    """The body; what only the deployment knows is the word ``token``."""
    resolved = cdk.Stack.of(dashboard).resolve(dashboard.resource.dashboard_body)
    if isinstance(resolved, dict):
        _, parts = resolved["Fn::Join"]
        resolved = "".join(part if isinstance(part, str) else "token" for part in parts)
    body: dict[str, Any] = json.loads(resolved)
    return body


def titles(dashboard: RecoveryDashboard) -> list[str]:
    return [each["properties"]["markdown"] for each in body_of(dashboard)["widgets"] if each["type"] == "text"][1:]


def test_plans_and_drills_that_come_later_are_on_it() -> None:
    # GIVEN a dashboard before the second plan and its drill
    home, away = two_stacks()
    site = site_of(away)
    site.protect(existing(home, "sales"), objectives=OBJECTIVES, plan_name="sales")
    dashboard = RecoveryDashboard(away, "Dashboard", site=site)
    crm = site.protect(existing(home, "crm"), objectives=OBJECTIVES, plan_name="crm")
    crm.rehearse("Monthly")
    # THEN both are on it, in the order of their names' declaration
    assert titles(dashboard) == [
        "## sales: us-east-1, recovered in us-west-2",
        "## crm: us-east-1, recovered in us-west-2",
    ]
    widgets = body_of(dashboard)["widgets"]
    assert [each["properties"]["title"] for each in widgets if each["type"] == "metric"].count("Drills") == 1
    # AND the states of the alarms that notify people are on top
    [alarms] = [each["properties"]["alarms"] for each in widgets if each["type"] == "alarm"]
    assert alarms == ["token", "token"]
    # AND with some plans named, these alone
    assert titles(RecoveryDashboard(away, "Crm", site=site, plans=[crm])) == [
        "## crm: us-east-1, recovered in us-west-2"
    ]
    assert dashboard.dashboard_name == "resilient-redshift-us-west-2-09a640b1"


def test_what_cannot_be_shown_is_refused() -> None:
    # GIVEN a site, and another one with a plan
    home, away = two_stacks()
    site, other = site_of(away), site_of(away, "Other")
    plan = other.protect(existing(home), objectives=OBJECTIVES)
    RecoveryDashboard(away, "First", site=site, dashboard_name="warehouses")
    for arguments, scope, text in (
        ({"dashboard_name": "warehouses"}, away, "one dashboard of a name for all Regions"),
        ({"dashboard_name": "ware houses"}, away, "'dashboard_name' must be 1 to 255 letters, digits, hyphens"),
        ({"plans": []}, away, "'plans' must be 1 to 99, got '0 plans'"),
        ({"plans": [plan]}, away, "'plans' must be plans of this site"),
        ({}, home, "'scope' must be a construct in the stack of the site"),
    ):
        with pytest.raises(ResilientRedshiftError, match=text):
            RecoveryDashboard(scope, "Second", site=site, **arguments)


def test_more_plans_than_there_is_room_for_stop_the_synth(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN room for one plan WHEN a site with two is shown whole THEN synth says what to do
    monkeypatch.setattr(module, "MOST_PLANS", 1)
    home, away = two_stacks()
    site = site_of(away)
    dashboard = RecoveryDashboard(away, "Dashboard", site=site)
    for name in ("sales", "crm"):
        site.protect(existing(home, name), objectives=OBJECTIVES)
    [problem] = dashboard.node.validate()
    assert "the dashboard shows 2 plans" in problem
    assert "make two dashboards" in problem
