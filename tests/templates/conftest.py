"""Each shape of app is declared and synthesized once a session (once a worker); tests read its templates and change copies."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING

import pytest

from tests.templates import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.templates.resolve import Template


@pytest.fixture(scope="session")
def shape_named(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], shapes.Shape]:
    """Gives a shape, synthesized when it is first asked for."""
    return functools.cache(lambda name: shapes.synthesize(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(params=shapes.SHAPES)
def any_shape(request: pytest.FixtureRequest, shape_named: Callable[[str], shapes.Shape]) -> shapes.Shape:
    """Every shape, one by one."""
    return shape_named(request.param)


@pytest.fixture(params=shapes.TEMPLATES)
def any_template(request: pytest.FixtureRequest, shape_named: Callable[[str], shapes.Shape]) -> Template:
    """Every template of every shape, one by one; not to be changed."""
    shape, _, stack = request.param.partition("/")
    return shape_named(shape).templates[stack]


@pytest.fixture
def home(shape_named: Callable[[str], shapes.Shape]) -> Template:
    """A copy, to be broken, of a template with everything that stands in a cluster's own stack."""
    return copy.deepcopy(shape_named("example").templates["Warehouse"])
