"""The policy's file: what it means, what is wrong in it, where it is found, and that the schema says the same."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import (
    DEFAULT_POLICY,
    CheckRule,
    ClusterEntry,
    ClusterMatcher,
    Failure,
    PolicyException,
    Requirement,
    ResiliencePolicy,
    find_policy,
    read_policy,
)
from resilient_redshift.planning.checks import _policy_table as tables

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

EVERYTHING = """
[survive]
node = "90min"
region = { lose-at-most = "24h", noticed-within = "3d" }
zone = false
bad-load = [
  { lose-at-most = "8h", noticed-within = "1d" },
  { lose-at-most = "24h", noticed-within = "2w" },
]

[require]
rehearsal-every = "92d"
keep-snapshots = "7d"
read-everything = false

[[cluster]]
name = "dev-*"
tag = "env=dev"
survive.region = false
survive.node = "0h"
require.rehearsal-every = false
require.keep-snapshots = "1d"

[[exception]]
rule = "region-lost"
name = "sales-*"
reason = "the copy comes in March"
until = 2027-03-31

[[exception]]
rule = "RR109"
part = "*: Inner is*"
reason = "our own network"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "resilience.toml"


def problems_of(file: Path, content: str) -> list[str]:
    file.write_text(content)
    with pytest.raises(ResilientRedshiftError) as raised:
        read_policy(file)
    assert raised.value.where == str(file)
    return list(raised.value.problems)


def lose(failure: Failure, hours: float, noticed: int | None = None) -> Requirement:
    within = None if noticed is None else noticed * DAY
    return Requirement(failure=failure, lose_at_most=hours * HOUR, noticed_within=within)


def test_a_file_means_what_it_says(file: Path) -> None:
    file.write_text(EVERYTHING)
    assert read_policy(file) == ResiliencePolicy(
        survive=(
            lose(Failure.NODE, 1.5),
            lose(Failure.REGION, 24, 3),
            lose(Failure.BAD_LOAD, 8, 1),
            lose(Failure.BAD_LOAD, 24, 14),
        ),
        rehearsal_every=92 * DAY,
        keep_snapshots=7 * DAY,
        read_everything=False,
        clusters=(
            ClusterEntry(
                match=ClusterMatcher(name="dev-*", tag="env=dev"),
                survive=(lose(Failure.NODE, 0),),
                need_not_survive=(Failure.REGION,),
                rehearsal_every=False,
                keep_snapshots=DAY,
            ),
        ),
        exceptions=(
            PolicyException(
                rule=CheckRule.REGION_LOST,
                match=ClusterMatcher(name="sales-*"),
                reason="the copy comes in March",
                until=date(2027, 3, 31),
            ),
            PolicyException(rule=CheckRule.NOT_READ, part="*: Inner is*", reason="our own network"),
        ),
        source=str(file),
        file=str(file),
    )


