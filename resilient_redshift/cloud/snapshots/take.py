"""The phases of a run that takes a manual snapshot, from its start until the snapshot is available.

A phase looks at what is there, makes at most one call that changes something, and says what comes next. The state
machine waits between the phases. An error is judged by AWS's code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import code, meaning, words
from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.phases import End, Step
from resilient_redshift.cloud.redshift import clusters, snapshots
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.cloud.snapshots.take_corrections import retention_to_set, tags_to_set
from resilient_redshift.cloud.snapshots.take_metrics import metrics_of
from resilient_redshift.cloud.snapshots.take_refusal import BUSY_SECONDS, judge_refusal, outcome_of
from resilient_redshift.cloud.snapshots.take_waiting import (
    LOOK_SECONDS,
    give_up_at,
    is_stuck,
    look_seconds,
    waiting_since,
)
from resilient_redshift.contract import names, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import SnapshotTypeDef, TagTypeDef

    from resilient_redshift.cloud.aws.runtime import MetricWriter
    from resilient_redshift.cloud.snapshots.take_run import Run

TAKE: Final = "TakeSnapshot"
WAIT: Final = "WaitForSnapshot"
DELETE_FAILED: Final = "DeleteFailedSnapshot"
REPORT: Final = "Report"

#: The wait after an error that passes by itself: it doubles from the first to the longest.
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 5, 60
#: A new snapshot may not be visible everywhere at once.
_MOST_LOOKS_WITHOUT: Final = 5
#: How often a run tries to delete a failed snapshot, and to publish its metrics.
_ATTEMPTS: Final = 5
_GONE: Final = frozenset({"deleting", "deleted"})
_SNAPSHOT_QUOTA: Final = "ClusterSnapshotQuotaExceeded"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a phase needs from outside. Tests bring their own clock and AWS.

    Args:
        redshift: a Redshift client of the cluster's Region.
        cloudwatch: a CloudWatch client of the same Region.
        now: returns the time, timezone-aware, in UTC.
    """

    redshift: RedshiftClient
    cloudwatch: MetricWriter
    now: Callable[[], datetime]


