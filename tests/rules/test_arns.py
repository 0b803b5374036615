"""The ARNs that a cluster is given: IAM roles, and the application of IAM Identity Center."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.rules import arns

LOAD, SPECTRUM = (f"arn:aws:iam::111111111111:role/{name}" for name in ("load", "path/spectrum"))
TOKEN, OTHER_TOKEN = "${Token[TOKEN.1]}", "${Token[TOKEN.2]}"
APPLICATION = "arn:aws:redshift:us-west-2:111111111111:redshiftidcapplication:1f0c6a52-0d1e-4f7e-9a57-3f4a3d2b1c0e"


def problems_of(check: Any, *arguments: Any, **named: Any) -> list[str]:
    problems = Problems("here")
    check(problems, "argument", *arguments, **named)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("roles", [[], [LOAD, SPECTRUM], (TOKEN,), ["arn:aws-us-gov:iam::111111111111:role/a"]])
def test_role_arns(roles: Any) -> None:
    assert problems_of(arns.check_role_arns, roles) == []


@pytest.mark.parametrize(
    ("roles", "text"),
    [
        (["load"], "the ARN of an IAM role, got 'load'"),
        ([3], "the ARN of an IAM role, got 3"),
        (["arn:aws:iam::111111111111:user/a"], "the ARN of an IAM role"),
        ([LOAD] * 51, "50 at most, got '51 roles'"),
    ],
)
def test_no_role_arns(roles: Any, text: str) -> None:
    [problem] = problems_of(arns.check_role_arns, roles)
    assert text in problem


@pytest.mark.parametrize(
    ("default", "roles", "ok"),
    [
        (LOAD, [SPECTRUM, LOAD], True),
        (LOAD, [SPECTRUM], False),
        (LOAD, [], False),
        (TOKEN, [], False),
        (TOKEN, [TOKEN], True),
        # the deployment may make them equal
        (TOKEN, [LOAD], True),
        (LOAD, [SPECTRUM, TOKEN], True),
        (TOKEN, [OTHER_TOKEN], True),
    ],
)
def test_a_default_role_is_one_of_the_roles(default: str, roles: list[str], ok: bool) -> None:
    assert (problems_of(arns.check_default_role, default, roles) == []) is ok


@pytest.mark.parametrize("arn", [APPLICATION, TOKEN])
def test_identity_center_applications(arn: str) -> None:
    assert problems_of(arns.check_identity_center_application, arn) == []


@pytest.mark.parametrize("arn", ["", 3, LOAD, APPLICATION.replace("redshiftidcapplication", "cluster")])
def test_no_identity_center_applications(arn: Any) -> None:
    [problem] = problems_of(arns.check_identity_center_application, arn)
    assert "redshiftidcapplication" in problem


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"partition": "aws", "account": "111111111111"}, []),
        ({"partition": None, "account": None}, []),
        ({"partition": "aws-cn", "account": "111111111111"}, ["the site's partition, aws-cn"]),
        (
            {"partition": "aws-cn", "account": "222222222222", "region": "eu-west-1"},
            ["the site's partition, aws-cn", "the site's account, 222222222222", "the site's Region, eu-west-1"],
        ),
    ],
)
def test_an_arn_is_of_the_sites_place(place: dict[str, Any], words: list[str]) -> None:
    # GIVEN an application's ARN WHEN it is compared with a place THEN each part that differs is a problem
    found = problems_of(arns.check_arn_place, APPLICATION, **place)
    assert len(found) == len(words)
    assert all(word in problem for word, problem in zip(words, found, strict=True))


def test_the_place_of_a_token_is_not_checked() -> None:
    assert problems_of(arns.check_arn_place, TOKEN, partition="aws", account="1", region="eu-west-1") == []
