"""The function that a step of ARC Region switch calls in one Region, and its rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from resilient_redshift.contract import names
from resilient_redshift.stack.compliance import SWITCH_FUNCTION, acknowledge, wildcard_finding
from resilient_redshift.stack.functions import LibraryFunction
from resilient_redshift.stack.iam import Statement, allow, allow_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs import Construct

    from resilient_redshift.recovery._ways_home import Runs

#: What the function calls; ``cloud/region_switch.py`` makes no other call, and a test compares both.
RECORDS_ACTIONS: Final = ("ssm:GetParametersByPath",)
ENDPOINT_ACTIONS: Final = ("ssm:GetParameter",)
START_ACTIONS: Final = ("states:StartExecution",)
RUN_ACTIONS: Final = ("states:DescribeExecution",)
_ANY: Final = "X-Ray supports no resource type (service authorization reference)"
_RECORDS: Final = "records and endpoints hold no secret, and the plans of the site are found by their records"
_RUNS: Final = "the names of the runs hold those of the executions of ARC"


class SwitchFunction(LibraryFunction):
    """Fails over the plans of a site when ARC Region switch calls it. Lambda runs ``cloud/region_switch.py``.

    It has no alarm on errors: each call but the last one of a switch raises, which is how ARC calls it again. The
    failovers that it starts have the alarms of the restore machine.

    Args:
        scope: the parent, in the stack of the Region.
        construct_id: the id in that scope.
        name: the function's name, a literal.
        environment: the environment variables.
    """

    _CALLER_FINDINGS: ClassVar[Mapping[str, str]] = SWITCH_FUNCTION

    def __init__(self, scope: Construct, construct_id: str, *, name: str, environment: Mapping[str, str]) -> None:
        super().__init__(scope, construct_id)
        parts = self._arn_parts
        prefix = f"arn:{parts.partition}:ssm:{parts.region}:{parts.account}:parameter"
        folder = f"{prefix}{names.PLAN_RECORD_FOLDER.rstrip('/')}"
        records, endpoints = f"{folder}/*", f"{prefix}{names.ENDPOINT_FOLDER}*"
        self._reads: list[Statement] = [allow(RECORDS_ACTIONS, folder, records), allow(ENDPOINT_ACTIONS, endpoints)]
        self._build(
            "handler.region_switch.switch",
            statements=self._reads,
            findings={
                "AwsSolutions-IAM5[Resource::*]": _ANY,
                **{wildcard_finding(self._stack, arn): _RECORDS for arn in (records, endpoints)},
            },
            description="resilient_redshift: a step of ARC Region switch",
            environment=environment,
            name=name,
        )
        #: The function's ARN, without a reference: a stack of another Region may have it.
        self.literal_arn = f"arn:{parts.partition}:lambda:{parts.region}:{parts.account}:function:{name}"

    def let_start(self, machines: Iterable[Runs]) -> None:
        """Let the function start the runs of some machines, and of no others."""
        each = list(machines)
        if not each:
            return
        self._allow_instead(
            [
                *self._reads,
                allow_each(START_ACTIONS, [machine for machine, _ in each]),
                allow_each(RUN_ACTIONS, [runs for _, runs in each]),
            ]
        )
        acknowledge(self.policy, {wildcard_finding(self._stack, runs): _RUNS for _, runs in each})
