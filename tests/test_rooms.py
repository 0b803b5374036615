"""The rooms of the package: each says what it is for, and its tests lie where its name says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import resilient_redshift
from tests.docs.tables import rows

PACKAGE = Path(resilient_redshift.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(folder for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file())
EVERY_ROOM = sorted(file.parent for file in PACKAGE.rglob("__init__.py") if file.parent != PACKAGE)


@pytest.mark.parametrize("room", EVERY_ROOM, ids=lambda room: str(room.relative_to(PACKAGE)))
def test_each_room_says_in_its_first_sentence_what_it_is_for(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert docstring.partition("\n")[0].endswith(".")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_room_has_its_tests_in_a_folder_of_its_name(room: Path) -> None:
    assert list((TESTS / room.name).rglob("test_*.py"))


def test_the_page_for_contributors_names_each_room_once() -> None:
    page = TESTS.parent / "CONTRIBUTING.md"
    names = [name.strip("` ") for row in rows(page, "room") for name in row.cells["room"].split(",")]
    assert sorted(names) == sorted([*(room.name for room in ROOMS), "errors"])


def test_the_package_has_rooms_and_two_modules_on_its_top_level() -> None:
    assert {file.name for file in PACKAGE.glob("*.py")} == {"__init__.py", "errors.py"}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_module_with_an_underscore_is_imported_in_its_room_alone(room: Path) -> None:
    foreign = [
        f"{file.relative_to(PACKAGE)} imports {module}"
        for file in room.rglob("*.py")
        for module in imported_modules(file)
        if any(part.startswith("_") for part in module.split(".")[1:]) and module.split(".")[1] != room.name
    ]
    assert foreign == []


def imported_modules(file: Path) -> list[str]:
    """The modules of the package that a file imports, for type checkers too."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    names = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
    modules = {node.module or "" for node in nodes}
    return sorted(name for name in {*names, *modules} if name.startswith("resilient_redshift."))