class Phases:
    """The phases of one run. Each changes the run and returns what comes next.

    Args:
        run: the run.
        surroundings: the clients and the clock.
    """

    def __init__(self, run: Run, surroundings: Surroundings) -> None:
        self._run = run
        self._redshift = surroundings.redshift
        self._cloudwatch = surroundings.cloudwatch
        self._now = surroundings.now()

    def take(self) -> Step | End:
        """Create the snapshot.

        The call itself looks: a name can be taken only once, so a second call finds the snapshot of the first one.
        """
        run = self._run
        if run.late:
            return self._end(
                outcomes.SNAPSHOT_SKIPPED_LATE,
                "the event arrived later than the rule's own gap; the next snapshot is due",
            )
        try:
            self._redshift.create_cluster_snapshot(
                ClusterIdentifier=run.request.cluster_identifier,
                SnapshotIdentifier=run.snapshot,
                ManualSnapshotRetentionPeriod=run.request.keep_days,
                Tags=_tag_list(run.tags),
            )
        except (ClientError, BotoCoreError) as error:
            return self._not_created(error)
        return self._created(by_this_call=True)

    def wait(self) -> Step | End:
        """Look at the snapshot, and correct it once it is available."""
        run = self._run
        try:
            found = snapshots.read(self._redshift, run.snapshot)
        except (ClientError, BotoCoreError) as error:
            return self._wait_failed("DescribeClusterSnapshots", error)
        if found is None:
            return self._not_there()
        run.looks_without = 0
        return self._seen(found, tags_of(found.get("Tags", [])))

    def delete_failed(self) -> Step | End:
        """Delete the snapshot if it failed, and go on with the second try.

        A failed snapshot holds nothing, and it counts toward the quota. The second try takes place even if the
        deletion is refused.
        """
        run = self._run
        try:
            found = snapshots.read(self._redshift, run.snapshot)
            if found is not None and found.get("Status", "").lower() in snapshots.FAILED_STATUSES:
                self._redshift.delete_cluster_snapshot(
                    SnapshotIdentifier=run.snapshot, SnapshotClusterIdentifier=run.request.cluster_identifier
                )
        except (ClientError, BotoCoreError) as error:
            log.write("WARNING", "failed snapshot not deleted", snapshot=run.snapshot, because=words(error))
            if self._passes(error) and run.errors < _ATTEMPTS:
                return self._again(DELETE_FAILED)
        run.errors = 0
        run.second_try = True
        return Step(next=TAKE, says=f"{run.base} failed; the second try is {run.snapshot}")

    def report(self) -> Step | End:
        """Publish the metrics and end the run. The outcome counts even if the metrics cannot be published."""
        run = self._run
        if run.outcome == outcomes.SNAPSHOT_QUOTA_EXCEEDED and not run.message:
            try:
                number = f" by {len(snapshots.read_all(self._redshift, snapshot_type='manual'))} of them"
            except (ClientError, BotoCoreError) as error:
                if self._passes(error) and run.errors < _ATTEMPTS:
                    return self._again(REPORT)
                number = ""  # unknown
            run.message = f"the quota of manual snapshots of this account and Region is used up{number}; "
            run.message += "nothing was deleted"
        try:
            self._publish()
        except (ClientError, BotoCoreError) as error:
            log.write("ERROR", "metrics not published", execution=run.execution, because=words(error))
            if self._passes(error) and run.errors < _ATTEMPTS:
                return self._again(REPORT)
        return self.ended()

    def crashed(self, reason: str) -> End:
        """End a run whose function died. An outcome that was reached before counts.

        Args:
            reason: what Step Functions says about it.
        """
        run = self._run
        if run.outcome:
            run.end(run.outcome, f"{run.message}; the report was cut short: {reason}")
        else:
            run.end(outcomes.SNAPSHOT_FAILED, f"the function that takes the snapshot died: {reason}")
        try:
            self._publish()
        except (ClientError, BotoCoreError) as error:
            log.write("ERROR", "metrics not published", execution=run.execution, because=words(error))
        return self.ended()

    def ended(self) -> End:
        """The end of the run, with its report."""
        run = self._run
        taken = run.outcome == outcomes.SNAPSHOT_TAKEN
        report = {
            "outcome": run.outcome,
            "cluster_identifier": run.request.cluster_identifier,
            "rule": run.request.rule,
            "message": run.message,
            "joined": run.joined,
            "snapshot_identifier": run.snapshot if taken else "",
            "megabytes": (run.megabytes or 0) if taken else 0,
        }
        return End(outcome=run.outcome, succeeded=taken or run.outcome in outcomes.SNAPSHOT_SKIPPED, report=report)

    def _end(self, outcome: str, message: str) -> Step:
        self._run.end(outcome, message)
        self._run.errors = 0
        return Step(next=REPORT)

    def _again(self, phase: str) -> Step:
        """Call a phase again, after a wait that doubles."""
        seconds = self._retry_seconds()
        self._run.errors += 1
        return Step(next=phase, wait_seconds=seconds)

    def _retry_seconds(self) -> int:
        return min(_LONGEST_RETRY_SECONDS, _FIRST_RETRY_SECONDS << min(self._run.errors, _ATTEMPTS))

    def _passes(self, error: Exception) -> bool:
        """Whether an error passes by itself. While the function's role is new, a refused access may pass too."""
        found = meaning(error)
        return found in PASSING_AT_HOME or (found is Meaning.DENIED and self._now < self._run.settles_until)

    def _created(self, *, by_this_call: bool) -> Step:
        """Wait for a snapshot that exists from now on, or that existed before."""
        run = self._run
        run.created = by_this_call
        run.errors, run.looks_without = 0, 0
        run.progress, run.progress_at, run.megabytes = "", None, None
        run.waiting_since = self._now
        # an existing snapshot may be somebody else's, so the run looks at once
        seconds = LOOK_SECONDS if by_this_call else 0
        return Step(next=WAIT, wait_seconds=seconds, says=f"waiting for {run.snapshot}")

    def _not_created(self, error: Exception) -> Step | End:
        found = meaning(error)
        if found is Meaning.EXISTS:
            return self._created(by_this_call=False)
        if found is Meaning.BUSY:
            return self._refused()
        if code(error) == _SNAPSHOT_QUOTA:
            return self._end(outcomes.SNAPSHOT_QUOTA_EXCEEDED, "")
        if found is Meaning.MISSING:
            return self._end(outcomes.SNAPSHOT_NO_CLUSTER, f"CreateClusterSnapshot: {words(error)}")
        return self._take_failed("CreateClusterSnapshot", error)

    def _take_failed(self, operation: str, error: Exception) -> Step:
        wait = timedelta(seconds=self._retry_seconds())
        if self._passes(error) and self._now + wait < self._run.busy_until:
            return self._again(TAKE)
        return self._failed(operation, error)

    def _wait_failed(self, operation: str, error: Exception) -> Step:
        if self._passes(error) and self._now < give_up_at(self._run, self._now):
            return self._again(WAIT)
        return self._failed(operation, error)

    def _failed(self, operation: str, error: Exception, *, before: str = "") -> Step:
        return self._end(outcome_of(error), f"{before}{operation}: {words(error)}")

    def _refused(self) -> Step:
        """Decide what to do when the cluster refuses a snapshot in its present state.

        AWS may look at the cluster's state before it looks at the name. So the snapshot may exist already, and be the
        reason of the refusal.
        """
        run = self._run
        try:
            if snapshots.read(self._redshift, run.snapshot) is not None:
                return self._created(by_this_call=False)
        except (ClientError, BotoCoreError) as error:
            return self._take_failed("DescribeClusterSnapshots", error)
        try:
            cluster = clusters.read(self._redshift, run.request.cluster_identifier)
        except (ClientError, BotoCoreError) as error:
            return self._take_failed("DescribeClusters", error)
        run.errors = 0
        state = None if cluster is None else cluster.state
        ending = judge_refusal(run, state, self._now)
        if ending is not None:
            return self._end(*ending)
        status = "" if state is None else state.name
        return Step(next=TAKE, wait_seconds=BUSY_SECONDS, says=f"the cluster is {status}; the next try follows")

    def _seen(self, found: SnapshotTypeDef, tags: Mapping[str, str]) -> Step:
        """Decide by the snapshot's status, unless the snapshot is somebody else's."""
        run = self._run
        status = found.get("Status", "").lower()
        if status in _GONE:
            return self._deleted_by_somebody()
        if not run.created and not self._of_this_rule(found, tags):
            rule = tags.get(names.TAG_RULE, "none")
            return self._end(
                outcomes.SNAPSHOT_NAME_TAKEN,
                f"a snapshot {run.snapshot} exists already, of cluster {found.get('ClusterIdentifier')} and rule "
                f"{rule}; it was not touched",
            )
        run.joined = not run.created and tags.get(names.TAG_EXECUTION) != run.execution_name
        if status == snapshots.AVAILABLE:
            return self._available(found, tags)
        if status in snapshots.FAILED_STATUSES:
            return self._snapshot_failed(status)
        return self._still_creating(found, status)

    def _not_there(self) -> Step:
        run = self._run
        run.looks_without += 1
        if run.looks_without < _MOST_LOOKS_WITHOUT:
            return self._look_again()
        if run.second_try:
            return self._deleted_by_somebody()
        # Another run of the same event may have deleted the snapshot because it failed, and made the second try.
        second = replace(run, second_try=True)
        try:
            made = snapshots.read(self._redshift, second.snapshot) is not None
        except (ClientError, BotoCoreError) as error:
            return self._wait_failed("DescribeClusterSnapshots", error)
        if run.created and not made:
            return self._deleted_by_somebody()
        run.second_try, run.errors = True, 0
        return self._created(by_this_call=False) if made else Step(next=TAKE)

    def _deleted_by_somebody(self) -> Step:
        message = f"{self._run.snapshot} was deleted by somebody before it was available"
        return self._end(outcomes.SNAPSHOT_FAILED, message)

    def _of_this_rule(self, found: SnapshotTypeDef, tags: Mapping[str, str]) -> bool:
        request = self._run.request
        return found.get("ClusterIdentifier") == request.cluster_identifier and tags.get(names.TAG_RULE) == request.rule

    def _available(self, found: SnapshotTypeDef, tags: Mapping[str, str]) -> Step:
        """Correct the retention and the tags, one in each call, and end the run.

        Each is corrected once. A snapshot of this run is looked at too, because that shows what was not applied.
        """
        run = self._run
        days = retention_to_set(run, found.get("ManualSnapshotRetentionPeriod"))
        lacking = tags_to_set(run, tags)
        try:
            if days is not None and not run.retention_corrected:
                operation = "ModifyClusterSnapshot"
                self._redshift.modify_cluster_snapshot(
                    SnapshotIdentifier=run.snapshot, ManualSnapshotRetentionPeriod=days
                )
                run.retention_corrected, run.errors = True, 0
                return Step(next=WAIT)
            if lacking and not run.tags_corrected:
                operation = "CreateTags"
                self._redshift.create_tags(ResourceName=run.snapshot_arn, Tags=_tag_list(lacking))
                run.tags_corrected, run.errors = True, 0
                return Step(next=WAIT)
        except (ClientError, BotoCoreError) as error:
            if self._passes(error) and self._now < give_up_at(self._run, self._now):
                return self._again(WAIT)
            return self._failed(operation, error, before=f"{run.snapshot} is available, but ")
        run.megabytes = found.get("TotalBackupSizeInMegaBytes")
        seconds = found.get("ElapsedTimeInSeconds") or max(
            0.0, (self._now - waiting_since(run, self._now)).total_seconds()
        )
        run.minutes = seconds / 60
        return self._end(outcomes.SNAPSHOT_TAKEN, f"{run.snapshot} is available")

    def _snapshot_failed(self, status: str) -> Step:
        run = self._run
        if run.second_try:
            return self._end(
                outcomes.SNAPSHOT_FAILED,
                f"{run.snapshot} ended {status}, as did the one before it; this one is left for inspection",
            )
        run.failed_at, run.errors = self._now, 0
        return Step(next=DELETE_FAILED, says=f"{run.snapshot} ended {status}")

    def _still_creating(self, found: SnapshotTypeDef, status: str) -> Step:
        run = self._run
        estimate = found.get("EstimatedSecondsToCompletion")
        if is_stuck(run, found, self._now):
            shown = "unknown" if estimate is None else estimate
            return self._end(
                outcomes.SNAPSHOT_STUCK,
                f"{run.snapshot} is still {status}; EstimatedSecondsToCompletion {shown}; it was left as it is",
            )
        return self._look_again(f"{run.snapshot} is {status}" + _minutes_left(estimate))

    def _look_again(self, says: str = "") -> Step:
        self._run.errors = 0
        return Step(next=WAIT, wait_seconds=look_seconds(self._run, self._now), says=says)

    def _publish(self) -> None:
        """Publish the metrics of the run. The run that made a snapshot publishes its metrics, not one that joined."""
        run = self._run
        if run.joined:
            return
        self._cloudwatch.put_metric_data(Namespace=names.METRIC_NAMESPACE, MetricData=metrics_of(run))


#: What each Task of the state machine calls. ``Crashed`` has the reason beside the run, so it is not among them.
PHASES: Final[Mapping[str, Callable[[Phases], Step | End]]] = {
    TAKE: Phases.take,
    WAIT: Phases.wait,
    DELETE_FAILED: Phases.delete_failed,
    REPORT: Phases.report,
}


def _tag_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _minutes_left(estimate: int | None) -> str:
    return f", about {-(-estimate // 60)} minutes left" if estimate else ""
