"""The entry points that CDK's Provider framework calls on behalf of CloudFormation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import words
from resilient_redshift.cloud.aws.runtime import in_lambda
from resilient_redshift.cloud.custom_resources import events
from resilient_redshift.cloud.custom_resources.copy.completion import copy_is_complete
from resilient_redshift.cloud.custom_resources.copy.resource import SnapshotCopy
from resilient_redshift.cloud.custom_resources.first_look import RecoveryPointWatch, watch_is_complete
from resilient_redshift.cloud.custom_resources.grant.completion import grant_is_complete
from resilient_redshift.cloud.custom_resources.grant.resource import SnapshotCopyGrant
from resilient_redshift.cloud.custom_resources.schedule.association import SnapshotScheduleAssociation
from resilient_redshift.cloud.custom_resources.schedule.completion import (
    association_is_complete,
    schedule_is_complete,
)
from resilient_redshift.cloud.custom_resources.schedule.resource import SnapshotSchedule
from resilient_redshift.cloud.custom_resources.snapshot_on_deploy import SnapshotOnDeploy, start_is_complete
from resilient_redshift.cloud.errors import Failed, ProviderError, Refused
from resilient_redshift.contract.names import (
    ASSOCIATION_TYPE,
    COPY_TYPE,
    GRANT_TYPE,
    ON_DEPLOY_TYPE,
    SCHEDULE_TYPE,
    WATCH_TYPE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cloud.aws.runtime import LambdaContext, Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

Answer = TypeVar("Answer")

_RESOURCES: Final[
    dict[
        str,
        type[
            RecoveryPointWatch
            | SnapshotCopy
            | SnapshotCopyGrant
            | SnapshotOnDeploy
            | SnapshotSchedule
            | SnapshotScheduleAssociation
        ],
    ]
] = {
    COPY_TYPE: SnapshotCopy,
    GRANT_TYPE: SnapshotCopyGrant,
    ON_DEPLOY_TYPE: SnapshotOnDeploy,
    SCHEDULE_TYPE: SnapshotSchedule,
    ASSOCIATION_TYPE: SnapshotScheduleAssociation,
    WATCH_TYPE: RecoveryPointWatch,
}
_COMPLETIONS: Final[dict[str, Callable[[Request, Runtime], bool | dict[str, Any]]]] = {
    COPY_TYPE: copy_is_complete,
    GRANT_TYPE: grant_is_complete,
    ON_DEPLOY_TYPE: start_is_complete,
    SCHEDULE_TYPE: schedule_is_complete,
    ASSOCIATION_TYPE: association_is_complete,
    WATCH_TYPE: watch_is_complete,
}


def on_event(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Create, update or delete a resource. Lambda's handler string is ``handler.index.on_event``.

    Args:
        event: CloudFormation's request, as the framework passes it on.
        context: Lambda's context object.

    Returns:
        The physical id, the attributes, and what ``is_complete`` must wait for.

    Raises:
        ProviderError: the request failed. CloudFormation shows the text of this error as the reason.
    """
    return on_event_in(event, in_lambda(context, os.environ.get("ALLOWED_STACK_ID", "")))


def is_complete(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Look whether a request is done, and change nothing. Lambda's handler string is ``handler.index.is_complete``.

    Args:
        event: the request, together with what ``on_event`` answered.
        context: Lambda's context object.

    Returns:
        ``IsComplete``, and further attributes where the request is done.

    Raises:
        ProviderError: the request will never be done.
    """
    return is_complete_in(event, in_lambda(context, os.environ.get("ALLOWED_STACK_ID", "")))


def on_event_in(event: Mapping[str, Any], runtime: Runtime) -> dict[str, Any]:
    """Do the work of :func:`on_event` with the clients, the clock and the limits of ``runtime``."""

    def act(request: Request) -> dict[str, Any]:
        resource = _RESOURCES[request.resource_type](request, runtime)
        return {"Create": resource.create, "Update": resource.update, "Delete": resource.delete}[request.kind]()

    return _answered("on_event", event, runtime, act)


def is_complete_in(event: Mapping[str, Any], runtime: Runtime) -> dict[str, Any]:
    """Do the work of :func:`is_complete` with the clients, the clock and the limits of ``runtime``."""

    def look(request: Request) -> dict[str, Any]:
        completion = _COMPLETIONS[request.resource_type](request, runtime)
        return completion if isinstance(completion, dict) else {"IsComplete": completion}

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
