"""Every public argument, with values of every wrong kind: an error of this library, at once, without a trace.

The calls and their arguments come from the package's public surface, so that a new argument is covered by itself.
"""

from __future__ import annotations

import inspect
import itertools
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import hypothesis.strategies as st
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from hypothesis import given, settings

import resilient_redshift as rr
from tests.scenes.clusters import cluster_of, new_app, number_parameter, text_parameter, vpc_of
from tests.scenes.recovery import OBJECTIVES, l1_cluster, site_of, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The attributes of an annotation's alternatives that a construct of any kind has.
CONSTRUCT = {"Construct", "IConstruct"}
MINUTES = cdk.Duration.minutes(5)
IDS = itertools.count()
NIGHTLY = events.Schedule.cron(hour="3", minute="0")


@dataclass
class World:
    """One app for all calls: a call that fails leaves nothing behind."""

    app: cdk.App = field(default_factory=new_app)

    def __post_init__(self) -> None:
        home, self.away = two_stacks(self.app)
        self.home = home
        self.cluster = cluster_of(home, cluster_identifier="sales")
        self.site = site_of(self.away)
        self.plan = self.site.protect(self.cluster, objectives=OBJECTIVES)
        self.rule = self.plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=timedelta(days=3))
        self.drill = self.plan.rehearse("Monthly")
        self.key = kms.CfnKey(self.away, "GivenKey")
        self.topic = sns.CfnTopic(self.away, "Topic")
        self.l1 = l1_cluster(home, "Plain")
        self.groups = [ec2.SecurityGroup.from_security_group_id(self.away, "Given", "sg-2")]
        times = [rr.SnapshotTimes.every(timedelta(hours=4))]
        self.instances: dict[type, Any] = {
            type(found): found
            for found in (
                self.cluster,
                self.site,
                self.plan,
                self.rule,
                self.drill,
                self.site.restore,
                self.site.tiers,
                self.site.region_switch_step(),
                self.plan.reverse(),
                rr.StackSettings(),
                rr.ResilienceChecks(self.app),
                rr.AutomatedSnapshotRetention(timedelta(days=3)),
                rr.RecoverySite.from_attributes(
                    self.away,
                    "Imported",
                    snapshot_copy_grant_name="theirs",
                    encryption_key=self.key,
                    subnet_group_name="theirs",
                    security_groups=self.groups,
                ),
                rr.SnapshotSchedule(home, "Schedule", times=times),
                rr.RecoveryPointMonitor(home, "Monitor", clusters=[self.l1], recovery_point=timedelta(days=1)),
                rr.ResilientClusterFromSnapshot(
                    home,
                    "Restored",
                    vpc=vpc_of(home, name="Other"),
                    node_type="ra3.large",
                    snapshot_identifier="old",
                    cluster_identifier="restored",
                ),
            )
        }
        # what a call needs besides the argument under test, by annotation or by name
        self.right: dict[str, Any] = {
            "Construct": self.away,
            "IConstruct": self.l1,
            "cdk.Stage": self.app,
            "cdk.IPolicyValidationContext": None,
            "IClusterRef": self.cluster,
            "Sequence[IClusterRef]": [l1_cluster(home, "Watched")],
            "cloudwatch.ScheduleExpression": cloudwatch.ScheduleExpression.cron(minute="0"),
            "IKeyRef": self.key,
            "IRoleRef": iam.Role.from_role_arn(home, "Role", "arn:aws:iam::111111111111:role/x"),
            "ec2.IVpc": vpc_of(self.away, name="Right"),
            "iam.IGrantable": iam.ArnPrincipal("arn:aws:iam::111111111111:role/x"),
            "Span": timedelta(days=3),
            "Keep": timedelta(days=3),
            "events.Schedule": NIGHTLY,
            "Sequence[SnapshotTimes]": times,
            "Sequence[str]": ["arn:aws:iam::111111111111:role/x"],
            "Sequence[ec2.ISecurityGroup]": self.groups,
            "Objectives": OBJECTIVES,
            "RecoveryRestore": self.site.restore,
            "SiteBase": self.site,
            "RecoverySite | ImportedRecoverySite": self.site,
            "Callable[[], ClusterFacts]": dict,
            "PlanArguments": None,
            "Forward": None,
            "RestoreOptions": rr.RestoreOptions(),
            "ClusterPlace | None": None,
            "alpha.Cluster | alpha.ICluster": None,
            "str": "sales",
        }


