"""Numbers that AWS sets, each with its source."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: Redshift keeps an automated snapshot, or its copy, for at most this many days.
#: Source: Redshift API, CreateCluster and EnableSnapshotCopy.
MOST_AUTOMATED_DAYS: Final = 35
#: Redshift keeps an automated snapshot for this many days when the call names no retention.
#: Source: Redshift API, CreateCluster.
DEFAULT_AUTOMATED_DAYS: Final = 1
#: Redshift keeps a manual snapshot, or its copy, for at most this many days, unless for ever.
#: Source: Redshift API, CreateClusterSnapshot.
MOST_MANUAL_DAYS: Final = 3653
#: Redshift keeps the copy of an automated snapshot for this many days when the call names no retention.
#: Source: Redshift API, EnableSnapshotCopy.
DEFAULT_COPY_DAYS: Final = 7

#: A cluster has at most this many IAM roles.
#: Source: Amazon Redshift quotas: IAM roles for each cluster.
MOST_CLUSTER_ROLES: Final = 50

#: The lowest and the highest port of any node type (DC2's range).
#: Source: Redshift API, CreateCluster: Port.
LOWEST_PORT: Final = 1150
HIGHEST_PORT: Final = 65535

#: The shortest and the longest time between two snapshots of a Redshift snapshot schedule.
#: Source: Redshift Management Guide, "Snapshot schedule format".
SHORTEST_SCHEDULE_GAP: Final = timedelta(hours=1)
LONGEST_SCHEDULE_GAP: Final = timedelta(hours=24)
#: One field of a Redshift snapshot schedule holds at most this many values.
#: Source: Redshift Management Guide, "Snapshot schedule format".
MOST_SCHEDULE_VALUES: Final = 24

#: The value of a tag holds at most this many characters.
#: Source: AWS Tagging user guide, "Tag naming limits and requirements".
LONGEST_TAG_VALUE: Final = 256

#: EventBridge tries to deliver an event for at most this many seconds, and at most this many times after the first.
#: Source: EventBridge API, RetryPolicy.
LONGEST_DELIVERY_SECONDS: Final = 86_400
MOST_DELIVERY_RETRIES: Final = 185
#: The characters of the event pattern of a rule. Source: EventBridge quotas; AWS raises it on request.
EVENT_PATTERN_LIMIT: Final = 2_048
#: A stack has at most this many resources.
#: Source: CloudFormation quotas; not adjustable.
STACK_RESOURCES_LIMIT: Final = 500
#: A template has at most this many bytes.
#: Source: CloudFormation quotas: template body size in an S3 object, 1 MB; not adjustable.
TEMPLATE_BYTES_LIMIT: Final = 1_000_000
#: The characters of all inline policies of one role together, without white space (IAM quotas; not adjustable).
INLINE_POLICIES_LIMIT: Final = 10_240
#: The characters of one managed policy, without white space (IAM quotas; not adjustable).
MANAGED_POLICY_LIMIT: Final = 6_144
#: The managed policies of one role (IAM quotas; AWS raises it on request).
MANAGED_POLICIES_LIMIT: Final = 10
#: The characters of one service control policy. White space counts where the API or the CLI saves the policy; the
#: console removes it. Source: AWS Organizations quotas, "Service control policies (SCPs)".
SERVICE_CONTROL_POLICY_LIMIT: Final = 10_240
#: The characters of one resource control policy, counted as those of a service control policy.
#: Source: AWS Organizations quotas, "Resource control policies (RCPs)".
RESOURCE_CONTROL_POLICY_LIMIT: Final = 5_120
