"""A plan in two Regions, its cluster, its copies, its machines; and the command over them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

from emulator.redshift_model import Clock, Cluster, CopyConfig, RedshiftModel
from resilient_redshift.cli.main import cli
from resilient_redshift.cli.tools import Tools
from resilient_redshift.contract import names
from resilient_redshift.contract.record import plan_record
from tests.cli.fakes import ACCOUNT, Account

if TYPE_CHECKING:
    from collections.abc import Callable

HERE, THERE = "us-east-1", "us-west-2"
PLAN, NAME = "sales-us-east-1", "sales"
SNAPSHOTS = f"arn:aws:states:{HERE}:{ACCOUNT}:stateMachine:Snapshots"
RESTORE = f"arn:aws:states:{THERE}:{ACCOUNT}:stateMachine:Restore"
HOUR = 1 / 24
RULES = (
    {"rule": "nightly", "schedule": "cron(0 3 * * ? *)", "keep_days": 7, "keep_in_recovery_days": 14, "enabled": True},
)


def record(region: str, plan: str = PLAN, cluster: str = NAME, **changes: Any) -> dict[str, Any]:
    away = region == THERE
    named = {
        "encryption_key": f"arn:aws:kms:{THERE}:{ACCOUNT}:key/1f0c6a52",
        "subnet_group": "site-subnets",
        "security_groups": ["sg-0123456789abcdef0"],
        "parameter_group": "site-parameters",
    }
    given: dict[str, Any] = {
        "plan": plan,
        "cluster": {"identifier": cluster, "region": HERE, "account": ACCOUNT},
        "recovery": {
            "region": THERE,
            "site": "WarehouseRecovery/Site",
            "snapshot_copy_grant_name": "sales-grant",
            **(named if away else {}),
        },
        "objectives": {
            "recovery_point_seconds": 36000,
            "recovery_time_seconds": 7200,
            "expected_copy_time_seconds": 3600,
        },
        "copy": {"keep_automated_days": 14, "keep_manual_days": 14},
        "rules": RULES,
        "restore": {"node_type": "ra3.large", "number_of_nodes": 2, "port": 5439},
        "machines": {"restore": RESTORE} if away else {"snapshot": SNAPSHOTS},
        "drill": {
            "cluster_prefix": names.drill_prefix(plan, THERE),
            "rehearsals": [{"name": "monthly", "schedule": "cron(0 6 22 * ? *)", "enabled": True}],
            "longest_gap_seconds": 2678400,
        },
    }
    return plan_record(**{**given, **changes})


class Scene:
    """Everything is well, until a test says otherwise."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.model = RedshiftModel(self.clock)
        self.account = Account(self.model)
        self.account.machines = {SNAPSHOTS, RESTORE}
        self.interactive = False
        self.region: str | None = None
        self.sleeps: list[float] = []
        self.clock_of_tools: Callable[[], dt.datetime] = self.clock.now
        self.model.given_grant(THERE, "sales-grant", self.model.given_key(THERE))
        self.cluster: Cluster = self.given_cluster()
        self.put_record(HERE, record(HERE))
        self.put_record(THERE, record(THERE))

    def given_cluster(self, identifier: str = NAME) -> Cluster:
        born = self.clock.now() - dt.timedelta(days=30)
        copy = CopyConfig(THERE, 14, 14, "sales-grant")
        return self.model.given_cluster(HERE, identifier, copy=copy, automated_retention=7, create_time=born)

    def put_record(self, region: str, value: dict[str, Any] | None) -> None:
        plan = PLAN if value is None else value["plan"]
        self.put(region, names.plan_record_name(plan), None if value is None else json.dumps(value))

    def put(self, region: str, name: str, text: str | None) -> None:
        if text is None:
            self.account.parameters.pop((region, name), None)
        else:
            self.account.parameters[(region, name)] = text

    def ready(self) -> None:
        """The recovery Region has what a failover needs, but for a copy."""
        self.model.given_subnet_group(THERE, "site-subnets")
        self.model.given_parameter_group(THERE, "site-parameters")

    def copied(
        self, name: str = "copy:rs:sales-1", *, hours: float = 2, kind: str = "automated", **fields: Any
    ) -> None:
        """A copy in the recovery Region whose data is so many hours old."""
        self.model.given_snapshot(THERE, self.cluster, name, kind=kind, age_days=hours * HOUR, **fields)

    def tools(self) -> Tools:
        """The world around a command."""
        return Tools(
            session=self.account.session,
            clock=self.clock_of_tools,
            sleep=self._sleep,
            interactive=lambda: self.interactive,
            region=self.region,
        )

    def run(self, *arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), obj=self.tools(), input=answer, catch_exceptions=False)

    def _sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        assert len(self.sleeps) < 3000, "nothing ends this"
        self.clock.advance(seconds)


def words_of(result: Result) -> str:
    """All that was written, as one line."""
    return " ".join((result.output + result.stderr).split())
