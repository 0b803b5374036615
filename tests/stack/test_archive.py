"""The Lambda archive: what it holds, that it runs without CDK, and what changes its hash."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.stack.archive import MODULES, PACKAGE, ROOMS, write_archive

#: Imports every module of the archive at argv[1], where only the standard library, boto3 and what boto3 needs exist.
_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
IN_LAMBDA = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
OURS = {"handler", "resilient_redshift"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, *IN_LAMBDA, *OURS}:
            raise ModuleNotFoundError(f"{name} is not in Lambda", name=name)
sys.meta_path.insert(0, Refuse())
from handler import index
assert callable(index.on_event) and callable(index.is_complete)
import resilient_redshift
assert resilient_redshift.__file__.startswith(sys.argv[1]), resilient_redshift.__file__
for module in pkgutil.walk_packages(resilient_redshift.__path__, "resilient_redshift."):
    importlib.import_module(module.name)
    print(module.name)
"""


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def imported(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", _IMPORT_ALL, str(folder)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "archive")


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "changed", ignore=shutil.ignore_patterns("__pycache__")))


def test_every_module_is_imported_without_cdk(archive: Path) -> None:
    # WHEN all modules of the archive are imported where CDK does not exist
    done = imported(archive)
    # THEN they all come from the archive, and there are as many as it has files
    assert done.returncode == 0, done.stderr
    modules = {name for name in files(archive) if name.startswith("resilient_redshift/") and name.endswith(".py")}
    assert len(done.stdout.split()) == len(modules) - 1  # the package itself is not listed


def test_it_holds_the_rooms_of_lambda_and_nothing_else(archive: Path) -> None:
    package = archive / "resilient_redshift"
    assert {entry.name for entry in package.iterdir()} == {*ROOMS, *MODULES, "__init__.py"}
    assert {entry.name for entry in archive.iterdir()} == {"resilient_redshift", "handler"}


@pytest.mark.parametrize("room", ["core", "stack", "recovery"])
def test_a_room_with_cdk_that_slips_in_is_seen(archive: Path, room: str) -> None:
    # GIVEN an archive with a room that imports CDK
    shutil.copytree(PACKAGE / room, archive / "resilient_redshift" / room)
    # WHEN its modules are imported THEN that fails
    assert imported(archive).returncode != 0


@pytest.mark.parametrize("library", ["requests", "click", "aws_cdk", "pytest"])
def test_a_library_that_lambda_does_not_have_is_seen(archive: Path, library: str) -> None:
    # GIVEN a module that imports a library which is installed here and not in Lambda
    log = archive / "resilient_redshift" / "cloud" / "aws" / "log.py"
    log.write_text(log.read_text() + f"\nimport {library}\n")
    # WHEN the archive's modules are imported THEN that fails
    assert f"{library} is not in Lambda" in imported(archive).stderr


def test_everybody_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    # GIVEN a user whose new files nobody else may read WHEN the archive is written THEN Lambda's user can read it
    former = os.umask(0o077)
    try:
        written = write_archive(tmp_path / "private")
    finally:
        os.umask(former)
    assert {stat.S_IMODE(file.stat().st_mode) for file in written.rglob("*") if file.is_file()} == {0o644}


def test_files_that_no_function_needs_stay_out(archive: Path, copied_package: Path) -> None:
    (copied_package / "cloud" / ".index.py.swp").write_text("an editor's")
    (copied_package / "rules" / "notes.txt").write_text("somebody's")
    assert files(write_archive(archive.with_name("other"), copied_package)) == files(archive)


@pytest.mark.parametrize(
    "changed", ["__init__.py", "recovery/site.py", "cli/main.py", "stack/archive.py", "planning/protection.py"]
)
def test_a_change_outside_its_rooms_changes_nothing(archive: Path, copied_package: Path, changed: str) -> None:
    (copied_package / changed).write_text("# changed")
    other = write_archive(archive.with_name("other"), copied_package)
    assert files(other) == files(archive)


@pytest.mark.parametrize(
    "changed", ["cloud/custom_resources/index.py", "errors.py", "definitions/take_snapshot.asl.json"]
)
def test_a_change_in_its_rooms_changes_it(archive: Path, copied_package: Path, changed: str) -> None:
    (copied_package / changed).write_text("# changed")
    other = write_archive(archive.with_name("other"), copied_package)
    assert files(other) != files(archive)


def test_the_staged_asset_is_the_archive(archive: Path) -> None:
    # GIVEN two stacks with the provider WHEN synthesized THEN one asset is staged, with the archive's files
    app = cdk.App(analytics_reporting=False)
    for name in ("One", "Two"):
        SnapshotProvider.of(cdk.Stack(app, name))
    [staged] = Path(app.synth().directory).glob("asset.*/handler")
    assert files(staged.parent) == files(archive)
