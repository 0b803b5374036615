"""Each private name of ministack that the emulated CloudFormation stands on is there and looks as it did in the pinned version.

When one of these fails after an upgrade of ministack, read the new code before you mend the name: its meaning may have moved too.
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ministack")

from ministack.core import concurrency, responses
from ministack.services import cloudformation as service
from ministack.services import cloudwatch, cloudwatch_logs, ec2, iam, lambda_svc, stepfunctions
from ministack.services.cloudformation import changesets, custom_resource, engine, handlers, provisioners, stacks

from emulator.aws.cloudformation.engine import patch

FOLDER = Path(__file__).parents[2] / "emulator" / "aws" / "cloudformation"

#: (module, name): the parameters of a function, or the type of anything else.
EXPECTED: dict[tuple[Any, str], str | type] = {
    (concurrency, "run_reentrant"): "(fn, *args, thread_name)",
    (responses, "get_region"): "()",
    (responses, "new_uuid"): "()",
    (service, "_stacks"): responses.AccountRegionScopedDict,
    (service, "_stack_events"): responses.AccountRegionScopedDict,
    (service, "_exports"): responses.AccountRegionScopedDict,
    (stacks, "CLIENT_REQUEST_TOKEN"): "ContextVar",
    (stacks, "_fail_property_validation"): "(stack, stack_id, stack_name, resources_defs, ordered, param_values, conditions, mappings, "
    "disable_rollback, previous_stack)",
    (stacks, "_resolve_stack_outputs"): "(outputs_defs, conditions, resources, param_values, mappings, stack_name, stack_id)",
    (stacks, "_resource_policy"): "(res_def, attribute, resources, params, conditions, mappings, stack_name, stack_id)",
    (stacks, "_with_dependencies"): "(logical_ids, res_defs, remaining)",
    (stacks, "_with_stack_tags"): "(resource_type, props, stack_tags, stack_name, stack_id, logical_id)",
    (stacks, "now_iso"): "()",
    (engine, "_NO_VALUE"): object,
    (engine, "_evaluate_conditions"): "(template, params)",
    (engine, "_extract_deps"): "(resource_def, all_resource_names)",
    (engine, "_resolve_dynamic_references"): "(value, previous, reuse_ssm, reuse_secrets)",
    (engine, "_resolve_refs"): "(value, resources, params, conditions, mappings, stack_name, stack_id)",
    (engine, "_topological_sort"): "(resources, conditions)",
    (changesets, "_IMPORT_LOOKUPS"): dict,
    (changesets, "_IMPORT_NOT_FOUND"): str,
    (engine, "_parse_template"): "(template_body)",
    (handlers, "_ACTION_HANDLERS"): dict,
    (handlers, "_get_template_summary"): "(params)",
    (handlers, "_resolve_template"): "(params)",
    (custom_resource, "_normalise_resource_properties"): "(value)",
    (custom_resource, "_pending"): dict,
    (custom_resource, "_response_url"): "(token)",
    (custom_resource, "deliver_response"): "(token, response)",
    (custom_resource, "register_token"): "(token)",
    (lambda_svc, "invoke_async_with_retry"): "(func, event)",
    (lambda_svc, "_emit_lambda_logs"): "(func, request_id, log_text, error, duration_ms, log_source)",
    (lambda_svc, "_execution_record_for_config"): "(func, config)",
    (lambda_svc, "_get_func_record_for_ref"): "(function_ref)",
    (provisioners, "_CUSTOM_NAME_REPLACEMENT"): dict,
    (provisioners, "_DEFERRED_PREDECESSOR_DELETES"): "ContextVar",
    (provisioners, "_NAME_SEED"): "ContextVar",
    (provisioners, "_REPLACING_PROPERTIES"): dict,
    (provisioners, "_RESOURCE_HANDLERS"): dict,
    (provisioners, "_RETAIN_REPLACED"): "ContextVar",
    (provisioners, "_STACK_TAG_PROPERTY"): dict,
    (provisioners, "_custom_named_replacement_error"): "(resource_type, old_props, new_props, physical_id)",
    (provisioners, "_cw_metric_alarm_record"): "(name, properties)",  # ours by now, see below
    (provisioners, "_cwlogs_create"): "(logical_id, props, stack_name)",
    (provisioners, "_delete_resource"): "(resource_type, physical_id, props, stack_name, logical_id)",
    (provisioners, "_iam_policy_put"): "(properties, name)",  # ours by now
    (provisioners, "_physical_name"): "(stack_name, logical_id, lowercase, max_len, seeded)",
    (provisioners, "_provision_resource"): "(resource_type, logical_id, props, stack_name)",
    (provisioners, "_replacing_change"): "(resource_type, old_props, new_props)",
    (provisioners, "_sfn_definition"): "(props)",
    (provisioners, "_sfn_state_machine_create"): "(logical_id, props, stack_name)",
    (provisioners, "_sfn_state_machine_update"): "(physical_id, old_props, new_props, stack_name, logical_id)",
    (provisioners, "_snapshot_resource"): "(resource_type, physical_id, props)",
    (provisioners, "_update_resource"): "(resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs)",
    (cloudwatch, "_dims_from_list"): "(dimensions)",
    (cloudwatch, "_dims_key"): "(dims)",
    (cloudwatch, "_composite_alarms"): responses.AccountRegionScopedDict,
    (cloudwatch, "_delete_alarms"): "(params, cbor_data, is_cbor, is_json)",
    (cloudwatch, "_put_composite_alarm"): "(params, cbor_data, is_cbor, is_json)",
    (cloudwatch, "_metrics"): responses.AccountRegionScopedDict,
    (cloudwatch_logs, "_log_groups"): responses.AccountRegionScopedDict,
    (ec2, "_subnets"): responses.AccountRegionScopedDict,
    (iam, "_roles"): responses.AccountScopedDict,
    (stepfunctions, "_state_machines"): responses.AccountRegionScopedDict,
}  # fmt: skip


def shape(value: Any) -> str:
    return f"({', '.join(('*' if p.kind is p.VAR_POSITIONAL else '') + p.name for p in inspect.signature(value).parameters.values())})"


@pytest.mark.parametrize(("module", "name"), EXPECTED, ids=lambda value: getattr(value, "__name__", value))
def test_the_name_is_there_and_looks_as_it_did(module: Any, name: str) -> None:
    # GIVEN our types installed, whoever ran before
    from tests.emulator.cloudformation_scene import Stacks

    Stacks()
    # THEN
    expected, found = EXPECTED[(module, name)], getattr(module, name)
    if isinstance(expected, type):
        assert isinstance(found, expected)
    elif expected == "ContextVar":
        assert type(found).__name__ == expected
    else:
        assert shape(found) == expected


def test_every_private_name_in_our_code_has_its_canary() -> None:
    # GIVEN every attribute with an underscore that our code reads from a module of ministack
    used: set[tuple[str, str]] = set()
    for path in FOLDER.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {
            (alias.asname or alias.name): f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                used.add((modules[node.value.id], node.attr))
    # THEN each is listed above
    listed = {(module.__name__, name) for module, name in EXPECTED}
    assert {name for name in used if name not in listed} == set()
    assert len(used) > 40


def test_the_version_is_the_pinned_one() -> None:
    assert importlib.metadata.version("ministack") == "1.5.33"


_REPLACED = {
    "_add_event": "(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)",
    "_deploy_stack_async": (
        "(stack_name, stack_id, template, param_values, disable_rollback, tags, is_update, previous_stack, retain_except_on_create, imports)"
    ),
    "_delete_stack_async": "(stack_name, stack_id, retain_resources, force)",
    "_roll_back_operation": "(stack_name, stack_id, stack, operation, reason_override)",
    "_continue_update_rollback_async": "(stack_name, stack_id, resources_to_skip)",
}


@pytest.mark.parametrize("name", _REPLACED)
def test_what_we_replace_is_called_as_we_expect(name: str) -> None:
    # GIVEN ministack's own source, which our patch has not touched
    source = ast.parse(inspect.getsource(stacks))
    (function,) = [n for n in source.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == name]
    # THEN it takes what ours takes
    assert f"({', '.join(argument.arg for argument in function.args.args)})" == shape(patch.REPLACED[name])
    assert shape(patch.REPLACED[name]) == _REPLACED[name]


def test_who_imports_what_we_replace_is_patched() -> None:
    # GIVEN every module of ministack's CloudFormation
    folder = Path(inspect.getfile(stacks)).parent
    importers = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body  # an import inside a function finds ours
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & set(patch.REPLACED)
    }
    # THEN
    assert importers == {module.__name__.rsplit(".", 1)[-1] for module in (handlers, changesets)}
    assert set(_REPLACED) == set(patch.REPLACED)


def test_the_types_that_we_wrap_are_ministacks() -> None:
    # GIVEN what our wrappers call
    from emulator.aws.cloudformation.types import alarms, log_groups, policies

    # THEN
    assert shape(alarms._original) == "(name, props)"
    assert shape(policies._original) == "(props, name)"
    assert shape(log_groups._emit) == "(func, request_id, log_text, error, duration_ms, log_source)"
    assert alarms._original.__module__ == policies._original.__module__ == provisioners.__name__


def test_a_response_reaches_the_one_who_waits() -> None:
    # GIVEN
    event = custom_resource.register_token("canary")
    # WHEN
    assert custom_resource.deliver_response("canary", {"Status": "SUCCESS"})
    # THEN
    assert event.is_set()
    assert custom_resource._pending.pop("canary")["result"] == {"Status": "SUCCESS"}
