"""The properties of a schedule: one that is not understood is told, and nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.custom_resources.schedule_scene import (
    schedule,
    send,
)

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Stack


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ScheduleIdentifier": "Not_A_Name"}, "ScheduleIdentifier: got 'Not_A_Name'"),
        ({"ScheduleDefinitions": []}, "ScheduleDefinitions: got []; allowed: a list of cron(Minutes"),
        ({"ScheduleDefinitions": ["every hour"]}, "ScheduleDefinitions: got ['every hour']"),
        ({"ScheduleDefinitions": "rate(4 hours)"}, "ScheduleDefinitions: got 'rate(4 hours)'"),
        ({"ReplaceExisting": "yes"}, "ReplaceExisting: got 'yes'; allowed: 'false', 'true'"),
        ({"Colour": "red"}, "Colour: got 'red'; allowed: nothing"),
    ],
)
def test_a_property_that_is_not_understood_is_told(
    model: RedshiftModel, stack: Stack, changes: dict[str, object], words: str
) -> None:
    assert words in send(stack, "Create", schedule(**changes)).reason
    assert model.calls == []
