"""A model of Amazon Redshift's API and Data API: clusters, snapshots, copies across Regions, restores, SQL, in virtual time.

Nothing here was run against AWS. A test over this model proves that our code agrees with our reading of Redshift, not with Redshift.

    model = RedshiftModel(Clock())
    model.given_cluster("eu-central-1", "warehouse")                       # setting the scene: no recorded call
    redshift = model.client("eu-central-1")                                # a real boto3 client without a network
    redshift.enable_snapshot_copy(ClusterIdentifier="warehouse", DestinationRegion="eu-west-1")
    model.call("eu-central-1", "DescribeClusters", {})                     # the same without boto3; raises ApiError
    model.faults.fail_next("EnableSnapshotCopy", "CopyToRegionDisabledFault")
    model.clock.advance(3600)                                              # or pass clock.sleep where the code sleeps

Rules, by where they come from (marks as in the domain notes: [S] read in botocore's model or a schema, [D] AWS documentation,
[3] third party, [I] inferred, [U] unknown); every rule bears its mark in the code, and what is doubtful is a field of `Settings`.

Read [S]
- parameters, their types, error names, wire codes and HTTP statuses, and the shapes of answers (checked at each call)
- names of clusters, grants and snapshots; retentions: automated 0-35 (RA3, RG 1-35), manual -1 or 1-3653, copied automated 1-35
  with 7 as the default, else InvalidRetentionPeriodFault (that code for the cluster's own automated period is a guess)
- one destination at a time: SnapshotCopyAlreadyEnabledFault; off already: SnapshotCopyAlreadyDisabledFault; retention while off:
  SnapshotCopyDisabledFault; the grant is looked up in the destination Region
- ModifySnapshotCopyRetentionPeriod: without Manual it reaches new and existing copied automated snapshots, and those outside go
  at once; with Manual=true only manual snapshots copied later
- a grant in use by a cluster cannot be deleted; grants and their names belong to a Region
- snapshots: creating, then available; failed and cancelled exist; only manual ones that are done can be deleted; a retention
  that is over already needs Force; at most 100 in a batch
- filters, tag filters (any key, any value), ClusterExists; pages of 20 to 100 (tags: 10 to 50); a name and a Marker exclude each other
- a cluster has one snapshot schedule, a schedule many clusters; its change reaches them asynchronously; states MODIFYING, ACTIVE, FAILED;
  DescribeSnapshotSchedules declares no error; ModifyClusterSnapshotSchedule declares no InvalidClusterState
- SnapshotCreateTime is the time of the data; SourceRegion on copies
- automated retention 0 deletes all automated snapshots; lowering deletes what is out of range; 50 tags a resource
- subnet and parameter groups: names in lower case and unique in a Region, refused where they are missing, kept while a cluster uses them;
  another parameter group waits for a reboot
- a restore: by the snapshot's identifier or ARN, never both; of an available snapshot; nodes, port, database, admin, retention and track as
  the source had them; the default parameter and security group; no managed password unless asked for (and its key only with it); private
  unless said; a subnet group is a must; 35 declared errors, UnsupportedOption not among them; RestoreStatus starting, restoring, completed,
  failed, whose figures are for DC2; DC2 only into DC2; ports 5431-5455 and 8191-8215 (DC2 1150-65535)
- CopyClusterSnapshot: automated and available, into a manual one of the same Region, -1 or 1-3653 days
- one table of a snapshot back in its own cluster (table_restores.py); UNLOAD and COPY of one table in Parquet (transfers.py) [D]
- the Data API's operations, states, shapes and errors; batches are one transaction, their statements are called `<id>:<n>`

Read [D]
- automated snapshots by the schedule, about every 8 h without one, none while paused; the newest one is kept until automation is off or the
  cluster is deleted; they go with their cluster, manual ones stay
- pausing takes a snapshot, and is refused with automated snapshots off and for Multi-AZ; a paused cluster takes no change
- schedules: cron(Minutes Hours Day-of-week) and rate(N hours) in UTC, N of 1-24, never closer than an hour nor further apart than a day
- 700 manual snapshots per Region, unless AWS granted more [D]; copied manual ones count where they arrive [I]
- after DisableSnapshotCopy copied automated snapshots age out, copied manual ones stay
- without a grant the copies lie under an AWS-owned key
- while copying is on, encryption cannot change, nor the name of an encrypted cluster
- unencrypted clusters can no longer be created
- attachments of roles, logging, copying, schedule and tags are not in a snapshot; a restore fails on an older engine; 200 nodes a Region
- node types: how many nodes and how much data each takes; Multi-AZ wants RA3 or RG, 2 nodes and 3 Zones, and turns relocation off;
  relocation is on by default for a new or restored RA3 or RG cluster with subnets in several Zones
- Data API: 24 hours of results, 8 hours of a client token, 500 active statements, 100 KB and 40 statements; svv_table_info has no empty tables

Third party [3]
- a new grant may stay unseen for a while (terraform-provider-aws 20196)
- SnapshotIdentifier and ClusterIdentifier in one DescribeClusterSnapshots: InvalidParameterCombination (apache/airflow 27276)
- a schedule that a cluster has cannot be deleted (terraform-provider-aws 47462); its identifier may hold hyphens; a disassociation names it
- a cluster takes about four minutes to create, and 11 to 15 to restore; it says `restoring` meanwhile (Terraform waits on that)
- a restore into Multi-AZ wants Encrypted said (terraform-provider-aws 38827)
- Data API: the words of some refusals; no result yet is ResourceNotFoundException; numeric comes as text

Guessed, a switch in Settings
- all other durations; one snapshot at a time, else InvalidClusterState; copied automated snapshots are called `copy:rs:...`, copied
  manual ones keep their name; copies carry no tags; the final snapshot is not copied; lowering the retention spares not even
  the newest copy; enabling again leaves the retention of older copies alone; a cluster's deletion leaves copied automated snapshots
  to age out; a cluster cannot be tagged while it is creating or deleting; no limit on the number of grants
- a refused key is InvalidParameterValue; a newer engine and nodes that are not on offer are InvalidRestore; AWS takes one Zone of the subnet group
  and does not look whether it is full; a frozen snapshot has no SourceRegion; the states in which a cluster cannot be deleted

Guessed, fixed
- InvalidParameterValue for bad values, for an unknown Region's or unusable key, and for an unencrypted CreateCluster;
  InvalidClusterState for a change of encryption or name while copying; UnknownSnapshotCopyRegionFault for the own Region;
  ResourceNotFoundFault for an ARN of another Region
- the order in which an operation checks things (a taken name before the cluster's state)
- Enable, Disable and the retention changes are at once and leave the cluster available; a retention change in ModifyCluster likewise
- a copy begins after its source is available, shows as creating, and is available later; a switch-off before it begins prevents it,
  one after does not; if the grant, the key (not Enabled), the quota or the name is in the way, nothing appears in the destination
- a copied automated snapshot's days count from the time of the data, a copied manual one's from its arrival
- EnableSnapshotCopy does not look at the grant's key; a manual snapshot's default retention is the cluster's value
- a hindered automated snapshot is tried again after 15 min; the first comes 8 h after the cluster
- a schedule change is shown as MODIFYING at once and the former rhythm goes on until it is ACTIVE; another one meanwhile is refused
  (InvalidClusterSnapshotScheduleState, SnapshotScheduleUpdateInProgress); rates count from the association; disassociating from none is
  no error, from another one SnapshotScheduleNotFound; a cluster of any status but deleting takes a schedule; DryRun makes nothing;
  InvalidSchedule for wrong definitions; a restarted rhythm without a schedule begins 8 h later
- a restore is creating for its first minute; without an endpoint until it is available; failed ones can be deleted; in a Region that is lost
  it stands still; no shared snapshots; the order of its checks, capacity last; a Zone outside the subnet group is InvalidVPCNetworkState, a
  missing subnet group InvalidSubnet, a missing role or security group InvalidParameterValue (where somebody knows them)
- a table restore onto a name that is taken is accepted and ends FAILED; transfers keep rows in the model and write nothing to S3
- which numbers of nodes DescribeNodeConfigurationOptions offers
- a key that is not Enabled is seen at the next call: the cluster is inaccessible-kms-key, is backed up and not copied, and is deleted after 14
  days [D]; DescribeStorage counts every snapshot of the Region with its full size; an event 3509 comes when a copy is switched off
- the Data API: the only user is the admin (as in GetClusterCredentials without a new user), the databases are its own and dev; a cluster that
  cannot answer is ValidationException; statements read and write when they end; WaitTimeSeconds is not waited for
- answers come in no useful order; an unknown cluster has no snapshots rather than ClusterNotFound (unless ClusterExists)
- snapshot names are stored in lower case; snapshots follow a renamed cluster; deleting an absent tag is no error

Not modelled: sharing with accounts, IAM (but for denied access on demand), most events, secrets, the users and most of
the SQL of a database; of a Region's outage only that no automated snapshot is taken there, and that copies from and to it and restores in
it wait (guess). An operation that is not here raises NotImplementedError.
botocore's own retries do not run: every prepared throttling reaches the caller.
"""

from __future__ import annotations

from emulator.redshift_model.clock import START, Clock
from emulator.redshift_model.content import Content, Table
from emulator.redshift_model.errors import ApiError, SimulatedKill, api_error
from emulator.redshift_model.faults import Fault, Faults
from emulator.redshift_model.model import OPERATIONS, Call, RedshiftModel
from emulator.redshift_model.state import ACCOUNT, Cluster, CopyConfig, Grant, Settings, Snapshot, SnapshotSchedule

__all__ = [
    "ACCOUNT",
    "OPERATIONS",
    "START",
    "ApiError",
    "Call",
    "Clock",
    "Cluster",
    "Content",
    "CopyConfig",
    "Fault",
    "Faults",
    "Grant",
    "RedshiftModel",
    "Settings",
    "SimulatedKill",
    "Snapshot",
    "SnapshotSchedule",
    "Table",
    "api_error",
]
