"""One look of is_complete: what passes is asked again, what is permanent or too old ends the request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from resilient_redshift.cloud.aws.retry import PATIENCE, PATIENCE_ACCESS
from resilient_redshift.cloud.custom_resources.waiting import NotYet, keep_waiting, read_patiently, waited_for
from resilient_redshift.cloud.errors import Failed
from tests.cloud.custom_resources.scene import copy, request_of

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Stack

SECOND = timedelta(seconds=1)


def look(code: str | None, waited: timedelta) -> object:
    def read() -> str:
        if code is None:
            return "found"
        raise ClientError(cast("Any", {"Error": {"Code": code, "Message": "words of AWS"}}), "DescribeClusters")

    return read_patiently(waited, "read the cluster", read)


def test_the_wait_counts_from_the_answer_of_on_event(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN an answer WHEN a minute and a half goes by
    runtime, since = stack.handler.runtime(), model.clock.now().isoformat()
    model.clock.advance(90)
    # THEN
    assert waited_for(request_of(copy(), Since=since), runtime) == timedelta(seconds=90)
    assert waited_for(request_of(copy()), runtime) == timedelta(0)


def test_a_read_that_works_gives_its_answer_however_late() -> None:
    assert look(None, timedelta(days=1)) == "found"


@pytest.mark.parametrize(("code", "limit"), [("Throttling", PATIENCE), ("AccessDenied", PATIENCE_ACCESS)])
def test_an_error_that_passes_is_asked_again_for_its_own_time(code: str, limit: timedelta) -> None:
    assert isinstance(look(code, limit), NotYet)
    with pytest.raises(Failed, match=f"could not read the cluster: {code}: words of AWS"):
        look(code, limit + SECOND)


def test_a_permanent_error_ends_the_request_at_the_first_look() -> None:
    with pytest.raises(Failed, match="ValidationError"):
        look("ValidationError", timedelta(0))


def test_what_is_not_as_wanted_is_asked_again_until_patience_ends() -> None:
    assert keep_waiting(PATIENCE, "it is off") is False
    with pytest.raises(Failed, match="it is off; this did not change within 601 s; deploy again"):
        keep_waiting(PATIENCE + SECOND, "it is off")
