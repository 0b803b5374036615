"""The Lambda archive: the package without the rooms that import CDK."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1]
#: The folders of the package that run without CDK.
ROOMS: Final = ("cloud", "contract", "definitions", "planning", "rules", "schedules")
#: The modules beside these folders that run without CDK.
MODULES: Final = ("errors.py",)
#: The text of the package's ``__init__.py`` in the archive. The package's own ``__init__.py`` names the constructs, and
#: a new construct must not change the archive.
_PACKAGE_TEXT: Final = '"""The part of resilient_redshift that runs in AWS Lambda."""\n'
#: The module that Lambda calls for custom resources. Lambda changes the code and the handler string of a function in
#: two calls, so a deployed function must keep its handler string.
_ENTRY: Final = "handler/index.py"
_ENTRY_TEXT: Final = '''"""The entry of Lambda: ``handler.index.on_event`` and ``handler.index.is_complete``."""

from resilient_redshift.cloud.custom_resources.index import is_complete, on_event

__all__ = ["is_complete", "on_event"]
'''


@functools.cache
def archive_folder() -> Path:
    """The folder that becomes the archive. Each process makes the folder once, and removes it when the process ends."""
    return write_archive(Path(_temporary().name))


def write_archive(folder: Path, source: Path = PACKAGE) -> Path:
    """Write the archive's files to a folder.

    Args:
        folder: an empty folder.
        source: the folder of the package. Default: the installed package.

    Returns:
        The folder.
    """
    package = folder / PACKAGE.name
    for room in ROOMS:
        shutil.copytree(
            source / room, package / room, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("__pycache__")
        )
    for module in MODULES:
        shutil.copyfile(source / module, package / module)
    (package / "__init__.py").write_text(_PACKAGE_TEXT, encoding="utf-8")
    entry = folder / _ENTRY
    entry.parent.mkdir()
    entry.with_name("__init__.py").write_text("", encoding="utf-8")
    entry.write_text(_ENTRY_TEXT, encoding="utf-8")
    return folder


@functools.cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="resilient-redshift-")
