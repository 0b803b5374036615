"""What the example really is: its templates and its protection table, synthesized once in this process."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import app as example
from resilient_redshift.planning import as_text, protection_tables, read_assembly
from tests.docs.tables import ROOT

WIDTH = 110


@functools.cache
def assembly() -> Path:
    """The folder that a synth of app.py writes, without the compliance packs, which add nothing to templates."""
    folder = Path(tempfile.mkdtemp(prefix="resilient-redshift-docs-"))
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = cdk.App(outdir=str(folder), context=context, analytics_reporting=False)
    example.build(app)
    app.synth()
    return folder


@functools.cache
def template(stack: str) -> dict[str, Any]:
    """One stack's template."""
    return dict(json.loads((assembly() / f"{stack}.template.json").read_text()))


def table() -> str:
    """The protection table as ``make synth`` prints it, in a terminal of a known width."""
    return "\n\n".join(as_text(table, width=WIDTH) for table in protection_tables(read_assembly(assembly())))
