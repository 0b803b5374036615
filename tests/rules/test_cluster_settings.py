"""The plain settings of a cluster: names, window, logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.rules import cluster_settings as settings

if TYPE_CHECKING:
    from botocore.model import StructureShape

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def refused(check: Any, *arguments: Any) -> bool:
    problems = Problems("here")
    check(problems, *arguments)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError:
        return True
    return False


@pytest.mark.parametrize("name", ["dev", "_dev", "dev_1$", "a" * 64])
def test_database_names(name: str) -> None:
    assert not refused(settings.check_database_name, name)


@pytest.mark.parametrize("name", ["", "Dev", "1dev", "de-v", "a" * 65, None])
def test_no_database_names(name: Any) -> None:
    assert refused(settings.check_database_name, name)


@pytest.mark.parametrize("name", ["me", "a1_+.@-", "a" * 128])
def test_user_names(name: str) -> None:
    assert not refused(settings.check_master_username, name)


@pytest.mark.parametrize("name", ["", "public", "1me", "Me", "me:you", "me/you", "a" * 129, None])
def test_no_user_names(name: Any) -> None:
    assert refused(settings.check_master_username, name)


@given(
    st.integers(min_value=0, max_value=7 * 24 * 60 - 1),
    st.integers(min_value=0, max_value=7 * 24 * 60 - 1),
)
def test_a_window_is_thirty_minutes_or_longer(start: int, length: int) -> None:
    # GIVEN any window, also one over the end of the week
    def text(minute: int) -> str:
        day, rest = divmod(minute % (7 * 24 * 60), 24 * 60)
        return f"{DAYS[day]}:{rest // 60:02}:{rest % 60:02}"

    window = f"{text(start)}-{text(start + length)}"
    assert refused(settings.check_maintenance_window, window) is (length < 30)


@pytest.mark.parametrize(
    "window", ["", "sat", "sat:10:00", "sat:24:00-sun:01:00", "sat:10:60-sat:11:30", "foo:10:00-sat:11:00", 3]
)
def test_no_windows(window: Any) -> None:
    assert refused(settings.check_maintenance_window, window)


@pytest.mark.parametrize("logs", [["connectionlog"], ("userlog", "useractivitylog"), []])
def test_audit_logs(logs: Any) -> None:
    assert not refused(settings.check_audit_logs, logs)


@pytest.mark.parametrize("logs", ["userlog", ["userlog", "userlog"], ["slowlog"]])
def test_no_audit_logs(logs: Any) -> None:
    assert refused(settings.check_audit_logs, logs)


@pytest.mark.parametrize("track", ["current", "trailing", "preview_2023", "${Token[TOKEN.1]}"])
def test_maintenance_tracks(track: str) -> None:
    assert not refused(settings.check_maintenance_track, track)


@pytest.mark.parametrize("track", ["", " ", "the current one", 3])
def test_no_maintenance_tracks(track: Any) -> None:
    assert refused(settings.check_maintenance_track, track)


def catalog_pattern() -> str:
    """The pattern of CatalogName in botocore's service model."""
    shape = get_session().get_service_model("redshift").shape_for("RestoreFromClusterSnapshotMessage")
    pattern: str = cast("StructureShape", shape).members["CatalogName"].metadata["pattern"]
    return pattern


@given(st.text(alphabet="abzAZ09_- .", max_size=66))
def test_catalog_names_are_those_of_the_api(name: str) -> None:
    allowed = 1 <= len(name) <= 64 and re.search(catalog_pattern(), name) is not None
    assert refused(settings.check_catalog_name, "catalog_name", name) is not allowed


@pytest.mark.parametrize("name", ["a" * 65, 3, "dev\n"])
def test_no_catalog_names(name: Any) -> None:
    assert refused(settings.check_catalog_name, "catalog_name", name)
