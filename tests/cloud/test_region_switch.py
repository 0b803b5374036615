"""The function of an ARC Region switch step: which plans it fails over, that it starts each once, and when it is done."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from emulator.redshift_model import ApiError
from resilient_redshift.cloud.region_switch import NotSwitched, Switch, switch_in
from resilient_redshift.cloud.restore import rivals
from resilient_redshift.cloud.restore.calls import Aws
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract.names import endpoint_name, plan_record_name
from tests.cloud.restore.clients import Client
from tests.cloud.restore.record import AWAY, HOME, NOW, a_record

SITE = "Away/Site"
EVENT = {"InvokedBy": "arc", "PlanArn": "arn:aws:arc-region-switch::111122223333:plan/w:1", "ExecutionId": "e1/1", "StepName": "Redshift"}  # fmt: skip
ENVIRONMENT = {
    "RESILIENT_REDSHIFT_SITE": SITE,
    "RESILIENT_REDSHIFT_PRIMARY_REGION": HOME,
    "RESILIENT_REDSHIFT_RECOVERY_REGION": AWAY,
}


class Region:
    """Parameter Store and Step Functions of one Region."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.parameters: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.inputs: list[dict[str, Any]] = []
        self.faults: dict[str, str] = {}
        clients = {name: Client(name, self._answer) for name in ("ssm", "stepfunctions")}
        self.aws = Aws(region=region, client=clients.__getitem__, now=lambda: NOW)

    def machine(self, name: str = "restore") -> str:
        return f"arn:aws:states:{self.region}:111122223333:stateMachine:{name}"

    def plan(self, plan: str, *, home: str = HOME, away: str = AWAY, site: str = SITE, **changes: Any) -> None:
        record = a_record("key", plan=plan, cluster={"identifier": plan, "region": home}, **changes)
        record["recovery"] |= {"region": away, "site": site}
        record["machines"] = {"restore": self.machine()} if away == self.region else {}
        self.parameters[plan_record_name(plan)] = json.dumps(record)

    def end(self, status: str = "SUCCEEDED", **fields: Any) -> None:
        """Let every run end."""
        for run in self.runs.values():
            run.update(status=status, **fields)

    def call(self) -> dict[str, Any]:
        return switch_in(EVENT, self.aws, ENVIRONMENT)

    def refusal(self, event: Any = EVENT) -> str:
        with pytest.raises(NotSwitched) as caught:
            switch_in(event, self.aws, ENVIRONMENT)
        return str(caught.value)

    def _answer(self, _service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation in self.faults:
            raise ApiError(self.faults[operation], "why")
        answer: dict[str, Any] = getattr(self, f"_{operation}")(params)
        return answer

    def _GetParametersByPath(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names = sorted(name for name in self.parameters if name.startswith(f"{params['Path']}/"))
        start = int(params.get("NextToken") or 0)
        shown = [{"Name": name, "Value": self.parameters[name]} for name in names[start : start + params["MaxResults"]]]
        more = start + params["MaxResults"] < len(names)
        return {"Parameters": shown, **({"NextToken": str(start + params["MaxResults"])} if more else {})}

    def _GetParameter(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["Name"] not in self.parameters:
            raise ApiError("ParameterNotFound", "")
        return {"Parameter": {"Name": params["Name"], "Value": self.parameters[params["Name"]]}}

    def _DescribeExecution(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["executionArn"] not in self.runs:
            raise ApiError("ExecutionDoesNotExist", "")
        return self.runs[params["executionArn"]]

    def _StartExecution(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        arn = f"{params['stateMachineArn'].replace(':stateMachine:', ':execution:')}:{params['name']}"
        assert arn not in self.runs, "started twice"
        assert len(params["name"]) <= 80
        self.runs[arn] = {"status": "RUNNING", "startDate": NOW}
        self.inputs.append(json.loads(params["input"]))
        return {"executionArn": arn, "startDate": NOW}


@pytest.fixture
def there() -> Region:
    """The recovery Region with two plans of the site, one of another, one of a cluster elsewhere, and a way home."""
    region = Region(AWAY)
    region.plan("crm")
    region.plan("sales")
    region.plan("theirs", site="Other/Site")
    region.plan("far", home="eu-west-1")
    region.plan("way-home", reverse_of="theirs-too")
    return region


def test_each_plan_of_the_site_is_failed_over_once(there: Region) -> None:
    # GIVEN a step WHEN ARC calls it again and again
    assert "0 of 2 plans are restored" in there.refusal()
    assert there.refusal().count(" runs") == 2
    there.end()
    # THEN it succeeds once all are restored, and each failover was started once
    assert there.call() == {"outcome": "Restored", "plans": ["crm", "sales"]}
    assert [(one["plan"], one["mode"]) for one in there.inputs] == [("crm", "failover"), ("sales", "failover")]
    assert there.inputs[0]["reason"] == "ARC Region switch, execution e1/1"


def test_another_execution_starts_other_runs() -> None:
    one = Switch(site=SITE, primary=HOME, recovery=AWAY, execution="e1/Redshift")
    other = Switch(site=SITE, primary=HOME, recovery=AWAY, execution="e2/Redshift")
    assert one.name("sales") != other.name("sales")
    # AND plans whose names begin alike have runs of their own
    long = ["p" * 62 + end for end in "ab"]
    assert len({one.name(plan) for plan in long}) == 2
    assert {len(one.name(plan)) for plan in long} == {80}


def test_a_runs_name_says_what_it_does() -> None:
    # GIVEN the run of a plan WHEN the run of another plan sees it THEN it need not read its input
    name = Switch(site=SITE, primary=HOME, recovery=AWAY, execution="e1/Redshift").name("sales")
    assert rivals.by_name(name, "crm") == "failover sales"
    assert rivals.by_name(name, "sales") is None


def test_many_plans_are_read_page_by_page(there: Region) -> None:
    for number in range(23):
        there.plan(f"plan-{number:02}")
    assert "0 of 25 plans are restored" in there.refusal()


def test_a_run_that_failed_is_named_with_its_outcome(there: Region) -> None:
    # GIVEN failovers that ended without capacity WHEN called again THEN nothing starts, and the operator reads why
    there.refusal()
    there.end("FAILED", error="NoCapacity", cause=json.dumps({"message": "no nodes in any Zone"}))
    text = there.refusal()
    assert "ended NoCapacity: no nodes in any Zone; resilient-redshift failover sales starts another run" in text
    assert len(there.inputs) == 2


@pytest.mark.parametrize(
    ("minutes", "verified", "done"),
    [(5, True, True), (5, False, False), (-5, True, False)],
    ids=["by hand", "not verified", "before"],
)
def test_a_failover_by_hand_counts_if_it_is_newer(there: Region, minutes: int, verified: bool, done: bool) -> None:
    # GIVEN failed runs, and endpoints that somebody's failovers published WHEN called
    there.refusal()
    there.end("FAILED", error="TargetExists")
    for plan in ("crm", "sales"):
        at = iso(NOW + dt.timedelta(minutes=minutes))
        there.parameters[endpoint_name(plan)] = json.dumps({"cluster": plan, "at": at, "verified": verified})
    # THEN what was published before may be a cluster that the warehouse has left
    if done:
        assert there.call()["plans"] == ["crm", "sales"]
    else:
        assert "ended TargetExists" in there.refusal()


@pytest.mark.parametrize("operation", ["DescribeExecution", "StartExecution"])
def test_a_call_that_fails_is_looked_at_again(there: Region, operation: str) -> None:
    # GIVEN Step Functions throttles WHEN called THEN the text says so, and the next call goes on
    there.faults[operation] = "ThrottlingException"
    assert f"{operation}: ThrottlingException" in there.refusal()
    there.faults.clear()
    assert "0 of 2 plans are restored" in there.refusal()
    there.end()
    there.call()


def test_records_that_cannot_be_read_start_nothing(there: Region) -> None:
    there.faults["GetParametersByPath"] = "AccessDeniedException"
    assert "the plan records cannot be read: GetParametersByPath: AccessDenied" in there.refusal()
    assert there.inputs == []


@pytest.mark.parametrize(("site", "starts"), [(SITE, 0), ("Other/Site", 2)], ids=["ours", "another's"])
def test_a_spoiled_record_stops_only_its_own_site(there: Region, site: str, starts: int) -> None:
    # GIVEN a record of another version WHEN called THEN nothing of its site is started, because the plan may be one of it
    there.parameters[plan_record_name("spoiled")] = json.dumps({"version": 9, "recovery": {"site": site}})
    there.refusal()
    assert len(there.inputs) == starts


def test_a_region_without_a_plan_is_no_success() -> None:
    assert f"there is no plan of {SITE} for clusters of {HOME}" in Region(AWAY).refusal()


@pytest.mark.parametrize("event", [{}, None, {"ExecutionId": ""}, {"ExecutionId": 5}], ids=str)
def test_whoever_is_not_arc_starts_nothing(there: Region, event: Any) -> None:
    assert "no ExecutionId" in there.refusal(event)
    assert there.inputs == []


def test_home_goes_each_plan_by_its_way_home() -> None:
    # GIVEN the clusters' Region with a plan and its reverse plan, and one of another plan
    here = Region(HOME)
    here.plan("sales-us-east-1", reversed_by="sales-us-west-2")
    here.plan("sales-us-west-2", home=AWAY, away=HOME, site="Home/Way", reverse_of="sales-us-east-1")
    here.plan("other-us-west-2", home=AWAY, away=HOME, site="Home/Way", reverse_of="other-us-east-1")
    # WHEN ARC activates it THEN the reverse plan is failed over into it, and nothing else
    here.refusal()
    here.end()
    assert here.call()["plans"] == ["sales-us-west-2"]
    assert [one["plan"] for one in here.inputs] == ["sales-us-west-2"]


def test_without_a_way_home_nothing_starts() -> None:
    # GIVEN two plans, one of which has a way home WHEN ARC activates the clusters' Region
    here = Region(HOME)
    here.plan("crm")
    here.plan("sales", reversed_by="sales-back")
    here.plan("sales-back", home=AWAY, away=HOME, site="Home/Way", reverse_of="sales")
    # THEN the text names the other one and what to do
    assert "no way home is prepared for crm, so nothing was started: call plan.reverse()" in here.refusal()
    assert here.inputs == []


def test_a_way_home_without_a_record_starts_nothing() -> None:
    here = Region(HOME)
    here.plan("sales", reversed_by="sales-back")
    assert "sales-back has no record with a restore machine in us-east-1" in here.refusal()
