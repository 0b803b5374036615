"""No order of deployments, rollbacks and operators' changes takes a schedule away that no template asked to end.

The oracle uses the deployments and the live state, never the tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emulator.redshift_model import Clock, RedshiftModel
from tests.cloud.custom_resources.cloudformation import ASSOCIATION, Stack
from tests.cloud.custom_resources.scene import HERE, NAME
from tests.cloud.custom_resources.schedule_scene import association, schedule

if TYPE_CHECKING:
    from tests.cloud.custom_resources.cloudformation import Outcome, Resource

CLUSTERS = (NAME, "other")
THEIRS = "theirs"
TIMES = (["rate(4 hours)"], ["rate(6 hours)"], ["cron(0 0/6 *)"])


def _template(
    suffix: str, name: str, times: list[str], clusters: tuple[str, ...], keys: tuple[str, str]
) -> dict[str, Resource]:
    """One SnapshotSchedule; both keys say the same, as the construct renders them."""
    removal, replace = keys
    policy = "Delete" if removal == "destroy" else "Retain"
    arguments = {"RemovalPolicy": removal, "ReplaceExisting": replace}
    resources = {f"Schedule{suffix}": schedule(policy, name, ScheduleDefinitions=times, **arguments)}
    for cluster in clusters:
        # one resource of the stack, whichever construct gives it
        resources[f"Association{cluster}"] = association(policy, name, cluster, **arguments)
    return resources


templates = st.one_of(
    st.just({}),
    st.builds(
        _template,
        st.sampled_from(["", "", "Renamed"]),
        st.sampled_from(["often", "often", "moved"]),
        st.sampled_from(TIMES),
        st.sampled_from([(NAME,), CLUSTERS]),
        st.tuples(st.sampled_from(["retain", "destroy"]), st.sampled_from(["false", "false", "true"])),
    ),
)
faults = st.one_of(
    st.none(),
    st.none(),
    st.tuples(
        st.sampled_from(["Throttling", "InternalFailure", "AccessDenied", "ValidationError"]),
        st.integers(1, 10),
        st.booleans(),
    ),
    st.tuples(st.just("kill"), st.integers(1, 10), st.booleans()),
)


class Machine(RuleBasedStateMachine):
    """One account, two clusters, two stacks, and an operator with a schedule of his own."""

    @initialize(by_hand=st.booleans())
    def begin(self, *, by_hand: bool) -> None:
        self.model = RedshiftModel(Clock())
        for name in CLUSTERS:
            self.model.given_cluster(HERE, name)
        self.model.given_schedule(HERE, THEIRS, "rate(2 hours)")
        self.stacks = [Stack(self.model, name, HERE) for name in ("First", "Second")]
        if by_hand:
            self.operator_gives_his(NAME)

    @rule(which=st.integers(0, 1), template=templates, fails=st.sampled_from([False, False, True]), fault=faults)
    def deploy(self, *, which: int, template: dict[str, Resource], fails: bool, fault: Any) -> None:
        stack = self.stacks[which]
        before = self._live()
        destroyed = self._asked_to_end(stack) | {
            each.properties["ClusterIdentifier"]
            for each in template.values()
            if each.type == ASSOCIATION and each.properties["RemovalPolicy"] == "destroy"
        }
        to_replace = {
            each.properties["ClusterIdentifier"]
            for each in template.values()
            if each.type == ASSOCIATION and each.properties["ReplaceExisting"] == "true"
        }
        self._prepare(fault)
        heard = len(stack.handler.events)
        outcome = stack.deploy(template, fails_at_end=fails)
        self._judge(outcome, before, destroyed, to_replace)
        # an unchanged resource is not asked, whatever an operator took away
        asked = {each["LogicalResourceId"] for each in stack.handler.events[heard:] if each["RequestType"] != "Delete"}
        if outcome.ok:
            for name, each in template.items():
                if each.type == ASSOCIATION and name in asked:
                    assert self._live()[each.properties["ClusterIdentifier"]] is not None

    @rule(which=st.integers(0, 1), fault=faults)
    def delete_stack(self, which: int, fault: Any) -> None:
        stack = self.stacks[which]
        before, destroyed = self._live(), self._asked_to_end(stack)
        self._prepare(fault)
        outcome = stack.delete()
        self._judge(outcome, before, destroyed, set())
        if stack.status == "DELETE_COMPLETE":
            self.stacks[which] = Stack(self.model, "Again", HERE)

    @rule(name=st.sampled_from(CLUSTERS))
    def operator_gives_his(self, name: str) -> None:
        cluster = self.model.cluster(HERE, name)
        assert cluster is not None
        cluster.schedule, cluster.schedule_state = THEIRS, "ACTIVE"
        cluster.schedule_epoch += 1

    @rule(name=st.sampled_from(CLUSTERS))
    def operator_takes_it_away(self, name: str) -> None:
        cluster = self.model.cluster(HERE, name)
        assert cluster is not None
        cluster.schedule, cluster.schedule_state = None, None
        cluster.schedule_epoch += 1

    @rule(name=st.sampled_from(CLUSTERS), status=st.sampled_from(["paused", "available", "available"]))
    def cluster_changes_status(self, name: str, status: str) -> None:
        cluster = self.model.cluster(HERE, name)
        assert cluster is not None
        cluster.status = status

    @rule(hours=st.sampled_from([1, 30]))
    def time_passes(self, hours: int) -> None:
        self.model.clock.advance(hours * 3600)

    @invariant()
    def each_cluster_has_a_schedule_that_exists(self) -> None:
        if hasattr(self, "model"):
            for name in self._live().values():
                assert name is None or self.model.schedule(HERE, name) is not None
            assert self.model.schedule(HERE, THEIRS).definitions == ("rate(2 hours)",)  # type: ignore[union-attr]

    def _live(self) -> dict[str, str | None]:
        self.model.clock.advance(120)  # what is under way ends
        clusters = {name: self.model.cluster(HERE, name) for name in CLUSTERS}
        return {name: cluster.schedule if cluster is not None else None for name, cluster in clusters.items()}

    def _asked_to_end(self, stack: Stack) -> set[str]:
        """The clusters whose schedule may end with this stack, by an earlier deployment."""
        return {
            deployed.resource.properties["ClusterIdentifier"]
            for deployed in stack.resources.values()
            if deployed.resource.type == ASSOCIATION and deployed.resource.properties["RemovalPolicy"] == "destroy"
        }

    def _prepare(self, fault: Any) -> None:
        if fault is None:
            return
        kind, number, flag = fault
        if kind == "kill":
            self.model.faults.kill_at(number, after=flag)
        else:
            self.model.faults.fail_at(number, kind, after=flag)

    def _judge(
        self, outcome: Outcome, before: dict[str, str | None], destroyed: set[str], to_replace: set[str]
    ) -> None:
        self.model.faults.clear()
        for reason in [*outcome.reasons, *outcome.abandoned]:
            assert 10 < len(reason) < 1500, reason
            assert "Operation timed out" not in reason
        for name, now in self._live().items():
            was = before[name]
            if was is not None and now is None:
                assert name in destroyed, f"{name} has lost its schedule"
            if was == THEIRS and name not in to_replace | destroyed:
                assert now == THEIRS or self._was_ours(name), f"{name} has another schedule"

    def _was_ours(self, name: str) -> bool:
        """Whether some stack holds this cluster's association: it may bring its schedule back."""
        return any(
            deployed.resource.type == ASSOCIATION and deployed.resource.properties["ClusterIdentifier"] == name
            for stack in self.stacks
            for deployed in stack.resources.values()
        )


TestSchedules = Machine.TestCase
TestSchedules.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
