"""What the model remembers, and the numbers that nobody publishes."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

import botocore.session

if TYPE_CHECKING:
    import datetime as dt

    from emulator.redshift_model.content import Content

ACCOUNT = "111122223333"
FOREVER = -1


@functools.cache
def regions(partition: str) -> tuple[str, ...]:
    """Regions of a partition where Redshift has an endpoint [S] botocore."""
    return tuple(botocore.session.get_session().get_available_regions("redshift", partition))


@dataclasses.dataclass
class Settings:
    """Durations in seconds, limits, and the beliefs that may be wrong: set them otherwise to test the other world.

    Each default is a guess unless a source stands beside it.
    """

    create_seconds: float = 240  # [3] domain.md 5: 155-243 s in Terraform's tests
    modify_seconds: float = 120
    pause_seconds: float = 180
    resume_seconds: float = 300
    delete_seconds: float = 120
    final_snapshot_seconds: float = 300
    restore_starting_seconds: float = 60  # shown as creating, RestoreStatus starting; within restore_seconds
    restore_seconds: float = (
        780  # [3] domain.md 5: 665-880 s in Terraform's tests; RA3 is there before all its data [D]
    )
    snapshot_seconds: float = 300
    copy_start_seconds: float = 60  # after the source snapshot is available; the copy then shows as creating
    copy_seconds: float = 1800
    automated_every_seconds: float = 8 * 3600  # [D] "about every 8 hours" without a schedule
    schedule_seconds: float = 60  # a change of a schedule association; Terraform waits up to 75 minutes [3]
    seconds_per_call: float = 0  # virtual latency of each API call
    manual_snapshot_quota: int = 700  # [D] limits page of 2026
    grant_quota: int | None = None  # [U] unpublished
    schedule_quota: int | None = None  # [U] unpublished
    tag_limit: int = 50  # [S] botocore, CreateTags
    node_quota: int | None = 200  # [D] GUIDE amazon-redshift-limits.md: nodes of all clusters of a Region; None: none
    cluster_quota: int | None = None  # [U] unpublished
    engine_version: str = "1.0.120000"  # of every Region that engine_versions does not name; the number is invented
    engine_versions: dict[str, str] = dataclasses.field(default_factory=dict)  # Region -> version; they differ [D]
    newer_snapshot_code: str = "InvalidRestoreFault"  # [U] a restore fails on an older engine [D]; nobody says how
    unusable_key_code: str = "InvalidParameterValue"  # [U] a restore onto a key that is missing or not Enabled
    illegal_nodes_code: str = "InvalidRestoreFault"  # [U] node type and number that no configuration offers
    node_configurations: list[tuple[str, int]] | None = None  # instead of the model's own table, for every snapshot
    zone_choice_avoids_shortage: bool = (
        False  # [U]: without a Zone in the call AWS takes one, full or not: the worse case
    )
    subnet_group_default: bool = False  # whether a restore may do without a subnet group (default VPC); [S] says no
    restoring_status: str = "restoring"  # [3] Terraform waits on it; botocore's list of states has it not
    undeletable: tuple[str, ...] = (
        "creating",
        "deleting",
        "final-snapshot",
        "modifying",
        "pausing",
        "rebooting",
        "renaming",
        "resizing",
        "restoring",
        "resuming",
    )  # states in which DeleteCluster is refused; that a paused cluster can be deleted is [D], the list itself a guess
    manual_copy_keeps_source_region: bool = False  # [U] CopyClusterSnapshot of a copied automated one: the worse case
    manual_copy_seconds: float = 0  # CopyClusterSnapshot; 0: available at once
    manual_copy_wants_cluster: bool = (
        False  # [U] SourceSnapshotClusterIdentifier "must be a valid cluster" [S], here alive
    )
    table_restore_seconds: float = 300  # RestoreTableFromClusterSnapshot
    statement_queue_seconds: float = 0.5  # Data API: submitted, before it starts
    statement_seconds: float = 2  # a statement's own time, unless its prepared answer says otherwise
    statement_kept_seconds: float = 86_400  # [D] results are kept for 24 hours
    statement_quota: int = 500  # [D] active statements of one cluster
    result_page_rows: int = 100  # rows of one page of GetStatementResult; [D] a page is bounded by size
    numeric_as_text: bool = True  # [3] the Data API gives numeric, as of sum(bigint), as stringValue
    one_snapshot_at_a_time: bool = (
        True  # guess; "There is an operation running on the Cluster" (redshift-utils 699) is for restores
    )
    snapshot_and_cluster_filter_clash: bool = True  # [3] airflow PR 27276: both identifiers in one Describe are refused
    unknown_cluster_is_refused: bool = False  # listing the snapshots of a cluster that the Region does not have [U]
    final_snapshot_is_copied: bool = False  # [U] domain.md 1 DELETE
    copies_carry_tags: bool = False  # [U]
    copied_manual_prefix: str = ""  # guess: a copied manual snapshot keeps its name
    copied_automated_prefix: str = "copy:"  # guess from names seen in the wild; no page says so
    newest_copy_survives_lowering: bool = False  # [U]: the worse case
    cluster_deletion_removes_copies: bool = False  # [U]: copied automated snapshots age out instead
    enable_reaches_existing_copies: bool = False  # [U]: EnableSnapshotCopy leaves older copies' retention alone
    schedule_replaces_schedule: bool = True  # [U]: a cluster with a schedule takes another one in one call
    untaggable: tuple[str, ...] = (
        "creating",
        "deleting",
        "final-snapshot",
    )  # guess; CreateTags lists InvalidClusterState [S]


@dataclasses.dataclass
class CopyConfig:
    """``ClusterSnapshotCopyStatus`` [S]."""

    destination_region: str
    retention_period: int
    manual_retention_period: int
    grant_name: str | None


@dataclasses.dataclass
class Restore:
    """How a restore stands: ``RestoreStatus`` [S]."""

    snapshot: str
    started: dt.datetime
    seconds: float
    status: str = "starting"  # [S] starting, restoring, completed, failed
    size_megabytes: float = 0.0


@dataclasses.dataclass
class Cluster:
    """One cluster; ``create_time`` is its lineage."""

    identifier: str
    region: str
    create_time: dt.datetime
    status: str = "creating"
    node_type: str = "ra3.large"
    number_of_nodes: int = 2
    master_username: str = "warehouse_admin"
    database: str = "dev"
    port: int = 5439
    encrypted: bool = True
    kms_key_id: str | None = None
    automated_retention: int = 1
    manual_retention: int = FOREVER
    multi_az: bool = False
    size_megabytes: float = 102_400.0
    copy: CopyConfig | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    described: dict[str, object] = dataclasses.field(default_factory=dict)  # members that Describe only echoes
    engine_version: str = ""  # empty: its Region's
    content: Content | None = None  # None: one table of size_megabytes
    restore: Restore | None = None  # None: it was not restored
    schedule: str | None = None  # [S] Cluster.SnapshotScheduleIdentifier: one a cluster
    schedule_state: str | None = None
    schedule_epoch: int = 0
    rhythm: int = 0  # raised whenever the automated rhythm begins anew
    epoch: int = 0  # raised by each state change, so that an overtaken timer does nothing


@dataclasses.dataclass
class Snapshot:
    """One snapshot in one Region; a copy is a snapshot of its own there."""

    identifier: str
    region: str
    cluster_identifier: str
    cluster_create_time: dt.datetime
    kind: str  # manual | automated
    create_time: dt.datetime  # the time of the data [S], also on a copy
    status: str = "creating"
    retention: int | None = None  # days; manual ones and copied automated ones; None: the cluster's automated period
    retention_start: dt.datetime | None = None
    started: dt.datetime | None = None  # when this Region began to write it
    seconds: float = 0.0
    size_megabytes: float = 0.0
    kms_key_id: str | None = None
    encrypted: bool = True
    node_type: str = ""
    number_of_nodes: int = 0
    master_username: str = ""
    database: str = ""
    port: int = 0
    multi_az: bool = False
    automated_retention: int = 1  # the cluster's, which a restore takes over [S]
    track: str = "current"
    enhanced: bool = False
    engine_version: str = ""  # empty: its Region's
    content: Content | None = None  # the data as of create_time; shared by copies, never changed
    source_region: str | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def is_copy(self) -> bool:
        """Whether it came from another Region."""
        return self.source_region is not None


@dataclasses.dataclass
class Grant:
    """One snapshot copy grant, in its destination Region."""

    name: str
    region: str
    kms_key_id: str | None
    created: dt.datetime
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    hidden_calls: int = 0
    hidden_until: dt.datetime | None = None


@dataclasses.dataclass
class SnapshotSchedule:
    """One snapshot schedule of a Region."""

    identifier: str
    region: str
    definitions: tuple[str, ...]
    description: str | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Key:
    """One KMS key."""

    arn: str
    region: str
    state: str = "Enabled"
    created: dt.datetime | None = None
    deletion: dt.datetime | None = None

    @property
    def key_id(self) -> str:
        """The id at the end of the ARN."""
        return self.arn.rsplit("/", 1)[-1]
