"""Compliance packs over every shape: nothing of ours unacknowledged, and nothing acknowledged that blankets a mistake."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam

from tests.docs.tables import ROOT, rows
from tests.templates import golden, nag, shapes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import aws_cdk as cdk
    from constructs import IConstruct

PAGE = ROOT / "docs" / "compliance.md"
#: What stays a finding on purpose: an alarm of a stack without ``notify`` tells nobody.
ON_PURPOSE = {f"{pack}-CloudWatchAlarmAction" for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5")}
#: What ``app.py`` attaches.
ATTACHED = ("AwsSolutions", "NIST.800.53.R5")
#: What only the owner of the example's VPC can mend or acknowledge, in the packs that it does not attach.
OF_THE_VPC = ("VPCDefaultSecurityGroupClosed", "VPCFlowLogsEnabled")
EVERYTHING = {"Action": "redshift:*", "Effect": "Allow", "Resource": "*"}
#: What packs say of it; NIST 800-53 R4 has no rule for the whole of one service.
FOUND_IN_EVERYTHING = {
    "AwsSolutions-IAM5[Action::redshift:*]",
    "HIPAA.Security-IAMPolicyNoStatementsWithFullAccess",
    "NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
    "PCI.DSS.321-IAMPolicyNoStatementsWithFullAccess",
}


@pytest.fixture(scope="session")
def inspect(
    shape_named: Callable[[str], shapes.Shape], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], nag.Inspected]:
    """Gives a shape as the packs see it."""
    return functools.cache(lambda name: nag.Inspected(shape_named(name), tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session")
def ours(inspect: Callable[[str], nag.Inspected]) -> set[nag.Acknowledged]:
    """What the library acknowledges, over all shapes."""
    return set().union(*(inspect(name).acknowledged(ours=True) for name in shapes.SHAPES))


@pytest.fixture(scope="session")
def theirs(inspect: Callable[[str], nag.Inspected]) -> set[nag.Acknowledged]:
    """What users acknowledge: the example does."""
    return set().union(*(inspect(name).acknowledged(ours=False) for name in shapes.SHAPES))


@pytest.mark.parametrize("pack", ATTACHED)
def test_the_example_has_no_finding(pack: str, inspect: Callable[[str], nag.Inspected]) -> None:
    assert inspect("example").reported[pack] == set()


@pytest.mark.parametrize("pack", sorted({*nag.PACKS} - {*ATTACHED}))
def test_other_packs_find_the_examples_vpc_alone(pack: str, inspect: Callable[[str], nag.Inspected]) -> None:
    found = inspect("example").reported[pack]
    assert {finding.rule for finding in found} == {f"{pack}-{rule}" for rule in OF_THE_VPC}
    assert {finding.path.partition("/")[2] for finding in found} == {"Network/Resource"}


@pytest.mark.parametrize("name", shapes.SHAPES)
@pytest.mark.parametrize("pack", nag.PACKS)
def test_no_resource_of_ours_has_a_finding(pack: str, name: str, inspect: Callable[[str], nag.Inspected]) -> None:
    # GIVEN users' own clusters beside ours in some shapes
    seen = inspect(name)

    # THEN only that alarms tell nobody, where nobody was named
    assert {found.rule for found in seen.reported[pack] if found.path in seen.ours} <= ON_PURPOSE


def test_alarms_without_a_topic_are_a_finding_and_stay_one(inspect: Callable[[str], nag.Inspected]) -> None:
    # GIVEN a shape without `notify`; a topic ends the finding (the example), so it is the user's to decide
    seen = inspect("china").reported
    assert {found.rule for pack in nag.PACKS for found in seen[pack]} == ON_PURPOSE


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_every_acknowledgment_is_needed(name: str, inspect: Callable[[str], nag.Inspected]) -> None:
    assert inspect(name).unused() == set()


def test_acknowledged_findings_are_the_golden_ones(ours: set[nag.Acknowledged]) -> None:
    told: dict[str, dict[str, str]] = {}
    for found in sorted(ours):
        told.setdefault(found.pack, {})[f"{found.rule} on {found.at} ({found.resource_type})"] = found.reason
    golden.check("acknowledged", told, "A compliance finding that users never see was added, or changed its reason.")


def test_every_reason_says_something(ours: set[nag.Acknowledged], theirs: set[nag.Acknowledged]) -> None:
    assert [found for found in ours | theirs if len(found.reason.split()) < 6] == []


def test_the_page_lists_what_the_library_acknowledges(ours: set[nag.Acknowledged]) -> None:
    packs: dict[tuple[str, str, str], set[str]] = {}
    for found in ours:
        packs.setdefault((found.rule_in_every_pack, found.at, found.reason), set()).add(found.pack)
    wanted = sorted(
        (", ".join(f"`{pack}`" for pack in sorted(of)), f"`{rule}`", f"`{at}`", reason)
        for (rule, at, reason), of in packs.items()
    )
    page = sorted(
        (row.cells["in"], row.cells["finding"], row.cells["on"], row.cells["reason"]) for row in rows(PAGE, "finding")
    )
    assert page == wanted


def test_a_rule_of_many_packs_has_one_reason(ours: set[nag.Acknowledged]) -> None:
    reasons: dict[tuple[str, str], set[str]] = {}
    for found in ours:
        reasons.setdefault((found.rule_in_every_pack, found.at), set()).add(found.reason)
    assert {key: told for key, told in reasons.items() if len(told) > 1} == {}


def test_the_page_lists_what_the_example_acknowledges(theirs: set[nag.Acknowledged]) -> None:
    wanted = sorted((f"`{found.rule}`", f"`{found.at}`", found.reason) for found in theirs)
    listed = rows(PAGE, "finding on the VPC")
    assert sorted((row.cells["finding on the VPC"], row.cells["on"], row.cells["reason"]) for row in listed) == wanted


def _is_ours(construct: IConstruct) -> bool:
    return any(type(node).__module__.startswith("resilient_redshift.") for node in construct.node.scopes)


def _policies(app: cdk.App) -> list[iam.CfnPolicy]:
    return [node for node in app.node.find_all() if isinstance(node, iam.CfnPolicy) and _is_ours(node)]


def _roles(app: cdk.App) -> list[iam.CfnRole]:
    return [node for node in app.node.find_all() if isinstance(node, iam.CfnRole) and _is_ours(node)]


def _seen(resource: cdk.CfnResource) -> set[str]:
    return {finding.rule for pack in nag.PACKS for finding in nag.findings(pack, resource)}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> cdk.App:
    """The example, declared again: its policies are broken here, one at a time."""
    app = shapes.declare("example", tmp_path_factory.mktemp("mutated"))
    app.synth()  # per-cluster acknowledgments are written at synth
    return app


def test_everything_allowed_is_seen_in_each_of_our_policies(declared: cdk.App) -> None:
    policies = _policies(declared)
    assert len(policies) > 10
    for policy in policies:
        # GIVEN a policy that the packs accept
        assert _seen(policy) == set()
        document: Any = Stack.of(policy).resolve(policy.policy_document)

        # WHEN one of its own statements is widened: some rules read the text, and so the order of keys
        widened = {**document["Statement"][0], **EVERYTHING}
        policy.policy_document = {**document, "Statement": [*document["Statement"][1:], widened]}

        # THEN an acknowledgment of another finding does not hide it
        assert _seen(policy) >= FOUND_IN_EVERYTHING, policy.node.path
        policy.policy_document = document


def test_a_wider_resource_is_seen_in_each_of_our_policies(declared: cdk.App) -> None:
    # GIVEN each statement of our policies that allows something on a named resource
    hidden, widened = [], 0
    for policy in _policies(declared):
        document: Any = Stack.of(policy).resolve(policy.policy_document)
        statements = document["Statement"]
        if any(statement["Effect"] == "Allow" and statement["Resource"] == "*" for statement in statements):
            continue  # this policy's own wildcard is acknowledged, with a reason
        for index, statement in enumerate(statements):
            if statement["Effect"] != "Allow":
                continue
            # WHEN its resource becomes everything
            other = [*statements[:index], {**statement, "Resource": "*"}, *statements[index + 1 :]]
            policy.policy_document = {**document, "Statement": other}
            widened += 1
            # THEN no acknowledgment of another policy's wildcard hides it
            if "AwsSolutions-IAM5[Resource::*]" not in _seen(policy):
                hidden.append((policy.node.path, statement["Action"]))
        policy.policy_document = document
    assert hidden == []
    assert widened > 20


def test_everything_allowed_is_seen_inline_in_each_of_our_roles(declared: cdk.App) -> None:
    roles = _roles(declared)
    assert len(roles) > 5
    for role in roles:
        assert _seen(role) == set()
        role.policies = [iam.CfnRole.PolicyProperty(policy_name="More", policy_document={"Statement": [EVERYTHING]})]
        assert _seen(role) >= FOUND_IN_EVERYTHING, role.node.path
        role.policies = []


def test_an_acknowledgment_of_the_whole_rule_would_be_seen(tmp_path: Path) -> None:
    # GIVEN what a blanket would look like, on an example of its own: an acknowledgment cannot be taken back
    policy = _policies(shapes.declare("example", tmp_path))[0]
    Validations.of(policy).acknowledge(Acknowledgment(id="AwsSolutions-IAM5[Action::redshift:*]", reason="a blanket"))
    document: Any = Stack.of(policy).resolve(policy.policy_document)
    policy.policy_document = {**document, "Statement": [EVERYTHING]}

    # THEN the mutation above would not be found
    assert "AwsSolutions-IAM5[Action::redshift:*]" not in _seen(policy)
