"""A network that answers for AWS, or nobody at all: one line and a hint. All of it on the loopback."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.errors import UnreachableError
from resilient_redshift.cli.patience import Patience
from tests.cli.test_errors import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-west-2"
PAGE = b"<html><body><br>Please log in</body></html>"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "redshift": ("DescribeClusters", {}),
    "ssm": ("GetParameter", {"Name": "x"}),
}


def page(status: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    return head.encode() + PAGE


@contextmanager
def listening(answer: bytes | None) -> Iterator[socket.socket]:
    """A socket that gives this answer to each caller. With None, it accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_all() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    with caller:
                        _read_request(caller)
                        caller.sendall(answer or b"")

        if answer is not None:
            Thread(target=answer_all, daemon=True).start()
        yield server
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _read_request(caller: socket.socket) -> None:
    """Read all of a request. A socket that is closed before that resets the connection, and the answer is lost."""
    read = caller.recv(65536)
    while (found := re.search(rb"(?i)content-length: (\d+)", read)) and b"\r\n\r\n" in read:
        missing = int(found[1]) - len(read.split(b"\r\n\r\n", 1)[1])
        if missing <= 0:
            return
        read += caller.recv(missing)


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def failure(patch: pytest.MonkeyPatch, service: str, **environment: str) -> UnreachableError:
    """What a call ends with in such an environment."""
    for name, value in {**CREDENTIALS, **environment}.items():
        patch.setenv(name, value)
    patch.setattr("resilient_redshift.cli.aws._ATTEMPTS", 1)
    aws = Aws(boto3.Session, region=REGION, clock=lambda: NOW)
    operation, parameters = CALLS[service]
    with pytest.raises(UnreachableError) as raised:
        aws.call(REGION, service, operation, **parameters)
    return raised.value


@pytest.mark.parametrize("service", ["redshift", "ssm"])
@pytest.mark.parametrize("status", ["200 OK", "302 Found", "403 Forbidden", "511 Network Authentication Required"])
def test_a_page_in_place_of_an_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, status: str, service: str) -> None:
    # GIVEN the network of a hotel that answers each call with its page WHEN AWS is called THEN the line says so
    with listening(page(status)) as server:
        error = failure(monkeypatch, service, AWS_ENDPOINT_URL=url_of(server))
    assert f"us-west-2 does not answer: {service}:{CALLS[service][0]}: a page (HTTP {status[:3]}) came" in error.message
    assert "log in to it in a browser" in error.hint


def test_a_failing_load_balancer_is_no_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN AWS's own page of an error WHEN called THEN botocore tries again, and the Region does not answer
    with listening(page("503 Service Unavailable")) as server:
        error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL=url_of(server))
    assert error.message.startswith("us-west-2 does not answer: ssm:GetParameter: 503")


def test_a_proxy_that_asks_for_a_password_says_407_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("https://ssm.us-west-2.example.com", "http://ssm.us-west-2.example.com"):
        with listening(page("407 Proxy Authentication Required")) as server:
            proxy = url_of(server).replace("//", "//user:hidden@")
            error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL=url, HTTPS_PROXY=proxy, HTTP_PROXY=proxy)
        assert "407 Proxy Authentication Required" in error.message
        assert "check HTTPS_PROXY and NO_PROXY" in error.hint
        assert "hidden" not in error.message


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # the discard port, where nobody listens
    error = failure(
        monkeypatch, "ssm", AWS_ENDPOINT_URL="https://ssm.us-west-2.example.com", HTTPS_PROXY="http://127.0.0.1:9"
    )
    assert 'Failed to connect to proxy URL: "http://127.0.0.1:9": [Errno ' in error.message
    assert "Connection refused" in error.message


def test_a_name_that_cannot_be_resolved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # ".invalid" never resolves (RFC 2606)
    error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL="http://nothing.invalid")
    assert "us-west-2 does not answer: the name nothing.invalid cannot be resolved: [Errno" in error.message
    assert "check the name servers" in error.hint


def test_tls_that_is_not_awss_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(page("200 OK")) as server:
        error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL=url_of(server).replace("http:", "https:"))
    assert "ssm:GetParameter: TLS: [SSL: " in error.message
    assert "AWS_CA_BUNDLE" in error.hint


def test_a_refused_connection_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "Connection refused" in error.message
    assert "pass the recovery Region" in error.hint


def test_a_dropped_connection_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(b"") as server:
        error = failure(monkeypatch, "ssm", AWS_ENDPOINT_URL=url_of(server))
    assert "Connection was closed before we received a valid response" in error.message


def test_a_region_that_accepts_and_says_nothing_is_decided_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a socket that never answers, and little patience WHEN called THEN it is one line, after a sign
    signs: list[str] = []
    with listening(None) as server:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url_of(server)}.items():
            monkeypatch.setenv(name, value)
        little = Patience(sign=0.3, decision=0.6, again=0.1)
        aws = Aws(boto3.Session, region=REGION, clock=lambda: NOW, waiting=signs.append, patience=little)
        aws._client("ssm", REGION)  # which takes long on a busy machine
        began = time.monotonic()
        with pytest.raises(UnreachableError, match="us-west-2 does not answer: ssm:GetParameter: no answer within 1 s"):
            aws.call(REGION, "ssm", "GetParameter", Name="x")
        assert time.monotonic() - began < 5
    assert signs == [REGION]


def test_a_call_that_nobody_waits_for_is_not_attempted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a start that was given up, and whose first attempt fails later WHEN botocore would try again
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with listening(None) as server:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url_of(server)}.items():
            monkeypatch.setenv(name, value)
        little = Patience(sign=0.3, decision=0.4, again=0.1)
        aws = Aws(boto3.Session, region=REGION, clock=lambda: NOW, patience=little)
        aws._client("ssm", REGION)  # which takes long on a busy machine
        before = set(threading.enumerate())
        with pytest.raises(UnreachableError):
            aws.call(REGION, "ssm", "GetParameter", Name="x")
        caller, _ = server.accept()
        caller.close()
        for task in set(threading.enumerate()) - before:
            task.join(10)
        # THEN nobody calls: the command said that the call failed
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_ctrl_c_ends_the_process_at_once() -> None:
    # GIVEN the real command, which waits for a Region that says nothing WHEN somebody presses Ctrl-C
    with listening(None) as server:
        # a shell lets what runs in its background ignore Ctrl-C, and a child inherits that
        heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        starts = f"{heeds}; from resilient_redshift.cli.main import main; main()"
        command = [sys.executable, "-c", starts, "status", "--region", REGION]
        environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": url_of(server), "AWS_EC2_METADATA_DISABLED": "true"}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            server.settimeout(60)
            caller, _ = server.accept()  # so the command has made its call
            with caller:
                process.send_signal(signal.SIGINT)
                began = time.monotonic()
                _, complaint = process.communicate(timeout=60)
                ended = time.monotonic() - began
    # THEN it ends, although its call goes on
    assert (process.returncode, complaint.split()[-1]) == (130, "interrupted")
    assert "Traceback" not in complaint
    assert ended < 5
