"""The strict reader: it guesses nothing, and tells every problem at once."""

from __future__ import annotations

import json
import re

import pytest

from resilient_redshift.cloud.custom_resources.copy.properties import wanted
from resilient_redshift.cloud.custom_resources.properties import Reader, removable
from resilient_redshift.cloud.errors import Refused
from tests.cloud.custom_resources.scene import DESTROY, ID, copy, request_of

WORD = re.compile("[a-z]+")


def test_all_problems_are_told_in_one_text() -> None:
    # GIVEN
    reader = Reader("Custom::Thing", {"Name": "A", "Days": 7, "Extra": "1"})
    # WHEN
    reader.text("Name", WORD, "a word")
    reader.whole("Days", 1, 35, also=-1)
    reader.texts("Times", WORD, "words")
    # THEN
    with pytest.raises(Refused) as error:
        reader.done()
    assert str(error.value) == (
        "Custom::Thing: Name: got 'A'; allowed: a word"
        " | Days: got 7; allowed: a whole number of days as a string, 1 to 35, or -1"
        " | Times: got nothing; allowed: a list of words"
        " | Extra: got '1'; allowed: nothing; this property is unknown, and a value that changes nothing is a mistake"
    )


def test_what_is_left_out_is_the_safe_side() -> None:
    reader = Reader("Custom::Thing", {})
    assert reader.text("Name", WORD, "a word", required=False) is None
    assert (reader.flag("Accept"), reader.destroy()) == (False, False)
    reader.done()


def test_cloudformations_own_properties_are_no_problem() -> None:
    Reader("Custom::Thing", {"ServiceToken": "arn", "ServiceTimeout": "3600"}).done()


@pytest.mark.parametrize(
    ("value", "number"), [("1", 1), ("35", 35), ("-1", -1), ("0", 0), ("36", 0), ("7 ", 0), ("+7", 0), (True, 0)]
)
def test_a_whole_number_in_its_range_or_the_one_beside_it(value: object, number: int) -> None:
    reader = Reader("Custom::Thing", {"Days": value})
    assert reader.whole("Days", 1, 35, also=-1) == number


@pytest.mark.parametrize("value", [[], ["a", 1], ["a", "B"], "a", ("a",)])
def test_a_list_with_one_wrong_part_is_no_list(value: object) -> None:
    reader = Reader("Custom::Thing", {"Times": value})
    assert reader.texts("Times", WORD, "words") == ()
    with pytest.raises(Refused, match="Times: got"):
        reader.done()


def test_a_delete_removes_with_the_first_key_and_the_right_id_only() -> None:
    def found(physical_id: str, **changes: str) -> bool:
        return removable(request_of(copy(**changes), "Delete", PhysicalResourceId=physical_id), wanted) is not None

    assert found(ID, **DESTROY)
    assert not found(ID)
    assert not found("an id that CloudFormation invented", **DESTROY)
    assert not found(ID, **DESTROY, RetentionPeriod="x")


@pytest.mark.parametrize(
    ("changes", "because"),
    [({}, "the removal policy is not 'destroy'"), ({**DESTROY, "RetentionPeriod": "x"}, "RetentionPeriod: got 'x'")],
)
def test_the_log_says_why_a_delete_removes_nothing(
    changes: dict[str, str], because: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN
    request = request_of(copy(**changes), "Delete", PhysicalResourceId=ID)
    # WHEN
    removable(request, wanted)
    # THEN
    line = json.loads(capsys.readouterr().out)
    assert (line["message"], line["id"]) == ("retained", ID)
    assert because in line["because"]
