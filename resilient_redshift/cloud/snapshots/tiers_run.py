"""One run that applies the retention tiers of one plan: what it reads, changes and counts, and how it ends.

A run calls its own Region only. It never deletes a snapshot and never uses Force. It marks a copy last, so that the
next run goes on wherever this one died.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import meaning
from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.aws.runtime import Invocation
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.snapshots.tiers import RecordNotUnderstood, decide, read_tiers
from resilient_redshift.contract import names, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import DescribeClusterSnapshotsMessageTypeDef

    from resilient_redshift.cloud.aws.runtime import MetricWriter, ParameterReader
    from resilient_redshift.cloud.snapshots.tiers import Change, PlanTiers, Tier

T = TypeVar("T")

#: The most snapshots of one answer (Redshift API, DescribeClusterSnapshots: MaxRecords).
_PAGE: Final = 100
#: A run reads no further page after this many snapshots.
MOST_SNAPSHOTS: Final = 4000
#: A run begins nothing new when Lambda would end it this soon. The time is kept for the copy at hand and the metrics.
RESERVE_SECONDS: Final = 120.0
#: How long a run waits for one call. The next run makes good what this one gave up.
_PATIENCE: Final = timedelta(minutes=2)
#: A message names this many failed copies, and this many characters of each failure.
_MOST_PROBLEMS: Final = 5
_LONGEST_PROBLEM: Final = 500


@dataclass(frozen=True, kw_only=True)
class Surroundings(Invocation):
    """The surroundings of one run.

    Args:
        redshift: a Redshift client of the function's Region.
        ssm: a Systems Manager client of that Region.
        cloudwatch: a CloudWatch client of that Region.
        function_arn: the function's ARN, which holds the partition, the Region and the account.
    """

    redshift: RedshiftClient
    ssm: ParameterReader
    cloudwatch: MetricWriter
    function_arn: str


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ends.

    Args:
        outcome: one of ``TIERS_OUTCOMES``.
        message: what happened.
    """

    outcome: str
    message: str


@dataclass(kw_only=True)
class Counts:
    """What a run did.

    Args:
        tiered: the copies that got their tier at first sight.
        raised: the copies that are kept longer than before.
        in_doubt: the copies that keep more than their tier.
        failed: the copies that could not be given their tier.
        gone: the copies that went before the run came to them.
    """

    tiered: int = 0
    raised: int = 0
    in_doubt: int = 0
    failed: int = 0
    gone: int = 0


@dataclass(kw_only=True)
class _Listed:
    """What the list of snapshots says.

    Args:
        due: the identifiers of the copies that a run must look at, each with its tier.
        copies: how many available copies of the plan's cluster there are.
        complete: whether the run read every page.
    """

    due: list[tuple[str, Tier]] = field(default_factory=list)
    copies: int = 0
    complete: bool = False


