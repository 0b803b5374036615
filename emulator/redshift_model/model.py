"""The model itself: one account, every Region, every call recorded."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.validate

from emulator.redshift_model import (
    automated,
    clusters,
    data_api,
    event_subscriptions,
    events,
    grants,
    key_loss,
    kms,
    node_configurations,
    parameter_groups,
    restores,
    schedules,
    snapshots,
    statements,
    storage,
    subnet_groups,
    table_restores,
    tags,
)
from emulator.redshift_model.client import hooked
from emulator.redshift_model.clock import Clock
from emulator.redshift_model.content import Content, normal, tables_of
from emulator.redshift_model.errors import ApiError, SimulatedKill, declared, operation_model
from emulator.redshift_model.faults import Faults, is_mutating
from emulator.redshift_model.state import Cluster, CopyConfig, Grant, Settings, Snapshot, SnapshotSchedule
from emulator.redshift_model.world import Handler, Params, World

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS: dict[str, dict[str, Handler]] = {
    "redshift": {
        **clusters.OPERATIONS,
        **grants.OPERATIONS,
        **schedules.OPERATIONS,
        **snapshots.OPERATIONS,
        **subnet_groups.OPERATIONS,
        **event_subscriptions.OPERATIONS,
        **parameter_groups.OPERATIONS,
        **restores.OPERATIONS,
        **table_restores.OPERATIONS,
        **node_configurations.OPERATIONS,
        **tags.OPERATIONS,
        **events.OPERATIONS,
        **storage.OPERATIONS,
    },
    "kms": kms.OPERATIONS,
    statements.SERVICE: data_api.OPERATIONS,
}


@dataclasses.dataclass
class Call:
    """One recorded call."""

    region: str
    operation: str
    params: dict[str, Any]
    mutating: bool
    service: str = "redshift"
    at: dt.datetime | None = None
    error: str | None = None  # wire code, or "SimulatedKill"
    took_effect: bool = False  # also true when only the answer was lost


def _copied(value: Any) -> Any:
    """Copy parameters or an answer: dictionaries, lists, and values that never change."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value