@cache
def world() -> World:
    return World()


@dataclass(frozen=True)
class Call:
    """A public function with the class that it belongs to."""

    owner: type
    name: str
    function: Callable[..., Any]

    def parameters(self) -> dict[str, inspect.Parameter]:
        found = inspect.signature(self.function).parameters
        return {name: found[name] for name in list(found)[1:]}

    def needed(self) -> dict[str, Any]:
        """Right values of the arguments without a default."""
        required = (each for each in self.parameters().values() if each.default is each.empty)
        arguments = {each.name: world().right[each.annotation] for each in required}
        return {**arguments, "construct_id": f"Id{next(IDS)}"} if "construct_id" in arguments else arguments

    def __call__(self, **arguments: Any) -> Any:
        if self.name == "__init__":
            return self.owner(**arguments)
        is_class_method = isinstance(inspect.getattr_static(self.owner, self.name), classmethod)
        return getattr(self.owner if is_class_method else world().instances[self.owner], self.name)(**arguments)


def public_calls() -> Iterator[Call]:
    """The constructor and the public methods of every public class."""
    for public in rr.__all__:
        owner = getattr(rr, public)
        if not inspect.isclass(owner) or owner is rr.ResilientRedshiftError:
            continue
        for name in dir(owner):
            member = inspect.getattr_static(owner, name)
            function = getattr(member, "__func__", member)
            ours = inspect.isfunction(function) and function.__module__.startswith("resilient_redshift")
            if ours and (name == "__init__" or not name.startswith("_")):
                yield Call(owner, name, function)


CALLS = list(public_calls())


@cache
def wrong_values() -> list[tuple[object, set[str]]]:
    """Values of many kinds, each with the alternatives of annotations that it fits."""
    away = world().away
    berlin = cdk.TimeZone.EUROPE_BERLIN
    return [
        (None, {"None"}),
        ("vpc-123", {"str", "SubnetGroup", "ParameterGroup"}),
        ("arn:aws:sns:us-west-2:111111111111:ops", {"str", "SubnetGroup", "ParameterGroup"}),
        (b"x", set()),
        (Path("missing.toml"), {"Path"}),
        (7, {"int"}),
        (True, {"bool"}),
        (1.5, set()),
        (float("nan"), set()),
        (timedelta(days=3), {"Span", "Keep"}),
        (cdk.Duration.days(3), {"Span", "Keep", "cdk.Duration"}),
        (rr.FOREVER, {"Keep"}),
        (logs.RetentionDays.ONE_YEAR, set()),
        (alpha.NodeType.RA3_XLPLUS, set()),
        (ec2.InstanceType("ra3.large"), set()),
        (cdk.RemovalPolicy.RETAIN, {"cdk.RemovalPolicy"}),
        (object(), set()),
        (ec2.Vpc, {"Callable[[], ClusterFacts]"}),
        (cdk.Duration, {"Callable[[], ClusterFacts]"}),
        (rr.ResilientCluster, {"Callable[[], ClusterFacts]"}),
        ([], {"Sequence"}),
        ([None], set()),
        ([object()], set()),
        (["x"], {"Sequence[str]", "Iterable[str]"}),
        ({"x": 1}, set()),
        ({1: "x"}, set()),
        (scheduler.ScheduleExpression.cron(hour="3", minute="0", time_zone=berlin), set()),
        (ec2.SecurityGroup.from_security_group_id(away, "Group", "sg-1"), {*CONSTRUCT}),
        (vpc_of(away, name="Found"), {"ec2.IVpc", *CONSTRUCT}),
        (kms.Key.from_key_arn(away, "Found Key", "arn:aws:kms:us-west-2:111111111111:key/1"), {"IKeyRef", *CONSTRUCT}),
        (world().topic, {"ITopicRef", *CONSTRUCT}),
        (s3.CfnBucket(away, "Bucket"), {"IBucketRef", *CONSTRUCT}),
        (ecs.CfnCluster(away, "Containers"), CONSTRUCT),
        (world().app, {"IConstruct", "cdk.Stage"}),
        (OBJECTIVES, {"Objectives"}),
        (rr.Repair(), {"Repair"}),
        (rr.SqlCheck("select true"), {"SqlCheck"}),
    ]


