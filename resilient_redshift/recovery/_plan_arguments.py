"""The arguments of one plan as one value; ``RecoverySite.protect`` documents each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.watching.declared import SIZE_DROP_PERCENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.sql_check import SqlCheck
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.watching.repair import Repair


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanArguments:
    """The arguments of one call of ``protect``. They are not checked yet."""

    objectives: Objectives
    restore: RestoreOptions | None = None
    plan_name: str | None = None
    keep_automated: Span | None = None
    notify_primary: ITopicRef | None = None
    cluster_encryption_key: IKeyRef | None = None
    accept_loss_of_copies: bool = False
    replace_existing_copy: bool = False
    manual_snapshot_quota: int | None = None
    checks: Sequence[SqlCheck] = ()
    size_drop_percent: int | None = SIZE_DROP_PERCENT
    repair: Repair | None = None
    group: str | None = None
