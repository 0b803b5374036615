"""The guardrails stop none of the calls that the roles in our templates are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.guardrails import RECOVERY_POINT_ACTIONS, Guardrails
from resilient_redshift.errors import Problems
from tests.scenes.policies import decision, role
from tests.templates.resolve import Template, listed, policies, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.templates.shapes import Shape

OUR_PATH: Final = "/resilient-redshift/"


def service_control_policy(role_path: str) -> dict[str, Any]:
    break_glass = ["arn:aws:iam::*:role/BreakGlass"]
    made = Guardrails.checked(Problems("here"), partition="aws", break_glass_roles=break_glass, role_paths=[role_path])
    return made.service_control_policy()


def calls(template: Template) -> set[tuple[str, str]]:
    """Every call that the roles of a template may make: action and resource."""
    return {
        (action, text(template, resource))
        for statements in policies(template).values()
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def stopped(template: Template, policy: dict[str, Any]) -> set[str]:
    """The actions of a template's roles that a policy denies to a role of our path."""
    caller = role(f"{OUR_PATH.strip('/')}/Function")
    return {action for action, resource in calls(template) if decision(policy, caller, action, resource) != "Allow"}


def test_no_call_of_ours_is_stopped(any_template: Template) -> None:
    assert not any("*" in action for action, _ in calls(any_template))
    assert stopped(any_template, service_control_policy(OUR_PATH)) == set()


def test_without_our_path_calls_of_ours_are_stopped(shape_named: Callable[[str], Shape]) -> None:
    # GIVEN a policy that exempts another path WHEN our roles call THEN what they have to do to snapshots is stopped
    templates = [each for name in ("bank", "standalone") for each in shape_named(name).templates.values()]
    found = set().union(*(stopped(template, service_control_policy("/others/")) for template in templates))
    of_many = {"redshift:BatchDeleteClusterSnapshots", "redshift:BatchModifyClusterSnapshots"}
    of_removed_grants = {"redshift:DeleteSnapshotCopyGrant"}
    assert found == {*RECOVERY_POINT_ACTIONS} - of_many - of_removed_grants
