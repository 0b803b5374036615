"""Which construct acknowledged a rule of this library, by construct path.

From 2.271.0 on, CDK itself holds an acknowledgment to the construct that has it and to everything below. In 2.270 one
acknowledgment of a rule suppresses every violation of that rule in the whole app (issue 38495 of aws/aws-cdk), unless
the violation is fatal.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from resilient_redshift.core.tree import root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from constructs import IConstruct

#: The name of this library's plugins. The id of an acknowledgment begins with it: ``resilient-redshift::RR001``.
PLUGIN_NAME: Final = "resilient-redshift"
_METADATA: Final = "aws:cdk:acknowledged-rules"
_FIRST_WITH_SCOPES: Final = (2, 271)


def cdk_knows_scopes(cdk_version: str | None = None) -> bool:
    """Whether CDK holds an acknowledgment to a construct and everything below it.

    Args:
        cdk_version: the version of aws-cdk-lib. Default: the installed one.
    """
    numbers = re.findall(r"\d+", cdk_version or version("aws-cdk-lib"))
    return tuple(map(int, numbers[:2])) >= _FIRST_WITH_SCOPES


class Acknowledgments:
    """The acknowledgments of an app.

    Args:
        construct: any construct of the app.
    """

    def __init__(self, construct: IConstruct) -> None:
        self._root = root_of(construct)
        self._found: dict[str, dict[str, str]] = {}

    def reason(self, path: str, rule: str) -> str | None:
        """The reason with which a construct, or one above it, acknowledges a rule; None when no one does.

        Args:
            path: the path of the construct in the app; empty for the app.
            rule: the rule, such as ``RR103``.
        """
        if path not in self._found:
            self._found[path] = self._along(path)
        return self._found[path].get(f"{PLUGIN_NAME}::{rule}")

    def severity(self, path: Callable[[], str], rule: str) -> str:
        """The severity of an error, such that CDK suppresses it only for an acknowledgment at or above its place.

        Args:
            path: returns the path of the construct in the app; only an old CDK needs it.
            rule: the rule, such as ``RR103``.
        """
        return "error" if cdk_knows_scopes() or self.reason(path(), rule) is not None else "fatal"

    def _along(self, path: str) -> dict[str, str]:
        """The acknowledgments along a path, by rule; of several for one rule, the one nearest to the construct."""
        reasons: dict[str, str] = {}
        for construct in self._constructs(path):
            for entry in construct.node.metadata:
                if entry.type == _METADATA:
                    reasons.update(entry.data or {})
        return reasons

    def _constructs(self, path: str) -> Iterator[IConstruct]:
        """The constructs from the app down to a path, as far as they exist."""
        yield self._root
        construct = self._root
        for name in path.split("/"):
            child = construct.node.try_find_child(name) if name else None
            if child is None:
                return
            construct = child
            yield construct