@dataclass
class TiersRun:
    """One run for one plan.

    Args:
        plan: the plan's name.
        surroundings: the clients, the clock and the limits.
    """

    plan: str
    surroundings: Surroundings
    counts: Counts = field(default_factory=Counts)
    _problems: list[str] = field(default_factory=list)
    _denied: bool = False

    def end(self) -> Ending:
        """Apply the tiers, and return how the run ends."""
        try:
            record = self._record()
        except Failed as failure:
            if _meaning_of(failure) is Meaning.MISSING:
                message = f"there is no record {names.plan_record_name(self.plan)}"
                return Ending(outcome=outcomes.TIERS_RECORD_MISSING, message=message)
            return _refused(failure)
        try:
            plan_tiers = read_tiers(record, plan=self.plan, region=self._arn_parts[3])
        except RecordNotUnderstood as error:
            return Ending(outcome=outcomes.TIERS_RECORD_NOT_UNDERSTOOD, message=str(error))
        try:
            listed = self._list(plan_tiers)
        except Failed as failure:
            return _refused(failure)
        return self._apply(plan_tiers, listed)

    def publish(self, ending: Ending) -> None:
        """Write each metric, also a 0. The run keeps its outcome if that fails."""
        applied, counts = ending.outcome == outcomes.TIERS_APPLIED, self.counts
        values = (int(applied), counts.tiered, counts.raised, counts.in_doubt, counts.failed)
        data: list[dict[str, Any]] = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": names.DIMENSION_PLAN, "Value": self.plan}],
                "Value": value,
                "Unit": "Count",
            }
            for name, value in zip(names.TIER_METRICS, values, strict=True)
        ]
        cloudwatch = self.surroundings.cloudwatch
        try:
            self._call(
                "write the metrics",
                lambda: cloudwatch.put_metric_data(Namespace=names.METRIC_NAMESPACE, MetricData=data),
            )
        except Failed as failure:
            log.write("WARNING", "metrics not written", plan=self.plan, because=str(failure))

    def _apply(self, plan_tiers: PlanTiers, listed: _Listed) -> Ending:
        tried = 0
        for identifier, tier in listed.due:
            if not self._has_time():
                break
            tried += 1
            self._treat(identifier, tier, plan_tiers)
        due = len(listed.due)
        if self.counts.failed:
            count = f"{self.counts.failed} of {due} copies could not be given their tier"
            return Ending(
                outcome=outcomes.TIERS_ACCESS_DENIED if self._denied else outcomes.TIERS_FAILED,
                message=f"{count}: {'; '.join(self._problems)}",
            )
        if not listed.complete or tried < due:
            message = f"the run ended after {tried} copies; the next one goes on"
            return Ending(outcome=outcomes.TIERS_UNFINISHED, message=message)
        return Ending(outcome=outcomes.TIERS_APPLIED, message=f"{due} of {listed.copies} copies were looked at")

    def _record(self) -> str:
        name = names.plan_record_name(self.plan)
        ssm = self.surroundings.ssm
        answer = self._call(f"read the parameter {name}", lambda: ssm.get_parameter(Name=name))
        return str(answer["Parameter"]["Value"])

    def _list(self, plan_tiers: PlanTiers) -> _Listed:
        """Read all manual snapshots of the Region, and keep what is to be done.

        AWS does not document whether one may ask by the identifier of a cluster that is in another Region.
        """
        request: DescribeClusterSnapshotsMessageTypeDef = {"SnapshotType": "manual", "MaxRecords": _PAGE}
        listed = _Listed()
        seen = 0
        redshift = self.surroundings.redshift
        while True:
            answer = self._call("list the manual snapshots", lambda: redshift.describe_cluster_snapshots(**request))
            snapshots, marker = answer.get("Snapshots", []), answer.get("Marker")
            seen += len(snapshots)
            for copy in filter(plan_tiers.owns, snapshots):
                listed.copies += 1
                tier = plan_tiers.tier_of(copy)
                if tier is not None and tier.is_due(copy):
                    listed.due.append((copy["SnapshotIdentifier"], tier))
            listed.complete = not marker
            if not marker or seen >= MOST_SNAPSHOTS or not self._has_time():
                return listed
            request["Marker"] = marker

    def _treat(self, identifier: str, tier: Tier, plan_tiers: PlanTiers) -> None:
        """Give one copy its tier, and count what happened. A failure does not stop the run."""
        try:
            change = self._give(identifier, tier, plan_tiers)
        except Failed as failure:
            meant = _meaning_of(failure)
            if meant is Meaning.MISSING:  # the copy expired, or somebody deleted it
                self.counts.gone += 1
                return
            self.counts.failed += 1
            self._denied = self._denied or meant is Meaning.DENIED
            if len(self._problems) < _MOST_PROBLEMS:
                self._problems.append(f"{identifier}: {failure}"[:_LONGEST_PROBLEM])
            return
        if change is None:
            self.counts.gone += 1
            return
        self.counts.tiered += change.first and not change.doubtful
        self.counts.raised += change.raises
        self.counts.in_doubt += change.doubtful

    def _give(self, identifier: str, tier: Tier, plan_tiers: PlanTiers) -> Change | None:
        """Read a copy again, change its retention, and mark it. None if the copy is going or gone."""
        redshift = self.surroundings.redshift
        # somebody may have changed the copy since the run listed it
        answer = self._call("read it", lambda: redshift.describe_cluster_snapshots(SnapshotIdentifier=identifier))
        snapshots = answer.get("Snapshots", [])
        if not snapshots:
            return None
        now = self.surroundings.now()
        change = decide(snapshots[0], tier, arriving_days=plan_tiers.arriving_days, now=now)
        if change is None:
            return None
        if change.modifies:
            # without Force, so that AWS refuses to change a snapshot that is over, and deletes nothing
            self._call(
                f"set its retention to {change.after}",
                lambda: redshift.modify_cluster_snapshot(
                    SnapshotIdentifier=identifier, ManualSnapshotRetentionPeriod=change.after
                ),
            )
        if change.mark and (change.first or change.modifies):
            _, partition, _, region, account, *_ = self._arn_parts
            arn = f"arn:{partition}:redshift:{region}:{account}:snapshot:{plan_tiers.cluster}/{identifier}"
            value = str(change.after)
            self._call(
                "mark it",
                lambda: redshift.create_tags(ResourceName=arn, Tags=[{"Key": names.TAG_TIER_APPLIED, "Value": value}]),
            )
        log.write("INFO", "tier given", plan=self.plan, snapshot=identifier, before=change.before, after=change.after)
        return change

    def _call(self, what: str, attempt: Callable[[], T]) -> T:
        return Retry(self.surroundings, _PATIENCE, _patience_for).call(what, attempt)

    def _has_time(self) -> bool:
        return self.surroundings.remaining() > RESERVE_SECONDS

    @property
    def _arn_parts(self) -> list[str]:
        return self.surroundings.function_arn.split(":")


def _patience_for(error: Exception) -> timedelta | None:
    return _PATIENCE if meaning(error) in PASSING_AT_HOME else None


def _meaning_of(failure: Failed) -> Meaning:
    cause = failure.__cause__
    return meaning(cause) if isinstance(cause, Exception) else Meaning.UNKNOWN


def _refused(failure: Failed) -> Ending:
    """The ending of a run that could not read the record or the snapshots."""
    denied = _meaning_of(failure) is Meaning.DENIED
    return Ending(outcome=outcomes.TIERS_ACCESS_DENIED if denied else outcomes.TIERS_FAILED, message=str(failure))
