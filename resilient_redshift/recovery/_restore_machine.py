"""The state machine and the functions that restore clusters, and their rights: one for each site, for all plans."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift import definitions
from resilient_redshift.contract import names
from resilient_redshift.contract.endpoint_events import ENDPOINT_PUBLISHED
from resilient_redshift.contract.watching import EVENT_SOURCE
from resilient_redshift.core.regions import redshift_endpoints, service_endpoints
from resilient_redshift.core.tree import after
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.functions import MachineFunction
from resilient_redshift.stack.iam import allow, allow_each, document, inline_policy, managed_policy, metric_statement
from resilient_redshift.stack.machines import Machine, writing_statement
from resilient_redshift.stack.policy_sizes import OWN_DESCRIPTION, longest_size
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.core.environment import ArnParts
    from resilient_redshift.recovery.dns_record import DnsRecord

#: Actions that only read. They support no resource type, or the names of their resources are not known here.
#: Source: service authorization reference.
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
#: Actions that Redshift calls with its caller's rights when it restores a cluster.
#: Sources: Redshift management guide; the managed policy with which AWS Backup restores.
READ_ON_OUR_BEHALF: Final = (
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "secretsmanager:GetRandomPassword",
)
#: Actions of the same kind on the secret of the admin, which Redshift manages.
SECRET_ON_OUR_BEHALF: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UpdateSecret",
)
#: Actions of the same kind on the key of the restored cluster. AWS's page on customer keys asks kms:Encrypt of whoever
#: creates a cluster with such a key; AWS enforces it for Redshift Serverless, and may enforce it for clusters too.
#: Source of the others: service authorization reference, RestoreFromClusterSnapshot.
KEY_ON_OUR_BEHALF: Final = ("kms:CreateGrant", "kms:Encrypt", "kms:RetireGrant")
#: Actions on any key. The keys cannot be named: copies that were made under an earlier ``key_generation`` need the
#: earlier key, and neither a topic reference nor a bucket reference gives its key.
ANY_KEY_ON_OUR_BEHALF: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")
#: Actions of the function itself on the key of the restored cluster.
KEY_ACTIONS: Final = ("kms:DescribeKey",)
#: Actions on the cluster of a drill. The cluster of a failover needs two more.
DRILL_ACTIONS: Final = (
    "redshift:CreateTags",
    "redshift:RestoreFromClusterSnapshot",
    "redshift-data:ExecuteStatement",
)
CLUSTER_ACTIONS: Final = ("redshift:EnableLogging", "redshift:EnableSnapshotCopy", *DRILL_ACTIONS)
DELETE_ACTIONS: Final = ("redshift:DeleteCluster",)
#: Actions on the users and databases of one cluster: the Data API signs in as the admin without a secret.
CREDENTIALS_ACTIONS: Final = ("redshift:GetClusterCredentials",)
#: Actions on the snapshots, users and databases of one cluster.
SNAPSHOT_ACTIONS: Final = ("redshift:RestoreFromClusterSnapshot", *CREDENTIALS_ACTIONS)
RECORD_ACTIONS: Final = ("ssm:GetParameter",)
#: Actions on the parameters in which the function keeps lineages, endpoints and last drills.
REMEMBER_ACTIONS: Final = ("ssm:GetParameter", "ssm:PutParameter")
ROLE_ACTIONS: Final = ("iam:GetRole", "iam:PassRole")
#: Actions on the machine's own runs.
OWN_ACTIONS: Final = ("states:DescribeExecution", "states:ListExecutions")
TOPIC_ACTIONS: Final = ("sns:Publish",)
BUCKET_ACTIONS: Final = ("s3:PutObject",)
DNS_ACTIONS: Final = ("route53:ChangeResourceRecordSets",)
EVENT_ACTIONS: Final = ("events:PutEvents",)
#: The only tags that the function may write.
OWN_TAGS: Final = (
    names.TAG_PLAN,
    names.TAG_EXECUTION,
    names.TAG_RESTORED_FROM,
    names.TAG_DRILL,
    names.TAG_AVAILABLE_SINCE,
)
#: The characters that the policy of one group of plans has at most. A managed policy holds 6,144. The first group is an
#: inline policy: with the function's own policy it stays within the 10,240 characters of a role.
_GROUP_CHARACTERS: Final = 5_700
_HANDLER: Final = "handler.restore.run_phase"
DRILL_CLUSTERS: Final = f"{names.DRILL_CLUSTERS}????????-*"
_RESTORED_CLUSTERS: Final = f"{names.RESTORED_CLUSTERS}*"

ANY: Final = (
    "what only reads supports no resource type, or is asked about names that a run is told; PutMetricData is limited "
    "to our namespace; X-Ray supports no resource type (service authorization reference)"
)
_ANY_LOG: Final = "log delivery and X-Ray support no resource type (service authorization reference)"
OWN_NAMES: Final = (
    "restored clusters with these beginnings are this function's own; only those of drills, and those that were never "
    "available, may be deleted, and the function looks at the plan's hash and the tags of each"
)
OWN_RECORDS: Final = (
    "records hold no secret, and each plan's by its name would break the 10,240 characters of a role at 20 plans"
)
_SECRETS: Final = "the secrets that Redshift manages have names that it gives; Redshift asks for them when it restores"
_ANY_KEY: Final = (
    "copies under a former key of the site are restored too, and a topic and a bucket do not tell their key; keys may "
    "be used through Redshift, SNS and S3 only, which this role may use for its own clusters, topic and reports only"
)
_REPORTS: Final = "a report's name holds the run's"
EXECUTIONS: Final = "the machine reads the input of its own other runs, whose names hold a time"
_ONE_CLUSTER: Final = "the snapshots and users of this one cluster, whose names are not known before"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanGroup:
    """The plans whose rights are in one policy.

    Attributes:
        clusters: the identifiers of the plans' clusters.
        keys: the ARNs of the keys of restored clusters.
        roles: the ARNs of the roles that restored clusters get.
        records: the DNS records that failovers may change.
    """

    clusters: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    records: tuple[DnsRecord, ...] = ()

    def with_plan(self, cluster: str, key: str, roles: Iterable[str], record: DnsRecord | None) -> PlanGroup:
        """The group with one more plan. What the group has already is not added again."""
        return PlanGroup(
            clusters=tuple(dict.fromkeys((*self.clusters, cluster))),
            keys=tuple(dict.fromkeys((*self.keys, key))),
            roles=tuple(dict.fromkeys((*self.roles, *roles))),
            records=self.records if record is None else (*self.records, record),
        )


class RestoreMachine(Machine):
    """Runs ``definitions/restore.asl.json`` for the plans that were added.

    Each Task of the machine calls one function, which alone has rights at Redshift.
    """

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
        #: The function that each Task of the machine calls.
        self.function = MachineFunction(
            self,
            "Function",
            handler=_HANDLER,
            statements=statements,
            findings=dict(self._findings(statements)),
            description="resilient_redshift: failovers and drills",
        )
        self._build(
            definitions.RESTORE,
            statements=[writing_statement()],
            findings={"AwsSolutions-IAM5[Resource::*]": _ANY_LOG},
            description="a failover or a drill failed, timed out or was aborted: its error is the outcome, its cause "
            "the report, which says what to do",
            label="restores that failed",
            function_arn=self.function.function_arn,
        )
        self._groups: list[PlanGroup] = [PlanGroup()]
        #: The policies of the second and of each later group of plans.
        self._more_policies: list[iam.CfnManagedPolicy] = []
        parts = self._arn_parts
        name = self.state_machine.attr_name
        runs = f"arn:{parts.partition}:states:{parts.region}:{parts.account}:execution:{name}:*"
        #: The ARNs of the machine and of its runs.
        self.own_runs: tuple[str, str] = (self.state_machine_arn, runs)
        self._own_clusters = [self._arn("cluster", _RESTORED_CLUSTERS)]
        # the ARNs and findings of each plan are made from this pattern, because each ARN costs calls to jsii
        self._one_cluster = self._arn("*", "@/*")

    @functools.cached_property
    def plans_policy(self) -> iam.CfnPolicy:
        """The policy that lets the function restore its plans' clusters, and see the machine's other runs.

        A run's ARN contains the machine's name, so this policy is made after the machine. It grows with each plan,
        because one policy for each plan would not fit into the role. Plans that it has no room for are in managed
        policies, on which this policy depends: whatever comes after it comes after all of them.
        """
        policy = inline_policy(self, "Plans", self._plan_statements(self._groups[0]), self.function.role_name)
        self._acknowledge_own(policy)
        return policy

    def _acknowledge_own(self, policy: iam.CfnPolicy | iam.CfnManagedPolicy) -> None:
        reasons = {
            wildcard_finding(self._stack, self.own_runs[1]): EXECUTIONS,
            **dict.fromkeys((wildcard_finding(self._stack, arn) for arn in self._own_clusters), OWN_NAMES),
        }
        acknowledge(policy, reasons)

    def add_plan(
        self,
        cluster_identifier: str,
        *,
        encryption_key: str,
        role_arns: Iterable[str],
        dns_record: DnsRecord | None,
    ) -> None:
        """Let the function restore one cluster's snapshots, with one key and some roles.

        Args:
            cluster_identifier: the cluster's identifier, the same in both Regions.
            encryption_key: the ARN of the restored cluster's key.
            role_arns: the ARNs of the roles that a restored cluster gets.
            dns_record: the DNS record that a failover may change; None for no record.
        """
        last = self._groups[-1]
        grown = last.with_plan(cluster_identifier, encryption_key, role_arns, dns_record)
        if last.clusters and longest_size(document(self._plan_statements(grown))) > _GROUP_CHARACTERS:
            grown = PlanGroup().with_plan(cluster_identifier, encryption_key, role_arns, dns_record)
            self._groups.append(grown)
        else:
            self._groups[-1] = grown
        policy = self._policy_of(len(self._groups))
        policy.policy_document = document(self._plan_statements(grown))
        if cluster_identifier not in last.clusters:
            inside = self._one_cluster.replace("@", cluster_identifier)
            SynthChecks.of(self).acknowledge(policy, inside, _ONE_CLUSTER)

    def _policy_of(self, number: int) -> iam.CfnPolicy | iam.CfnManagedPolicy:
        """The policy of a group of plans; the first group has number 1."""
        if number == 1:
            return self.plans_policy
        if number - 1 > len(self._more_policies):
            description = f"{OWN_DESCRIPTION}failovers and drills, plans of group {number}"
            statements = self._plan_statements(self._groups[-1])
            policy = managed_policy(
                self, f"Plans{number}", statements, self.function.role_name, description=description
            )
            self._acknowledge_own(policy)
            after(self.plans_policy, policy)
            self._more_policies.append(policy)
        return self._more_policies[number - 2]

    def _plan_statements(self, group: PlanGroup) -> list[dict[str, Any]]:
        clusters = [*self._own_clusters, *(self._arn("cluster", name) for name in group.clusters)]
        # these match every resource type whose ARN has the cluster's name before a slash: snapshot, dbuser and dbname;
        # one ARN for each type would not fit into the role, and these actions support no other type with such an ARN
        inside = [self._one_cluster.replace("@", name) for name in group.clusters]
        via_redshift = {"StringEquals": {"kms:ViaService": self._via_redshift}}
        statements = [
            # the denials in the common statements limit the deletion to clusters that were never available
            allow_each((*CLUSTER_ACTIONS, *DELETE_ACTIONS), clusters),
            allow_each(SNAPSHOT_ACTIONS, inside),
            {**allow_each(KEY_ON_OUR_BEHALF, group.keys), "Condition": via_redshift},
            allow_each(KEY_ACTIONS, group.keys),
            allow_each(OWN_ACTIONS, self.own_runs),
        ]
        if group.roles:
            # PassRole always has this condition key, and GetRole never has it, so the condition binds PassRole alone
            to_redshift = {"StringEqualsIfExists": {"iam:PassedToService": "redshift.amazonaws.com"}}
            statements.append({**allow_each(ROLE_ACTIONS, group.roles), "Condition": to_redshift})
        return statements + [self._dns_statement(record) for record in group.records]

    def _dns_statement(self, record: DnsRecord) -> dict[str, Any]:
        change = {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": [record.normalized_name],
            "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
            "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
        }
        zone = f"arn:{self._arn_parts.partition}:route53:::hostedzone/{record.hosted_zone_id}"
        return {**allow(DNS_ACTIONS, zone), "Condition": {"ForAllValues:StringEquals": change}}

    def _event_statement(self) -> dict[str, Any]:
        parts = self._arn_parts
        bus = f"arn:{parts.partition}:events:{parts.region}:{parts.account}:event-bus/default"
        ours = {"events:source": EVENT_SOURCE, "events:detail-type": ENDPOINT_PUBLISHED}
        return {**allow(EVENT_ACTIONS, bus), "Condition": {"StringEquals": ours}}

    def _common_statements(self, topic: str | None, bucket: str | None) -> list[dict[str, Any]]:
        drills = self._arn("cluster", DRILL_CLUSTERS)
        # these match the two resource types that the action supports, dbuser and dbname
        users = [self._arn("*", f"{cluster}/*") for cluster in (DRILL_CLUSTERS, _RESTORED_CLUSTERS)]
        kept_folders = (names.LINEAGE_FOLDER, names.ENDPOINT_FOLDER, names.DRILLS_FOLDER)
        statements = [
            allow((*READ_ACTIONS, *READ_ON_OUR_BEHALF), "*"),
            allow((*DRILL_ACTIONS, *DELETE_ACTIONS), drills),
            allow_each(CREDENTIALS_ACTIONS, users),
            allow(SECRET_ON_OUR_BEHALF, self._arn_parts.arn("secretsmanager", "secret", "redshift!*")),
            allow(RECORD_ACTIONS, parameters_in(self._arn_parts, names.PLAN_RECORD_FOLDER)),
            allow_each(REMEMBER_ACTIONS, [parameters_in(self._arn_parts, folder) for folder in kept_folders]),
            metric_statement(),
            self._event_statement(),
            # Whoever steals the role cannot delete a cluster that was available once, whatever other policies the role
            # gets, because the role cannot take a tag away. The role can write the tag of a run, so the second denial
            # only helps against mistakes.
            *(
                {
                    "Action": list(DELETE_ACTIONS),
                    "Effect": "Deny",
                    "NotResource": drills,
                    "Condition": {"Null": {f"aws:ResourceTag/{tag}": missing}},
                }
                for tag, missing in ((names.TAG_AVAILABLE_SINCE, "false"), (names.TAG_EXECUTION, "true"))
            ),
            # whoever steals the role can write no tag but these, because the tags say to whom a cluster belongs
            {
                "Action": "redshift:CreateTags",
                "Effect": "Deny",
                "Resource": "*",
                "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": list(OWN_TAGS)}},
            },
        ]
        key_users = [*self._via_redshift]
        if topic is not None:
            statements.append(allow(TOPIC_ACTIONS, topic))
            key_users += service_endpoints("sns", self._arn_parts.region)
        if bucket is not None:
            statements.append(allow(BUCKET_ACTIONS, f"{bucket}/{names.REPORT_FOLDER}*"))
            key_users += service_endpoints("s3", self._arn_parts.region)
        keys = self._arn_parts.arn("kms", "key", "*").replace(":key:", ":key/")
        via_key_users = {"StringEquals": {"kms:ViaService": key_users}}
        return [*statements, {**allow(ANY_KEY_ON_OUR_BEHALF, keys), "Condition": via_key_users}]

    def _findings(self, statements: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
        """The findings of AwsSolutions on wildcards, each with the reason why it is acknowledged."""
        reasons = {
            "redshift": OWN_NAMES,
            "ssm": OWN_RECORDS,
            "secretsmanager": _SECRETS,
            "kms": _ANY_KEY,
            "s3": _REPORTS,
        }
        for statement in statements:
            resources = statement.get("Resource", [])
            for arn in [resources] if isinstance(resources, str) else resources:
                if arn == "*":
                    yield "AwsSolutions-IAM5[Resource::*]", ANY
                elif "*" in arn and statement["Effect"] == "Allow":
                    actions = statement["Action"]
                    service = (actions if isinstance(actions, str) else actions[0]).partition(":")[0]
                    yield wildcard_finding(self._stack, arn), reasons[service]


def parameters_in(parts: ArnParts, folder: str) -> str:
    """The ARNs of the parameters in a folder."""
    return f"arn:{parts.partition}:ssm:{parts.region}:{parts.account}:parameter{folder}*"
