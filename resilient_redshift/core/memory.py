"""The one way to remember something about an app, a stack or another object of jsii.

A fact is an attribute of the object that it is about. A dictionary with weak keys would not free the fact earlier,
because jsii keeps every object until the process ends. Each question to jsii costs about 0.1 ms.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Owner = TypeVar("Owner")
Fact = TypeVar("Fact")


class Remembered(Generic[Owner, Fact]):
    """A function of one object, computed once for each object. Use the class as a decorator.

    Args:
        compute: computes the fact from the object. The fact must not change later.
    """

    def __init__(self, compute: Callable[[Owner], Fact]) -> None:
        self._compute = compute
        # the number keeps the attribute unique: two functions can have the same name
        self._attribute = f"_resilient_redshift_{compute.__qualname__}_{id(self)}"
        functools.update_wrapper(self, compute)

    def __call__(self, owner: Owner) -> Fact:
        """The fact about an object. The first call computes it."""
        memory: dict[str, Any] = owner.__dict__
        try:
            return memory[self._attribute]  # type: ignore[no-any-return]  # only this class writes the attribute
        except KeyError:
            pass
        fact = memory[self._attribute] = self._compute(owner)
        return fact

    def remember(self, owner: Owner, fact: Fact) -> None:
        """Set the fact about an object, where the caller knows the fact without the function."""
        owner.__dict__[self._attribute] = fact
