"""Holds every public call to its annotations, so that a value of a wrong type gets an error of this library."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resilient_redshift.core._kinds import Kind, Plain, is_text, kind_of
from resilient_redshift.core.arguments import where
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

Class = TypeVar("Class", bound=type)

_ID: Final = Plain(
    "a text that is not empty and no token", lambda value: is_text(value) and value != "" and known(value)
)

#: The arguments that belong to the stack of the argument ``cluster``, which may be in another Region than the call.
_OF_THE_CLUSTER: Final = frozenset({"cluster_encryption_key", "notify_primary"})


def typed(cls: Class) -> Class:
    """Let the constructor and every public method of a class check its arguments against their annotations.

    Use it as a decorator. A call with a value of a wrong type raises a ResilientRedshiftError that names every such
    argument, before the body of the function runs. A value that refers to a stack of another Region raises one too. An
    argument that Python itself refuses, an unknown or a missing one, stays a TypeError.

    The annotation is the only declaration of an argument's type; ``core/_kinds.py`` says what each one accepts.
    """
    for name, member in list(vars(cls).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if inspect.isfunction(member):
            setattr(cls, name, _checked(member))
        elif isinstance(member, classmethod):
            setattr(cls, name, classmethod(_checked(member.__func__)))
    return cls


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    code = function.__code__
    positional = code.co_varnames[1 : code.co_argcount]
    makes_a_construct = function.__name__ == "__init__" and {"scope", "construct_id"} <= {*positional}

    @functools.wraps(function)
    def checked(owner: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any function
        kinds = _kinds(function)
        faults = [
            fault
            for name, value in (*zip(positional, args, strict=False), *kwargs.items())
            if name in kinds
            for fault in kinds[name].faults(name, value)
        ]
        if faults:
            named = dict(zip(positional, args, strict=False)) | kwargs
            problems = Problems(_place(function, owner, named))
            for fault in faults:
                problems.add(*fault)
            problems.raise_if_any()
        named = dict(zip(positional, args, strict=False)) | kwargs
        _check_local(function, owner, named)
        if not makes_a_construct:
            return function(owner, *args, **kwargs)
        return _once(lambda: function(owner, *args, **kwargs), named, lambda: _place(function, owner, named))

    return checked


@Remembered
def _ids(_scope: IConstruct) -> set[str]:
    """The ids of this library's constructs in a scope."""
    return set()


def _once(make: Callable[[], object], named: dict[str, Any], place: Callable[[], str]) -> None:
    """Make a construct, unless the scope already has one of this library with its id.

    CDK refuses the second one too, but only after the constructor has checked everything else, and with an error of
    jsii.
    """
    if not {"scope", "construct_id"} <= named.keys():
        make()  # Python refuses the call
        return
    scope, construct_id = named["scope"], named["construct_id"]
    ids = _ids(scope)
    if construct_id in ids and scope.node.try_find_child(construct_id) is not None:  # a child can be removed
        problems = Problems(place)
        problems.add("construct_id", construct_id, "an id that the scope does not have yet")
        problems.raise_if_any()
    make()
    ids.add(construct_id)


def _check_local(function: Callable[..., Any], owner: Any, named: dict[str, Any]) -> None:  # noqa: ANN401 - any object
    """Refuse a reference to another Region in any argument of a construct's constructor or method."""
    if "scope" in named and "construct_id" in named:
        holder = named["scope"]
    elif not isinstance(owner, type) and function.__name__ != "__init__" and hasattr(type(owner), "node"):
        holder = owner
    else:
        return
    # values such as Objectives are typed too, and importing one must not import CDK
    from resilient_redshift.core.environment import stack_of  # noqa: PLC0415
    from resilient_redshift.core.foreign import check_local  # noqa: PLC0415

    problems = Problems(lambda: _place(function, owner, named))
    for name, value in named.items():
        of_cluster = name in _OF_THE_CLUSTER and "cluster" in named
        check_local(problems, name, value, functools.partial(stack_of, named["cluster"] if of_cluster else holder))
    problems.raise_if_any()


@functools.cache
def _kinds(function: Callable[..., Any]) -> dict[str, Kind]:
    """The kind of each argument of a function."""
    annotations = function.__annotations__
    kinds = {name: kind_of(annotation) for name, annotation in annotations.items() if name != "return"}
    return {name: _ID if name == "construct_id" else kind for name, kind in kinds.items()}


def _place(function: Callable[..., Any], owner: Any, named: dict[str, Any]) -> str:  # noqa: ANN401 - any object
    """The construct's path and kind, as the function itself would begin its errors."""
    is_class = isinstance(owner, type)
    kind = owner.__name__ if is_class else type(owner).__name__
    if "scope" in named and "construct_id" in named:
        return where(named["scope"], named["construct_id"], kind)
    if function.__name__ == "__init__":
        return kind
    method = f"{kind}.{function.__name__}"
    return f"{path_of(owner)} ({method})" if not is_class and hasattr(type(owner), "node") else method
