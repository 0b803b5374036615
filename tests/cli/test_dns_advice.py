"""The advice on a hosted zone: public or private, with accelerated recovery or without, or not to be read."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session

from resilient_redshift.cli import dns_advice
from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import CODES
from resilient_redshift.cloud.restore.needs import OK
from resilient_redshift.cloud.watch import readiness
from tests.cloud.restore.record import PLAN

ZONE = "Z0123456789"
RECORD = {"plan": PLAN, "restore": {"dns": {"hosted_zone_id": ZONE}}}


class Region:
    """Answers GetHostedZone."""

    def __init__(self, answer: dict[str, Any] | Unread) -> None:
        self.answer = answer

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, operation, parameters) == ("route53", "GetHostedZone", {"Id": ZONE})
        if isinstance(self.answer, Unread):
            raise self.answer
        return {"HostedZone": {"Id": f"/hostedzone/{ZONE}", **self.answer}}


def unread(code: str) -> Unread:
    return Unread(f"GetHostedZone: {code}", code=code, meaning=CODES[code], message="why")


def public(status: str | None) -> dict[str, Any]:
    features = {} if status is None else {"Features": {"AcceleratedRecoveryStatus": status}}
    return {"Config": {"PrivateZone": False}, **features}


@pytest.mark.parametrize(
    ("answer", "state", "seen"),
    [
        (public("ENABLED"), "ok", "accelerated recovery is ENABLED"),
        (public("DISABLED"), "not ok", "accelerated recovery is DISABLED"),
        (public("ENABLE_FAILED"), "not ok", "accelerated recovery is ENABLE_FAILED"),
        (public(None), "cannot tell", "AWS does not say whether accelerated recovery is on"),
        (public("PARTLY"), "cannot tell", "'PARTLY', which this release does not know"),
        ({"Config": {"PrivateZone": True}}, "ok", "private; Route 53 accelerates the recovery of public zones only"),
        (unread("AccessDenied"), "cannot tell", "GetHostedZone: AccessDenied"),
        (unread("Throttling"), "cannot tell", "GetHostedZone: Throttling"),
        (unread("NoSuchHostedZone"), "not ok", f"there is no hosted zone {ZONE}"),
    ],
    ids=["on", "off", "failed", "absent", "new", "private", "denied", "throttled", "missing"],
)
def test_what_is_said_of_the_zone(answer: dict[str, Any] | Unread, state: str, seen: str) -> None:
    # GIVEN a plan with a DNS record WHEN its zone is looked at
    [line] = dns_advice.advice(Region(answer), RECORD)
    # THEN the line says what was seen, and neither the verdict nor a finding comes from it
    assert line.state == state
    assert seen in line.seen
    assert bool(line.to_do) is (state != "ok")
    assert readiness.state_of([line]) == OK
    assert readiness.findings([line]) == {}


def test_a_plan_without_a_record_of_its_own_needs_no_zone() -> None:
    assert dns_advice.advice(Region(unread("AccessDenied")), {"restore": {}}) == []


def test_each_state_of_botocore_is_on_or_off() -> None:
    # GIVEN the states that the installed botocore knows WHEN judged THEN each is on or off
    model = get_session().get_service_model("route53")
    if "Features" not in model.shape_for("HostedZone").members:
        pytest.skip("an older botocore does not know the field, so the line is 'cannot tell'")
    for status in model.shape_for("AcceleratedRecoveryStatus").enum:
        expected = "not ok" if "DISABL" in status or "FAILED" in status else "ok"
        if status == "DISABLE_FAILED":
            expected = "ok"
        assert dns_advice.line(ZONE, {"HostedZone": public(status)}).state == expected