class RedshiftModel:
    """Amazon Redshift's API as we understand it (the package's docstring lists what is read and what is guessed).

    Attributes:
        clock: the virtual time.
        settings: durations, limits and doubtful beliefs; may be changed at any time.
        faults: faults on demand.
        calls: every call so far, failed ones too.
        world: all state, for a test to look at (or to set up by hand).
    """

    def __init__(self, clock: Clock | None = None, *, settings: Settings | None = None, partition: str = "aws") -> None:
        """Begin with an empty account of ``partition`` ("aws", "aws-cn", "aws-us-gov")."""
        self.clock = clock or Clock()
        self.settings = settings or Settings()
        self.world = World(self.clock, self.settings, partition)
        self.faults = Faults(self.world)
        self.calls: list[Call] = []
        self._clients: dict[tuple[str, str], Any] = {}

    def call(
        self, region: str, operation: str, params: Params | None = None, *, service: str = "redshift"
    ) -> dict[str, Any]:
        """Make one API call: ``operation`` and ``params`` in the API's spelling (``CreateClusterSnapshot``).

        Raises:
            ApiError: what the API answers.
            SimulatedKill: a prepared kill (a BaseException).
            botocore.exceptions.ParamValidationError: parameters that botocore would not send.
            NotImplementedError: an operation that the model does not know.
        """
        given = _copied(params or {})
        shape = operation_model(service, operation).input_shape
        if shape is not None:
            report = botocore.validate.ParamValidator().validate(given, shape)
            if report.has_errors():
                raise botocore.exceptions.ParamValidationError(report=report.generate_report())
        return self.perform(service, region, operation, given)

    def client(self, region: str) -> Any:
        """Return a real boto3 Redshift client of ``region``, answered by this model; the same one each time."""
        return self._client("redshift", region)

    def kms_client(self, region: str) -> Any:
        """Return a real boto3 KMS client of ``region``; DescribeKey is all that is known."""
        return self._client("kms", region)

    def data_client(self, region: str) -> Any:
        """Return a real boto3 client of the Redshift Data API of ``region``."""
        return self._client(statements.SERVICE, region)

    def data_call(self, region: str, operation: str, params: Params | None = None) -> dict[str, Any]:
        """Make one call of the Data API, as ``call`` does."""
        return self.call(region, operation, params, service=statements.SERVICE)

    def boto3_client(self, service_name: str, region_name: str, **_: Any) -> Any:
        """Stand in for ``boto3.client(service_name, region_name=...)``; further arguments (config) are ignored."""
        if service_name not in OPERATIONS:
            msg = f"the model knows {', '.join(OPERATIONS)}, not {service_name}"
            raise NotImplementedError(msg)
        return self._client(service_name, region_name)

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            self._clients[(service, region)] = hooked(service, region, self.perform)
        return self._clients[(service, region)]

    def perform(self, service: str, region: str, operation: str, params: Params) -> dict[str, Any]:
        """Make one call whose parameters botocore has validated; as ``call`` otherwise."""
        if region not in self.world.regions:
            msg = f"{region} is not in this model's partition {self.world.partition}"
            raise ValueError(msg)
        handler = OPERATIONS[service].get(operation)
        if handler is None:
            msg = f"the model does not know {service}:{operation}"
            raise NotImplementedError(msg)
        self.clock.advance(self.settings.seconds_per_call)
        self.world.settle()
        key_loss.look(self.world)
        call = Call(region, operation, _copied(params), is_mutating(operation), service, self.clock.now())
        self.calls.append(call)
        fault = self.faults.strike(service, region, operation)
        try:
            if fault is not None and not fault.after:
                raise fault.error(service)
            answer = self._answer(handler, call, params)
            call.took_effect = True
            if fault is not None:
                raise fault.error(service)
        except ApiError as error:
            call.error = error.code
            raise
        except SimulatedKill:
            call.error = "SimulatedKill"
            raise
        output = operation_model(service, operation).output_shape
        if output is not None:  # the model may not answer what the real service cannot
            report = botocore.validate.ParamValidator().validate(answer, output)
            if report.has_errors() or set(answer) - set(output.members):
                msg = f"{operation} answers what its output shape does not allow: {report.generate_report()} {sorted(answer)}"
                raise AssertionError(msg)
        return _copied(answer)

    def _answer(self, handler: Handler, call: Call, params: Params) -> dict[str, Any]:
        try:
            return handler(self.world, call.region, params)
        except ApiError as error:
            if not declared(call.service, call.operation, error):  # a rule may not answer what the real service cannot
                msg = f"{call.operation} does not declare {error.shape}"
                raise AssertionError(msg) from error
            raise

    # Looking without calling, and setting the scene; none of these is recorded.

    def mutating_calls(self, since: int = 0) -> list[Call]:
        """The mutating calls from index ``since`` of ``calls`` on, failed ones too."""
        return [call for call in self.calls[since:] if call.mutating]

    def cluster(self, region: str, identifier: str) -> Cluster | None:
        """The cluster as it stands now, or None."""
        self.world.settle()
        return self.world.clusters.get((region, identifier))

    def copy_of(self, region: str, identifier: str) -> CopyConfig | None:
        """The live copy configuration of a cluster; None if copying is off or the cluster gone."""
        cluster = self.cluster(region, identifier)
        return None if cluster is None else cluster.copy

    def grant(self, region: str, name: str) -> Grant | None:
        """The grant, hidden or not, or None."""
        return self.world.grants.get((region, name))

    def schedule(self, region: str, name: str) -> SnapshotSchedule | None:
        """The snapshot schedule, or None."""
        return self.world.schedules.get((region, name))

    def snapshots(self, region: str, cluster_identifier: str | None = None, kind: str | None = None) -> list[Snapshot]:
        """Snapshots in ``region``, oldest data first."""
        self.world.settle()
        found = [
            s
            for s in self.world.snapshots.values()
            if s.region == region and cluster_identifier in {None, s.cluster_identifier} and kind in {None, s.kind}
        ]
        return sorted(found, key=lambda s: (s.create_time, s.identifier))

    def given_cluster(self, region: str, identifier: str, **attributes: Any) -> Cluster:
        """Put an available cluster there; ``attributes`` are fields of ``Cluster`` (``copy=CopyConfig(...)``, ``tags=``)."""
        cluster = Cluster(
            **{"create_time": self.clock.now(), "status": "available", **attributes},
            identifier=identifier,
            region=region,
        )
        self.world.clusters[(region, identifier)] = cluster
        automated.start(self.world, cluster)
        return cluster

    def given_snapshot(
        self,
        region: str,
        cluster: Cluster,
        identifier: str,
        *,
        kind: str = "manual",
        age_days: float = 0,
        **attributes: Any,
    ) -> Snapshot:
        """Put an available snapshot of ``cluster`` into ``region`` (another Region than its own: a copy), ``age_days`` old.

        ``attributes`` are fields of ``Snapshot``; a manual one is kept for ever, a copied automated one 7 days unless told.
        """
        created = self.clock.now() - dt.timedelta(days=age_days)
        copied = region != cluster.region
        content = None if cluster.content is None else cluster.content.copy()
        fields: dict[str, Any] = {
            "identifier": identifier,
            "region": region,
            "cluster_identifier": cluster.identifier,
            "cluster_create_time": cluster.create_time,
            "kind": kind,
            "create_time": created,
            "status": "available",
            "retention": -1 if kind == "manual" else 7 if copied else None,
            "retention_start": created if kind == "manual" else None,
            "source_region": cluster.region if copied else None,
            "node_type": cluster.node_type,
            "number_of_nodes": cluster.number_of_nodes,
            "master_username": cluster.master_username,
            "database": cluster.database,
            "port": cluster.port,
            "size_megabytes": cluster.size_megabytes,
            "multi_az": cluster.multi_az,
            "automated_retention": cluster.automated_retention,
            "engine_version": cluster.engine_version or self.world.engine_version(cluster.region),
            "content": content,
            **attributes,
        }
        snapshot = Snapshot(**fields)
        self.world.snapshots[(region, identifier)] = snapshot
        return snapshot

    def given_content(
        self,
        region: str,
        cluster: str,
        tables: Mapping[str, Any] | None = None,
        answers: Mapping[str, Any] | None = None,
        databases: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Content:
        """Say what a cluster holds from now on; snapshots taken later carry it, earlier ones do not.

        Args:
            region: where the cluster is.
            cluster: its identifier.
            tables: all of its tables: ``{"public.orders": rows}`` (they share the cluster's size), ``(rows, megabytes)`` or
                ``Table``; None leaves them alone.
            answers: answers to SQL beside those it has: rows, one row, one value, ``{"error": text}``,
                ``{"rows": ..., "columns": [...], "seconds": 90}``; case, spaces and a final semicolon do not matter.
            databases: databases beside the cluster's own, each with its tables; those that are not named stay as they are.
        """
        found = self.world.cluster(region, cluster)
        data = statements.data_of(found)
        if tables is not None:
            data.tables = tables_of(tables, found.size_megabytes)
        for name, theirs in (databases or {}).items():
            data.databases.setdefault(name, Content()).tables = tables_of(theirs, found.size_megabytes)
        data.answers |= {normal(statement): answer for statement, answer in (answers or {}).items()}
        return data

    def content(self, region: str, cluster: str) -> Content:
        """What a cluster holds now."""
        return statements.data_of(self.world.cluster(region, cluster))

    def statements(self, region: str, cluster: str | None = None) -> list[statements.Statement]:
        """Statements of the Data API in ``region``, oldest first."""
        found = [s for s in self.world.statements.values() if s.region == region]
        return [s for s in found if cluster in {None, s.cluster_identifier}]

    def given_subnet_group(self, region: str, name: str, *zones: str) -> None:
        """Put a subnet group there with one subnet in each Zone (``a`` or ``eu-west-1a``; a, b and c unless given), in one VPC."""
        places = [zone if zone.startswith(region) else region + zone for zone in zones or ("a", "b", "c")]
        subnets = {f"subnet-{name}-{zone}": ("vpc-" + region, zone) for zone in places}
        self.world.given_subnets.update({(region, subnet): fact for subnet, fact in subnets.items()})
        if self.world.subnet is None:
            self.world.subnet = lambda *where: self.world.given_subnets.get(where)
        group = subnet_groups.SubnetGroup(name, "given", list(subnets))
        self.world.subnet_groups[(region, name)] = group

    def given_parameter_group(self, region: str, name: str, **parameters: str) -> None:
        """Put a parameter group there."""
        group = parameter_groups.ParameterGroup(name, "redshift-2.0", "given", parameters)
        self.world.parameter_groups[(region, name)] = group

    def copies_that_failed(self) -> list[tuple[str, str, str]]:
        """Destination, name and reason of each copy that could not begin; AWS would tell nobody."""
        return list(self.world.failed_copies)

    def region_down(self, region: str) -> None:
        """Lose ``region`` for now: no automated snapshot is taken there, no copy from or to it and no restore begins or ends."""
        self.world.down.add(region)

    def region_up(self, region: str) -> None:
        """Bring it back."""
        self.world.down.discard(region)

    def given_key(
        self, region: str, *, key_id: str | None = None, state: str = "Enabled", alias: str | None = None
    ) -> str:
        """Put a KMS key there and return its ARN."""
        return kms.create(self.world, region, key_id=key_id, state=state, alias=alias)

    def given_grant(self, region: str, name: str, kms_key_id: str | None = None, **attributes: Any) -> Grant:
        """Put a visible grant there; ``kms_key_id`` None: the default key."""
        grant = Grant(name=name, region=region, kms_key_id=kms_key_id, created=self.clock.now(), **attributes)
        self.world.grants[(region, name)] = grant
        return grant

    def given_schedule(self, region: str, name: str, *definitions: str, **attributes: Any) -> SnapshotSchedule:
        """Put a snapshot schedule there; ``attributes`` are fields of ``SnapshotSchedule`` (``tags=``)."""
        schedule = SnapshotSchedule(name, region, definitions or ("rate(4 hours)",), **attributes)
        self.world.schedules[(region, name)] = schedule
        return schedule

    def given_size(self, region: str, identifier: str, megabytes: float) -> None:
        """Say how much data a cluster holds; snapshots taken from now on are so large. 0: it was emptied."""
        self.world.cluster(region, identifier).size_megabytes = megabytes

    def set_key_state(self, arn: str, state: str) -> None:
        """Disable, enable or schedule the deletion of a key."""
        kms.set_state(self.world, arn, state)

    def arn(self, region: str, resource: str) -> str:
        """A Redshift ARN of this account, e.g. of ``cluster:warehouse``."""
        return self.world.arn(region, resource)


__all__ = ["OPERATIONS", "Call", "RedshiftModel"]
