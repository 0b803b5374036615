"""The function that watches recovery points, and its rights: one for each stack, for all watches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract import names, watching
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.functions import ScheduledFunction
from resilient_redshift.stack.iam import Statement, allow, allow_each, metric_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

    from resilient_redshift.core.environment import ArnParts

_HANDLER: Final = "handler.watch.watch"
_ANY: Final = (
    "only reads, and the actions support no resource type, or the resources have no ARN in this Region; PutMetricData "
    "is limited to our namespace; X-Ray supports no resource type (service authorization reference)"
)
_OWN_FOLDERS: Final = "the folders of this watcher alone, with a parameter for each watch"
_RECORDS: Final = (
    "records hold no secret and are only read, and each plan's by its name would break the 10,240 characters of a role "
    "at 20 plans"
)
_KEYS: Final = (
    "only reads the descriptions of keys, also of keys of other accounts; each cluster's key by its ARN would break "
    "the 10,240 characters of a role at 20 clusters"
)
_QUOTAS: Final = "only reads the quotas of Redshift, whose codes AWS chooses"
#: The reading actions that IAM can narrow to the quotas of one service.
_OF_QUOTAS: Final = watching.READINESS_RIGHTS["quota"]
_ROLES: Final = (
    "only reads roles and simulates their rights; each plan's roles by their ARNs would break the 10,240 characters of "
    "a role at 20 plans"
)


@dataclass(frozen=True)
class Rights:
    """What the rights of a watcher depend on.

    Attributes:
        sides: the sides of its watches.
        recovery_regions: the Regions that get its heartbeat.
        machines: the ARNs of the restore machines of its plans.
        functions: the ARNs of the functions that these machines call.
    """

    sides: frozenset[str] = frozenset()
    recovery_regions: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    def with_(self, more: Rights) -> Rights:
        """These rights and others."""
        return Rights(
            self.sides | more.sides,
            *(
                tuple(dict.fromkeys((*mine, *theirs)))
                for mine, theirs in (
                    (self.recovery_regions, more.recovery_regions),
                    (self.machines, more.machines),
                    (self.functions, more.functions),
                )
            ),
        )


class WatchFunction(ScheduledFunction):
    """Watches recovery points. Lambda runs ``cloud/watch``.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        watcher: the watcher's id.
        rights: what its first watch needs.
    """

    def __init__(self, scope: Construct, construct_id: str, *, watcher: str, rights: Rights) -> None:
        super().__init__(scope, construct_id)
        self._watcher = watcher
        self._rights = rights
        self._acknowledged: set[str] = set()
        self._build(
            _HANDLER,
            statements=[statement for statement, _ in self._given()],
            findings={},
            description="resilient_redshift: the watch over recovery points",
        )
        self._acknowledge()

    def let_watch(self, rights: Rights) -> None:
        """Let the function do what one more watch needs."""
        together = self._rights.with_(rights)
        if together == self._rights:
            return
        self._rights = together
        self._allow_instead([statement for statement, _ in self._given()])
        self._acknowledge()

    def _given(self) -> list[tuple[Statement, str]]:
        return list(statements(self._arn_parts, self._watcher, self._rights))

    def _acknowledge(self) -> None:
        """Acknowledge the wildcards of the statements that are new."""
        found: dict[str, str] = {}
        for statement, reason in self._given():
            resources = statement["Resource"]
            for resource in [resources] if isinstance(resources, str) else resources:
                if "*" in resource and resource not in self._acknowledged:
                    self._acknowledged.add(resource)
                    finding = "AwsSolutions-IAM5[Resource::*]" if resource == "*" else ""
                    found[finding or wildcard_finding(self._stack, resource)] = reason
        if found:
            acknowledge(self.policy, found)


def statements(parts: ArnParts, watcher: str, rights: Rights) -> Iterator[tuple[Statement, str]]:
    """What a watcher may do, and why a resource of each statement has a wildcard.

    The contract's ``WATCH_ACTIONS`` says what each group of actions is for.

    Args:
        parts: what the ARNs of the watcher's stack share.
        watcher: the watcher's id.
        rights: what the rights depend on.
    """
    recovery = watching.RECOVERY in rights.sides
    readiness = watching.READINESS_RIGHTS if recovery else {"*": ()}
    on_all = {action for side in rights.sides for action in watching.WATCH_ACTIONS_ON_ALL[side]}
    quotas = f"arn:{parts.partition}:servicequotas:{parts.region}:{parts.account}:redshift/*"
    yield allow(sorted((on_all | {*readiness["*"]}) - {*_OF_QUOTAS}), "*"), _ANY
    yield allow(_OF_QUOTAS, quotas), _QUOTAS
    yield metric_statement(), _ANY
    bus = f"arn:{parts.partition}:events:{parts.region}:{parts.account}:event-bus/default"
    # the automation of users follows our events about endpoints, which a watcher never sends
    ours = {"events:source": watching.EVENT_SOURCE, "events:detail-type": watching.EVENT_DETAIL_TYPE}
    yield {**allow(_actions("events"), bus), "Condition": {"StringEquals": ours}}, ""
    for group, folder in (("watches", watching.WATCH_FOLDER), ("memories", watching.MEMORY_FOLDER)):
        own = _parameter(parts, f"{folder}{watcher}")
        yield allow(_actions(group), own, f"{own}/*"), _OWN_FOLDERS
    keys = {*_actions("keys"), *readiness.get("key", ())}
    yield allow(sorted(keys), f"arn:{parts.partition}:kms:{parts.region}:*:key/*"), _KEYS
    if rights.sides & {watching.PRIMARY, watching.RECOVERY}:
        folders = [names.PLAN_RECORD_FOLDER, names.LINEAGE_FOLDER, names.ENDPOINT_FOLDER, names.DRILLS_FOLDER]
        if recovery:
            folders.append(watching.HEARTBEAT_FOLDER)  # the same action
        yield allow(_actions("plans"), *(_parameter(parts, f"{folder}*") for folder in folders)), _RECORDS
    if recovery:
        yield allow(_actions("history"), _parameter(parts, f"{names.PLAN_RECORD_FOLDER}*")), _RECORDS
        yield from _readiness(parts, rights)
    if rights.recovery_regions:
        beat = watching.heartbeat_name(parts.region, watcher)
        there = [_parameter(_at(parts, region), beat) for region in rights.recovery_regions]
        yield allow_each(_actions("heartbeats_written"), there), ""


def _readiness(parts: ArnParts, rights: Rights) -> Iterator[tuple[Statement, str]]:
    """What the readiness of the plans needs besides, and the runs of their machines."""
    also = watching.READINESS_RIGHTS
    yield allow_each(sorted({*_actions("runs"), *also["machine"]}), rights.machines), ""
    yield allow_each(also["function"], rights.functions), ""
    yield allow(also["role"], f"arn:{parts.partition}:iam::{parts.account}:role/*"), _ROLES


def _actions(group: str) -> tuple[str, ...]:
    return watching.WATCH_ACTIONS[group]


def _parameter(parts: ArnParts, name: str) -> str:
    return f"arn:{parts.partition}:ssm:{parts.region}:{parts.account}:parameter{name}"


def _at(parts: ArnParts, region: str) -> ArnParts:
    return replace(parts, region=region)
