"""docs/failback.md, followed in a real shell over a stand-in for the command line: each call goes where it should."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.tables import ROOT
from tests.docs.test_commands import BLOCK, options, record, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "failback.md").read_text()
PRIMARY, RECOVERY = "us-east-1", "us-west-2"
READS = ("describe-", "get-", "wait")


def shell(*headings: str) -> str:
    """The shell blocks of sections, without what is no call of AWS."""
    found = [BLOCK.findall(PAGE)[0]]
    for heading in headings:
        text = PAGE.split(f"\n{heading}\n")[1]
        found += BLOCK.findall(re.split(r"^##+ ", text, maxsplit=1, flags=re.MULTILINE)[0])
    return re.sub(r"^( *)(?:resilient-redshift|cdk|sleep) .*$", r"\1:", "\n".join(found), flags=re.MULTILINE)


def calls(tmp_path: Path, *headings: str) -> list[tuple[str, dict[str, list[str]]]]:
    return [(call[1], options(call)) for call in run(tmp_path, record(), shell(*headings)) if call[1] != "wait"]


def changes(tmp_path: Path, *headings: str) -> list[tuple[str, dict[str, list[str]]]]:
    return [(name, given) for name, given in calls(tmp_path, *headings) if not name.startswith(READS)]


FENCE = "## 1. The primary Region answers again: fence it"
SWITCH = "## 4. The switch"


def test_the_fence_touches_the_old_cluster_alone(tmp_path: Path) -> None:
    # GIVEN two clusters of one name WHEN step 1 is followed THEN every call goes to the old primary Region
    found = calls(tmp_path, FENCE)
    assert {tuple(given["--region"]) for _, given in found} == {(PRIMARY,)}
    # AND the copy is off before the rename, which AWS would refuse otherwise; only the old name is paused
    names = [name for name, _ in found]
    assert names.index("disable-snapshot-copy") < names.index("modify-cluster") < names.index("pause-cluster")
    given = dict(found)
    assert given["modify-cluster"]["--cluster-identifier"] == ["sales"]
    assert given["modify-cluster"]["--new-cluster-identifier"] == given["pause-cluster"]["--cluster-identifier"]
    assert given["pause-cluster"]["--cluster-identifier"] == ["sales-diverged"]


def test_the_policy_denies_every_update_of_cluster_and_copy(tmp_path: Path) -> None:
    # GIVEN the stack of the old cluster WHEN it is frozen THEN by a policy that names both types, and is lifted in step 5
    policies = []
    for heading in (FENCE, "## 5. Home again"):
        folder = tmp_path / heading[3]
        folder.mkdir()
        policies.append(json.loads(dict(changes(folder, heading))["set-stack-policy"]["--stack-policy-body"][0]))
    frozen, lifted = policies
    [denied] = [statement for statement in frozen["Statement"] if statement["Effect"] == "Deny"]
    types = denied["Condition"]["StringEquals"]["ResourceType"]
    assert types == ["AWS::Redshift::Cluster", "Custom::RedshiftSnapshotCopy"]
    assert denied["Action"] == "Update:*"
    assert [statement["Effect"] for statement in lifted["Statement"]] == ["Allow"]


def test_the_switch_changes_nothing_at_home_but_by_the_machine(tmp_path: Path) -> None:
    # GIVEN the switch WHEN it is followed THEN what is changed by hand lies in the recovery Region, and nothing is deleted
    found = changes(tmp_path, SWITCH)
    by_hand = [(name, given) for name, given in found if name != "execute-statement"]
    assert {tuple(given["--region"]) for _, given in by_hand} == {(RECOVERY,)}
    assert [name for name, _ in by_hand] == ["modify-cluster", "reboot-cluster", "pause-cluster"]
    # AND both clusters are asked the same
    asked = [given for name, given in found if name == "execute-statement"]
    assert [given["--region"] for given in asked] == [[RECOVERY], [PRIMARY]]
    assert asked[0]["--sql"] == asked[1]["--sql"]


def test_calling_it_off_gives_the_clients_their_way_back(tmp_path: Path) -> None:
    # GIVEN a switch that was begun WHEN it is called off THEN the groups from before come back, and only the new one goes
    found = changes(tmp_path, SWITCH, "### Calling it off")[-2:]
    (modify, back), (delete, gone) = found
    assert (modify, back["--region"], back["--vpc-security-group-ids"]) == ("modify-cluster", [RECOVERY], ["printed"])
    assert (delete, gone["--region"]) == ("delete-cluster", [PRIMARY])


@pytest.mark.parametrize("word", ["--skip-final-cluster-snapshot", "delete-cluster-snapshot --"])
def test_no_command_of_the_page_deletes_data(word: str) -> None:
    assert word not in "\n".join(BLOCK.findall(PAGE))


def test_each_deleted_cluster_leaves_a_snapshot_that_cloudformation_does_not_want() -> None:
    # GIVEN CloudFormation's own name for final snapshots WHEN clusters are deleted by hand THEN under another one
    names = re.findall(r"--final-cluster-snapshot-identifier \"([^\"]+)\"", PAGE)
    assert len(names) == 2
    assert "$CLUSTER-final-snapshot" not in names
