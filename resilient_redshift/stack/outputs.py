"""The outputs of a stack, on request: what people and other apps need of a construct. Nothing is exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.core.memory import Remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The id of the construct that holds the outputs of another construct.
OUTPUTS_ID: Final = "Outputs"


@Remembered
def _outputs(_construct: Construct) -> dict[str, cdk.CfnOutput]:
    """The outputs of a construct so far, by name."""
    return {}


def add_outputs(construct: Construct, values: Mapping[str, tuple[str, str]]) -> Mapping[str, cdk.CfnOutput]:
    """Make the outputs of a construct. A second call makes none.

    Args:
        construct: the construct.
        values: the value and the description of each output, by its name.

    Returns:
        The outputs by name. They have no export name: an export would tie stacks to each other.
    """
    made = _outputs(construct)
    if not made:
        scope = Construct(construct, OUTPUTS_ID)
        for name, (value, description) in values.items():
            made[name] = cdk.CfnOutput(scope, name, value=value, description=description)
    return made
