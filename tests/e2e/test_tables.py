"""A bad load noticed late, on deployed stacks: one table comes back beside the bad one, in both ways.

The real command runs in this process, so that its pauses let the time of the emulated account pass. It acts under a role with the rights
of docs/cli.md and docs/restore-table.md, and no others.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from resilient_redshift.cli.main import cli
from resilient_redshift.cli.tables.scratch import SCRATCH_CLUSTERS
from resilient_redshift.cli.tools import Tools
from tests.e2e.operator import ROOT, Operator
from tests.e2e.restore_site import MINUTE, PLAN, ROWS
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.restore_site import RestoreSite

BUCKET = "transfer"
BAD = 7


@pytest.fixture(scope="module")
def signed_in(restore_site: RestoreSite) -> Operator:
    """An operator who may do what both pages say."""
    operator = Operator(restore_site, "table-operator")
    text = (ROOT / "docs" / "restore-table.md").read_text(encoding="utf-8")
    policy = text.split("```json\n", 1)[1].split("```", 1)[0]
    restore_site.aws.client("iam", PRIMARY).put_role_policy(
        RoleName="table-operator", PolicyName="tables", PolicyDocument=policy
    )
    restore_site.aws.client("s3", PRIMARY).create_bucket(Bucket=BUCKET)
    return operator


class Night:
    """An operator in front of a warehouse with a bad load."""

    def __init__(self, site: RestoreSite, operator: Operator) -> None:
        self.site, self.operator = site, operator
        self.loaded_at = ""

    def load(self) -> None:
        """Load wrong rows."""
        self.site.aws.advance(MINUTE)
        self.loaded_at = self.site.aws.now().isoformat()
        self.site.write(BAD)

    def run(self, *words: str) -> Result:
        """Run ``restore-table`` for what was there before the load."""

        def sleep(seconds: float) -> None:
            self.site.aws.advance(dt.timedelta(seconds=max(5.0, seconds)))

        tools = Tools(clock=self.site.aws.now, sleep=sleep, region=RECOVERY)
        line = ["restore-table", PLAN, "public.orders", *words, "--before", self.loaded_at, "--yes"]
        return CliRunner().invoke(cli, line, obj=tools, catch_exceptions=False)

    def tables(self) -> dict[str, int]:
        """The rows of each table of the warehouse."""
        found = self.site.aws.model("content", PRIMARY, CLUSTER)["tables"]
        return {name: int(table["rows"]) for name, table in found.items()}

    def scratch(self) -> list[str]:
        """The scratch clusters."""
        return [name for name in self.site.clusters() if name.startswith(SCRATCH_CLUSTERS)]


@pytest.fixture
def night(site: RestoreSite, signed_in: Operator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """No right that he lacks is asked for, and the warehouse is left as it was."""
    for name, value in site.aws.sign_in(signed_in.role).items():
        monkeypatch.setenv(name, value)
    site.aws.settings(table_restore_seconds=30)
    # other tests of the site may have written orders since its newest snapshot
    site.aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": ROWS})
    site.snapshot("before-the-load")
    since = site.mark()
    yield Night(site, signed_in)
    site.aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": ROWS})
    assert signed_in.refusals(since) == []


def test_redshift_brings_the_table_back(night: Night) -> None:
    # GIVEN a bad load WHEN the table is restored from the newest snapshot before it THEN the good rows are beside the bad
    night.load()
    result = night.run("--as", "orders_before")
    assert result.exit_code == 0, result.output + result.stderr
    assert night.tables() == {"public.orders": ROWS + BAD, "public.orders_before": ROWS}


def test_a_copy_brings_the_table_back(night: Night) -> None:
    # GIVEN a bad load, and a role that both clusters have WHEN the table is brought back from the copy
    redshift = night.site.home
    redshift.modify_cluster_iam_roles(ClusterIdentifier=CLUSTER, AddIamRoles=[night.site.role])
    night.site.aws.advance(5 * MINUTE)
    night.load()
    options = ("--as", "orders_copy", "--from-copies", "--role", night.site.role, "--bucket", f"s3://{BUCKET}/tables")
    result = night.run(*options)
    # THEN all rows are there, nothing was published, and the scratch cluster is gone
    assert result.exit_code == 0, result.output + result.stderr
    assert night.tables() == {"public.orders": ROWS + BAD, "public.orders_copy": ROWS}
    assert night.site.parameter("/resilient-redshift/endpoints/") is None
    assert night.scratch() == []
    assert re.search(rf"{SCRATCH_CLUSTERS}[0-9a-f]+: deleted", result.output)
    redshift.modify_cluster_iam_roles(ClusterIdentifier=CLUSTER, RemoveIamRoles=[night.site.role])
    night.site.aws.advance(5 * MINUTE)
