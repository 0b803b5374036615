"""Synthesizes app.py without compliance packs and validation, which take longer than all the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from demo.cli import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def synthesize(folder: Path, account: str) -> None:
    """Write the assembly of app.py for an account into a folder."""
    import aws_cdk as cdk  # noqa: PLC0415 - it starts Node

    import app as example  # noqa: PLC0415 - likewise

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(
        outdir=str(folder),
        context={**context, "account": account},
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
    )
    example.build(app)
    app.synth()
