"""Judges one cluster in each failure: what is certain to be left, how old it is, and where it lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._points import Point, best, points_of
from resilient_redshift.planning._verdicts import NONE, UNKNOWN, UNKNOWN_REGION, Protection, Verdict
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.node_types import family_of

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture

_ZERO: Final = timedelta(0)
_DC2: Final = "DC2"
_BELIEVED: Final = "AWS does not say whether copied automated snapshots outlive their cluster"


class Judge:
    """Judges the failures of one cluster.

    Args:
        cluster: what the templates say about it.
        copy_time: how long a snapshot is expected to take to another Region.
    """

    def __init__(self, cluster: ClusterPicture, copy_time: timedelta) -> None:
        self._cluster = cluster
        self._here = cluster.region or UNKNOWN_REGION
        self._points = points_of(cluster, copy_time)
        self._why_unknown = "decided at deployment" if cluster.held else "the cluster is not part of these templates"
        if cluster.keep_automated is None:
            cluster.note(f"automated snapshots are not counted: {self._why_unknown}")

    def node(self) -> Protection:
        """A node fails."""
        failure = "a node"
        if self._cluster.multi_az:
            return self._nothing_lost(failure, "Redshift replaces the node; the other Zone's nodes go on")
        if self._cluster.nodes is None:
            return self._unknown(failure, "the number of nodes")
        if self._cluster.nodes > 1:
            # RA3 and RG keep data in managed storage; DC2 mirrors each block on another node
            family = family_of(self._cluster.node_type)
            stored = "mirrored on another node" if family and family.name == _DC2 else "in managed storage"
            return self._nothing_lost(
                failure, f"Redshift replaces the node; data is {stored if family else 'kept apart'}"
            )
        # AWS re:Post knowledge center, redshift-node-replacement
        note = "Redshift cannot replace the node of a single-node cluster in state hardware-failure"
        return self._restored(failure, "restore from the newest of the {}", note)

    def zone(self) -> Protection:
        """A Zone fails."""
        failure = "a Zone"
        cluster = self._cluster
        family = family_of(cluster.node_type)
        supported = not (family and family.relocation is False)
        if cluster.multi_az:
            return self._nothing_lost(failure, "Multi-AZ: the other Zone's nodes go on")
        if cluster.relocation and supported:
            note = "relocation needs free capacity in another Zone; without it, a restore from a snapshot remains"
            return self._nothing_lost(failure, "relocation to another Zone", note)
        note = ""
        if None in (cluster.multi_az, cluster.relocation):
            note = f"Multi-AZ and relocation are not counted: {self._why_unknown}"
        elif cluster.relocation:
            note = f"relocation is not counted: {cluster.node_type} does not support it"
        return self._restored(failure, "restore in another Zone from the newest of the {}", note)

    def region(self) -> Protection:
        """The Region fails."""
        failure = "the Region"
        cluster = self._cluster
        found = best(point for point in self._points if point.copied)
        if found is not None:
            row = _restore_from(failure, "restore from the newest of the {}", found)
            if UNKNOWN_REGION not in {self._here, found.where}:
                return self._with_plan(row)
            note = "whether the copy goes to another Region than the cluster's is decided at deployment"
            return replace(row, verdict=Verdict.UNKNOWN, worst_loss=None, notes=(note,))
        if cluster.copies and cluster.keep_automated is None:
            return Protection(
                failure=failure,
                verdict=Verdict.UNKNOWN,
                protection="copies of whatever snapshots there are",
                recovery_point=UNKNOWN,
                where=cluster.copies[0].region or UNKNOWN_REGION,
                notes=(f"how often snapshots are taken: {self._why_unknown}",),
            )
        if cluster.copies:
            return _none(failure, "snapshots are copied, but no copy is certain to exist at any time")
        if cluster.native_copy:
            why = "CloudFormation drops it when it creates a cluster; only some later update would turn the copy on"
            return _none(failure, f"DestinationRegion is set on AWS::Redshift::Cluster, but {why}")
        return _none(failure)

    def _with_plan(self, row: Protection) -> Protection:
        """Whether anybody has ever seen that restore; nothing where no plan of ours makes it."""
        plan = self._cluster.plan
        if plan is None:
            return row
        if plan.longest_gap is None:
            note = "rehearses this restore on no schedule: nothing here proves that it works (RecoveryPlan.rehearse)"
        else:
            note = f"rehearses this restore ({', '.join(plan.rehearsals)}), at most {in_words(plan.longest_gap)} apart"
        return _with_note(row, f"plan {plan.name} {note}")

    def deleted(self) -> Protection:
        """Somebody deletes the cluster by its API or the console, without a final snapshot."""
        return self._without_cluster("the cluster deleted by mistake", "automated snapshots go with the cluster")

    def stack_deleted(self) -> Protection:
        """Somebody deletes the cluster's stack."""
        failure = "the stack deleted"
        if not self._cluster.held:
            return self._nothing_lost(failure, "the cluster is in no stack here and stays")
        match self._cluster.deletion_policy:
            case None:
                return self._unknown(failure, "the DeletionPolicy")
            case "Retain" | "RetainExceptOnCreate" as policy:
                row = self._nothing_lost(failure, f"the cluster stays (DeletionPolicy {policy})")
            case "Snapshot":
                note = "deletion fails, and the cluster stays, while a snapshot with the same final name exists"
                row = self._nothing_lost(failure, "a final snapshot, kept for ever (DeletionPolicy Snapshot)", note)
            case _:
                row = self._without_cluster(failure, "automated snapshots go with the cluster (DeletionPolicy Delete)")
        if self._cluster.key_dies_with_stack and row.where == self._here:
            # KMS API, ScheduleKeyDeletion: 7 to 30 days
            return _with_note(row, "the cluster's key is deleted with the stack: 7 to 30 days later this is unreadable")
        return row

    def bad_load(self, delay: timedelta) -> Protection:
        """Wrong data is loaded, and noticed some time later."""
        failure = f"a bad load noticed after {in_words(delay)}"
        found = best(self._points, delay)
        if found is not None:
            return Protection(
                failure=failure,
                verdict=Verdict.PROTECTED,
                protection=f"the {found.in_words()}",
                recovery_point=f"{in_words(found.source.gap)} before the load",
                where=found.where,
                worst_loss=found.source.gap,
            )
        if self._cluster.keep_automated is None:
            return self._unknown(failure, "how long automated snapshots are kept")
        keeps = [point.source.keep for point in self._points if isinstance(point.source.keep, timedelta)]
        if not keeps:
            return _none(failure)
        return _none(failure, f"no snapshot from before the load is certain to be left after {in_words(max(keeps))}")

    def _without_cluster(self, failure: str, note: str) -> Protection:
        """The cluster is gone, and its automated snapshots with it."""
        restore = "restore from the newest of the {}"
        left = [point for point in self._points if not point.goes_with_cluster]
        certain = best(point for point in left if not point.outlives_by_belief)
        newest = best(left)
        if certain is None:
            return _none(failure, note) if newest is None else _restore_from(failure, restore, newest, _BELIEVED)
        row = _restore_from(failure, restore, certain)
        if newest is not None and newest.loss < certain.loss:
            less = f"{newest.source.name} in {newest.where} may lose less ({in_words(newest.loss)})"
            return _with_note(row, f"{less}; {_BELIEVED}")
        return row

    def _restored(self, failure: str, protection: str, note: str) -> Protection:
        found = best(self._points)
        if found is not None:
            return _restore_from(failure, protection, found, note)
        if self._cluster.keep_automated is None:
            return self._unknown(failure, "whether there are snapshots")
        return _none(failure, note)

    def _nothing_lost(self, failure: str, protection: str, *notes: str) -> Protection:
        return Protection(
            failure=failure,
            verdict=Verdict.PROTECTED,
            protection=protection,
            recovery_point="nothing lost",
            where=self._here,
            worst_loss=_ZERO,
            notes=notes,
        )

    def _unknown(self, failure: str, what: str) -> Protection:
        return Protection(
            failure=failure,
            verdict=Verdict.UNKNOWN,
            protection=UNKNOWN,
            recovery_point=UNKNOWN,
            where=UNKNOWN,
            notes=(f"{what}: {self._why_unknown}",),
        )


def _none(failure: str, note: str = "") -> Protection:
    notes = (note,) if note else ()
    return Protection(failure=failure, verdict=Verdict.UNPROTECTED, protection=NONE, notes=notes)


def _restore_from(failure: str, protection: str, point: Point, note: str = "") -> Protection:
    return Protection(
        failure=failure,
        verdict=Verdict.PROTECTED,
        protection=protection.format(point.in_words()),
        recovery_point=in_words(point.loss),
        where=point.where,
        worst_loss=point.loss,
        notes=(note,) if note else (),
    )


def _with_note(row: Protection, note: str) -> Protection:
    return replace(row, notes=(*row.notes, note))