#: What is wrong in a file, and how the problem begins.
WRONG = {
    "unknown table": ('[surive]\nnode = "8h"', "surive is not known; do you mean survive?"),
    "unknown failure": ('[survive]\nregions = "8h"', "survive.regions is not known; do you mean region?"),
    "underscore": (
        '[survive]\nnode = { lose_at_most = "8h", lose-at-most = "8h" }',
        "survive.node.lose_at_most is not known; do you mean lose-at-most?",
    ),
    "nothing near": ('[require]\nxyz = "8h"', "require.xyz is not known; the keys here are rehearsal-every,"),
    "unit": ('[survive]\nnode = "1 fortnight"', 'survive.node must be a length such as "15min", "8h", "7d" or "2w"'),
    "number": ("[survive]\nnode = 24", 'survive.node must be a length such as "8h", a table, or false, got 24'),
    "true": ("[survive]\nnode = true", 'survive.node must be a length such as "8h", a table, or false, got true'),
    "too long": ('[survive]\nnode = "99999999w"', "survive.node must be 0 to 36500 days"),
    "no time at all": ('[require]\nkeep-snapshots = "0d"', "require.keep-snapshots must be more than 0 to 36500 days"),
    "loss without length": (
        '[survive]\nnode = { noticed-within = "1d" }',
        "survive.node.lose-at-most is missing",
    ),
    "bad load in short": ('[survive]\nbad-load = "8h"', "survive.bad-load.noticed-within is missing"),
    "bad load without notice": (
        '[survive]\nbad-load = [{ lose-at-most = "8h" }]',
        "survive.bad-load[1].noticed-within is missing",
    ),
    "no bad load": ("[survive]\nbad-load = []", "survive.bad-load must be a list with at least one table"),
    "bad load twice": (
        '[survive]\nbad-load = [{ lose-at-most = "8h", noticed-within = "1d" }, { lose-at-most = "4h", noticed-within = "24h" }]',
        "survive.bad-load has two tables with the same noticed-within (1 d)",
    ),
    "list": ('[survive]\nnode = ["8h"]', 'survive.node must be a length such as "8h", a table, or false, got a list'),
    "not a table": ("survive = 1", "survive must be a table, got 1"),
    "truth": ('[require]\nread-everything = "yes"', 'require.read-everything must be true or false, got "yes"'),
    "one cluster": ('[cluster]\nname = "a"', "cluster must be written as [[cluster]]"),
    "no matcher": ("[[cluster]]\nsurvive.node = false", "cluster[1] names no cluster: give name, tag,"),
    "empty entry": ('[[cluster]]\nname = "a"', "cluster[1] changes nothing"),
    "number as account": (
        "[[cluster]]\naccount = 111111111111\nsurvive.node = false",
        "cluster[1].account must be a text in quotes that is not empty, got 111111111111",
    ),
    "tag without key": ('[[cluster]]\ntag = "=dev"\nsurvive.node = false', "cluster[1]: 'tag' must be a key"),
    "read-everything of a cluster": (
        '[[cluster]]\nname = "a"\nrequire.read-everything = false',
        "cluster[1].require.read-everything belongs in [require]",
    ),
    "two entries": (
        '[[cluster]]\nname = "a"\nsurvive.node = false\n[[cluster]]\nname = "a"\nsurvive.zone = false',
        'cluster has two entries with name = "a"',
    ),
    "no reason": ('[[exception]]\nrule = "RR103"\nname = "a"', "exception[1].reason is missing"),
    "empty reason": ('[[exception]]\nrule = "RR103"\nname = "a"\nreason = " "', "exception[1].reason must be a text"),
    "no rule": ('[[exception]]\nname = "a"\nreason = "r"', "exception[1].rule is missing"),
    "unknown rule": (
        '[[exception]]\nrule = "region-lots"\nname = "a"\nreason = "r"',
        'exception[1].rule must be the id or the name of a rule, such as "RR103" or "region-lost", got "region-lots"; do you mean region-lost?',
    ),
    "rule about the policy": (
        '[[exception]]\nrule = "RR110"\nname = "a"\nreason = "r"',
        "exception[1].rule must be the id or the name of a rule",
    ),
    "exception without cluster": ('[[exception]]\nrule = "RR103"\nreason = "r"', "exception[1] names no cluster"),
    "part of a cluster's rule": (
        '[[exception]]\nrule = "RR103"\nname = "a"\npart = "p"\nreason = "r"',
        "exception[1].part is for RR109 only",
    ),
    "no part": ('[[exception]]\nrule = "RR109"\nreason = "r"', "exception[1].part is missing"),
    "cluster of a part": (
        '[[exception]]\nrule = "RR109"\npart = "p"\nname = "a"\nreason = "r"',
        "exception[1].name must be left out",
    ),
    "date in quotes": (
        '[[exception]]\nrule = "RR103"\nname = "a"\nreason = "r"\nuntil = "March"',
        "exception[1].until must be a date without quotes",
    ),
    "time of day": (
        '[[exception]]\nrule = "RR103"\nname = "a"\nreason = "r"\nuntil = 2027-03-31T10:00:00',
        "exception[1].until must be a date without quotes",
    ),
    "two exceptions": (
        '[[exception]]\nrule = "RR103"\nname = "a"\nreason = "r"\n[[exception]]\nrule = "region-lost"\nname = "a"\nreason = "s"',
        'exception has two entries for RR103 of name = "a"',
    ),
    "nothing required": ("", "requires nothing"),
    "everything taken away": ("[survive]\nnode = false", "requires nothing"),
}
#: What a JSON schema cannot say.
BEYOND_A_SCHEMA = {
    "too long",
    "no time at all",
    "bad load twice",
    "tag without key",
    "two entries",
    "empty reason",
    "two exceptions",
    "nothing required",
    "everything taken away",
    "time of day",
    "date in quotes",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_problem_names_the_key(file: Path, name: str) -> None:
    content, problem = WRONG[name]
    (found,) = problems_of(file, content)
    assert found.startswith(problem)


def test_every_problem_of_a_file_is_reported_at_once(file: Path) -> None:
    content = '[survive]\nnode = 1\nzne = "8h"\n[require]\nread-everything = 1\n[[cluster]]\n[[exception]]\nuntil = 1'
    assert [problem.split()[0] for problem in problems_of(file, content)] == [
        "survive.zne",
        "survive.node",
        "require.read-everything",
        "cluster[1]",
        "cluster[1]",
        "exception[1].rule",
        "exception[1].reason",
        "exception[1].until",
        "exception[1]",
    ]


def test_a_key_that_is_written_twice_is_no_toml(file: Path) -> None:
    (problem,) = problems_of(file, '[survive]\nnode = "8h"\nnode = "4h"\nzone = "8h"')
    assert problem.startswith("is not TOML: ")
    assert "line 3" in problem


@pytest.mark.parametrize("content", [b"\xff", b"[" * 5000, b"a = " + b"[" * 5000], ids=["bytes", "brackets", "depth"])
def test_a_file_that_is_no_toml_is_an_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ResilientRedshiftError):
        read_policy(file)


def test_a_file_may_begin_with_a_byte_order_mark(file: Path) -> None:
    file.write_text("\ufeff[survive]\nnode = '8h'", encoding="utf-8")
    assert read_policy(file).survive == (lose(Failure.NODE, 8),)


