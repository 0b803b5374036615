"""The secret of a password that Redshift manages: Secrets Manager answers for it as long as its cluster lives.

Its name begins with ``redshift!`` [D]; the rest of the name is a guess. It holds ``username`` and ``password`` [D].
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from ministack.core.responses import request_scope
from ministack.services import secretsmanager

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld


def install(world: EmulatedWorld) -> None:
    """Let the model make and delete them in ministack's Secrets Manager."""
    account, model = world.account, world.model.world

    def make(region: str, cluster: str, user: str, key: str | None) -> str:
        name = f"redshift!{cluster}-{user}"
        with request_scope(account, region):
            secretsmanager._secrets.pop(name, None)  # one of a cluster that is being deleted
            arn, _ = secretsmanager._store_new_secret(
                name,
                secret_string=json.dumps({"username": user, "password": secrets.token_urlsafe(24)}),
                description=f"Password of {user} of the Redshift cluster {cluster}, managed by Redshift",
                tags=[{"Key": "aws:secretsmanager:owningService", "Value": "redshift"}],
                kms_key_id=key,
            )
        return str(arn)

    def forget(region: str, arn: str) -> None:
        with request_scope(account, region):
            name, _ = secretsmanager._resolve(arn)
            if name is not None:
                secretsmanager._secrets.pop(name, None)

    model.make_secret = make
    model.forget_secret = forget
