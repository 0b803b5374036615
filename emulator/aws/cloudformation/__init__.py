"""CloudFormation of the emulated AWS: ministack 1.5.33's, with AWS's treatment of resources and with the Redshift types.

The launcher calls `install` once, in the server's process, before the first request:

    from emulator.aws import cloudformation
    cloudformation.install(model, call=..., sleep=..., wait=..., now=...)

* ``redshift/``: AWS::Redshift::Cluster, ClusterSubnetGroup and ClusterParameterGroup, rewritten from the published resource provider.
* ``engine/``: the order of events of create, update, rollback, clean-up and delete; the protocol of custom resources.
* ``types/``: what ministack's other resource types lack or fake where it matters here.

Stack operations run in one thread each, never on the event loop; what they call may call the server again.
Every belief bears its mark in the code; the tests' docstrings (tests/emulator/test_cloudformation_*.py) say which are read and which guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from emulator.redshift_model import RedshiftModel


def install(
    model: RedshiftModel,
    *,
    call: Callable[[str, str, dict[str, Any]], dict[str, Any]] | None = None,
    sleep: Callable[[float], None] | None = None,
    wait: Callable[[threading.Event, float], bool] | None = None,
    now: Callable[[], float] | None = None,
) -> None:
    """Patch ministack's CloudFormation and register the Redshift types over ``model``.

    Args:
        model: the Redshift that clusters live in.
        call: (Region, operation, parameters) -> answer, as CloudFormation's own principal. Default: ``model.call``.
        sleep: lets virtual seconds pass in the calling thread. Default: the model's clock.
        wait: (event, virtual seconds) -> whether the event came in time. Default: real seconds.
        now: virtual seconds since some start. Default: the model's clock.
    """
    from ministack.core.responses import get_region

    from emulator.aws.cloudformation import types
    from emulator.aws.cloudformation.engine import patch, settings
    from emulator.aws.cloudformation.redshift.api import Redshift
    from emulator.aws.cloudformation.redshift.registry import register
    from emulator.aws.cloudformation.redshift.subnets import subnet

    if wait is not None:
        settings.SETTINGS.wait = wait
    settings.SETTINGS.now = now or model.clock.monotonic
    register(Redshift(call or model.call, sleep or model.clock.sleep, get_region, model.arn))
    model.world.subnet = subnet
    patch.install()
    types.install()


__all__ = ["install"]
