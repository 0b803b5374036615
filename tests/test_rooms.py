"""The rooms of the package: each says what it is for, and its tests lie where its name says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import resilient_redshift
from tests.docs.tables import rows

PACKAGE = Path(resilient_redshift.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(folder for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file())
TEST_FOLDERS = sorted(file.parent for room in ROOMS for file in (TESTS / room.name).rglob("__init__.py"))
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


@pytest.mark.parametrize("folder", TEST_FOLDERS, ids=lambda folder: str(folder.relative_to(TESTS)))
def test_each_folder_of_a_rooms_tests_mirrors_a_folder_of_the_room(folder: Path) -> None:
    assert (PACKAGE / folder.relative_to(TESTS) / "__init__.py").is_file()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_test_file_that_has_a_modules_name_lies_where_the_module_lies(room: Path) -> None:
    # GIVEN the names of a room's modules WHEN a test file has one of them THEN a module of that name is at its place
    names = {name_of(module) for module in room.rglob("*.py")}
    stray = [
        str(file.relative_to(TESTS))
        for file in (TESTS / room.name).rglob("test_*.py")
        if subject_of(file) in names and subject_of(file) not in modules_at(file.parent)
    ]
    assert stray == []


@pytest.mark.parametrize("folder", TEST_FOLDERS, ids=lambda folder: str(folder.relative_to(TESTS)))
def test_the_tests_of_a_folder_lie_in_it_and_not_beside_it(folder: Path) -> None:
    # GIVEN a folder within a room, such as custom_resources/copy WHEN its tests are looked for THEN no test_copy_swap.py
    # is in the folder above
    package = PACKAGE / folder.relative_to(TESTS)
    inner = [each.parent.name for each in package.glob("*/__init__.py")]
    beside = [
        file.name
        for file in folder.glob("test_*.py")
        for name in inner
        if subject_of(file) not in modules_at(folder) and f"{subject_of(file)}_".startswith(f"{name}_")
    ]
    assert beside == []


def test_the_page_for_contributors_names_each_other_folder_of_tests() -> None:
    page = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    others = {file.parent.name for file in TESTS.glob("*/__init__.py")} - {room.name for room in ROOMS}
    assert [name for name in sorted(others) if f"`tests/{name}`" not in page] == []


def test_the_page_for_contributors_gives_a_true_example() -> None:
    # GIVEN the sentence on mirroring WHEN its two paths are read THEN both files exist, and the second mirrors the first
    page = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [(module, test)] = re.findall(r"`resilient_redshift/([\w/]+\.py)`\s+is\s+`tests/([\w/]+\.py)`", page)
    assert (PACKAGE / module).is_file()
    assert (TESTS / test).is_file()
    assert Path(test) == Path(module).with_name(f"test_{Path(module).name}")


def name_of(module: Path) -> str:
    """The name of a module without the underscore that marks it as its room's own."""
    return module.stem.lstrip("_")


def subject_of(file: Path) -> str:
    """What the name of a test file says that it tests."""
    return file.stem.removeprefix("test_")


def modules_at(tests: Path) -> set[str]:
    """The names of the modules that a folder of tests mirrors."""
    return {name_of(module) for module in (PACKAGE / tests.relative_to(TESTS)).glob("*.py")}


def imported_modules(file: Path) -> list[str]:
    """The modules of the package that a file imports, for type checkers too."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    names = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
    modules = {node.module or "" for node in nodes}
    return sorted(name for name in {*names, *modules} if name.startswith("resilient_redshift."))
