"""The one door to the model: locked, recorded with its principal, and asked of IAM."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from emulator.aws import data_rights
from emulator.aws.authorization import denied
from emulator.aws.call_log import Call
from emulator.aws.redshift_rights import Scene, rights
from emulator.redshift_model import ApiError, SimulatedKill, api_error, kms

if TYPE_CHECKING:
    from emulator.aws.sessions import Principal
    from emulator.aws.world import EmulatedWorld
    from emulator.redshift_model import Snapshot


class RedshiftDoor:
    """Calls the model for whoever asks."""

    def __init__(self, world: EmulatedWorld) -> None:
        """Stand before ``world.model``."""
        self._world = world

    def call(
        self,
        region: str,
        operation: str,
        params: dict[str, Any],
        *,
        principal: Principal | str = "root",
        via: str = "http",
        service: str = "redshift",
    ) -> dict[str, Any]:
        """Make one call.

        Args:
            region: where to.
            operation: as the API spells it.
            params: with botocore's types.
            principal: a role's session, or the name of somebody whom IAM is not asked about.
            via: the service through which it comes.
            service: ``redshift``, or ``redshift-data`` for its Data API.

        Raises:
            ApiError: the API's refusal, IAM's too (AccessDenied, 403).
            botocore.exceptions.ParamValidationError: parameters that no SDK would send.
            NotImplementedError: an operation that the model does not know.
            SimulatedKill: a prepared kill of the caller.
        """
        name = principal if isinstance(principal, str) else principal.role_arn
        with self._world.timeline.lock, contextlib.ExitStack() as stack:
            entry = Call(self._world.now(), name, region, service, operation, params, via)
            stack.callback(lambda: self._world.trail.note(entry, principal))
            with self._world.calls.record(entry):
                try:
                    if not isinstance(principal, str):
                        self._authorize(service, region, operation, params, principal)
                    if service == "redshift-data":
                        answer: dict[str, Any] = self._world.model.data_call(region, operation, params)
                        return answer
                    return self._world.model.call(region, operation, params)
                except ApiError as error:
                    entry.error = error.code
                    raise
                except SimulatedKill:
                    entry.error = "SimulatedKill"
                    raise
                except Exception as error:
                    entry.error = type(error).__name__
                    raise

    def _authorize(
        self, service: str, region: str, operation: str, params: dict[str, Any], principal: Principal
    ) -> None:
        world = self._world
        if not world.enforce:
            return
        data = service == "redshift-data"
        asked = (
            data_rights.rights(operation, params, region, world.account)
            if data
            else rights(operation, params, self._scene(region))
        )
        refusal = denied(world, principal, asked, region)
        if refusal is not None:
            raise api_error("AccessDeniedException" if data else "AccessDenied", refusal.message)

    def _scene(self, region: str) -> Scene:
        world, model = self._world, self._world.model

        def key_of_name(name: str) -> str:
            found = kms.find(model.world, region, name)
            return name if found is None else found.arn

        def key_of_cluster(name: str) -> str | None:
            found = model.world.clusters.get((region, name))
            return None if found is None else found.kms_key_id

        def key_of_grant(name: str) -> str | None:
            found = model.world.grants.get((region, name))
            return None if found is None else found.kms_key_id

        def snapshot(name: str) -> Snapshot | None:
            return model.world.snapshots.get((region, name))

        def cluster_tags(name: str) -> dict[str, str]:
            found = model.world.clusters.get((region, name))
            return {} if found is None else found.tags

        owner = {s.identifier: s.cluster_identifier for (at, _), s in model.world.snapshots.items() if at == region}
        return Scene(
            region,
            world.account,
            owner,
            key_of_name,
            key_of_cluster,
            key_of_grant,
            world.source_keys,
            snapshot,
            cluster_tags,
        )
