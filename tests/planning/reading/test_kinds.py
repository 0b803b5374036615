"""Templates as people have them are read rightly, or what is not read of them is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.planning import read_templates, unread_parts
from resilient_redshift.planning._inventory import take_inventory
from tests.planning.reading.kinds import KINDS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_read_or_named(name: str, tmp_path: Path) -> None:
    # GIVEN the files of one kind
    kind = KINDS[name]
    for path, text in kind.files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    # WHEN their place is read
    templates = read_templates(str(tmp_path / kind.place), parameters=dict(kind.parameters))

    # THEN each cluster is there, and what nobody can read is named
    found = [(each.name, each.stack, each.nodes) for each in take_inventory(templates)]
    assert sorted(found, key=str) == sorted(kind.clusters, key=str)
    parts = [part.replace(str(tmp_path), "{place}") for part in unread_parts(templates)]
    assert len(parts) == len(kind.not_read)
    assert all(part.startswith(expected) for part, expected in zip(parts, kind.not_read, strict=True))


def test_there_are_thirty_kinds() -> None:
    assert len(KINDS) >= 30
