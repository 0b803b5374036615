"""A dashboard for the plans of a site: how much data a disaster would lose now, in each of the two Regions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct, IValidation

from resilient_redshift.contract.record import seconds
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import remember_place, stack_environment, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import root_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery.drill import RecoveryDrill
from resilient_redshift.recovery.plan import RecoveryPlan
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from resilient_redshift.watching.dashboard_body import MOST_PLANS, MOST_WIDGETS, PlanRow, dashboard_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

    from resilient_redshift.recovery.imported_site import ImportedRecoverySite
    from resilient_redshift.recovery.site import RecoverySite

#: The names that CloudWatch takes. Source: CloudWatch API, PutDashboard: DashboardName.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ROOM: Final = f"a dashboard has at most {MOST_WIDGETS} widgets (CloudWatch quotas), and a plan takes up to 5"


@typed
class RecoveryDashboard(Construct):
    """A CloudWatch dashboard with one row for each plan of a site.

    A row shows how much data a disaster would lose now, here and there, with the objective; the plan's findings; the
    last drill and its times; the number of recovery points, and their billed size. The states of the plans' alarms are
    on top. A row has the graph of drills when the plan has a drill at synth.

    Args:
        scope: in the stack of the site.
        construct_id: the id in that scope. The default name of the dashboard depends on it.
        site: the site whose plans are shown.
        plans: the plans that are shown, in this order, 1 to 99; all of this site. Default: all plans of the site when
            the app is finished.
        dashboard_name: the name: 1 to 255 letters, digits, hyphens and underscores (CloudWatch API, PutDashboard). An
            account has one dashboard of a name for all Regions. Another name replaces the dashboard. Default:
            ``resilient-redshift-``, the recovery Region and a short hash of stack and construct.

    Raises:
        ResilientRedshiftError: for a scope in another stack than the site's; for no plan, more than 99 plans, or a plan
            of another site; for a name that CloudWatch refuses, or that another dashboard of the app has. Synth fails
            when the site has more than 99 plans and ``plans`` was left out.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: RecoverySite | ImportedRecoverySite,
        plans: Sequence[RecoveryPlan] | None = None,
        dashboard_name: str | None = None,
    ) -> None:
        place = where(scope, construct_id, "RecoveryDashboard")
        problems = Problems(place)
        stack = stack_of(scope)
        in_stack = stack_of(site) is stack
        why = "the dashboard names the alarms of that stack"
        problems.check(in_stack, "scope", scope.node.path, "a construct in the stack of the site", why)
        if plans is not None:
            problems.check(1 <= len(plans) <= MOST_PLANS, "plans", f"{len(plans)} plans", f"1 to {MOST_PLANS}", _ROOM)
            foreign = next((plan.plan_name for plan in plans if plan.node.scope is not site), None)
            problems.check(foreign is None, "plans", foreign, "plans of this site", "the dashboard is of one site")
        names = _names(root_of(scope))
        if dashboard_name is not None:
            ok = not known(dashboard_name) or _NAME.fullmatch(dashboard_name) is not None
            allowed = "1 to 255 letters, digits, hyphens and underscores"
            problems.check(ok, "dashboard_name", dashboard_name, allowed, "CloudWatch API: PutDashboard")
            owner = names.get(dashboard_name)
            why = f"'{owner}' has it, and an account has one dashboard of a name for all Regions"
            problems.check(owner is None, "dashboard_name", dashboard_name, "a name of its own", why)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        if dashboard_name is None:
            unique = short_hash(naming_stack(self), naming_path(self))
            dashboard_name = f"resilient-redshift-{site.region}-{unique}"
        names[dashboard_name] = self.node.path
        self._site = site
        self._plans = None if plans is None else tuple(plans)
        #: The dashboard.
        self.resource = cloudwatch.CfnDashboard(
            self,
            "Resource",
            dashboard_name=dashboard_name,
            dashboard_body=cdk.Lazy.string(_Body(self)),
        )
        #: The dashboard's name.
        self.dashboard_name = dashboard_name
        self.node.add_validation(_Room(self))

    @property
    def plans(self) -> list[RecoveryPlan]:
        """The plans that the dashboard shows. It shows all plans of its site by now, unless you named some."""
        if self._plans is not None:
            return list(self._plans)
        return [child for child in self._site.node.children if isinstance(child, RecoveryPlan)]

    def _body(self) -> str:
        alarms = [plan.alarm.attr_arn for plan in self.plans]
        rows = [_row(plan, self._site.region) for plan in self.plans]
        text: str = stack_of(self).to_json_string(dashboard_body(self._site.region, rows, alarms))
        return text


def _row(plan: RecoveryPlan, region: str) -> PlanRow:
    primary = stack_environment(stack_of(plan.copy)).region
    assert primary is not None  # noqa: S101 - protect refuses a cluster without a literal Region
    return PlanRow(
        plan=plan.plan_name,
        primary_region=primary,
        recovery_region=region,
        recovery_point_seconds=seconds(plan.objectives.recovery_point),
        recovery_time_seconds=seconds(plan.objectives.recovery_time),
        drilled=any(isinstance(child, RecoveryDrill) for child in plan.node.children),
    )


@jsii.implements(cdk.IStableStringProducer)
class _Body:
    """The body, produced once at synth: later calls still add plans and drills."""

    def __init__(self, dashboard: RecoveryDashboard) -> None:
        self._dashboard = dashboard

    def produce(self) -> str:
        return self._dashboard._body()  # noqa: SLF001 - of the same module


@jsii.implements(IValidation)
class _Room:
    """Refuses more plans than a dashboard has room for."""

    def __init__(self, dashboard: RecoveryDashboard) -> None:
        self._dashboard = dashboard

    def validate(self) -> list[str]:
        count = len(self._dashboard.plans)
        if count <= MOST_PLANS:
            return []
        text = f"the dashboard shows {count} plans, and {_ROOM}: make two dashboards, each with some of the 'plans'"
        return [text]


@Remembered
def _names(_root: IConstruct) -> dict[str, str]:
    """The names of the dashboards of an app, with the path of each."""
    return {}
