"""One emulated AWS for each module: bootstrapped, and with IAM asked about every call of our roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator.aws import EmulatedAws
from tests.e2e.restore_site import RestoreSite
from tests.e2e.scene import PRIMARY, RECOVERY

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """An account with both Regions bootstrapped."""
    with EmulatedAws.start() as found:
        found.bootstrap(PRIMARY, RECOVERY)
        found.enforce_iam(True)
        yield found


@pytest.fixture(scope="session")
def restore_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestoreSite]:
    """A warehouse and its way back, in an account of their own: deployed once, each test leaves them as it found them."""
    with EmulatedAws.start() as aws:
        aws.bootstrap(PRIMARY, RECOVERY)
        aws.enforce_iam(True)
        yield RestoreSite(aws, tmp_path_factory.mktemp("restore"))


@pytest.fixture
def site(restore_site: RestoreSite) -> Iterator[RestoreSite]:
    """The same; nothing is lost in the test, and what it made is gone after it."""
    with restore_site.left_as_found():
        yield restore_site
