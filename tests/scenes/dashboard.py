"""The dashboard of the docs: the body of one row for the example's plan, and the files of its data and its picture.

With ``UPDATE_GOLDEN=1`` in the environment, the two tests named below write them. The data are not compared with a later run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from resilient_redshift.watching.dashboard_body import PlanRow, dashboard_body

_DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
#: What CloudWatch had of ninety virtual days. tests/e2e/test_first_deployment.py writes it.
DATA: Final = _DOCS / "recovery-dashboard.json"
#: The picture. tests/demo/test_dashboard_picture.py draws it.
PICTURE: Final = _DOCS / "recovery-dashboard.svg"
BODY: Final = dashboard_body(
    "us-west-2",
    [
        PlanRow(
            plan="sales-us-east-1",
            primary_region="us-east-1",
            recovery_region="us-west-2",
            recovery_point_seconds=26 * 3600,
            recovery_time_seconds=4 * 3600,
            drilled=True,
        )
    ],
    ["an alarm"],
)
