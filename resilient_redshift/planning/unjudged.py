"""Names the Redshift warehouses that the protection table does not judge, so that nobody takes silence for safety."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.stacks import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_SERVERLESS: Final = "AWS::RedshiftServerless::Namespace"


def not_judged(templates: Iterable[SynthesizedTemplate]) -> tuple[str, ...]:
    """The warehouses of Redshift Serverless that templates contain. The protection table judges clusters only.

    Args:
        templates: the templates of one cloud assembly; of any shape.

    Returns:
        One line for each namespace: the stack, and the namespace's name or logical id. Empty without a namespace.
    """
    read = tuple(templates)
    if not any(map(_has_namespace, read)):  # nearly always: to resolve every value takes much longer than to look
        return ()
    return tuple(
        f"stack {each.home.name}: Redshift Serverless namespace {each.literal('NamespaceName') or each.logical_id}"
        for each in resources_of(read).present
        if each.kind == _SERVERLESS
    )


def _has_namespace(template: SynthesizedTemplate) -> bool:
    resources = values.mapping(values.mapping(template.template).get("Resources"))
    return any(values.mapping(each).get("Type") == _SERVERLESS for each in resources.values())
