"""Judges one cluster in each failure: which recovery point certainly remains, its age, and its Region."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import CLUSTER_TYPE
from resilient_redshift.planning._keys import RETAINED
from resilient_redshift.planning._points import Point, best, expired, points_of
from resilient_redshift.planning._verdicts import NONE, UNKNOWN, UNKNOWN_REGION, Failure, Protection, Verdict
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.node_types import FAMILIES, family_of

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture

_ZERO: Final = timedelta(0)
_RESTORE: Final = "restore from the newest of the {}"
_DELETED_WITH_CLUSTER: Final = "Redshift deletes automated snapshots with their cluster"
_KEY_DELETED: Final = "by then, the key that the stack deletes is gone, and nobody can read what it encrypts"
#: Redshift deletes a cluster whose key cannot be used after this time.
_KEPT_WITHOUT_KEY: Final = timedelta(days=14)
_BELIEVED: Final = "AWS does not document whether copied automated snapshots outlive their cluster"


class Judge:
    """Judges the failures of one cluster.

    Most methods take ``within``: how long after the failure the recovery point must still exist, 0 or more. A snapshot
    that may have expired by then is not counted, and a note names it. By default it must only exist at the failure.

    Args:
        cluster: what the templates say about the cluster.
        copy_time: how long the copy of a snapshot to another Region is expected to take; 0 or more.
    """

    def __init__(self, cluster: ClusterPicture, copy_time: timedelta) -> None:
        self._cluster = cluster
        self._home = cluster.region or UNKNOWN_REGION
        self._points = points_of(cluster, copy_time)
        if cluster.keep_automated is None:
            cluster.note(f"automated snapshots are not counted: {self._cluster.why_unknown}")

    def node(self, within: timedelta = _ZERO) -> Protection:
        """Judge the failure of one node."""
        failure = Failure.NODE
        if self._cluster.multi_az:
            return self._nothing_lost(failure, "Redshift replaces the node; the nodes in the other Zone continue")
        if self._cluster.nodes is None:
            return self._unknown(failure, "the number of nodes")
        if self._cluster.nodes > 1:
            return self._nothing_lost(failure, f"Redshift replaces the node; {self._where_data_is()}")
        # source: AWS re:Post knowledge center, redshift-node-replacement
        note = "Redshift cannot replace the node of a single-node cluster in state hardware-failure"
        return self._restored(failure, _RESTORE, note, within)

    def _where_data_is(self) -> str:
        """Why the loss of one node of several loses no data."""
        family = family_of(self._cluster.node_type)
        if family is None:
            return "data is not on that node alone"
        # RA3 and RG keep data in managed storage; DC2 mirrors each block on another node
        return "data is mirrored on another node" if family is FAMILIES["dc2"] else "data is in managed storage"

    def zone(self, within: timedelta = _ZERO) -> Protection:
        """Judge the failure of the cluster's Availability Zone."""
        failure = Failure.ZONE
        cluster = self._cluster
        family = family_of(cluster.node_type)
        supported = not (family and family.relocation is False)
        if cluster.multi_az:
            return self._nothing_lost(failure, "Multi-AZ: the nodes in the other Zone continue")
        if cluster.relocation and supported:
            note = "relocation needs free capacity in another Zone; without free capacity, restore from a snapshot"
            return self._nothing_lost(failure, "relocation to another Zone", note)
        note = ""
        if None in (cluster.multi_az, cluster.relocation):
            note = f"Multi-AZ and relocation are not counted: {self._cluster.why_unknown}"
        elif cluster.relocation:
            note = f"relocation is not counted: {cluster.node_type} does not support it"
        return self._restored(failure, "restore in another Zone from the newest of the {}", note, within)

    def region(self, within: timedelta = _ZERO) -> Protection:
        """Judge the failure of the cluster's Region."""
        failure = Failure.REGION
        cluster = self._cluster
        points = [point for point in self._points if point.copied]
        copied = best(points, within=within)
        too_short = expired(points, within)
        if copied is not None:
            row = _restore_from(failure, _RESTORE, copied, too_short)
            if UNKNOWN_REGION not in {self._home, copied.where}:
                return self._with_plan(row)
            note = "whether the copy goes to another Region than the cluster's is decided at deployment"
            if cluster.region is None:
                note += "; give the stack a Region, or the command --parameters AWS::Region=..."
            return _with_note(replace(row, verdict=Verdict.UNKNOWN, worst_loss=None), note)
        if cluster.copies and cluster.keep_automated is None:
            return Protection(
                kind=failure,
                verdict=Verdict.UNKNOWN,
                protection="copies of whatever snapshots exist",
                recovery_point=UNKNOWN,
                where=cluster.copies[0].region or UNKNOWN_REGION,
                notes=(f"how often snapshots are taken: {self._cluster.why_unknown}",),
            )
        if cluster.copies:
            return _none(failure, too_short or "snapshots are copied, but no copy is certain to exist at any time")
        if cluster.native_copy:
            why = "CloudFormation drops this property when it creates a cluster; only a later update enables the copy"
            return _none(failure, f"DestinationRegion is set on {CLUSTER_TYPE}, but {why}")
        return _none(failure)

    def _with_plan(self, row: Protection) -> Protection:
        """Add a note about the rehearsals of this restore; a cluster without a plan gets no note."""
        plan = self._cluster.plan
        if plan is None:
            return row
        if plan.longest_gap is None:
            note = "has no scheduled rehearsal: nothing proves that this restore works (RecoveryPlan.rehearse)"
        else:
            drills = ", ".join(plan.rehearsals)
            note = f"rehearses this restore ({drills}); rehearsals are at most {in_words(plan.longest_gap)} apart"
        return _with_note(row, f"plan {plan.name} {note}")

    def deleted(self, within: timedelta = _ZERO) -> Protection:
        """Judge the deletion of the cluster by the Redshift API or the console, without a final snapshot."""
        return self._without_cluster(Failure.CLUSTER_DELETED, _DELETED_WITH_CLUSTER, within)

    def stack_deleted(self, within: timedelta = _ZERO) -> Protection:
        """Judge the deletion of the cluster's stack."""
        failure = Failure.STACK_DELETED
        if not self._cluster.held:
            return self._nothing_lost(failure, "the cluster stays: none of these stacks contains it")
        policy, key = self._cluster.deletion_policy, self._cluster.deleted_key
        home_lost = key is not None and within >= key.soonest
        if policy in RETAINED:
            row = self._nothing_lost(failure, f"the cluster stays (DeletionPolicy {policy})")
            # source: Redshift Management Guide, "Amazon Redshift database encryption" (inaccessible-kms-key)
            if key is not None and within >= min(key.soonest, _KEPT_WITHOUT_KEY):
                row = self._without_cluster(failure, _KEY_DELETED, within, home_lost=home_lost)
        elif policy == "Snapshot":
            note = "the deletion fails, and the cluster stays, if a snapshot with the final snapshot's name exists"
            row = self._nothing_lost(failure, "a final snapshot, kept for ever (DeletionPolicy Snapshot)", note)
            if home_lost:
                row = self._without_cluster(failure, _KEY_DELETED, within, home_lost=True)
        elif policy == "Delete":
            note = f"{_DELETED_WITH_CLUSTER} (DeletionPolicy Delete)"
            row = self._without_cluster(failure, note, within, home_lost=home_lost)
        elif policy is None:
            return self._unknown(failure, "the DeletionPolicy")
        else:
            note = f"CloudFormation has no DeletionPolicy {policy!r}"
            return replace(self._unknown(failure, ""), notes=(note,))
        if key is not None and row.where == self._home:
            return _with_note(row, f"the stack also deletes the cluster's key: {key.sentence}")
        return row

    def bad_load(self, delay: timedelta) -> Protection:
        """Judge a load of wrong data.

        Args:
            delay: the time from the load until a person or a check notices it.
        """
        before = best(self._points, delay)
        if before is not None:
            return Protection(
                kind=Failure.BAD_LOAD,
                noticed_after=delay,
                verdict=Verdict.PROTECTED,
                protection=f"the {before.in_words()}",
                recovery_point=f"{in_words(before.source.gap)} before the load",
                where=before.where,
                worst_loss=before.source.gap,
                notes=_said((before.risk,)),
            )
        if self._cluster.keep_automated is None:
            return replace(
                self._unknown(Failure.BAD_LOAD, "how long automated snapshots are kept"), noticed_after=delay
            )
        keeps = [point.source.keep for point in self._points if isinstance(point.source.keep, timedelta)]
        if not keeps:
            return replace(_none(Failure.BAD_LOAD), noticed_after=delay)
        note = f"no snapshot from before the load is certain to exist after {in_words(max(keeps))}"
        if self._cluster.pauses.why_endless:
            note += f": {self._cluster.pauses.why_endless}"
        return replace(_none(Failure.BAD_LOAD, note), noticed_after=delay)

    def _without_cluster(
        self, failure: Failure, note: str, within: timedelta, *, home_lost: bool = False
    ) -> Protection:
        """Judge a deletion of the cluster that deletes its automated snapshots too.

        Args:
            failure: the failure.
            note: the note of a row without a recovery point.
            within: how long after the failure the recovery point must still exist.
            home_lost: whether the snapshots in the cluster's Region are unreadable by then. Default: no.
        """
        remaining = [
            point for point in self._points if not point.deleted_with_cluster and (point.copied or not home_lost)
        ]
        certain = best((point for point in remaining if not point.survival_undocumented), within=within)
        newest = best(remaining, within=within)
        too_short = expired(remaining, within)
        if newest is None:
            return _none(failure, note, too_short)
        if certain is None:
            return replace(_restore_from(failure, _RESTORE, newest, _BELIEVED, too_short), undocumented=True)
        row = _restore_from(failure, _RESTORE, certain, too_short)
        if newest is not None and newest.loss < certain.loss:
            less = f"{newest.source.name} in {newest.where} may lose less ({in_words(newest.loss)})"
            return _with_note(row, f"{less}; {_BELIEVED}")
        return row

    def _restored(self, failure: Failure, protection: str, note: str, within: timedelta) -> Protection:
        """Judge a failure after which a new cluster is restored from the newest snapshot of any kind."""
        newest = best(self._points, within=within)
        too_short = expired(self._points, within)
        if newest is not None:
            return _restore_from(failure, protection, newest, note, too_short)
        if self._cluster.keep_automated is None:
            return self._unknown(failure, "whether there are snapshots")
        return _none(failure, note, too_short)

    def _nothing_lost(self, failure: Failure, protection: str, *notes: str) -> Protection:
        return Protection(
            kind=failure,
            verdict=Verdict.PROTECTED,
            protection=protection,
            recovery_point="nothing lost",
            where=self._home,
            worst_loss=_ZERO,
            notes=notes,
        )

    def _unknown(self, failure: Failure, what: str) -> Protection:
        return Protection(
            kind=failure,
            verdict=Verdict.UNKNOWN,
            protection=UNKNOWN,
            recovery_point=UNKNOWN,
            where=UNKNOWN,
            notes=(f"{what}: {self._cluster.why_unknown}",),
        )


def _none(failure: Failure, *notes: str) -> Protection:
    return Protection(kind=failure, verdict=Verdict.UNPROTECTED, protection=NONE, notes=_said(notes))


def _restore_from(failure: Failure, protection: str, point: Point, *notes: str) -> Protection:
    return Protection(
        kind=failure,
        verdict=Verdict.PROTECTED,
        protection=protection.format(point.in_words()),
        recovery_point=in_words(point.loss),
        where=point.where,
        worst_loss=point.loss,
        notes=_said((*notes, point.risk)),
    )


def _said(notes: tuple[str, ...]) -> tuple[str, ...]:
    """The notes that say something."""
    return tuple(note for note in notes if note)


def _with_note(row: Protection, note: str) -> Protection:
    return replace(row, notes=(*row.notes, note))
