"""The phases of our machines in words. A phase's name is short, because it is made for the definition."""

from __future__ import annotations

from typing import Final

#: What each phase does, in an operator's words.
WORDS: Final = {
    # the restore machine
    "ReadPlan": "read the plan",
    "RemoveLeftovers": "look for what former drills left behind",
    "Preflight": "check what a restore needs",
    "ChooseSnapshot": "choose the snapshot",
    "Restore": "ask Redshift to restore",
    "MakeRoom": "delete clusters of drills to make room",
    "WaitForCluster": "wait for the cluster",
    "ReplaceCluster": "delete a cluster whose restore failed",
    "BringBack": "switch on what a snapshot does not hold",
    "Check": "check the cluster",
    "Publish": "judge the cluster; a failover publishes its endpoint",
    "DeleteCluster": "delete the drill's cluster",
    # the snapshot machine
    "TakeSnapshot": "ask Redshift for the snapshot",
    "WaitForSnapshot": "wait for the snapshot",
    "DeleteFailedSnapshot": "delete the failed snapshot",
    # both
    "Report": "report",
    "Crashed": "end the run, because its function died",
}


def as_words(state: str) -> str:
    """What a state does. The name itself for a state that this release does not know, as a former release had them."""
    return WORDS.get(state, state)
