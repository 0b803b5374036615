"""docs/failback.md: the stack policy that keeps deployments away, and the one that lets them in again."""

from __future__ import annotations

import json
import re

from tests.docs.tables import ROOT

PAGE = (ROOT / "docs" / "failback.md").read_text()


def test_the_policy_denies_every_update_of_cluster_and_copy() -> None:
    # GIVEN the stack of the old cluster WHEN it is frozen THEN by a policy that names both types, and is lifted at home
    frozen, lifted = map(json.loads, re.findall(r"--stack-policy-body '(.*)'", PAGE))
    [denied] = [statement for statement in frozen["Statement"] if statement["Effect"] == "Deny"]
    types = denied["Condition"]["StringEquals"]["ResourceType"]
    assert types == ["AWS::Redshift::Cluster", "Custom::RedshiftSnapshotCopy"]
    assert denied["Action"] == "Update:*"
    assert [statement["Effect"] for statement in lifted["Statement"]] == ["Allow"]


def test_the_page_calls_nothing_that_deletes_by_itself() -> None:
    # GIVEN the commands to paste WHEN read THEN none of them deletes, renames or pauses a cluster
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    assert "resilient-redshift fence" in blocks
    assert not re.search(r"delete-|modify-cluster|pause-cluster", blocks)
