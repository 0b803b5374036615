"""Which tests share a worker, and who begins: a file is one piece of work, for its fixtures are dear; the longest ones come first.

``--dist loadgroup`` would not do it: xdist 3.8 writes groups into the items' ids, which pytest 9.2 no longer lets it do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

#: How the paths of files begin that are one piece: all read the templates of the same apps, which whoever comes first
#: synthesizes; or all use the site that ``restore_site`` deploys once for each worker.
_TOGETHER: Final = {
    "tests/templates/": "tests/templates/",
    **{f"tests/e2e/test_{begin}": "tests/e2e/restores" for begin in ("restore", "drills", "cli", "command")},
}
#: Seconds of a piece, roughly, and of each of its tests; only the order hangs on them.
_SECONDS: Final = {"tests/e2e/": (30.0, 0.2), "tests/templates/": (60.0, 0.0)}
_OTHERS: Final = (0.0, 0.02)


class LongestFirst(LoadFileScheduling):
    """Hands out whole files, the longest first, so that all workers end at about the same time."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((piece for begin, piece in _TOGETHER.items() if file.startswith(begin)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(max(self.workqueue, key=self._seconds), last=False)
        super()._assign_work_unit(node)

    def _seconds(self, piece: str) -> float:
        whole, each = next((told for folder, told in _SECONDS.items() if piece.startswith(folder)), _OTHERS)
        return whole + each * len(self.workqueue[piece])
