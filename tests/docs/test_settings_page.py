"""What docs/settings.md says of StackSettings is the code's: arguments, defaults, numbers and services."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from resilient_redshift import StackSettings, cloud
from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES
from resilient_redshift.stack.functions import RUNTIME
from resilient_redshift.stack.settings import MOST_SECURITY_GROUPS, MOST_SUBNETS, OLDEST_MINOR
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "settings.md"
ARGUMENTS = {row.cells["argument"].strip("`"): row.cells for row in rows(PAGE, "argument")}
#: How the names of boto3's clients differ from those of the endpoints.
ENDPOINTS = {"stepfunctions": "states", "cloudwatch": "monitoring"}


def test_each_argument_has_a_row() -> None:
    assert ARGUMENTS.keys() == inspect.signature(StackSettings).parameters.keys()


def test_the_numbers_and_runtimes_are_the_codes() -> None:
    assert ARGUMENTS["lambda_runtime"]["default"] == f"`{RUNTIME}`"
    assert ARGUMENTS["lambda_runtime"]["rule"].startswith(f"`python3.{OLDEST_MINOR}` or a later")
    assert f"1 to {MOST_SUBNETS} subnets" in ARGUMENTS["lambda_vpc_subnets"]["rule"]
    assert f"1 to {MOST_SECURITY_GROUPS} security groups" in ARGUMENTS["lambda_security_groups"]["rule"]
    assert f"the deployment then waits for {SERVICE_TIMEOUT_MINUTES} minutes" in PAGE.read_text()


def test_each_service_that_a_function_calls_is_named() -> None:
    # GIVEN the clients that the functions make WHEN the page's table is read THEN it names the endpoint of each
    tree = ast.parse((Path(cloud.__file__).parent / "aws" / "runtime.py").read_text())
    tree.body += ast.parse((Path(cloud.__file__).parent / "snapshots" / "tiers_function.py").read_text()).body
    clients = {
        str(ast.literal_eval(node.args[0]))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "client"
    }
    told = {name for row in rows(PAGE, "function") for name in re.findall(r"`(\w+)`", row.cells["calls"])}
    assert {ENDPOINTS.get(name, name) for name in clients} <= told
    assert clients == {"redshift", "kms", "stepfunctions", "ssm", "cloudwatch"}
