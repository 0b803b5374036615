"""The rules of ``resilient-redshift-check``: a stable id, a sentence and a remedy for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from resilient_redshift.planning._verdicts import Failure


class CheckRule(StrEnum):
    """The ids of the rules. A release never renames or reuses an id; docs/policy.md lists them."""

    NODE_LOST = "RR101"
    ZONE_LOST = "RR102"
    REGION_LOST = "RR103"
    CLUSTER_DELETED = "RR104"
    STACK_DELETED = "RR105"
    BAD_LOAD = "RR106"
    NOT_REHEARSED = "RR107"
    SNAPSHOTS_EXPIRE = "RR108"
    NOT_READ = "RR109"
    EXCEPTION_IDLE = "RR110"
    ENTRY_IDLE = "RR111"
    PROTECTION_WORSE = "RR121"
    SNAPSHOTS_LOST = "RR122"
    KEY_CHANGED = "RR123"
    CLUSTER_GONE = "RR124"
    CLUSTER_REPLACED = "RR125"


#: The rule that a cluster breaks when its policy is missed in a failure.
RULE_OF: Final = {
    Failure.NODE: CheckRule.NODE_LOST,
    Failure.ZONE: CheckRule.ZONE_LOST,
    Failure.REGION: CheckRule.REGION_LOST,
    Failure.CLUSTER_DELETED: CheckRule.CLUSTER_DELETED,
    Failure.STACK_DELETED: CheckRule.STACK_DELETED,
    Failure.BAD_LOAD: CheckRule.BAD_LOAD,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleText:
    """What a report says about one rule.

    Attributes:
        name: the name in words joined by hyphens, such as ``region-lost``.
        sentence: what a finding of this rule means, in one sentence.
        fix: what the reader can do about a finding.
    """

    name: str
    sentence: str
    fix: str


RULE_TEXTS: Final = {
    CheckRule.NODE_LOST: RuleText(
        name="node-lost",
        sentence="The failure of one node loses more than the policy allows.",
        fix="Use two or more nodes, or Multi-AZ, or take snapshots more often.",
    ),
    CheckRule.ZONE_LOST: RuleText(
        name="zone-lost",
        sentence="The failure of the cluster's Availability Zone loses more than the policy allows.",
        fix="Use Multi-AZ or relocation, or take snapshots more often.",
    ),
    CheckRule.REGION_LOST: RuleText(
        name="region-lost",
        sentence="The failure of the cluster's Region loses more than the policy allows.",
        fix="Copy the snapshots to another Region, keep the copies long enough, and take snapshots often enough.",
    ),
    CheckRule.CLUSTER_DELETED: RuleText(
        name="cluster-deleted",
        sentence="The deletion of the cluster by mistake loses more than the policy allows.",
        fix="Take manual snapshots on a schedule; Redshift deletes automated snapshots with their cluster.",
    ),
    CheckRule.STACK_DELETED: RuleText(
        name="stack-deleted",
        sentence="The deletion of the cluster's stack loses more than the policy allows.",
        fix="Set DeletionPolicy to Snapshot or Retain on the cluster.",
    ),
    CheckRule.BAD_LOAD: RuleText(
        name="bad-load",
        sentence="No recovery point from before a bad load is certain to exist when somebody notices the load.",
        fix="Keep snapshots for at least the time until somebody notices, plus the gap between two snapshots.",
    ),
    CheckRule.NOT_REHEARSED: RuleText(
        name="not-rehearsed",
        sentence="Nothing rehearses the restore as often as the policy requires.",
        fix="Protect the cluster with a RecoveryPlan, and call its rehearse method with a schedule.",
    ),
    CheckRule.SNAPSHOTS_EXPIRE: RuleText(
        name="snapshots-expire",
        sentence="Snapshots of the cluster are not kept as long as the policy requires.",
        fix="Raise the retention of the automated snapshots, or add a rule with manual snapshots.",
    ),
    CheckRule.NOT_READ: RuleText(
        name="not-read",
        sentence="A part of the input could not be read, and it may hold a Redshift cluster.",
        fix="Give the part as an input of its own, give the parameters, or accept the part with a reason.",
    ),
    CheckRule.EXCEPTION_IDLE: RuleText(
        name="exception-idle",
        sentence="An exception of the policy has ended, or accepts nothing.",
        fix="Delete the exception, or renew it with a new end date.",
    ),
    CheckRule.ENTRY_IDLE: RuleText(
        name="entry-idle",
        sentence="A [[cluster]] entry of the policy changes nothing, because it matches no cluster.",
        fix="Correct the pattern, or delete the entry.",
    ),
    CheckRule.PROTECTION_WORSE: RuleText(
        name="protection-worse",
        sentence="The change makes the protection of the cluster worse.",
        fix="Undo the change, or accept it with a reason.",
    ),
    CheckRule.SNAPSHOTS_LOST: RuleText(
        name="snapshots-lost",
        sentence="The change shortens a retention, so existing recovery points are deleted.",
        fix="Keep the retention, or wait until the older recovery points are not needed.",
    ),
    CheckRule.KEY_CHANGED: RuleText(
        name="key-changed",
        sentence="The change gives the cluster or its copies another encryption key.",
        fix="Keep the former key and grant until no snapshot needs them.",
    ),
    CheckRule.CLUSTER_GONE: RuleText(
        name="cluster-gone",
        sentence="The change removes a cluster from the templates.",
        fix="Check the DeletionPolicy of the cluster and the retention of its manual snapshots.",
    ),
    CheckRule.CLUSTER_REPLACED: RuleText(
        name="cluster-replaced",
        sentence="CloudFormation makes a new cluster instead of changing the existing one.",
        fix="Keep the logical id (override_logical_id, or cdk refactor), or plan the migration of the data.",
    ),
}
