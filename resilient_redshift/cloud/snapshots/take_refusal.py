"""What a run does when AWS refuses a call, or the cluster a snapshot in its present state."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.aws.errors import meaning
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import states
from resilient_redshift.contract import outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cloud.redshift.states import State
    from resilient_redshift.cloud.snapshots.take_run import Run

#: How long a run waits between two attempts while the cluster is busy.
BUSY_SECONDS: Final = 300
_NONE: Final = "none"
#: The outcomes of errors that do not pass. Every other error is Failed, with AWS's words.
_OUTCOMES: Final[Mapping[Meaning, str]] = {
    Meaning.DENIED: outcomes.SNAPSHOT_ACCESS_DENIED,
    Meaning.CREDENTIALS: outcomes.SNAPSHOT_ACCESS_DENIED,
    Meaning.INVALID: outcomes.SNAPSHOT_INVALID_REQUEST,
    Meaning.UNSUPPORTED: outcomes.SNAPSHOT_INVALID_REQUEST,
    # a snapshot in a state that refuses the change
    Meaning.BUSY: outcomes.SNAPSHOT_INVALID_REQUEST,
    # too many tags; the quota of snapshots has an outcome of its own
    Meaning.QUOTA: outcomes.SNAPSHOT_INVALID_REQUEST,
}


def outcome_of(error: Exception) -> str:
    """The outcome of an error that does not pass by itself."""
    return _OUTCOMES.get(meaning(error), outcomes.SNAPSHOT_FAILED)


def judge_refusal(run: Run, state: State | None, now: datetime) -> tuple[str, str] | None:
    """Judge a cluster that refused a snapshot.

    Args:
        run: the run. It notes since when the state is unknown.
        state: the cluster's state, or None where no such cluster exists.
        now: the time.

    Returns:
        The outcome and the message, or None where the run tries again in :data:`BUSY_SECONDS`.
    """
    unknown = state is not None and state.meaning is states.Meaning.UNKNOWN
    run.unknown_since = (run.unknown_since or now) if unknown else None
    if state is not None and state.meaning is states.Meaning.NEEDS_SOMEBODY:
        message = f"the cluster is {state.name}: {state.happens}; what to do: {state.to_do}"
        return outcomes.SNAPSHOT_FAILED, message
    ending = _no_attempt(state) or _no_time(run, state, now)
    if ending is None or not run.second_try:
        return ending
    status = _NONE if state is None else state.name
    message = f"{run.base} failed, and the second try met a cluster that was {status}"
    return outcomes.SNAPSHOT_FAILED, message


def _no_attempt(state: State | None) -> tuple[str, str] | None:
    """The ending for a cluster that cannot be backed up and that nobody needs to repair."""
    if state is None or state.meaning is states.Meaning.GOING:
        status = _NONE if state is None else state.name
        return outcomes.SNAPSHOT_NO_CLUSTER, f"the cluster is gone or going: {status}"
    if state.name == states.PAUSED:
        message = "the cluster is paused; a paused cluster cannot be backed up, and pausing took a snapshot"
        return outcomes.SNAPSHOT_SKIPPED_PAUSED, message
    return None


def _no_time(run: Run, state: State | None, now: datetime) -> tuple[str, str] | None:
    """The ending for a cluster that would be asked again too late."""
    status = _NONE if state is None else state.name
    next_attempt = now + timedelta(seconds=BUSY_SECONDS)
    over = next_attempt >= run.busy_until
    if run.unknown_since is not None:
        if not over and next_attempt <= run.unknown_since + states.UNKNOWN_PATIENCE:
            return None
        message = (
            f"the cluster refuses a snapshot and is {status!r}, a state that this release does not know; look at the "
            "cluster's events"
        )
        return outcomes.SNAPSHOT_FAILED, message
    if over:
        message = f"the cluster was busy ({status}) until the next snapshot is due or six hours had passed"
        return outcomes.SNAPSHOT_SKIPPED_BUSY, message
    return None
