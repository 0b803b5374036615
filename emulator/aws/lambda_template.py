"""``python lambda_template.py FD``: what processes of Python functions are forked from, with boto3 loaded but no code of a function.

A new process of Python takes a third of a second of work until boto3 is there; a fork takes none. On AWS boto3 is part of the runtime, too.
It reads orders from the socket FD: script, folder and environment, with the three standard files; it answers with the process's
number and a file that becomes readable when the process ends. It ends with the other end of the socket.
"""

import datetime as dt
import json
import os
import random
import runpy
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

_LONGEST_ORDER = 1 << 20
#: Services whose description functions read.
_SERVICES = ("redshift", "redshift-data", "ssm", "cloudwatch", "stepfunctions", "sns", "s3", "secretsmanager")


def _load() -> None:
    import boto3
    import botocore.client

    botocore.client.ClientCreator._create_methods = _once_a_service(botocore.client.ClientCreator._create_methods)
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    # the default session, which functions use: it keeps what it has read
    boto3.setup_default_session()
    parsers = boto3.DEFAULT_SESSION._session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=_time)
    for service in _SERVICES:
        boto3.client(service, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")


def _time(value: Any) -> dt.datetime:
    """Read a time as botocore does; it takes ten times as long for those of XML."""
    import botocore.utils
    from dateutil.tz import tzutc

    if isinstance(value, str) and value.endswith("Z"):
        return dt.datetime.fromisoformat(value).replace(tzinfo=tzutc())
    return botocore.utils.parse_timestamp(value)


def _once_a_service(create: Callable[[Any, Any], dict[str, Any]]) -> Callable[[Any, Any], dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}

    def create_methods(creator: Any, service_model: Any) -> dict[str, Any]:
        if service_model.service_name not in made:
            made[service_model.service_name] = create(creator, service_model)
        return dict(made[service_model.service_name])

    return create_methods


def _become(script: str, folder: str, environment: dict[str, str], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    sys.argv = [script]
    sys.path[0] = os.path.dirname(script)  # noqa: PTH120  # as Python does it
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    code = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException as error:  # noqa: BLE001  # whatever it is, the process ends here as Python would
        if not isinstance(error, SystemExit):
            traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def _collect() -> None:
    """Let go of processes that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main() -> None:
    """Serve orders."""
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        _load()
        while True:
            order, files, _, _ = socket.recv_fds(orders, _LONGEST_ORDER, 3)
            _collect()
            if not order:
                return
            number = os.fork()
            if number == 0:
                orders.close()
                _become(**json.loads(order), files=files)
            for file in files:
                os.close(file)
            ended = os.pidfd_open(number)
            socket.send_fds(orders, [str(number).encode()], [ended])
            os.close(ended)


if __name__ == "__main__":
    main()
