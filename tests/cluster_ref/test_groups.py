"""Existing subnet groups and parameter groups: their names, what synth knows about them, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshift_alpha as alpha

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.cluster_ref.groups import check_group, name_of, parameter_group_facts
from resilient_redshift.errors import Problems
from tests.scenes.clusters import new_stack, text_parameter, vpc_of
from tests.scenes.recovery import HOME, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable

STRICT = {"require_ssl": "true", "enable_user_activity_logging": "true"}


def parameters_l1(stack: cdk.Stack, **parameters: str) -> redshift.CfnClusterParameterGroup:
    listed = [{"parameterName": name, "parameterValue": value} for name, value in parameters.items()]
    return redshift.CfnClusterParameterGroup(
        stack, "Parameters", description="d", parameter_group_family="redshift-2.0", parameters=listed
    )


def subnets_l1(stack: cdk.Stack) -> redshift.CfnClusterSubnetGroup:
    return redshift.CfnClusterSubnetGroup(stack, "Subnets", description="d", subnet_ids=["subnet-1"])


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda _: "subnets", "subnets"),
        (subnets_l1, {"Ref": "Subnets"}),
        (lambda s: alpha.ClusterSubnetGroup(s, "G", description="d", vpc=vpc_of(s)), {"Ref": "GDefaultCA96B9E6"}),
        (lambda s: alpha.ClusterSubnetGroup.from_cluster_subnet_group_name(s, "G", "theirs"), "theirs"),
    ],
    ids=["name", "l1", "alpha", "imported"],
)
def test_a_subnet_group_of_each_kind_has_its_name(make: Callable[[cdk.Stack], Any], name: object) -> None:
    # GIVEN a group WHEN its name is asked for THEN it is that of the group
    stack = new_stack()
    resolved = stack.resolve(name_of(make(stack)))
    assert resolved.keys() == {"Ref"} if isinstance(name, dict) else resolved == name


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda _: "default.redshift-1.0", "default.redshift-1.0"),
        (parameters_l1, None),
        (lambda s: alpha.ClusterParameterGroup(s, "G", parameters={"a": "b"}), None),
        (lambda s: alpha.ClusterParameterGroup.from_cluster_parameter_group_name(s, "G", "theirs"), "theirs"),
    ],
    ids=["name", "l1", "alpha", "imported"],
)
def test_a_parameter_group_of_each_kind_has_its_name(make: Callable[[cdk.Stack], Any], name: str | None) -> None:
    stack = new_stack()
    resolved = stack.resolve(name_of(make(stack)))
    assert resolved.keys() == {"Ref"} if name is None else resolved == name


def test_the_parameters_of_a_group_of_the_app_are_known() -> None:
    # GIVEN a group of the app, as an L1 or of the alpha module WHEN read THEN its parameters and family are known
    stack = new_stack()
    problems = Problems("X")
    facts = parameter_group_facts(problems, "parameter_group", parameters_l1(stack, **STRICT, search_path="a"), stack)
    theirs = alpha.ClusterParameterGroup(stack, "G", parameters=STRICT)
    of_alpha = parameter_group_facts(problems, "parameter_group", theirs, stack)
    problems.raise_if_any()
    assert (facts.family, facts.parameters) == ("redshift-2.0", {**STRICT, "search_path": "a"})
    assert (of_alpha.family, of_alpha.parameters) == ("redshift-1.0", STRICT)


def test_the_parameters_of_a_group_elsewhere_are_unknown() -> None:
    # GIVEN the name of a group WHEN read THEN nothing is known of it, and nothing is assumed
    stack = new_stack()
    problems = Problems("X")
    facts = parameter_group_facts(problems, "parameter_group", "theirs", stack)
    problems.raise_if_any()
    assert (facts.family, facts.parameters) == (None, None)


@pytest.mark.parametrize("parameters", [{}, {**STRICT, "require_ssl": "false"}])
def test_a_group_of_the_app_that_turns_tls_off_is_refused(parameters: dict[str, str]) -> None:
    # GIVEN a group of the app without TLS WHEN a cluster gets it THEN it is refused, as the parameter would be
    stack = new_stack()
    problems = Problems("X")
    parameter_group_facts(problems, "parameter_group", parameters_l1(stack, **parameters), stack)
    with pytest.raises(ResilientRedshiftError, match="'parameter_group' must be a group that sets 'require_ssl' to"):
        problems.raise_if_any()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda _: "My Subnets", "must be a group's name as AWS lists it"),
        (subnets_l1, "must be in the Region of the stack, us-east-1, got 'one in us-west-2'"),
        (text_parameter, "got \"a reference to the stack 'Away'\""),
    ],
    ids=["name", "another Region's group", "another Region's name"],
)
def test_a_group_that_cannot_work_is_refused(make: Callable[[cdk.Stack], Any], text: str) -> None:
    # GIVEN a group of another Region, or no name WHEN a stack is to use it THEN the error says why not
    home, away = two_stacks()
    problems = Problems("X")
    check_group(problems, "subnet_group", make(away), home)
    with pytest.raises(ResilientRedshiftError) as caught:
        problems.raise_if_any()
    assert text in str(caught.value)


def test_a_token_of_the_stack_passes() -> None:
    stack = new_stack(HOME)
    problems = Problems("X")
    check_group(problems, "subnet_group", text_parameter(stack), stack)
    problems.raise_if_any()
