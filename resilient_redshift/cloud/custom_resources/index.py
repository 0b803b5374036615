"""The entry points: what CDK's Provider framework calls, behind which stands CloudFormation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import words
from resilient_redshift.cloud.aws.runtime import in_lambda
from resilient_redshift.cloud.custom_resources import completion, events
from resilient_redshift.cloud.custom_resources.copy.resource import SnapshotCopy
from resilient_redshift.cloud.custom_resources.grant.resource import SnapshotCopyGrant
from resilient_redshift.cloud.custom_resources.schedule import completion as snapshot_schedule_completion
from resilient_redshift.cloud.custom_resources.schedule.association import SnapshotScheduleAssociation
from resilient_redshift.cloud.custom_resources.schedule.resource import SnapshotSchedule
from resilient_redshift.cloud.custom_resources.snapshot_on_deploy import SnapshotOnDeploy
from resilient_redshift.cloud.errors import Failed, ProviderError, Refused
from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, ON_DEPLOY_TYPE, SCHEDULE_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cloud.aws.runtime import LambdaContext, Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

Answer = TypeVar("Answer")

_RESOURCES: Final[
    dict[
        str,
        type[SnapshotCopy | SnapshotCopyGrant | SnapshotOnDeploy | SnapshotSchedule | SnapshotScheduleAssociation],
    ]
] = {
    COPY_TYPE: SnapshotCopy,
    GRANT_TYPE: SnapshotCopyGrant,
    ON_DEPLOY_TYPE: SnapshotOnDeploy,
    SCHEDULE_TYPE: SnapshotSchedule,
    ASSOCIATION_TYPE: SnapshotScheduleAssociation,
}


def on_event(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Create, update or delete: Lambda's handler ``handler.index.on_event``.

    Args:
        event: CloudFormation's request, as the framework hands it on.
        context: Lambda's.

    Raises:
        ProviderError: the request failed; its text is the reason that CloudFormation shows.
    """
    return on_event_in(event, in_lambda(context, os.environ.get("ALLOWED_STACK_ID", "")))


def is_complete(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Say whether it is done: Lambda's handler ``handler.index.is_complete``. Only reads.

    Args:
        event: the request, with what ``on_event`` answered.
        context: Lambda's.

    Raises:
        ProviderError: it will not be done.
    """
    return is_complete_in(event, in_lambda(context, os.environ.get("ALLOWED_STACK_ID", "")))


def on_event_in(event: Mapping[str, Any], runtime: Runtime) -> dict[str, Any]:
    """:func:`on_event` in a given world."""

    def act(request: Request) -> dict[str, Any]:
        resource = _RESOURCES[request.resource_type](request, runtime)
        return {"Create": resource.create, "Update": resource.update, "Delete": resource.delete}[request.kind]()

    return _answered("on_event", event, runtime, act)


def is_complete_in(event: Mapping[str, Any], runtime: Runtime) -> dict[str, Any]:
    """:func:`is_complete` in a given world."""

    def look(request: Request) -> dict[str, Any]:
        look_at = {
            COPY_TYPE: completion.of_copy,
            GRANT_TYPE: completion.of_grant,
            ON_DEPLOY_TYPE: completion.at_once,
            SCHEDULE_TYPE: snapshot_schedule_completion.of_schedule,
            ASSOCIATION_TYPE: snapshot_schedule_completion.of_association,
        }[request.resource_type]
        found = look_at(request, runtime)
        return found if isinstance(found, dict) else {"IsComplete": found}

    return _answered("is_complete", event, runtime, look)


def _answered(
    phase: str,
    event: Mapping[str, Any],
    runtime: Runtime,
    act: Callable[[Request], Answer],
) -> Answer:
    facts = {
        name: event.get(name)
        for name in ("RequestType", "ResourceType", "LogicalResourceId", "PhysicalResourceId", "RequestId", "StackId")
    }
    log.write("INFO", phase, **facts)
    try:
        request = events.parse(event, runtime.allowed_stack)
        if request.resource_type not in _RESOURCES:
            raise Refused(f"ResourceType: got {request.resource_type!r}; allowed: {', '.join(_RESOURCES)}")
        answer = act(request)
    except ProviderError as error:
        log.write("ERROR", f"{phase} failed", because=str(error), **facts)
        raise
    except (ClientError, BotoCoreError) as error:
        log.write("ERROR", f"{phase} failed", because=words(error), **facts)
        raise Failed(words(error)) from error
    log.write("INFO", f"{phase} done", answer=answer, **facts)
    return answer
