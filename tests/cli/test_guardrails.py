"""``guardrails``: what is printed can be pasted, and wrong options end with one line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from resilient_redshift.cli.main import cli
from tests.scenes.policies import decision, role

OPTIONS = ("--break-glass", "arn:aws:iam::*:role/BreakGlass", "--role-path", "/resilient-redshift/")


def run(*options: str) -> Result:
    return CliRunner().invoke(cli, ["guardrails", *options])


@pytest.mark.parametrize("kind", ["scp", "rcp", "iam"])
def test_a_policy_is_printed_as_json(kind: str) -> None:
    # GIVEN a kind WHEN it is printed THEN the output is a policy that stops an administrator
    policy = json.loads(run(*OPTIONS, "--kind", kind).stdout)
    assert policy["Version"] == "2012-10-17"
    key = "arn:aws:kms:us-east-1:123456789012:key/1f0c6a52"
    assert decision(policy, role("Admin"), "kms:DisableKey", key) == "Deny"
    assert ("Principal" in policy["Statement"][0]) == (kind == "rcp")


def test_the_statements_of_a_key_are_a_list_to_paste_into_its_policy() -> None:
    statements = json.loads(run(*OPTIONS, "--kind", "kms").stdout)
    assert [statement["Resource"] for statement in statements] == [["*"], ["*"]]


def test_each_option_reaches_the_policy() -> None:
    # GIVEN each option, some of them twice
    key = "arn:aws-cn:kms:cn-north-1:123456789012:key/1f0c6a52"
    result = run(
        *("--partition", "aws-cn", "--key", key, "--deployment", "arn:aws-cn:iam::*:role/deploy"),
        *("--break-glass", "arn:aws-cn:iam::*:role/One", "--break-glass", "arn:aws-cn:iam::*:role/Two"),
        *("--role-path", "/one/", "--role-path", "/two/"),
    )
    # WHEN / THEN
    policy = json.loads(result.stdout)
    for name in ("One", "Two", "one/x", "two/x"):
        assert decision(policy, role(name, partition="aws-cn"), "redshift:DisableSnapshotCopy") == "Allow"
    assert decision(policy, role("deploy", partition="aws-cn"), "kms:PutKeyPolicy", key) == "Allow"
    assert policy["Statement"][1]["Resource"] == [key]


def test_a_wrong_option_ends_with_one_line_and_prints_no_policy() -> None:
    result = run(*OPTIONS, "--break-glass", "arn:aws:iam::*:role/*")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "it would exempt every role" in result.stderr
