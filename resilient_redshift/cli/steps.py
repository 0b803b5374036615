"""The states of our machines in words. A state's name is short, because it is made for the definition."""

from __future__ import annotations

import re
from typing import Final

#: Words for the states whose name says too little. The other names are words already.
WORDS: Final = {
    "Configurations": "ask which nodes could hold the data",
    "Delete": "delete a drill's cluster",
    "DescribeOther": "see what else runs",
    "DescribeStatement": "wait for a check's answer",
    "Execute": "ask a check's question",
    "GetResult": "read a check's answer",
    "ListClusters": "look for what drills left behind",
    "ListOthers": "see what else runs",
    "ListSnapshots": "find the newest copy",
    "Look": "look at the cluster",
    "MoveRecord": "move the DNS name",
    "Notify": "notify",
    "Pause": "wait",
    "PutEndpoint": "publish the endpoint",
    "Restore": "ask Redshift to restore",
    "Tag": "tag the cluster",
    "TellRto": "report that the recovery time is missed",
}


def as_words(state: str) -> str:
    """``FindSnapshots`` as ``find snapshots``. A name that contains spaces is unchanged."""
    if state in WORDS or " " in state:
        return WORDS.get(state, state)
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", state)
    return " ".join(part if part.isupper() else part.lower() for part in parts)