@pytest.mark.parametrize("place", ["missing.toml", ".", "a\0b"], ids=["missing", "folder", "no path"])
def test_a_place_that_is_no_file_is_an_error(place: str) -> None:
    with pytest.raises(ResilientRedshiftError):
        read_policy(place)


def test_default_means_the_default_policy() -> None:
    assert read_policy("default") is DEFAULT_POLICY


PROJECT = '[project]\nname = "app"\n'
TABLE = '[tool.resilient-redshift.survive]\nregion = "24h"\n'


def test_the_table_of_a_project_is_read(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PROJECT + TABLE)
    policy = read_policy(file)
    assert (policy.survive, policy.source) == ((lose(Failure.REGION, 24),), str(file))


def test_a_problem_in_a_project_names_the_whole_key(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "pyproject.toml", PROJECT + TABLE.replace("region", "regoin"))
    assert problem.startswith("tool.resilient-redshift.survive.regoin is not known")


def test_a_project_that_is_named_needs_the_table(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "pyproject.toml", PROJECT) == ["has no table [tool.resilient-redshift]"]


@pytest.mark.parametrize("found", ["resilience.toml", "pyproject.toml"])
def test_the_search_goes_upward(tmp_path: Path, found: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / found).write_text(TABLE if found == "pyproject.toml" else '[survive]\nregion = "24h"')
    folder = tmp_path / "infra" / "app"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT)  # a project without a policy

    policy = find_policy(folder)

    assert (policy.survive, policy.source) == ((lose(Failure.REGION, 24),), f"../../{found}")


def test_a_policy_file_comes_before_a_project_of_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "resilience.toml").write_text('[survive]\nnode = "24h"')
    (tmp_path / "pyproject.toml").write_text(TABLE)
    assert find_policy(tmp_path).source == "resilience.toml"


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "resilience.toml").write_text('[survive]\nnode = "24h"')
    inner = tmp_path / "repository"
    (inner / ".git").mkdir(parents=True)
    assert find_policy(inner) is DEFAULT_POLICY


@pytest.mark.parametrize("name", ["resilience.toml", "pyproject.toml"])
def test_a_file_that_may_hold_the_policy_and_cannot_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "missing")
    with pytest.raises(ResilientRedshiftError, match="cannot be read"):
        find_policy(tmp_path)


KEYS = sorted(
    {*tables.KEYS, *tables.ENTRY_KEYS, *tables.EXCEPTION_KEYS, *tables.REQUIRE_KEYS, *tables.LOSS_KEYS, *Failure}
)
SCALARS = st.sampled_from(["8h", "0d", "RR103", "RR109", "a*", "", "=", 0, -1, 1.5, True, False, date(2027, 1, 1)])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_no_content_of_a_file_ends_in_another_error(content: object) -> None:
    with suppress(ResilientRedshiftError):
        assert isinstance(tables.read_table(content, "", "resilience.toml"), ResiliencePolicy)


SCHEMA = json.loads((resources.files(tables.__package__ or "") / "resilience.schema.json").read_text())


def as_json(content: str) -> Any:
    """A file as an editor passes it to the schema: dates become texts."""
    return json.loads(json.dumps(tomllib.loads(content), default=lambda day: day.isoformat()))


def test_the_schema_is_one() -> None:
    Draft4Validator.check_schema(SCHEMA)


def test_the_schema_accepts_what_the_reader_accepts() -> None:
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(as_json(EVERYTHING))] == []


@pytest.mark.parametrize("name", [name for name in WRONG if name not in BEYOND_A_SCHEMA])
def test_the_schema_refuses_what_the_reader_refuses(name: str) -> None:
    assert not Draft4Validator(SCHEMA).is_valid(as_json(WRONG[name][0]))


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (SCHEMA, tables.KEYS),
        (SCHEMA["properties"]["require"], tables.REQUIRE_KEYS),
        (SCHEMA["definitions"]["survive"], [*Failure]),
        (SCHEMA["definitions"]["loss-table"], tables.LOSS_KEYS),
        (SCHEMA["definitions"]["cluster"], tables.ENTRY_KEYS),
        (SCHEMA["definitions"]["cluster"]["properties"]["require"], tables.ENTRY_REQUIRE_KEYS),
        (SCHEMA["definitions"]["exception"], tables.EXCEPTION_KEYS),
    ],
    ids=["file", "require", "survive", "loss", "cluster", "require of a cluster", "exception"],
)
def test_the_schema_has_the_keys_of_the_reader(table: dict[str, Any], keys: list[str]) -> None:
    assert sorted(table["properties"]) == sorted(keys)
    assert table["additionalProperties"] is False


def test_the_schema_has_the_rules_of_the_reader() -> None:
    assert SCHEMA["definitions"]["exception"]["properties"]["rule"]["enum"] == list(tables.RULES)


def test_a_device_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "resilience.toml").symlink_to("/dev/zero")
    with pytest.raises(ResilientRedshiftError, match="cannot be read: it is a device or a pipe"):
        find_policy(tmp_path)
