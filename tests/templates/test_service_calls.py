"""Every call of AWS in the functions is one that botocore's model of the service knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore import xform_name

from resilient_redshift import cloud as handler
from resilient_redshift import definitions
from resilient_redshift.cloud.custom_resources.actions import ACTIONS
from resilient_redshift.cloud.watch import readiness_reading
from resilient_redshift.contract.watching import (
    READINESS_ACTIONS,
    REPAIR_ACTIONS,
    WATCH_ACTIONS,
    WATCH_ACTIONS_ON_ALL,
)
from resilient_redshift.recovery import _restore_machine as restore_machine
from resilient_redshift.recovery import _switch_function
from resilient_redshift.recovery._tiers_function import COPY_ACTIONS, RECORD_ACTIONS
from resilient_redshift.snapshots import machine
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.templates import calls
from tests.templates.resolve import of_type

if TYPE_CHECKING:
    from tests.templates.resolve import Template

NAMES = [path.name.removesuffix(".asl.json") for path in Path(definitions.__file__).parent.rglob("*.asl.json")]
SOURCES = sorted(Path(handler.__file__).parent.rglob("*.py"))
SERVICES = (
    *("redshift", "kms", "stepfunctions", "ssm", "cloudwatch"),
    *("redshift-data", "ec2", "iam", "s3", "sns", "route53"),
    *("lambda", "service-quotas", "cloudtrail", "cloudformation", "events"),
)
#: Redshift makes these on the key with its caller's rights.
ON_OUR_BEHALF = {"create_grant", "retire_grant", "revoke_grant", "pass_role"}


def test_the_machines_in_templates_are_the_definitions(any_template: Template) -> None:
    # GIVEN CDK's waiter has a definition of its own, which calls functions
    for made in of_type(any_template, "AWS::StepFunctions::StateMachine").values():
        definition = made["Properties"]["DefinitionString"]
        if isinstance(definition, str):
            assert definition in {definitions.definition_string(name) for name in NAMES}
            assert set(made["Properties"]["DefinitionSubstitutions"]) == {"Partition", "Function"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_function_calls_what_there_is(source: Path) -> None:
    _, problems = calls.in_source(source.read_text(), SERVICES)
    assert problems == []


def test_every_call_of_the_functions_is_looked_at() -> None:
    # GIVEN what the policies allow, which tests of the handler and of tiers compare with real runs
    allowed = {action for kinds in ACTIONS.values() for actions in kinds.values() for action in actions}
    allowed |= {*COPY_ACTIONS, *RECORD_ACTIONS, *METRIC_ACTIONS}
    allowed |= {
        *restore_machine.READ_ACTIONS,
        *restore_machine.KEY_ACTIONS,
        *restore_machine.CLUSTER_ACTIONS,
        *restore_machine.DELETE_ACTIONS,
        *restore_machine.REMEMBER_ACTIONS,
        *restore_machine.ROLE_ACTIONS,
        *restore_machine.OWN_ACTIONS,
        *restore_machine.TOPIC_ACTIONS,
        *restore_machine.BUCKET_ACTIONS,
        *restore_machine.DNS_ACTIONS,
        *restore_machine.EVENT_ACTIONS,
        *_switch_function.RECORDS_ACTIONS,
        *_switch_function.ENDPOINT_ACTIONS,
        *_switch_function.START_ACTIONS,
        *_switch_function.RUN_ACTIONS,
    }
    allowed |= {*machine.SNAPSHOT_ACTIONS, *machine.CLUSTER_ACTIONS, *machine.READ_ACTIONS, *READINESS_ACTIONS}
    watching = (*WATCH_ACTIONS.values(), *WATCH_ACTIONS_ON_ALL.values(), *REPAIR_ACTIONS.values())
    allowed |= {action for actions in watching for action in actions}
    names = {xform_name(action.partition(":")[2]) for action in allowed} - ON_OUR_BEHALF - {"invoke_function"} | {
        "invoke"
    }

    # WHEN / THEN the parser found each of them, so none was checked by nobody
    called = set().union(*(calls.in_source(source.read_text(), SERVICES)[0] for source in SOURCES))
    assert called == names


def test_the_rights_that_the_readiness_asks_for_are_those_of_the_restore_function() -> None:
    # GIVEN the actions that IAM simulates for the function's role WHEN compared with its policies THEN each is granted
    simulated = {
        *readiness_reading.READ_RIGHTS,
        *readiness_reading.RESTORE_RIGHTS,
        *readiness_reading.KEY_RIGHTS,
        *readiness_reading.ROLE_RIGHTS,
        *readiness_reading.RECORD_RIGHTS,
        *readiness_reading.SECRET_RIGHTS,
    }
    granted = {
        *restore_machine.READ_ACTIONS,
        *restore_machine.CLUSTER_ACTIONS,
        *restore_machine.KEY_ON_OUR_BEHALF,
        *restore_machine.ANY_KEY_ON_OUR_BEHALF,
        *restore_machine.READ_ON_OUR_BEHALF,
        *restore_machine.SECRET_ON_OUR_BEHALF,
        *restore_machine.RECORD_ACTIONS,
        *restore_machine.ROLE_ACTIONS,
    }
    assert simulated - granted == set()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("client.enable_snapshot_copies(ClusterIdentifier=x)", "no operation enable_snapshot_copies"),
        ("self._client.enable_snapshot_copy(ClusterIdentifier=x)", "EnableSnapshotCopy wants DestinationRegion"),
        ("client.enable_snapshot_copy(ClusterIdentifier=x, DestinationRegion=y, Region=z)", "has no Region"),
        ("client.describe_clusters(ClusterIdentifier=1)", "is no string"),
        ("client.describe_clusters('sales')", "positional"),
        ("try: pass\nexcept client.exceptions.ClusterNotFound: pass", "no exception ClusterNotFound"),
        ("runtime.kms(region).describe_key(Key=x)", "has no Key"),
        ("aws.call('redshift', 'DescribeCluster')", "no operation DescribeCluster"),
        ("aws.call('redshift', 'DescribeClusters', Cluster=x)", "has no Cluster"),
        ("_try(run, aws, 'ssm', 'PutParameter', Value=x)", "PutParameter wants Name"),
    ],
)
def test_a_broken_call_is_seen(source: str, problem: str) -> None:
    _, problems = calls.in_source(source, SERVICES)
    assert any(problem in found for found in problems)
