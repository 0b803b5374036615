"""Each AWS command in the docs is one that the API has, and the restore by hand passes on the whole plan record."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
import jmespath
import pytest
from botocore import xform_name

from resilient_redshift.contract import schemas
from resilient_redshift.contract.names import TAG_PLAN
from tests.docs import app_output
from tests.docs.tables import ROOT, rows

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPERATING = ROOT / "docs" / "operating.md"
#: Options of the command line itself.
OURS = {"region", "query", "output", "max-items", "cli-binary-format", "cli-read-timeout"}
#: Services whose name in the command line is another than in botocore.
WAIT = "wait"


def commands() -> list[tuple[str, tuple[str, ...]]]:
    """Every ``aws ...`` of every shell block, as words, by page."""
    found = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            text = re.sub(r"\$\{\w+:\+([^}]*)\}", r"\1", block.replace("\\\n", " "))
            for line in text.splitlines():
                match = re.match(r"(?:\w+=\$\()?(aws .*?)\)?$", line.strip())
                if match is None:
                    continue
                words = shlex.split(match[1].split(" > ")[0])
                found.append((page.name, tuple(words)))
    return found


COMMANDS = commands()


@cache
def service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


@cache
def operations(name: str) -> dict[str, str]:
    return {xform_name(operation, "-"): operation for operation in service(name).operation_names}


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{page}: {' '.join(words[1:4])}" for page, words in COMMANDS]
)
def test_each_command_is_one_of_awss(page: str, words: tuple[str, ...]) -> None:
    _, name, command, *rest = words
    if command == WAIT:
        client = botocore.session.get_session().create_client(name, region_name="us-east-1")
        assert rest[0].replace("-", "_") in client.waiter_names
        return
    shape = service(name).operation_model(operations(name)[command]).input_shape
    members = {xform_name(member, "-"): kind.type_name for member, kind in shape.members.items()}
    given = [word[2:] for word in rest if word.startswith("--")]
    known = {*members, *(f"no-{member}" for member, kind in members.items() if kind == "boolean"), *OURS}
    assert [option for option in given if option not in known] == []
    required = {xform_name(member, "-") for member in shape.required_members}
    assert required <= {*given, *(option.removeprefix("no-") for option in given)}
    # Route 53 has one endpoint for all Regions
    assert "region" in given or page == "snapshot-copy.md" or name == "route53"
    if "query" in given:
        jmespath.compile(rest[rest.index("--query") + 1])


def test_text_output_is_for_single_values_only() -> None:
    # GIVEN that the command line asks a query of each page by itself where the output is text THEN no list is shown so
    shown = [" ".join(words) for _, words in COMMANDS if "text" in words and "describe-cluster-snapshots" in words]
    assert shown == []


def codes() -> set[str]:
    text = OPERATING.read_text().split("| AWS answers | do |")[1].split("\n\n")[0]
    return {
        code
        for line in text.splitlines()
        for code in re.findall(r"`([A-Z]\w+)`", line.split("|")[1] if "|" in line else "")
    }


#: Not a code of one operation, but of all.
COMMON = {"AccessDenied"}


def test_each_answer_to_a_restore_is_one_that_aws_gives() -> None:
    shapes = service("redshift").operation_model("RestoreFromClusterSnapshot").error_shapes
    real = {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}
    assert codes() - COMMON - real == set()
    assert len(codes()) > 8


# The way back, run in a real shell over a stand-in for the command line.

STAND_IN = """#!/usr/bin/env python3
import json, os, sys
here = os.path.dirname(__file__)
with open(os.path.join(here, "calls"), "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1:3] == ["ssm", "get-parameter"]:
    print(open(os.path.join(here, "record.json")).read())
else:
    print("printed")
"""


def record(stack: str = "WarehouseRecovery") -> dict[str, Any]:
    """The record that the example's template writes, with a name for each reference."""
    [parameter] = [
        found
        for found in app_output.template(stack)["Resources"].values()
        if found["Type"] == "AWS::SSM::Parameter" and found["Properties"]["Name"].endswith("/plans/sales-us-east-1")
    ]
    value = parameter["Properties"]["Value"]
    parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
    texts = [part if isinstance(part, str) else next(iter(part.values())) for part in parts]
    return dict(json.loads("".join(text if isinstance(text, str) else text[0] for text in texts)))


def section(heading: str, until: str) -> str:
    text = OPERATING.read_text()
    return "\n".join(BLOCK.findall(text.split(f"\n{heading}\n")[1].split(f"\n{until}\n")[0]))


def run(tmp_path: Path, given: dict[str, Any], *scripts: str) -> list[list[str]]:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").write_text(STAND_IN)
    (folder / "aws").chmod(0o755)
    (folder / "record.json").write_text(json.dumps(given, separators=(",", ":")))
    work = tmp_path / "work"
    work.mkdir()
    script = 'set -eu\nPATH="$1:$PATH"\n' + "\n".join(scripts)
    subprocess.run(["sh", "-c", script, "sh", str(folder)], cwd=work, check=True, capture_output=True, text=True)  # noqa: S607
    return [json.loads(line) for line in (folder / "calls").read_text().splitlines()]


def options(call: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    words = call[2:]
    for word in words[next(index for index, word in enumerate(words) if word.startswith("--")) :]:
        if word.startswith("--"):
            found[word] = []
        else:
            found[list(found)[-1]].append(word)
    return found


def names() -> str:
    return BLOCK.findall(OPERATING.read_text())[0]


def way_back() -> str:
    """The restore by hand; what follows the restore itself needs the page's step 7."""
    return "\n".join(BLOCK.findall(OPERATING.read_text().split("\n## By hand\n")[1]))


def restored(tmp_path: Path, given: dict[str, Any]) -> dict[str, list[str]]:
    calls = run(tmp_path, given, names(), way_back())
    [restore] = [call for call in calls if call[1] == "restore-from-cluster-snapshot"]
    return options(restore)


def test_the_restore_gets_every_value_of_the_real_record(tmp_path: Path) -> None:
    # GIVEN the record of the example's own template WHEN the page is followed THEN the restore is given all of it
    given = record()
    found = restored(tmp_path, given)
    recovery = given["recovery"]
    assert found["--region"] == [recovery["region"]]
    assert found["--cluster-identifier"] == found["--snapshot-cluster-identifier"] == [given["cluster"]["identifier"]]
    assert found["--cluster-subnet-group-name"] == [recovery["subnet_group"]]
    assert found["--vpc-security-group-ids"] == recovery["security_groups"]
    assert found["--cluster-parameter-group-name"] == [recovery["parameter_group"]]
    assert found["--kms-key-id"] == found["--master-password-secret-kms-key-id"] == [recovery["encryption_key"]]
    assert found["--node-type"] == [given["restore"]["node_type"]]
    assert found["--number-of-nodes"] == [str(given["restore"]["number_of_nodes"])]
    assert found["--port"] == [str(given["restore"]["port"])]
    assert found["--automated-snapshot-retention-period"] == [str(given["restore"]["automated_days"])]
    assert found.keys() & {"--multi-az", "--iam-roles"} == set()


def test_the_restore_gets_what_a_full_record_says(tmp_path: Path) -> None:
    # GIVEN a record with every option WHEN the page is followed THEN none is lost on the way
    roles = ["arn:aws:iam::111122223333:role/copy", "arn:aws:iam::111122223333:role/unload"]
    given = record()
    given["recovery"]["security_groups"] = ["sg-1", "sg-2"]
    application = "arn:aws:redshift:us-west-2:111122223333:redshiftidcapplication:1f0c6a52"
    given["restore"] |= {"default_iam_role_arn": roles[0], "maintenance_track_name": "trailing"}
    given["restore"] |= {"catalog_name": "sales", "redshift_idc_application_arn": application}
    given["restore"] |= {"multi_az": True, "iam_role_arns": roles, "snapshot_schedule": "away", "automated_days": 9}
    found = restored(tmp_path, given)
    assert found["--multi-az"] == []
    assert found["--iam-roles"] == roles
    assert found["--default-iam-role-arn"] == roles[:1]
    assert found["--maintenance-track-name"] == ["trailing"]
    assert found["--catalog-name"] == ["sales"]
    assert found["--redshift-idc-application-arn"] == [application]
    assert found["--vpc-security-group-ids"] == ["sg-1", "sg-2"]
    assert found["--snapshot-schedule-identifier"] == ["away"]
    assert found["--automated-snapshot-retention-period"] == ["9"]


def test_what_the_restore_does_not_take_is_done_after_it(tmp_path: Path) -> None:
    # GIVEN a record with audit logs WHEN the page is followed THEN they are switched on, and the cluster is the plan's by a tag
    given = record()
    calls = {call[1]: options(call) for call in run(tmp_path, given, names(), way_back())}
    assert calls["enable-logging"]["--log-exports"] == given["restore"]["log_exports"]
    assert calls["create-tags"]["--tags"] == [f"Key={TAG_PLAN},Value={given['plan']}"]


def test_the_restore_leaves_out_what_the_record_leaves_out(tmp_path: Path) -> None:
    # GIVEN a record that says nothing, or null WHEN the page is followed THEN the snapshot decides
    given = record()
    given["restore"] = {"multi_az": None, "port": None}
    left_out = {"--multi-az", "--no-multi-az", "--iam-roles", "--node-type", "--number-of-nodes", "--port"}
    left_out |= {"--default-iam-role-arn", "--maintenance-track-name", "--catalog-name"}
    left_out |= {
        "--redshift-idc-application-arn",
        "--automated-snapshot-retention-period",
        "--snapshot-schedule-identifier",
    }
    assert restored(tmp_path, given).keys() & left_out == set()


def test_the_restore_is_told_of_one_zone(tmp_path: Path) -> None:
    # GIVEN a record that says one Zone, whatever the snapshot says WHEN the page is followed THEN the restore is told so
    given = record()
    given["restore"]["multi_az"] = False
    found = restored(tmp_path, given)
    assert found["--no-multi-az"] == []
    assert "--multi-az" not in found


def test_snapshots_are_found_without_their_cluster() -> None:
    # GIVEN a Region that does not have the cluster, any more or at all WHEN its snapshots are listed THEN by their own words:
    # whether AWS lists the snapshots of a name that it does not know there is not documented
    asked = [words for _, words in COMMANDS if "describe-cluster-snapshots" in words and "manual" not in words]
    assert len(asked) > 2
    for words in asked:
        assert "--cluster-identifier" not in words
        assert "ClusterIdentifier=='$CLUSTER'" in words[words.index("--query") + 1]


def test_the_restore_knows_every_option_that_a_record_can_hold() -> None:
    # GIVEN the record's schema WHEN the page reads a record THEN it reads each option of the restore; the copy comes after
    known = set(schemas.PLAN_RECORD_SCHEMA["properties"]["restore"]["properties"]) - {"copy_to"}
    told = set(re.findall(r"\bfield restore\.(\w+)", OPERATING.read_text().split("\n## By hand\n")[1]))
    assert told == known


def test_nothing_on_the_way_back_asks_the_lost_region(tmp_path: Path) -> None:
    # GIVEN a Region that is gone WHEN the page is followed THEN each call goes to the recovery Region
    calls = run(tmp_path, record(), names(), way_back())
    assert {region for call in calls for region in options(call)["--region"]} == {"us-west-2"}


def test_the_copy_is_switched_on_again_as_the_record_says(tmp_path: Path) -> None:
    # GIVEN a cluster that was restored in place WHEN the page is followed THEN the copy is the plan's
    given = record()
    text = section("## The cluster was deleted by mistake", "## A bad load")
    calls = run(tmp_path, given, names(), text)
    [enable] = [call for call in calls if call[1] == "enable-snapshot-copy"]
    found = options(enable)
    assert found["--destination-region"] == [given["recovery"]["region"]]
    assert found["--retention-period"] == [str(given["copy"]["keep_automated_days"])]
    assert found["--manual-snapshot-retention-period"] == [str(given["copy"]["keep_manual_days"])]
    assert found["--snapshot-copy-grant-name"] == [given["recovery"]["snapshot_copy_grant_name"]]


def test_each_alarm_is_found_by_its_description() -> None:
    # GIVEN the table of alarms WHEN an alarm of the example rings THEN its description leads to one section, and no row is idle;
    # those on drills are in test_drills_page
    begins = [re.findall(r"`([^`]+)`", row.cells["it begins with"])[0] for row in rows(OPERATING, "it begins with")]
    descriptions = {
        found["Properties"]["AlarmDescription"]
        for stack in ("Warehouse", "WarehouseRecovery")
        for found in app_output.template(stack)["Resources"].values()
        if found["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    }
    patterns = [re.escape(begin).replace(r"'\.\.\.'", "'.*'") for begin in begins]
    for text in descriptions:
        assert len([pattern for pattern in patterns if re.match(pattern, text)]) == 1, text
    idle = [each for each in patterns if not any(re.match(each, text) for text in descriptions)]
    assert [each for each in idle if "drill" not in each] == []


@pytest.mark.parametrize("page", [page for page in PAGES if BLOCK.search(page.read_text())], ids=lambda page: page.name)
def test_each_shell_block_can_be_read_by_a_shell(page: Path) -> None:
    for block in BLOCK.findall(page.read_text()):
        read = subprocess.run(["sh", "-n"], input=block, check=False, capture_output=True, text=True)  # noqa: S607
        assert read.returncode == 0, read.stderr


def queries(words: str) -> list[str]:
    """The queries of operating.md over snapshots, as a shell hands them on."""
    told = [list(command) for page, command in COMMANDS if page == "operating.md" and words in command]
    asked = [command[command.index("--query") + 1] for command in told]
    return [
        query.replace("$PRIMARY", "us-east-1").replace("$CLUSTER", "sales")
        for query in asked
        if "SourceRegion" in query
    ]


def test_the_newest_copy_is_found_and_nothing_else() -> None:
    # GIVEN copies of every kind in the recovery Region WHEN the page's queries are asked THEN only what can be restored counts
    def copy(name: str, hour: int, **changes: str) -> dict[str, str]:
        found = {
            "SnapshotIdentifier": name,
            "ClusterIdentifier": "sales",
            "SnapshotCreateTime": f"2026-11-24T{hour:02}:00:00Z",
        }
        return {**found, "Status": "available", "SourceRegion": "us-east-1", **changes}

    strange = copy("strange", 9, SourceRegion="eu-west-1")
    other = copy("other", 10, ClusterIdentifier="marketing")
    snapshots = [copy("newer", 7), copy("older", 3), copy("half", 8, Status="creating"), strange, other]
    newest, sorted_ = queries("describe-cluster-snapshots")
    assert jmespath.search(newest, {"Snapshots": snapshots}) == ["2026-11-24T07:00:00Z", "newer"]
    assert [row[1] for row in jmespath.search(sorted_, {"Snapshots": snapshots})] == ["older", "newer"]
    assert jmespath.search(newest, {"Snapshots": [strange]}) is None
