"""Finds the templates that other templates name by a path, or by a URL that ends as the path of a file does."""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.folder import templates_of_file
from resilient_redshift.planning.reading.nested import TEMPLATES_ELSEWHERE, Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_ENDINGS: Final = (".json", ".yaml", ".yml", ".template")
#: What separates the names of a path, also where a function of CloudFormation gives a part of it.
_SEPARATOR: Final = re.compile(r"[/\\}]")
_DEEPEST: Final = 20
#: A URL means a file of another folder than its template's when so many names at the end are equal: many files have one
#: name, such as template.yaml.
_LEAST_EQUAL: Final = 2


class LocalFiles:
    """The files that may hold the templates of nested stacks.

    Args:
        templates: the templates of the input. A path may also lead to a file outside the input.
    """

    def __init__(self, templates: Iterable[SynthesizedTemplate]) -> None:
        self._templates = list(templates)
        self._paths = [os.path.realpath(each.file) if each.file and each.template else None for each in self._templates]
        self._contents: dict[str, SynthesizedTemplate] = {}
        self._by_name: dict[str, set[str]] = {}
        for path, template in zip(self._paths, self._templates, strict=True):
            if path is not None:
                self._contents.setdefault(path, template)
                self._by_name.setdefault(Path(path).name, set()).add(path)

    def roots(self) -> list[SynthesizedTemplate]:
        """The templates that no other one names, and one of each circle of templates that name one another."""
        links: dict[str, set[str]] = {}
        for path, template in zip(self._paths, self._templates, strict=True):
            if path is not None:
                links.setdefault(path, set()).update(self._named_by(template))
        named = set[str]().union(*(found - {path} for path, found in links.items()))
        reached: set[str] = set()
        roots: dict[int, SynthesizedTemplate] = {}
        for in_circles in (False, True):
            for number, (path, template) in enumerate(zip(self._paths, self._templates, strict=True)):
                if path is None or (path not in reached if in_circles else path not in named):
                    roots[number] = template
                    reached |= _reached(path, links)
        return [roots[number] for number in sorted(roots)]

    def find(
        self,
        parent: SynthesizedTemplate,
        logical_id: str,
        location: object,
        metadata: Mapping[str, Any],  # noqa: ARG002 - a library of assets needs it
    ) -> Found | None:
        """The template at a path, or the one of the input whose path ends as a URL does."""
        path = self._path(parent, location)
        if path is None:
            return None
        if path not in self._contents:
            self._contents[path] = templates_of_file(Path(os.path.relpath(path)), Path(path).name)[0]
        template = self._contents[path]
        return Found(f"{parent.name}/{logical_id}", template.file, template.template)

    def rest(self, root: SynthesizedTemplate) -> tuple[SynthesizedTemplate, ...]:  # noqa: ARG002 - as above
        """Nothing: a file that no template names is an input of its own."""
        return ()

    def _named_by(self, parent: SynthesizedTemplate) -> Iterator[str]:
        for resource in values.mapping(values.mapping(parent.template).get("Resources")).values():
            attributes = values.mapping(resource)
            kind = attributes.get("Type")
            if isinstance(kind, str) and kind in TEMPLATES_ELSEWHERE:
                properties = values.mapping(attributes.get("Properties"))
                for location in (properties.get("TemplateURL"), properties.get("Location")):
                    path = self._path(parent, location)
                    if path is not None:
                        yield path

    def _path(self, parent: SynthesizedTemplate, location: object) -> str | None:
        """The path of the file that a location names; None for no file, and for one of several."""
        if isinstance(location, str) and "://" not in location and parent.file is not None:
            try:
                path = os.path.realpath(Path(parent.file).parent / location)
            except ValueError:  # no name of a file, such as half of a surrogate pair
                return None
            return path if Path(path).is_file() else None
        urls = {text for text in _texts(location) if text.endswith(_ENDINGS)}
        if len(urls) != 1:
            return None
        wanted = _SEPARATOR.split(next(iter(urls)))
        own = os.path.realpath(parent.file) if parent.file else None
        likeness = {
            path: _equal_names(wanted, _SEPARATOR.split(path))
            for path in self._by_name.get(wanted[-1], ())
            if path != own
        }
        most = max(likeness.values(), default=0)
        best = [path for path, names in likeness.items() if names == most]
        if len(best) != 1 or (most < _LEAST_EQUAL and own is not None and Path(best[0]).parent != Path(own).parent):
            return None
        return best[0]


def _reached(path: str | None, links: Mapping[str, set[str]]) -> set[str]:
    """A path and every path that its template names, directly or not."""
    reached: set[str] = set()
    waiting = [] if path is None else [path]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += links.get(each, ())
    return reached


def _equal_names(one: list[str], other: list[str]) -> int:
    """How many names at the end of two paths are equal."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """The texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < _DEEPEST:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, depth + 1)