def fits(annotation: str, alternatives: set[str]) -> bool:
    parts = re.split(r" \| (?![^\[]*\])", annotation)
    return any(part in alternatives or part.partition("[")[0] in alternatives for part in parts)


def outcome(call: Call, arguments: dict[str, Any]) -> str:
    """An empty text for an error of this library that names the argument; otherwise what happened instead."""
    try:
        call(**arguments)
    except rr.ResilientRedshiftError:
        return ""
    except Exception as error:  # noqa: BLE001 - the test reports every other error
        return f"{type(error).__name__}: {error}"
    return "accepted"


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.owner.__name__}.{call.name}")
def test_a_value_of_a_wrong_kind_is_an_error_of_this_library_without_a_trace(call: Call) -> None:
    # GIVEN
    needed, values = call.needed(), wrong_values()
    before = len(world().app.node.find_all())
    # WHEN each argument gets each value that its annotation does not allow
    faults = {
        (name, repr(value)): fault
        for name, parameter in call.parameters().items()
        for value, alternatives in values
        if not fits(parameter.annotation, alternatives) and (fault := outcome(call, {**needed, name: value}))
    }
    # THEN
    assert not faults
    assert len(world().app.node.find_all()) == before


def test_a_second_construct_with_one_id_is_an_error_of_this_library_until_the_first_is_removed() -> None:
    # GIVEN
    stack = cdk.Stack(new_app(), "Stack")
    rr.ExistingCluster.from_identifier(stack, "Legacy", "legacy")
    # WHEN
    with pytest.raises(
        rr.ResilientRedshiftError, match="'construct_id' must be an id that the scope does not have yet"
    ):
        rr.ExistingCluster.from_identifier(stack, "Legacy", "other")
    stack.node.try_remove_child("Legacy")
    # THEN
    assert rr.ExistingCluster.from_identifier(stack, "Legacy", "other").cluster_identifier == "other"


@cache
def hostile_values() -> list[tuple[object, set[str]]]:
    """Values of the right type that no argument wants, and tokens, which some arguments take."""
    home = world().home
    days = cdk.Duration.days(number_parameter(home, "Days"))
    texts = ["", "a b", "Ü", "x" * 5000, "{{", "\x00", "\ud800", text_parameter(home), cdk.Aws.REGION]
    numbers = [0, -1, 10**30, number_parameter(home)]
    spans = [timedelta(0), timedelta(days=-1), timedelta(microseconds=1), timedelta.max, cdk.Duration.millis(1), days]
    lists = [[], ["x"] * 60, [text_parameter(home, "Element")], ["x", "x"]]
    return [
        *((text, {"str", "SubnetGroup", "ParameterGroup"}) for text in texts),
        *((number, {"int"}) for number in numbers),
        *((span, {"Span", "Keep"}) for span in spans),
        *((each, {"Sequence[str]"}) for each in lists),
        ({"": ""}, {"Mapping[str, str]"}),
        ({"x": text_parameter(home, "Value")}, {"Mapping[str, str]"}),
    ]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.owner.__name__}.{call.name}")
def test_a_value_of_the_right_type_is_taken_or_is_an_error_of_this_library(call: Call) -> None:
    faults = {
        (name, repr(value)): fault
        for name, parameter in call.parameters().items()
        for value, alternatives in hostile_values()
        if name != "construct_id"
        and fits(parameter.annotation, alternatives)
        and (fault := outcome(call, {**call.needed(), name: value})) not in {"", "accepted"}
    }
    assert not faults


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=5,
)
ARGUMENTS = [(call, name) for call in CALLS for name in call.parameters()]


@settings(max_examples=50, deadline=None)
@given(argument=st.sampled_from(ARGUMENTS), value=JUNK)
def test_no_value_is_a_raw_exception(argument: tuple[Call, str], value: object) -> None:
    call, name = argument
    assert outcome(call, {**call.needed(), name: value}) in {"", "accepted"}
