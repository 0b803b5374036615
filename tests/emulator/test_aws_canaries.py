"""A canary for each private name of ministack, moto and hypercorn that the emulated AWS uses or replaces.

A new version that lacks one, or calls it otherwise, fails here with the name instead of somewhere with a riddle.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect

import pytest

PINS = {"ministack": "1.5.33", "moto": "5.2.5"}
#: module, name, and the parameters that we pass or take over (None: no function, or whatever parameters it has)
NAMES: list[tuple[str, str, list[str] | None]] = [
    ("ministack.app", "_loaded_modules", None),
    ("ministack.app", "SERVICE_REGISTRY", None),
    ("ministack.app", "SERVICE_HANDLERS", None),
    ("ministack.app", "_lazy_handler", ["module_name"]),
    ("ministack.app", "app", ["scope", "receive", "send"]),
    ("ministack.app", "_dispatch_service_request", ["method", "path", "headers", "body", "query_params", "request_id"]),
    ("ministack.app", "_routing_params", ["method", "path", "headers", "body", "query_params"]),
    ("ministack.core.router", "SERVICE_PATTERNS", None),
    ("ministack.core.router", "extract_access_key_id", ["headers", "query_params"]),
    ("ministack.core.router", "extract_region", None),
    ("ministack.core.router", "detect_service", ["method", "path", "headers", "query_params"]),
    ("ministack.core.responses", "get_region", []),
    ("ministack.core.responses", "request_scope", ["account_id", "region"]),
    ("ministack.core.responses", "now_iso", []),
    ("ministack.core.responses", "_service_model", ["service"]),
    ("ministack.core.responses", "_BOTOCORE_NAME", None),
    ("ministack.core.responses", "datetime", None),
    (
        "ministack.core.iam_actions",
        "extract_iam_action",
        ["service", "method", "path", "headers", "body", "query_params"],
    ),
    (
        "ministack.core.iam_actions",
        "extract_resource_arn",
        ["service", "method", "path", "headers", "body", "query_params", "region", "account_id"],
    ),
    ("ministack.core.iam_actions", "access_denied_response", None),
    ("ministack.core.iam_evaluator", "_gather_role_policies", ["role_name", "account_id"]),
    ("ministack.core.iam_evaluator", "_permissions_boundary", ["store", "name", "account_id"]),
    ("ministack.core.iam_evaluator", "EvalContext", None),
    ("ministack.core.iam_evaluator", "evaluate", ["ctx", "policies", "limits"]),
    ("ministack.core.lambda_runtime", "execution_credentials", ["config"]),
    ("ministack.core.lambda_runtime", "threading", None),
    ("ministack.core.lambda_runtime", "Worker", ["func_name", "config", "code_zip"]),
    ("ministack.core.lambda_runtime", "Worker._drain_stderr", ["self"]),
    ("ministack.core.lambda_runtime", "Worker._read_stderr", ["self"]),
    (
        "ministack.core.lambda_runtime",
        "Worker._drain_stderr_bounded",
        ["self", "first_line_wait", "idle_confirm", "hard_cap"],
    ),
    ("ministack.core.lambda_runtime", "_signal", ["proc"]),
    ("ministack.core.lambda_runtime", "_collect", ["proc", "deadline"]),
    ("ministack.core.lambda_runtime", "_REAP_GRACE", None),
    ("ministack.core.lambda_runtime", "subprocess", None),
    ("ministack.core.lambda_runtime", "_NODEJS_WORKER_SCRIPT", None),
    (
        "ministack.core.lambda_runtime",
        "Worker.invoke",
        ["self", "event", "request_id", "trace_id", "depth", "durable", "invoked_function_arn"],
    ),
    ("ministack.services.lambda_svc", "invoke_async_with_retry", ["func", "event"]),
    ("ministack.services.lambda_svc", "_execute_function_with_config_scope", ["func", "event"]),
    (
        "ministack.services.lambda_svc",
        "_run_with_function_config_scope",
        ["func_or_config", "callback", "args", "kwargs"],
    ),
    ("ministack.services.lambda_svc", "_route_async_failure", ["target_arn", "func_name", "event", "result"]),
    ("ministack.services.lambda_svc", "_get_func_record_for_ref", ["function_ref"]),
    ("ministack.services.lambda_svc", "_execution_record_for_config", ["func", "config"]),
    ("ministack.services.sts", "register_session", ["access_key", "session"]),
    ("ministack.services.secretsmanager", "_secrets", None),
    ("ministack.services.secretsmanager", "_resolve", ["secret_id", "use_arn_scope"]),
    (
        "ministack.services.secretsmanager",
        "_store_new_secret",
        [
            "name",
            "secret_string",
            "secret_binary",
            "description",
            "tags",
            "kms_key_id",
            "rotation_lambda_arn",
            "rotation_rules",
        ],
    ),
    ("ministack.services.kms", "_keys", None),
    ("ministack.services.kms", "_aliases", None),
    ("ministack.services.kms", "_alias_arn", ["alias_name"]),
    ("ministack.services.kms", "_create_key", ["data"]),
    ("ministack.services.kms", "_keys.get", None),
    ("ministack.services.cloudwatch", "_alarms", None),
    ("ministack.services.cloudwatch", "_composite_alarms", None),
    (
        "ministack.services.cloudwatch",
        "_store_datum",
        ["namespace", "name", "dims", "ts", "unit", "value", "values", "counts", "stat_values"],
    ),
    ("ministack.services.cloudwatch", "_get_metric_data", ["params", "cbor_data", "is_cbor", "is_json"]),
    ("ministack.services.cloudwatch", "_cbor_metric_data_result", ["result"]),
    ("ministack.services.cloudwatch", "_cbor_ok", ["data"]),
    ("ministack.services.cloudwatch", "_parse_ts", ["value"]),
    ("ministack.services.cloudwatch", "_metric_bucket", ["key"]),
    ("ministack.services.cloudwatch", "_dims_key", ["dims"]),
    ("ministack.services.cloudwatch", "_dims_from_list", ["dimensions"]),
    ("ministack.services.cloudwatch", "_point_stats", ["pt"]),
    ("ministack.services.cloudwatch", "_evict_old_metrics", []),
    ("ministack.services.cloudwatch", "_evaluate_alarm", ["alarm"]),
    ("ministack.services.cloudwatch", "_evaluate_all_alarms", []),
    ("ministack.services.cloudwatch", "_evaluate_parent_alarms", ["child", "seen"]),
    (
        "ministack.services.cloudwatch",
        "_record_history",
        ["alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data"],
    ),
    ("ministack.services.cloudwatch", "_dispatch_alarm_actions", ["alarm", "old_state", "new_state", "reason"]),
    ("ministack.services.cloudwatch", "_put_composite_alarm", ["params", "cbor_data", "is_cbor", "is_json"]),
    (
        "ministack.services.cloudwatch",
        "_transition_composite",
        ["alarm", "new_state", "reason", "triggers", "seen"],
    ),
    ("ministack.services.eventbridge", "_put_events", ["data", "allow_aws_source"]),
    ("ministack.services.eventbridge", "_dispatch_event", ["event", "view"]),
    ("ministack.services.eventbridge", "_dispatch_to_sns", ["arn", "payload"]),
    ("ministack.services.sqs", "queue_policy_for_arn", ["queue_arn"]),
    ("ministack.services.cloudtrail", "_DISPATCH", None),
    ("ministack.services.cloudtrail", "_ok", ["body"]),
    ("ministack.core.iam_evaluator", "caller_arn", []),
    (
        "ministack.services.sns",
        "publish_internal",
        [
            "topic_arn",
            "message",
            "subject",
            "message_structure",
            "message_attributes",
            "message_group_id",
            "message_deduplication_id",
        ],
    ),
    ("ministack.services.sns", "_topics", None),
    ("ministack.services.sns", "_threading", None),
    (
        "ministack.services.sns",
        "_fanout",
        [
            "topic_arn",
            "msg_id",
            "message",
            "subject",
            "message_structure",
            "message_attributes",
            "message_group_id",
            "message_dedup_id",
        ],
    ),
    (
        "ministack.core.iam_evaluator",
        "evaluate_resource_policy",
        ["doc", "ctx", "service", "named_only", "direct_only"],
    ),
    ("ministack.services.iam", "_IAM_HANDLERS", None),
    ("ministack.services.iam", "_p", ["params", "key", "default"]),
    ("ministack.services.iam", "_xml", ["status", "root_tag", "inner", "ns"]),
    ("ministack.services.iam", "_error", ["status", "code", "message", "ns"]),
    ("ministack.core.iam_actions", "SERVICE_TO_IAM_NAMESPACE", None),
    ("ministack.services.iam", "_roles", None),
    ("ministack.services.iam", "_roles.get_scoped", None),
    ("ministack.services.ec2", "_subnets.get_scoped", None),
    ("ministack.services.ec2", "_security_groups.contains_scoped", None),
    ("ministack.services.stepfunctions", "threading", None),
    ("ministack.services.stepfunctions", "time", None),
    ("ministack.services.stepfunctions", "datetime", None),
    ("ministack.services.stepfunctions", "ThreadPoolExecutor", None),
    ("ministack.services.stepfunctions", "futures_wait", None),
    ("ministack.services.stepfunctions", "_executions", None),
    ("ministack.services.stepfunctions", "_state_machines", None),
    ("ministack.services.stepfunctions", "_ExecutionError", None),
    ("ministack.services.stepfunctions", "_run_execution", ["exec_arn"]),
    ("ministack.services.stepfunctions", "_stop_execution", ["data"]),
    ("ministack.services.stepfunctions", "_scaled_sleep", ["seconds"]),
    ("ministack.services.stepfunctions", "_sleep_until", ["iso_ts"]),
    ("ministack.services.stepfunctions", "_find_matching_retrier", ["retriers", "error", "retry_counts"]),
    ("ministack.services.stepfunctions", "_invoke_resource", ["resource", "input_data"]),
    ("ministack.services.stepfunctions", "_invoke_resource_with_timeout", ["resource", "input_data", "timeout"]),
    ("ministack.services.stepfunctions", "_call_lambda", ["func_ref", "event"]),
    ("ministack.services.stepfunctions", "_add_event", ["execution", "event_type", "details"]),
    ("ministack.services.stepfunctions", "_fail_execution", ["execution", "error", "cause"]),
    ("ministack.services.stepfunctions", "_error_matches", ["error_equals", "error"]),
    ("ministack.services.stepfunctions", "_start_execution", ["data"]),
    ("ministack.services.stepfunctions", "_emit_execution_status_event", ["execution"]),
    ("ministack.services.eventbridge", "_rules", None),
    ("ministack.services.eventbridge", "_rule_last_fired", None),
    ("ministack.services.eventbridge", "_tick_scheduled_rules", []),
    ("ministack.services.eventbridge", "_parse_rate_seconds", None),
    ("ministack.services.eventbridge", "_parse_cron_fields", ["expr"]),
    ("ministack.services.eventbridge", "_cron_next_fire", ["fields", "after_dt"]),
    ("ministack.services.eventbridge", "_invoke_target", ["target", "event", "rule", "view"]),
    ("ministack.services.eventbridge", "_matches_pattern", ["pattern_str", "event"]),
    ("ministack.services.eventbridge", "_dispatch_to_lambda", ["arn", "payload"]),
    ("ministack.services.eventbridge", "start_scheduler", []),
    ("ministack.services.scheduler", "_schedules", None),
    ("ministack.services.scheduler", "_schedule_last_fired", None),
    ("ministack.services.scheduler", "_tick_schedules", []),
    ("ministack.services.scheduler", "_at_time_epoch", ["expr"]),
    ("ministack.services.scheduler", "start_scheduler", []),
    ("moto.core.parse", "QueryParser", None),
    ("moto.core.serialize", "QuerySerializer", None),
    ("moto.core.serialize", "SerializationContext", None),
    ("moto.core.utils", "get_service_model", ["service_name"]),
    ("hypercorn.protocol.http_stream", "ASGIHTTPState.CLOSED", None),
    ("hypercorn.protocol.http_stream", "HTTPStream.app_send", ["self", "message"]),
]


@pytest.mark.parametrize(("module", "name", "parameters"), NAMES, ids=[f"{module}.{name}" for module, name, _ in NAMES])
def test_the_name_is_there_and_is_called_as_we_think(module: str, name: str, parameters: list[str] | None) -> None:
    found = importlib.import_module(module)
    for part in name.split("."):
        assert hasattr(found, part), f"{module} has no {name} any more"
        found = getattr(found, part)
    if parameters is not None:
        assert list(inspect.signature(found).parameters) == parameters, f"{module}.{name} is called otherwise now"


@pytest.mark.parametrize(("package", "version"), PINS.items())
def test_the_versions_are_the_pinned_ones(package: str, version: str) -> None:
    assert importlib.metadata.version(package) == version


def test_what_we_lean_on_in_ministacks_sources() -> None:
    """Facts that no name shows: a worker's process, and who looks names up in its module at call time."""
    from ministack.core import lambda_runtime
    from ministack.services import eventbridge, stepfunctions

    assert "self._proc = subprocess.Popen(" in inspect.getsource(lambda_runtime.Worker)
    assert "reader.join(timeout=timeout)" in inspect.getsource(lambda_runtime.Worker.invoke)
    assert "{**os.environ, **env_vars}" in inspect.getsource(lambda_runtime.Worker._spawn)
    assert "_scaled_sleep(min(sleep_sec, 60))" in inspect.getsource(stepfunctions._execute_task)
    assert "threading.Thread(" in inspect.getsource(stepfunctions._start_execution)
    assert "now = _now_ts()" in inspect.getsource(eventbridge._tick_scheduled_rules)
