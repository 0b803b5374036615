"""The function that cleans up after drills, and its rights: one for each site, for all plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract import names
from resilient_redshift.recovery._restore_machine import (
    ANY,
    DELETE_ACTIONS,
    DRILL_CLUSTERS,
    EXECUTIONS,
    OWN_ACTIONS,
    OWN_RECORDS,
    RECORD_ACTIONS,
    REMEMBER_ACTIONS,
    parameters_in,
)
from resilient_redshift.stack.compliance import wildcard_finding
from resilient_redshift.stack.functions import ScheduledFunction, errors_alarm
from resilient_redshift.stack.iam import allow, allow_each, metric_statement
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct

    from resilient_redshift.recovery._restore_machine import RestoreMachine

_HANDLER: Final = "handler.clean_up.clean_up"
_DRILLS: Final = (
    "clusters with this beginning are of drills, and nothing else may be deleted; the function looks at the plan's "
    "hash and the tags of each"
)


class CleanUpFunction(ScheduledFunction):
    """Removes what the drills of each plan left behind, once an hour. Lambda runs ``cloud/restore/clean_up.py``.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        machine: the state machine that runs the drills.
    """

    def __init__(self, scope: Construct, construct_id: str, *, machine: RestoreMachine) -> None:
        super().__init__(scope, construct_id)
        drills = self._arn("cluster", DRILL_CLUSTERS)
        records, memories = (
            parameters_in(self._arn_parts, folder) for folder in (names.PLAN_RECORD_FOLDER, names.DRILLS_FOLDER)
        )
        self._build(
            _HANDLER,
            statements=[
                allow(("redshift:DescribeClusters",), "*"),
                allow(DELETE_ACTIONS, drills),
                allow(RECORD_ACTIONS, records),
                allow(REMEMBER_ACTIONS, memories),
                allow_each(OWN_ACTIONS, machine.own_runs),
                metric_statement(),
                # whoever steals the role cannot delete a cluster that no drill made, whatever other policies it gets
                {"Action": list(DELETE_ACTIONS), "Effect": "Deny", "NotResource": drills},
            ],
            findings={
                "AwsSolutions-IAM5[Resource::*]": ANY,
                wildcard_finding(self._stack, drills): _DRILLS,
                **dict.fromkeys((wildcard_finding(self._stack, arn) for arn in (records, memories)), OWN_RECORDS),
                wildcard_finding(self._stack, machine.own_runs[1]): EXECUTIONS,
            },
            description="resilient_redshift: what drills left behind",
        )
        #: Goes into the ALARM state when a clean-up failed.
        self.alarm: cloudwatch.CfnAlarm = errors_alarm(
            self,
            StackServices.of(self),
            self.function_name,
            description="a clean-up after drills failed, or left something behind: its error in the stack's log begins "
            "with the outcome and says what to do",
        )
