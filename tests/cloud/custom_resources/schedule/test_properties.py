"""The properties of a schedule: one that is not understood is told, and nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.custom_resources.schedule.properties import same_times, wanted_association
from resilient_redshift.cloud.errors import Refused
from tests.cloud.custom_resources.scene import request_of
from tests.cloud.custom_resources.schedule_scene import (
    ASSOCIATION_ID,
    association,
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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["cron(30 12 mon)", "rate(4 hours)"], ["rate(4 hours)", "cron(30  12 MON)"], True),
        (["rate(1 hour)"], ["rate(1 hours)"], True),
        (["rate(4 hours)"], ["rate(4 hours)", "rate(4 hours)"], True),
        (["rate(4 hours)"], ["rate(14 hours)"], False),
        (["rate(4 hours)"], [], False),
        (["cron(30 12 *)"], ["cron(12 30 *)"], False),
    ],
)
def test_times_are_compared_by_their_meaning(one: list[str], other: list[str], same: bool) -> None:
    assert same_times(one, other) is same


def test_an_association_names_the_cluster_in_its_id_and_tells_its_problems() -> None:
    # a name in capitals is the same cluster
    for cluster in ("sales", "Sales"):
        assert wanted_association(request_of(association(cluster=cluster))).physical_id == ASSOCIATION_ID
    with pytest.raises(Refused, match=r"ClusterIdentifier: got 'sales_1'.* \| ScheduleIdentifier: got ''"):
        wanted_association(request_of(association(name="", cluster="sales_1")))
