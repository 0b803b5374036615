"""The real surroundings of an invocation: clients that do not retry by themselves, and Lambda's own time."""

from __future__ import annotations

from resilient_redshift.cloud.aws import runtime
from tests.cloud.context import Context
from tests.cloud.custom_resources.scene import HERE


def test_real_clients_carry_no_retries_of_their_own() -> None:
    client = runtime.in_lambda(Context(), "").redshift(HERE)
    assert client.meta.region_name == HERE
    assert vars(client.meta.config)["_user_provided_options"]["retries"]["total_max_attempts"] == 1
    assert runtime.in_lambda(Context(), "").remaining() == 900
