"""What the Regions say about many plans. Each thing is read once, by whoever needs it first.

A few plans are asked about one by one, with their names. Of many plans, the lists of a Region are read instead: 200
plans then take about 50 calls.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resilient_redshift.cli import executions, redshift
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.errors import DeniedError
from resilient_redshift.cli.outlook import published_in, published_of, snapshots
from resilient_redshift.cli.patience import Task
from resilient_redshift.cloud.redshift import clusters, snapshot_schedules
from resilient_redshift.cloud.restore.seen import Seen, seen
from resilient_redshift.contract.names import (
    DRILLS_FOLDER,
    ENDPOINT_FOLDER,
    LINEAGE_FOLDER,
    PLAN_RECORD_FOLDER,
    drills_name,
    endpoint_name,
    lineage_name,
    plan_record_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cli.aws import Answer, Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published

T = TypeVar("T")

#: Of more plans than these, a Region's lists are read.
FEW: Final = 5
#: The folders of what is read of each plan. The last three are short or empty, but for the drills.
_FOLDERS: Final = (PLAN_RECORD_FOLDER, LINEAGE_FOLDER, DRILLS_FOLDER, ENDPOINT_FOLDER)


class Readings:
    """What the Regions say, each thing read at most once.

    Args:
        aws: calls to AWS.
        records: the plans that are read about.
    """

    def __init__(self, aws: Aws, records: Sequence[Plan]) -> None:
        self._aws = aws
        self._records = records
        self._lock = Lock()
        self._tasks: dict[Hashable, Task[Any]] = {}
        self._recovering = Counter(plan.recovery for plan in records)
        self._protected = Counter(region for region, _ in {(plan.primary, plan.cluster) for plan in records})
        self._of_machine = Counter(plan.machine("restore") for plan in records)
        self._ways_home = Counter(plan.primary for plan in records if "reverse_of" in plan.record)

    def snapshots(self, region: str) -> Answer[list[RecoveryPoint]]:
        """Every snapshot of a Region."""
        return self._once(("snapshots", region), partial(snapshots, self._aws, region))

    def clusters(self, region: str) -> Answer[list[Seen]]:
        """Every cluster of a Region."""
        return self._once(("seen", region), lambda: [seen(cluster) for cluster in self._all_clusters(region)])

    def home(self, region: str, cluster: str) -> Answer[ClusterTypeDef | None]:
        """A protected cluster. None if the Region has no cluster of that identifier."""
        if self._protected[region] > FEW:
            return ask(lambda: next((one for one in self._all_clusters(region) if _is_called(one, cluster)), None))
        return self._once(
            ("home", region, cluster), lambda: clusters.describe(redshift.client(self._aws, region), cluster)
        )

    def times(self, region: str, schedule: str) -> Answer[Sequence[str]]:
        """When automated snapshots are taken, by a snapshot schedule. Empty if it is unknown there."""
        client = redshift.client(self._aws, region)
        if self._protected[region] > FEW:
            every = self._once(("schedules", region), lambda: snapshot_schedules.definitions_of_all(client))
            return ask(lambda: every.get().get(schedule, ()))

        def read() -> Sequence[str]:
            one = snapshot_schedules.read(client, schedule)
            return () if one is None else one.definitions

        return self._once(("schedule", region, schedule), read)

    def parameters(self, plan: Plan) -> Answer[Mapping[str, str]]:
        """What Parameter Store has of a plan in its recovery Region: record, lineage, drills and endpoint, by name."""
        names = [name(plan.name) for name in (plan_record_name, lineage_name, drills_name, endpoint_name)]
        region = plan.recovery
        if self._recovering[region] > FEW:
            answers = [self.folder(region, folder) for folder in self._folders(region)]
            if not any(isinstance(answer.problem, DeniedError) for answer in answers):
                return ask(partial(_chosen, answers, names))
        return self._once(("parameters", plan.name, region), partial(self._parameters, region, names))

    def folder(self, region: str, folder: str) -> Answer[Mapping[str, str]]:
        """The parameters of a folder of Parameter Store, by name."""
        return self._once(("folder", region, folder), partial(self._read_folder, region, folder))

    def has_record(self, plan: Plan) -> bool:
        """Whether the record that the command began with is the recovery Region's, and is not read once more."""
        return self._recovering[plan.recovery] > FEW and plan.read_in == plan.recovery

    def published(self, plan: str, region: str) -> Answer[Published | None]:
        """What a plan has published in a Region. None if nothing is."""
        if self._ways_home[region] > FEW:
            folder = self.folder(region, ENDPOINT_FOLDER)
            if not isinstance(folder.problem, DeniedError):
                return ask(lambda: published_in(folder.get().get(endpoint_name(plan)), plan))
        return self._once(("published", region, plan), partial(published_of, self._aws, plan, region))

    def running(self, machine: str, plan: Plan) -> Answer[list[Execution]]:
        """The running executions of a machine that are of a plan."""
        if self._of_machine[machine] > FEW:
            names = {one.name for one in self._records}
            every = self._once(("running", machine), partial(executions.running_of_all, self._aws, machine, names))
        else:
            every = self._once(
                ("running", machine, plan.name), partial(executions.running, self._aws, machine, plan.name)
            )
        return ask(lambda: [run for run in every.get() if run.input.get("plan") == plan.name])

    def begin(self) -> None:
        """Begin what the plans need of every Region, so that no Region waits for another one."""
        self.begin_recovery()
        for region, number in self._protected.items():
            self._begin(("snapshots", region), partial(snapshots, self._aws, region))
            if number > FEW:
                self._begin(("clusters", region), partial(self._list_clusters, region))

    def begin_recovery(self) -> None:
        """Begin what the plans need of their recovery Regions."""
        for region in self._recovering:
            self._begin(("snapshots", region), partial(snapshots, self._aws, region))
            self._begin(("clusters", region), partial(self._list_clusters, region))
            if self._recovering[region] > FEW:
                for folder in self._folders(region):
                    self._begin(("folder", region, folder), partial(self._read_folder, region, folder))

    def _folders(self, region: str) -> Sequence[str]:
        """The folders to read. The records that the command began with are not read once more."""
        begun = all(plan.read_in == region for plan in self._records if plan.recovery == region)
        return _FOLDERS[1:] if begun else _FOLDERS

    def _read_folder(self, region: str, folder: str) -> Mapping[str, str]:
        found = self._aws.pages(region, "ssm", "GetParametersByPath", "Parameters", Path=folder.rstrip("/"))
        return {str(one["Name"]): str(one["Value"]) for one in found}

    def _parameters(self, region: str, names: Sequence[str]) -> Mapping[str, str]:
        answer = self._aws.call(region, "ssm", "GetParameters", Names=names)
        return {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}

    def _all_clusters(self, region: str) -> list[ClusterTypeDef]:
        return self._once(("clusters", region), partial(self._list_clusters, region)).get()

    def _list_clusters(self, region: str) -> list[ClusterTypeDef]:
        return list(clusters.describe_all(redshift.client(self._aws, region)))

    def _begin(self, key: Hashable, query: Callable[[], T]) -> Task[Answer[T]]:
        with self._lock:
            if key not in self._tasks:
                self._tasks[key] = Task(partial(ask, query))
                self._tasks[key].start()
            return self._tasks[key]

    def _once(self, key: Hashable, query: Callable[[], T]) -> Answer[T]:
        return self._begin(key, query).result()


def _is_called(cluster: ClusterTypeDef, identifier: str) -> bool:
    return cluster.get("ClusterIdentifier") == identifier


def _chosen(answers: Sequence[Answer[Mapping[str, str]]], names: Sequence[str]) -> Mapping[str, str]:
    found = {name: text for answer in answers for name, text in answer.get().items()}
    return {name: found[name] for name in names if name in found}
