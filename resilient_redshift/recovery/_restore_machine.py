"""The state machine that restores: one per site, for every plan in it, for failovers and for drills; what it may do."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift import definitions
from resilient_redshift.contract import names
from resilient_redshift.core.regions import redshift_endpoints, service_endpoints
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.iam import allow, allow_each, document, inline_policy
from resilient_redshift.stack.machines import Machine, telling_statements
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.recovery.dns_record import DnsRecord

#: Only read, without a resource type or about things whose names are not known here (service authorization reference).
READ_ACTIONS: Final = (
    "ec2:DescribeSecurityGroups",
    "redshift:DescribeClusterParameterGroups",
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusterSubnetGroups",
    "redshift:DescribeClusters",
    "redshift:DescribeNodeConfigurationOptions",
    "redshift-data:DescribeStatement",
    "redshift-data:GetStatementResult",
)
#: What Redshift asks for with its caller's rights when it restores (management guide; AWS Backup's policy of restores).
READ_ON_OUR_BEHALF: Final = (
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "secretsmanager:GetRandomPassword",
)
SECRET_ON_OUR_BEHALF: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UpdateSecret",
)
#: On the restored cluster's key.
KEY_ON_OUR_BEHALF: Final = ("kms:CreateGrant", "kms:RetireGrant")
#: On any key: copies under a former key of the site are restored too, and a topic and a bucket do not tell theirs.
ANY_KEY_ON_OUR_BEHALF: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")
KEY_ACTIONS: Final = ("kms:DescribeKey",)
#: On a cluster of a drill; on that of a failover, two more.
DRILL_ACTIONS: Final = (
    "redshift:CreateTags",
    "redshift:RestoreFromClusterSnapshot",
    "redshift-data:ExecuteStatement",
)
CLUSTER_ACTIONS: Final = ("redshift:EnableLogging", "redshift:EnableSnapshotCopy", *DRILL_ACTIONS)
DELETE_ACTIONS: Final = ("redshift:DeleteCluster",)
#: On one cluster's snapshots, users and databases: the Data API signs in as the admin without a secret.
CREDENTIALS_ACTIONS: Final = ("redshift:GetClusterCredentials",)
SNAPSHOT_ACTIONS: Final = ("redshift:RestoreFromClusterSnapshot", *CREDENTIALS_ACTIONS)
RECORD_ACTIONS: Final = ("ssm:GetParameter",)
REMEMBER_ACTIONS: Final = ("ssm:GetParameter", "ssm:PutParameter")
ROLE_ACTIONS: Final = ("iam:GetRole", "iam:PassRole")
OWN_ACTIONS: Final = ("states:DescribeExecution", "states:ListExecutions")
TOPIC_ACTIONS: Final = ("sns:Publish",)
BUCKET_ACTIONS: Final = ("s3:PutObject",)
DNS_ACTIONS: Final = ("route53:ChangeResourceRecordSets",)
#: Tags that the machine writes; no other.
OWN_TAGS: Final = (names.TAG_PLAN, names.TAG_EXECUTION, names.TAG_RESTORED_FROM, names.TAG_DRILL)
_DRILL_CLUSTERS: Final = f"{names.DRILL_CLUSTERS}????????-*"
_RESTORED_CLUSTERS: Final = f"{names.RESTORED_CLUSTERS}*"

_ANY: Final = (
    "what only reads supports no resource type, or is asked about names that a run is told; PutMetricData is limited "
    "to our namespace; log delivery and X-Ray support no resource type (service authorization reference)"
)
_OWN_NAMES: Final = (
    "restored clusters with these beginnings are this machine's own; only those of drills may be deleted, and the "
    "machine looks at the plan's hash and the tags of each"
)
_OWN_RECORDS: Final = (
    "records hold no secret, and each plan's by its name would break the 10,240 characters of a role at 20 plans"
)
_SECRETS: Final = "the secrets that Redshift manages have names that it gives; Redshift asks for them when it restores"
_ANY_KEY: Final = (
    "copies under a former key of the site are restored too, and a topic and a bucket do not tell their key; keys may "
    "be used through Redshift, SNS and S3 only, which this role may use for its own clusters, topic and reports only"
)
_REPORTS: Final = "a report's name holds the run's"
_EXECUTIONS: Final = "the machine reads the input of its own other runs, whose names hold a time"
_ONE_CLUSTER: Final = "the snapshots and users of this one cluster, whose names are not known before"


class RestoreMachine(Machine):
    """Restores as ``definitions/recovery_restore.asl.json`` says, for the plans that were let in."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        notify: ITopicRef | None,
        report_bucket: IBucketRef | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._via_redshift = redshift_endpoints(self._arn_parts.region)
        statements = self._common_statements(
            notify.topic_ref.topic_arn if notify is not None else None,
            report_bucket.bucket_ref.bucket_arn if report_bucket is not None else None,
        )
        self._build(
            definitions.RECOVERY_RESTORE,
            statements=statements,
            findings=dict(self._findings(statements)),
            description="a failover or a drill failed, timed out or was aborted: its error is the outcome, its cause "
            "the report, which says what to do",
            label="restores that failed",
        )
        self._clusters: list[str] = []
        self._roles: list[str] = []
        self._keys: list[str] = []
        self._records: list[DnsRecord] = []
        parts = self._arn_parts
        name = self.state_machine.attr_name
        runs = f"arn:{parts.partition}:states:{parts.region}:{parts.account}:execution:{name}:*"
        self._own_runs = (self.state_machine_arn, runs)
        self._own_clusters = [self._arn("cluster", _RESTORED_CLUSTERS)]
        # what jsii tells once: each plan's ARNs and findings are made of these
        self._one_cluster = self._arn("*", "@/*")

    @functools.cached_property
    def plans_policy(self) -> iam.CfnPolicy:
        """Lets the machine restore its plans' clusters, and see its own other runs, whose name comes from the machine.

        It grows with each plan, as one policy for each would not fit.
        """
        policy = inline_policy(self, "Plans", self._plan_statements(), self._role_name)
        found = {
            wildcard_finding(self._stack, self._own_runs[1]): _EXECUTIONS,
            **dict.fromkeys((wildcard_finding(self._stack, arn) for arn in self._own_clusters), _OWN_NAMES),
        }
        acknowledge(self, found)
        return policy

    def add_plan(
        self,
        cluster_identifier: str,
        *,
        encryption_key: str,
        role_arns: Iterable[str],
        dns_record: DnsRecord | None,
    ) -> None:
        """Let the machine restore one cluster's snapshots, with one key and some roles.

        Args:
            cluster_identifier: the cluster's name, there and here.
            encryption_key: the ARN of the restored cluster's key.
            role_arns: what a restored cluster gets.
            dns_record: what a failover may change.
        """
        new = cluster_identifier not in self._clusters
        self._clusters += [cluster_identifier] if new else []
        self._roles += [arn for arn in role_arns if arn not in self._roles]
        self._keys += [encryption_key] if encryption_key not in self._keys else []
        self._records += [dns_record] if dns_record is not None else []
        self.plans_policy.policy_document = document(self._plan_statements())
        if new:
            SynthChecks.of(self).acknowledge(self, self._one_cluster.replace("@", cluster_identifier), _ONE_CLUSTER)

    def _plan_statements(self) -> list[dict[str, Any]]:
        clusters = [*self._own_clusters, *(self._arn("cluster", name) for name in self._clusters)]
        # of every kind that holds the cluster's name before a slash: snapshot, dbuser, dbname. One for each would not
        # fit, and the actions take no other kind
        inside = [self._one_cluster.replace("@", name) for name in self._clusters]
        via_redshift = {"StringEquals": {"kms:ViaService": self._via_redshift}}
        statements = [
            allow_each(CLUSTER_ACTIONS, clusters),
            allow_each(SNAPSHOT_ACTIONS, inside),
            {**allow_each(KEY_ON_OUR_BEHALF, self._keys), "Condition": via_redshift},
            allow_each(KEY_ACTIONS, self._keys),
            allow_each(OWN_ACTIONS, self._own_runs),
        ]
        if self._roles:
            # of the two only PassRole carries the key, always
            passed = {"StringEqualsIfExists": {"iam:PassedToService": "redshift.amazonaws.com"}}
            statements.append({**allow_each(ROLE_ACTIONS, self._roles), "Condition": passed})
        return statements + [self._dns_statement(record) for record in self._records]

    def _dns_statement(self, record: DnsRecord) -> dict[str, Any]:
        asked = {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [record.normalized_name],
            "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
            "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
        }
        zone = f"arn:{self._arn_parts.partition}:route53:::hostedzone/{record.hosted_zone_id}"
        return {**allow(DNS_ACTIONS, zone), "Condition": {"ForAllValues:StringEquals": asked}}

    def _common_statements(self, topic: str | None, bucket: str | None) -> list[dict[str, Any]]:
        drills = self._arn("cluster", _DRILL_CLUSTERS)
        # of every kind: dbuser and dbname, the action takes no other
        users = [self._arn("*", f"{cluster}/*") for cluster in (_DRILL_CLUSTERS, _RESTORED_CLUSTERS)]
        remembered = (names.LINEAGE_FOLDER, names.ENDPOINT_FOLDER, names.DRILLS_FOLDER)
        statements = [
            allow((*READ_ACTIONS, *READ_ON_OUR_BEHALF), "*"),
            allow(DRILL_ACTIONS, drills),
            allow(DELETE_ACTIONS, drills),
            allow_each(CREDENTIALS_ACTIONS, users),
            allow(SECRET_ON_OUR_BEHALF, self._arn_parts.arn("secretsmanager", "secret", "redshift!*")),
            allow(RECORD_ACTIONS, self._parameters(names.PLAN_RECORD_FOLDER)),
            allow_each(REMEMBER_ACTIONS, [self._parameters(folder) for folder in remembered]),
            *telling_statements(),
            # a thief of the role cannot delete what no drill made, whatever else the role is given
            {"Action": list(DELETE_ACTIONS), "Effect": "Deny", "NotResource": drills},
            # nor write any tag but these: tags tell whose a cluster is
            {
                "Action": "redshift:CreateTags",
                "Effect": "Deny",
                "Resource": "*",
                "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": list(OWN_TAGS)}},
            },
        ]
        via = [*self._via_redshift]
        if topic is not None:
            statements.append(allow(TOPIC_ACTIONS, topic))
            via += service_endpoints("sns", self._arn_parts.region)
        if bucket is not None:
            statements.append(allow(BUCKET_ACTIONS, f"{bucket}/{names.REPORT_FOLDER}*"))
            via += service_endpoints("s3", self._arn_parts.region)
        keys = self._arn_parts.arn("kms", "key", "*").replace(":key:", ":key/")
        through = {"StringEquals": {"kms:ViaService": via}}
        return [*statements, {**allow(ANY_KEY_ON_OUR_BEHALF, keys), "Condition": through}]

    def _parameters(self, folder: str) -> str:
        parts = self._arn_parts
        return f"arn:{parts.partition}:ssm:{parts.region}:{parts.account}:parameter{folder}*"

    def _findings(self, statements: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
        """What AwsSolutions finds on wildcards, each with its reason."""
        reasons = {
            "redshift": _OWN_NAMES,
            "ssm": _OWN_RECORDS,
            "secretsmanager": _SECRETS,
            "kms": _ANY_KEY,
            "s3": _REPORTS,
        }
        for statement in statements:
            resources = statement.get("Resource", [])
            for arn in [resources] if isinstance(resources, str) else resources:
                if arn == "*":
                    yield "AwsSolutions-IAM5[Resource::*]", _ANY
                elif "*" in arn and statement["Effect"] == "Allow":
                    actions = statement["Action"]
                    service = (actions if isinstance(actions, str) else actions[0]).partition(":")[0]
                    yield wildcard_finding(self._stack, arn), reasons[service]
