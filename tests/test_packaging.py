"""What a user gets from the index is what the tests ran on: the wheel is built, unpacked elsewhere, and the example runs on it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_types_definitions_handler_and_licence_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "resilient_redshift/py.typed" in names
    assert "resilient_redshift/definitions/take_snapshot.asl.json" in names
    assert "resilient_redshift/planning/checks/resilience.schema.json" in names
    assert any(
        name.startswith("resilient_redshift/cloud/custom_resources/") and name.endswith("index.py") for name in names
    )
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "tests/" in name or "__pycache__" in name]


def test_the_example_runs_on_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    # GIVEN the wheel unpacked in a folder with a space, and the example beside nothing of ours
    site = tmp_path / "site packages"
    zipfile.ZipFile(wheel).extractall(site)
    (tmp_path / "app.py").write_text((ROOT / "app.py").read_text())

    # WHEN
    code = "import resilient_redshift, runpy; print(resilient_redshift.__file__); runpy.run_path('app.py', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "CDK_OUTDIR": str(tmp_path / "cdk.out")},
        capture_output=True,
        text=True,
        check=False,
    )

    # THEN it used the wheel and wrote two templates
    assert done.returncode == 0, done.stderr
    assert str(site) in done.stdout
    assert len(list((tmp_path / "cdk.out").glob("*.template.json"))) == 2
