"""Event subscriptions of the modelled Redshift."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.redshift_model import ApiError, RedshiftModel
from emulator.redshift_model.event_subscriptions import MOST
from tests.emulator.scene import HERE, THERE

TOPIC = f"arn:aws:sns:{HERE}:123456789012:operators"


def refused(model: RedshiftModel, operation: str, **params: Any) -> str:
    with pytest.raises(ApiError) as caught:
        model.call(HERE, operation, params)
    return caught.value.code


def test_names_severities_and_the_quota_are_held(model: RedshiftModel) -> None:
    # GIVEN as many subscriptions as an account has in a Region
    for number in range(MOST):
        model.call(HERE, "CreateEventSubscription", {"SubscriptionName": f"s-{number}", "SnsTopicArn": TOPIC})
    # THEN one more is refused here, and made in another Region
    one = {"SubscriptionName": "one-more", "SnsTopicArn": TOPIC}
    assert refused(model, "CreateEventSubscription", **one) == "EventSubscriptionQuotaExceeded"
    model.call(THERE, "CreateEventSubscription", one)
    for name, code in (
        ("s-1", "SubscriptionAlreadyExist"),
        ("a--b", "InvalidParameterValue"),
        ("1", "InvalidParameterValue"),
    ):
        assert refused(model, "CreateEventSubscription", SubscriptionName=name, SnsTopicArn=TOPIC) == code
    assert refused(model, "ModifyEventSubscription", SubscriptionName="s-1", Severity="WARN") == (
        "SubscriptionSeverityNotFound"
    )
    assert refused(model, "DeleteEventSubscription", SubscriptionName="no") == "SubscriptionNotFound"
