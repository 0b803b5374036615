"""The Lambda archive: the rooms of the package that run in Lambda."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tempfile

PACKAGE: Final = Path(__file__).parents[1]
#: The folders of the package that run in Lambda.
ROOMS: Final = ("cloud", "contract", "definitions", "rules", "schedules")
#: The modules beside these folders that run in Lambda.
MODULES: Final = ("errors.py",)
#: What a room needs at run time. An editor's file must not change the hash.
_KINDS: Final = ("*.py", "*.asl.json")
_READABLE: Final = 0o644
#: The text of the package's ``__init__.py`` in the archive. The package's own ``__init__.py`` names the constructs, and
#: a new construct must not change the archive.
_PACKAGE_TEXT: Final = '"""The part of resilient_redshift that runs in AWS Lambda."""\n'
#: The modules that Lambda calls, by their path in the archive. Lambda changes the code and the handler string of a
#: function in two calls, so a deployed function must keep its handler string.
_ENTRIES: Final = {
    "handler/clean_up.py": '''"""The entry of Lambda: ``handler.clean_up.clean_up``."""

from resilient_redshift.cloud.restore.clean_up import clean_up

__all__ = ["clean_up"]
''',
    "handler/region_switch.py": '''"""The entry of Lambda: ``handler.region_switch.switch``."""

from resilient_redshift.cloud.region_switch import switch

__all__ = ["switch"]
''',
    "handler/restore.py": '''"""The entry of Lambda: ``handler.restore.run_phase``."""

from resilient_redshift.cloud.restore.phases import run_phase

__all__ = ["run_phase"]
''',
    "handler/__init__.py": "",
    "handler/index.py": '''"""The entry of Lambda: ``handler.index.on_event`` and ``handler.index.is_complete``."""

from resilient_redshift.cloud.custom_resources.index import is_complete, on_event

__all__ = ["is_complete", "on_event"]
''',
    "handler/snapshots.py": '''"""The entry of Lambda: ``handler.snapshots.take_snapshot``."""

from resilient_redshift.cloud.snapshots.take_function import take_snapshot

__all__ = ["take_snapshot"]
''',
    "handler/tiers.py": '''"""The entry of Lambda: ``handler.tiers.apply_tiers``."""

from resilient_redshift.cloud.snapshots.tiers_function import apply_tiers

__all__ = ["apply_tiers"]
''',
    "handler/watch.py": '''"""The entry of Lambda: ``handler.watch.watch``."""

from resilient_redshift.cloud.watch.function import watch

__all__ = ["watch"]
''',
}


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
    modules = [source / module for module in MODULES]
    files = [*modules, *(file for room in ROOMS for kind in _KINDS for file in (source / room).rglob(kind))]
    for file in files:
        _write(package / file.relative_to(source), file.read_bytes())
    _write(package / "__init__.py", _PACKAGE_TEXT.encode())
    for path, text in _ENTRIES.items():
        _write(folder / path, text.encode())
    return folder


def _write(file: Path, content: bytes) -> None:
    """Write a file that everybody may read: Lambda runs as a user of its own, whatever umask synth has."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(_READABLE)


@functools.cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    import tempfile  # noqa: PLC0415 - its import takes 4 ms, and an app without a function needs none

    return tempfile.TemporaryDirectory(prefix="resilient-redshift-")
