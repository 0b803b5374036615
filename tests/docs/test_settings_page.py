"""What docs/settings.md says of StackSettings is the code's: arguments, defaults, numbers and services."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from pathlib import Path

import boto3
import pytest

from resilient_redshift import StackSettings, cloud
from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES
from resilient_redshift.stack.functions import RUNTIME
from resilient_redshift.stack.settings import MOST_SECURITY_GROUPS, MOST_SUBNETS, OLDEST_MINOR
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "settings.md"
ARGUMENTS = {row.cells["argument"].strip("`"): row.cells for row in rows(PAGE, "argument")}
#: How the names of boto3's clients differ from those of the endpoints.
ENDPOINTS = {"stepfunctions": "states", "cloudwatch": "monitoring", "service-quotas": "servicequotas"}
CLOUD = Path(cloud.__file__).parent
#: How boto3 names the services, and how the API names an operation.
SERVICES, OPERATION = set(boto3.Session().get_available_services()), re.compile(r"[A-Z][a-z]\w+")
#: The arguments that a service depends on.
CONDITIONS = {"notify", "report_bucket", "dns_record"}


def test_each_argument_has_a_row() -> None:
    assert ARGUMENTS.keys() == inspect.signature(StackSettings).parameters.keys()


def test_the_numbers_and_runtimes_are_the_codes() -> None:
    assert ARGUMENTS["lambda_runtime"]["default"] == f"`{RUNTIME}`"
    assert ARGUMENTS["lambda_runtime"]["rule"].startswith(f"`python3.{OLDEST_MINOR}` or a later")
    assert f"1 to {MOST_SUBNETS} subnets" in ARGUMENTS["lambda_vpc_subnets"]["rule"]
    assert f"1 to {MOST_SECURITY_GROUPS} security groups" in ARGUMENTS["lambda_security_groups"]["rule"]
    assert f"the deployment then waits for {SERVICE_TIMEOUT_MINUTES} minutes" in PAGE.read_text()


def services(*paths: Path) -> set[str]:
    """The endpoints of ``client("...")`` and of ``aws.call("...", "...")`` and the like in these modules."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            texts = [str(each.value) if isinstance(each, ast.Constant) else "" for each in node.args]
            if ast.unparse(node.func) == "client" and texts[0]:
                found.add(texts[0])
            for service, operation in pairwise(texts):
                if service in SERVICES and OPERATION.fullmatch(operation):
                    found.add(service)
    return {ENDPOINTS.get(name, name) for name in found}


def told(function: str) -> set[str]:
    """The endpoints in the row of a function, without the arguments that some depend on."""
    [cell] = (row.cells["calls"] for row in rows(PAGE, "function") if function in row.cells["function"])
    return set(re.findall(r"`([\w-]+)`", cell)) - CONDITIONS


@pytest.mark.parametrize(
    ("function", "paths"),
    [
        ("manual snapshots", [CLOUD / "snapshots" / "take_function.py"]),
        ("retention tiers", [CLOUD / "snapshots" / "tiers_function.py"]),
        ("[restores]", sorted({*(CLOUD / "restore").glob("*.py")} - {CLOUD / "restore" / "clean_up.py"})),
        ("ARC Region switch", [CLOUD / "region_switch.py"]),
        ("clean-up", [CLOUD / "restore" / name for name in ("clean_up.py", "cluster.py", "others.py")]),
    ],
)
def test_each_functions_row_has_the_services_that_it_calls(function: str, paths: list[Path]) -> None:
    # GIVEN the modules of a function WHEN its row is read THEN it names each service that they call, and no other
    assert told(function) == services(*paths)


def test_each_service_that_a_function_calls_is_named() -> None:
    # GIVEN all code that runs in Lambda WHEN the page's table is read THEN some row names each service
    called = services(*CLOUD.rglob("*.py"))
    assert called <= {name for row in rows(PAGE, "function") for name in re.findall(r"`([\w-]+)`", row.cells["calls"])}
    assert called >= {"redshift", "redshift-data", "kms", "states", "ssm", "monitoring", "ec2", "iam", "route53", "sns"}
