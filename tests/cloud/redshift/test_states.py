"""The table of cluster states: it knows every state that AWS documents, and takes no other for busy or fine."""

from __future__ import annotations

import re

import botocore.session
import pytest

from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.states import STATES, Meaning

PASSING, PAUSED, GOING, NEEDS_SOMEBODY = Meaning.PASSING, Meaning.PAUSED, Meaning.GOING, Meaning.NEEDS_SOMEBODY
#: The class of each state that the API documents.
OF_THE_API = {
    "available": Meaning.AVAILABLE,
    "available, prep-for-resize": PASSING,
    "available, resize-cleanup": PASSING,
    "cancelling-resize": PASSING,
    "creating": PASSING,
    "deleting": GOING,
    "final-snapshot": GOING,
    "hardware-failure": NEEDS_SOMEBODY,
    "incompatible-hsm": NEEDS_SOMEBODY,
    "incompatible-network": NEEDS_SOMEBODY,
    "incompatible-parameters": NEEDS_SOMEBODY,
    "incompatible-restore": NEEDS_SOMEBODY,
    "modifying": PASSING,
    "paused": PAUSED,
    "rebooting": PASSING,
    "renaming": PASSING,
    "resizing": PASSING,
    "rotating-keys": PASSING,
    "storage-full": NEEDS_SOMEBODY,
    "updating-hsm": PASSING,
}
#: The class and the source of each other state.
DOCUMENTED_ELSEWHERE = {
    "inaccessible-kms-key": (NEEDS_SOMEBODY, "Management Guide, Amazon Redshift database encryption"),
    "pausing": (PAUSED, "Management Guide, Pausing and resuming clusters"),
    "resuming": (PAUSED, "AWS re:Post, redshift-cluster-status"),
    "maintenance": (PASSING, "AWS re:Post, redshift-cluster-status"),
    "recovering": (PASSING, "hashicorp/terraform-provider-aws, issue 23638"),
    "restoring": (PASSING, "Terraform's acceptance tests; Redshift API, RestoreStatus.Status"),
    "insufficient-capacity": (NEEDS_SOMEBODY, "hashicorp/terraform-provider-aws, pull request 4563"),
    "insufficient-vpce": (NEEDS_SOMEBODY, "apache/airflow, issue 69574"),
}


def in_botocore() -> set[str]:
    model = botocore.session.get_session().get_service_model("redshift")
    text = model.shape_for("Cluster").members["ClusterStatus"].documentation
    return set(re.findall(r"<code>([^<]+)</code>", text))


def test_the_table_knows_each_state_of_the_installed_api_model() -> None:
    documented = in_botocore()
    assert len(documented) >= 20
    assert documented <= set(STATES)


def test_each_state_of_the_api_has_its_class() -> None:
    assert {name: STATES[name].meaning for name in OF_THE_API} == OF_THE_API


def test_each_state_that_is_documented_elsewhere_has_its_class() -> None:
    expected = {name: meaning for name, (meaning, _) in DOCUMENTED_ELSEWHERE.items()}
    assert {name: STATES[name].meaning for name in DOCUMENTED_ELSEWHERE} == expected


def test_each_state_of_the_table_has_a_source() -> None:
    assert set(STATES) == set(OF_THE_API) | set(DOCUMENTED_ELSEWHERE)


@pytest.mark.parametrize("status", ["unheard-of", "unknown", "", "available-soon"])
def test_a_state_that_is_not_in_the_table_is_neither_busy_nor_fine(status: str) -> None:
    state = states.of(status)
    assert (state.name, state.meaning, state.passes) == (status, Meaning.UNKNOWN, False)


@pytest.mark.parametrize("status", ["INSUFFICIENT_CAPACITY", "Insufficient-Capacity", "insufficient-capacity"])
def test_capitals_and_underscores_make_no_other_state(status: str) -> None:
    assert states.of(status).name == "insufficient-capacity"


def test_only_the_states_in_which_somebody_must_act_say_what_happens_and_what_to_do() -> None:
    acting = {state.name for state in STATES.values() if state.meaning is NEEDS_SOMEBODY} | {"paused", "pausing"}
    assert {state.name for state in STATES.values() if state.to_do} == acting
    assert {state.name for state in STATES.values() if state.happens} == acting


def test_a_key_that_redshift_cannot_use_names_the_14_days() -> None:
    state = states.of("inaccessible-kms-key")
    assert "deletes it after 14 days" in state.happens
    assert state.to_do == "enable the key"


def test_passing_states_and_a_cluster_that_resumes_end_by_themselves() -> None:
    passing = {state.name for state in STATES.values() if state.passes}
    assert passing == {state.name for state in STATES.values() if state.meaning is PASSING} | {"resuming"}
