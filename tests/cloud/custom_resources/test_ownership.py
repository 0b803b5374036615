"""The record of an owner, as tags."""

from __future__ import annotations

import pytest

from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.ownership import ADOPTED, COPY, CREATED, GRANT, SCHEDULE, Record
from resilient_redshift.contract import names
from tests.cloud.custom_resources.scene import STACK, copy, request_of


def test_handler_writes_the_same_tags() -> None:
    # GIVEN the handler, which is deployed alone WHEN its tags are read THEN they are the package's
    assert ownership.tag_names(ownership.COPY)[0] == names.TAG_COPY_OWNER


@pytest.mark.parametrize("kind", [COPY, GRANT, SCHEDULE])
def test_a_record_reads_back_and_no_kind_reads_another(kind: str) -> None:
    record = Record(STACK, "Copy", CREATED)
    assert ownership.read(kind, record.tags(kind)) == record
    assert [ownership.read(other, record.tags(kind)) for other in {COPY, GRANT, SCHEDULE} - {kind}] == [None, None]


@pytest.mark.parametrize(
    ("record", "owner", "may_destroy"),
    [
        (Record(STACK, "Copy", CREATED), True, True),
        (Record(STACK, "Copy", ADOPTED), True, False),
        (Record(STACK, "Copy", ""), True, False),
        (Record(STACK, "Other", CREATED), False, False),
        (Record(f"{STACK}2", "Copy", CREATED), False, False),
    ],
)
def test_the_second_key_is_the_resource_that_made_it(record: Record, owner: bool, may_destroy: bool) -> None:
    request = request_of(copy(), "Delete")
    assert (record.is_of(request), record.may_destroy(request)) == (owner, may_destroy)


@pytest.mark.parametrize("former", [None, Record(STACK, "Other", CREATED), Record(STACK, "Copy", "")])
def test_an_update_of_what_is_not_ours_adopts_it(former: Record | None) -> None:
    record = ownership.updated_by(request_of(copy(), "Update"), former, destroy=False)
    assert record == Record(STACK, "Copy", ADOPTED)


def test_an_update_gives_the_second_key_and_takes_none_away() -> None:
    # GIVEN
    request = request_of(copy(), "Update")
    created, adopted = Record(STACK, "Copy", CREATED), Record(STACK, "Copy", ADOPTED)
    # THEN
    assert ownership.updated_by(request, adopted, destroy=True) == created
    assert ownership.updated_by(request, created, destroy=False) == created
    assert ownership.updated_by(request, adopted, destroy=False) == adopted


def test_only_tags_that_differ_are_missing() -> None:
    assert ownership.missing({"a": "1", "b": "1"}, {"a": "1", "b": "2", "c": "3"}) == {"b": "2", "c": "3"}
