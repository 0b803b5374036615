"""A step for a plan of ARC Region switch that fails over a site's plans, or brings them home."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from resilient_redshift.contract.generated_names import switch_function_name
from resilient_redshift.contract.region_switch import PRIMARY_REGION, RECOVERY_REGION, SITE
from resilient_redshift.core.environment import stack_environment, stack_of
from resilient_redshift.core.regions import partition_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.recovery._switch_function import SwitchFunction
from resilient_redshift.recovery._ways_home import ways_home_of
from resilient_redshift.recovery.plan import RecoveryPlan
from resilient_redshift.rules.retention import Span, span
from resilient_redshift.stack.naming_path import naming_path, naming_stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_arcregionswitch as arcregionswitch

    from resilient_redshift.recovery._site_base import SiteBase

RETRY_INTERVAL: Final = timedelta(minutes=1)
_MINUTE: Final = timedelta(minutes=1)
_STEP: Final = "Redshift"
_API: Final = "ARC API, CustomActionLambdaConfiguration"


@typed
class RegionSwitchStep(Construct):
    """A step for the workflows of an ARC Region switch plan. ``RecoverySite.region_switch_step`` makes it.

    Its :attr:`block` goes into the workflows of ``aws_arcregionswitch.CfnPlan``, and :meth:`grant_invoke` lets that
    plan's execution role call the functions.
    """

    def __init__(
        self,
        site: SiteBase,
        *,
        primary: Construct | None = None,
        retry_interval: Span = RETRY_INTERVAL,
        timeout: Span | None = None,
    ) -> None:
        problems = Problems(f"{path_of(site)} (RecoverySite.region_switch_step)")
        primary_stack, plans = _primary(problems, site, primary)
        home = stack_environment(primary_stack).region if primary_stack is not None else None
        in_china = partition_of(site.region) == "aws-cn"
        why = "AWS does not offer ARC Region switch there"
        problems.check(not in_china, "site", f"a site in {site.region}", "a site outside of China", why)
        retry = span(problems, "retry_interval", retry_interval)
        patience = _longest(plans) if timeout is None else span(problems, "timeout", timeout)
        problems.check(patience % _MINUTE == timedelta(0), "timeout", timeout, "a Duration of whole minutes", _API)
        child = f"RegionSwitch-{home}"
        is_first = site.node.try_find_child(child) is None
        problems.check(is_first, "primary", f"one in {home}", "a Region that has no step of this site yet")
        problems.raise_if_any()
        assert home is not None  # noqa: S101 - without a Region, the line above raises
        assert primary_stack is not None  # noqa: S101 - without a stack, there is no Region

        super().__init__(site, child)
        self._retry, self._patience = retry, patience
        name = switch_function_name(naming_stack(site), naming_path(site), home)
        environment = {SITE: naming_path(site), PRIMARY_REGION: home, RECOVERY_REGION: site.region}
        #: The function in the recovery Region, which fails over the site's plans.
        self.recovery_function = SwitchFunction(self, "Function", name=name, environment=environment)
        self.recovery_function.let_start([parts_of(site.restore).machine.own_runs])
        place = Construct(primary_stack, f"ResilientRedshiftRegionSwitch-{name.rpartition('-')[2]}")
        #: The function in the clusters' Region, which brings home the plans that have a reverse plan.
        self.primary_function = SwitchFunction(place, "Function", name=name, environment=environment)
        ways_home_of(site).follow(home, self.primary_function.let_start)
        #: The ARNs of both functions. They are literals, so that a stack of any Region may have them.
        self.function_arns: tuple[str, str] = (self.primary_function.literal_arn, self.recovery_function.literal_arn)

    @property
    def block(self) -> arcregionswitch.CfnPlan.StepProperty:
        """The step for ``steps`` of a workflow that activates a Region, a ``CfnPlan.StepProperty``.

        ARC runs the function of the Region that it activates, and calls it again after each retry interval until all
        plans are restored. ARC skips the step in an ungraceful execution (docs/region-switch.md).
        """
        from aws_cdk import aws_arcregionswitch as arcregionswitch  # noqa: PLC0415 - few apps need it

        plan = arcregionswitch.CfnPlan
        return plan.StepProperty(
            name=_STEP,
            description="resilient_redshift: fails over Redshift clusters",
            execution_block_type="CustomActionLambda",
            execution_block_configuration=plan.ExecutionBlockConfigurationProperty(
                custom_action_lambda_config=plan.CustomActionLambdaConfigurationProperty(
                    lambdas=[plan.LambdasProperty(arn=arn) for arn in self.function_arns],
                    region_to_run="activatingRegion",
                    retry_interval_minutes=self._retry / _MINUTE,
                    timeout_minutes=self._patience // _MINUTE,
                )
            ),
        )

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let the execution role of the ARC plan call both functions.

        Args:
            grantee: the role that ``CfnPlan`` has as ``execution_role``, in any stack of this account.

        Returns:
            The grant.
        """
        actions = ["lambda:GetFunction", "lambda:InvokeFunction"]
        return iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=list(self.function_arns))


def plans_of(site: SiteBase) -> list[RecoveryPlan]:
    """The plans of a site so far."""
    return [child for child in site.node.children if isinstance(child, RecoveryPlan)]


def _primary(
    problems: Problems, site: SiteBase, primary: Construct | None
) -> tuple[cdk.Stack | None, list[RecoveryPlan]]:
    """The stack of the function in the clusters' Region, and the plans whose clusters are in that Region."""
    by_region: dict[str | None, list[RecoveryPlan]] = {}
    for plan in plans_of(site):
        by_region.setdefault(stack_environment(stack_of(plan.primary_record)).region, []).append(plan)
    regions = ", ".join(sorted(region for region in by_region if region))
    if primary is None:
        several = by_region.keys() - {next(iter(by_region), None)}
        allowed = "a construct in a stack of the one Region that the step is for"
        problems.check(not several, "primary", f"nothing, with clusters in {regions}", allowed, _API)
        allowed = "a site with one or more plans"
        problems.check(bool(by_region), "site", "a site without a plan", allowed, "call protect before")
        if several or not by_region:
            return None, []
        [plans] = by_region.values()
        return stack_of(plans[0].primary_record), plans
    stack = stack_of(primary)
    region = stack_environment(stack).region
    allowed = f"a construct in a stack of a Region with clusters of this site: {regions or 'none yet'}"
    problems.check(region in by_region, "primary", f"one in {region}", allowed, "call protect before")
    return stack, by_region.get(region, [])


def _longest(plans: Sequence[RecoveryPlan]) -> timedelta:
    """Twice the longest recovery time that the plans promise, in whole minutes; an hour to a week."""
    longest = max([timedelta(hours=1), *(2 * plan.objectives.recovery_time for plan in plans)])
    return min(timedelta(days=7), -(-longest // _MINUTE) * _MINUTE)
