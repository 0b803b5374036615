"""One truth about keys: the model looks them up, and finds ministack's KMS."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import kms

from emulator.redshift_model.state import Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.redshift_model import RedshiftModel


class _BridgedKey(Key):
    """A key whose state is ministack's record's."""

    def __init__(self, record: dict[str, Any], region: str) -> None:
        self._record = record
        self.arn = record["Arn"]
        self.region = region

    @property  # a field there, a look here
    def state(self) -> str:
        return str(self._record["KeyState"])

    @state.setter
    def state(self, value: str) -> None:
        self._record.update(KeyState=value, Enabled=value == "Enabled")

    @property
    def created(self) -> dt.datetime | None:
        return _moment(self._record.get("CreationDate"))

    @created.setter
    def created(self, value: dt.datetime | None) -> None:
        raise AttributeError(f"a key's creation is KMS's, not {value}")

    @property
    def deletion(self) -> dt.datetime | None:
        return _moment(self._record.get("DeletionDate"))

    @deletion.setter
    def deletion(self, value: dt.datetime | None) -> None:
        self._record.pop("DeletionDate", None)
        if value is not None:
            self._record["DeletionDate"] = int(value.timestamp())


def _moment(value: Any) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromtimestamp(float(value), dt.UTC)


class Keys(dict[str, Key]):
    """ARN -> key, as ministack has them now."""

    def _found(self, arn: str) -> Key | None:
        parts = arn.split(":")
        if len(parts) < 6:
            return None
        record = kms._keys.get_scoped(parts[4], parts[3], parts[5].removeprefix("key/"))
        return None if record is None else _BridgedKey(record, parts[3])

    def get(self, arn: str, default: Any = None) -> Any:
        return self._found(arn) or default

    def __getitem__(self, arn: str) -> Key:
        found = self._found(arn)
        if found is None:
            raise KeyError(arn)
        return found

    def __contains__(self, arn: object) -> bool:
        return self._found(str(arn)) is not None

    def __setitem__(self, arn: str, key: Key) -> None:
        raise TypeError("keys are made in ministack's KMS: use create")

    def __len__(self) -> int:
        return len(kms._keys._data)

    def __iter__(self) -> Iterator[str]:
        return iter([record["Arn"] for record in kms._keys._data.values()])


class Aliases(dict[tuple[str, str], str]):
    """(Region, ``alias/name``) -> the key's ARN, as ministack has them now."""

    def __init__(self, account: str) -> None:
        super().__init__()
        self._account = account

    def get(self, name: tuple[str, str], default: Any = None) -> Any:
        region, alias = name
        arn = f"arn:aws:kms:{region}:{self._account}:{alias}"
        key_id = kms._aliases.get_scoped(self._account, region, arn)
        record = None if key_id is None else kms._keys.get_scoped(self._account, region, key_id)
        return default if record is None else record["Arn"]


def create(account: str, region: str, *, state: str = "Enabled", alias: str | None = None) -> str:
    """Make a key in ministack's KMS (no recorded call) and return its ARN."""
    with request_scope(account, region):
        known = set(kms._keys._data)
        kms._create_key({})
        scoped = next(iter(set(kms._keys._data) - known))
        record = kms._keys._data[scoped]
        if alias:
            kms._aliases[kms._alias_arn(f"alias/{alias}")] = record["KeyId"]
    record["KeyState"] = state
    record["Enabled"] = state == "Enabled"
    return str(record["Arn"])


def install(model: RedshiftModel) -> None:
    """Let the model see ministack's keys."""
    model.world.keys = Keys()
    model.world.aliases = Aliases(model.world.account)
