"""Every Python block of README and docs runs, page by page from the top; the README's example is the real app.py."""

from __future__ import annotations

import re
from pathlib import Path

import aws_cdk as cdk
import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WARNING = re.compile(r"\[ack: Annotation::resilient-redshift:([\w.]+)\]")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text())


def warnings_in(assembly: Path) -> list[str]:
    """The library's warnings in an assembly, such as ``SnapshotCopy.AwsOwnedKey``, without what is acknowledged."""
    files = [*assembly.rglob("*.metadata.json"), *assembly.rglob("manifest.json")]  # an older CDK writes the manifest
    return [name for file in files for name in WARNING.findall(file.read_text())]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_each_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN one namespace a page, as a reader types it from top to bottom
    monkeypatch.chdir(ROOT)
    namespace: dict[str, object] = {"__name__": "docs"}

    # WHEN
    for number, code in enumerate(blocks(page), 1):
        exec(compile(code, f"{page.name}, block {number}", "exec", dont_inherit=True), namespace)  # noqa: S102

    # THEN what it built also synthesizes
    for value in list(namespace.values()):
        if isinstance(value, cdk.App):
            value.synth()
            # and gives no warning that the page does not name
            assert [warning for warning in warnings_in(Path(value.outdir)) if warning not in page.read_text()] == []


def test_the_example_in_the_readme_is_the_real_app() -> None:
    # GIVEN
    app = (ROOT / "app.py").read_text()

    # THEN the README shows it, whole and to the letter
    assert any(code == app for code in blocks(ROOT / "README.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_between_pages_leads_somewhere(page: Path) -> None:
    targets = [
        target.split("#")[0]
        for target in LINK.findall(page.read_text())
        if "://" not in target and not target.startswith("#")
    ]
    assert [target for target in targets if not (page.parent / target).exists()] == []
