"""The beginning of a service's description says the same as the whole of it."""

from __future__ import annotations

import botocore.session
import pytest

from emulator.aws.service_descriptions import describe

#: Names as ministack has them, and botocore's.
SERVICES = {"ec2": "ec2", "redshift": "redshift", "states": "stepfunctions", "monitoring": "cloudwatch", "s3": "s3"}


@pytest.mark.parametrize(("service", "name"), SERVICES.items())
def test_the_metadata_is_that_of_the_whole_description(service: str, name: str) -> None:
    # GIVEN a service WHEN only the beginning of its description is read THEN its metadata is complete
    whole = botocore.session.get_session().get_service_model(name).metadata
    assert describe(service).metadata == whole


def test_a_service_that_botocore_does_not_know_has_no_description() -> None:
    # GIVEN a name that is no service's WHEN it is asked for THEN there is none
    assert describe("nonsense") is None
