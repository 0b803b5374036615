"""The guards before a change: existing copies that would be lost, and a key that cannot encrypt new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import words
from resilient_redshift.cloud.custom_resources.copy import losses, reasons
from resilient_redshift.cloud.errors import Refused

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster

_USABLE: Final = "Enabled"


def refuse_loss(
    request: Request,
    runtime: Runtime,
    want: WantedCopy,
    live: LiveCluster,
    current: CopySettings,
    *,
    in_place: bool = True,
) -> None:
    """Count the copies that another retention of automated copies would cost. The Region that holds them is asked.

    A change of retention never deletes copied manual snapshots. Copies in a Region that the cluster leaves keep the
    retention that they have.

    Raising in place is counted as well. After a swap, older copies may still have a longer retention than the live one;
    the raise, or its rollback, would shorten it. Raising *by a swap* is not counted: enabling a copy leaves existing
    copies alone, and the swap may itself be a rollback.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
        want: the wanted copy.
        live: the cluster now.
        current: the configuration of its copy now.
        in_place: whether the retention is changed in place. Otherwise the copy is swapped.

    Raises:
        Refused: copies would be lost, and the user did not accept that.
    """
    region = want.settings.destination_region
    live_days, new_days = current.automated_days, want.settings.automated_days
    if want.accept_loss or region != current.destination_region or new_days == live_days:
        return
    if new_days > live_days and not in_place:
        return
    now = runtime.now()
    copies = losses.in_destination(runtime.redshift(region), want.identifier, request.region)
    before_raise = losses.days_before_raise(live.tags, region, now, in_place=in_place)
    lost = losses.copies_to_lose(copies, live_days, new_days, before_raise, now)
    if lost:
        raise Refused(reasons.loss(want, live_days, lost))


def refuse_unusable_key(runtime: Runtime, want: WantedCopy, key: str) -> None:
    """Look at the key of the new grant.

    With a key that cannot encrypt, the copy would show as enabled, but no snapshot would be copied.
    A key that the handler's role may not read is accepted without this check.

    Args:
        runtime: the surroundings of the invocation.
        want: the wanted copy.
        key: the key as the grant names it, or an empty text.

    Raises:
        Refused: the key cannot encrypt.
    """
    if not key:
        return
    try:
        kms = runtime.kms(want.settings.destination_region)
        state = kms.describe_key(KeyId=key)["KeyMetadata"].get("KeyState", _USABLE)
    except (ClientError, BotoCoreError) as error:
        log.write(
            "INFO",
            "the key of the new grant could not be read: the swap goes on without that check",
            key=key,
            because=words(error),
        )
        return
    if state != _USABLE:
        raise Refused(reasons.unusable_key(want, key, state))
