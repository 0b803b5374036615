"""What ministack wants to know of each service that it answers for: the protocol, from the beginning of botocore's description.

ministack reads the whole description, some of which are megabytes, to choose the Content-Type of an answer.
"""

from __future__ import annotations

import functools
import gzip
import json
import types
from pathlib import Path
from typing import Any

import botocore.session
from ministack.core import responses

_BEGINNING = 8192  # bytes; the metadata comes first, in less than one thousand
_METADATA = '"metadata":'


def install() -> None:
    """Bring it to ministack."""
    responses._service_model = describe


@functools.cache
def describe(service: str) -> Any:
    """The metadata of a service by ministack's name, as an attribute of an object; None if botocore does not know it."""
    name = responses._BOTOCORE_NAME.get(service, service)
    for folder in _folders():
        try:
            version = max(each.name for each in (folder / name).iterdir() if each.is_dir())
            with gzip.open(folder / name / version / "service-2.json.gz", "rt", encoding="utf-8") as file:
                beginning = file.read(_BEGINNING)
        except FileNotFoundError:
            continue  # no such service
        found, _ = json.JSONDecoder().raw_decode(beginning, beginning.index(_METADATA) + len(_METADATA))
        return types.SimpleNamespace(metadata=found)
    return None


@functools.cache
def _folders() -> list[Path]:
    return [Path(folder) for folder in botocore.session.get_session().get_component("data_loader").search_paths]
