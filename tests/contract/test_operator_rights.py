"""The rights that the page of the command shows are those that a plan grants."""

from __future__ import annotations

import json

from resilient_redshift.contract import operator_rights
from tests.docs.tables import ROOT

ACCOUNT = "111122223333"
RESTORE = "SiteRestoreMachine-1ab2c3d4e5f6"
FUNCTIONS = ("SiteRestoreFunction5F2C9A41-1ab2c3d4e5f6", "SiteRestoreCleanUp6EB917ED-1ab2c3d4e5f6")
#: The roles of the restore machine, of its function and of the restored cluster.
ROLES = ("SiteRestoreRole0C1D2E3F-1ab2c3d4e5f6", "SiteRestoreFunctionRole4A5B6C7D-1ab2c3d4e5f6", "spectrum")
SNAPSHOTS = "ResilientRedshiftSnapshots39CD0846-aBcDeFgH"


def arn(service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def states(kind: str, end: str = "") -> list[str]:
    return [
        arn("states", "us-west-2", f"{kind}:{RESTORE}{end}"),
        arn("states", "us-east-1", f"{kind}:{SNAPSHOTS}{end}"),
    ]


def test_the_page_of_the_command_shows_these_statements() -> None:
    # GIVEN the policy of the page, which the end-to-end tests give to an operator
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").split("\n## Rights\n", 1)[1]
    shown = json.loads(page.split("```json\n", 1)[1].split("```", 1)[0])
    # THEN it is what the grants of a plan are made of, and what describe-cluster reads
    machines, runs = states("stateMachine"), states("execution", ":*")
    assert shown["Statement"] == [
        *operator_rights.read_status(
            parameters=arn("ssm", "*", operator_rights.PARAMETERS), machines=machines, runs=runs
        ),
        *operator_rights.check(
            machines=machines[:1],
            functions=[arn("lambda", "us-west-2", f"function:{name}") for name in FUNCTIONS[:1]],
            roles=[f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ROLES],
            keys=[arn("kms", "us-west-2", "key/1f0c6a52-7d1e-4c8e-9b2a-0d6f3c1b5e4a")],
            quotas=arn("servicequotas", "us-west-2", "redshift/*"),
            zones=["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"],
        ),
        *operator_rights.start_runs(machines),
        *operator_rights.clean_up([arn("lambda", "us-west-2", f"function:{FUNCTIONS[1]}")]),
        *operator_rights.freeze(
            [arn("redshift", "us-west-2", "snapshot:sales/*")],
            [arn("redshift", "us-west-2", "snapshot:sales/sales-frozen-*")],
        ),
        *operator_rights.describe_cluster(),
    ]


def test_the_page_of_the_switchover_shows_these_statements() -> None:
    # GIVEN the policy of the page, which the end-to-end tests give to an operator
    page = (ROOT / "docs" / "switchover.md").read_text(encoding="utf-8").split("\n## Rights\n", 1)[1]
    shown = json.loads(page.split("```json\n", 1)[1].split("```", 1)[0])
    # THEN it is what the command does
    written = ("switchovers", "switchover-locks", "fences", "lineages")
    assert shown["Statement"] == operator_rights.switch_over(
        parameters=[arn("ssm", "*", f"parameter/resilient-redshift/{folder}/*") for folder in written],
        endpoints=[arn("ssm", "*", "parameter/resilient-redshift/endpoints/*")],
        clusters=[arn("redshift", "*", "cluster:sales"), arn("redshift", "*", "cluster:sales-retired-*")],
        snapshots=[arn("redshift", "*", "snapshot:sales/sales-switchover-*")],
        buses=[arn("events", "*", "event-bus/default")],
    )
