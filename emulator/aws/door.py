"""The loopback door of an emulated AWS that runs: its clock, its faults, its records, and plain boto3 clients of it."""

from __future__ import annotations

import datetime as dt
import functools
import http.client
import json
from typing import TYPE_CHECKING, Any

from emulator.aws.control_json import dated, sendable

if TYPE_CHECKING:
    from pathlib import Path

    import boto3

#: Real time after which a command, the first one among them, hangs for good.
LONGEST_COMMAND_SECONDS = 600.0


@functools.cache
def _session(account: str) -> boto3.Session:
    """A session of an account's root: to make one takes as long as to make ten clients."""
    import boto3

    return boto3.Session(aws_access_key_id=account, aws_secret_access_key="test")


class EmulatorError(RuntimeError):
    """The emulator refused a command, or is gone; the message says why."""


class Door:
    """One emulated AWS, by the port on which it listens.

    Attributes:
        endpoint: where every service of every Region listens.
        account: the account's number; empty until somebody has asked for it.
    """

    def __init__(self, port: int) -> None:
        """Ask nothing yet."""
        self._port = port
        self._clients: dict[tuple[str, str], Any] = {}
        self.endpoint = f"http://127.0.0.1:{port}"
        self.account = ""

    def client(self, service: str, region: str) -> Any:
        """Return a plain boto3 client as the account's root; the same one each time."""
        if (service, region) not in self._clients:
            from botocore.config import Config

            self._clients[(service, region)] = _session(self.account).client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                config=Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=LONGEST_COMMAND_SECONDS),
            )
        return self._clients[(service, region)]

    # Time

    def now(self) -> dt.datetime:
        """The virtual time, UTC."""
        return dt.datetime.fromisoformat(self._command("now"))

    def advance(self, delta: dt.timedelta) -> None:
        """Let ``delta`` pass; what falls due on the way runs, each at its own time."""
        self.advance_to(self.now() + delta)

    def advance_to(self, when: dt.datetime) -> None:
        """Let time pass until ``when`` (aware); what is still waiting then goes on with the next advance."""
        self._command("advance_to", when=when.isoformat())

    def next_firing(self, region: str, rule: str) -> dt.datetime | None:
        """When a rule of EventBridge falls due next, by its name; None if it is disabled."""
        found = self._command("next_firing", region=region, rule=rule)
        return None if found is None else dt.datetime.fromisoformat(found)

    def settle(self, at_most: dt.timedelta = dt.timedelta(days=7)) -> None:
        """Let everything that runs or waits finish; time moves as far as it must.

        Raises:
            EmulatorError: something still waits after ``at_most`` of virtual time.
        """
        if not self._command("settle", at_most=at_most.total_seconds()):
            raise EmulatorError(f"not settled within {at_most}: {self.state()}")

    def hold_time(self, on: bool = True) -> None:  # said once, and read as such
        """Let executions that are started from outside from now on wait for `advance`, as those do that a rule starts (or no longer).

        Without it an execution that boto3 or the CLI starts runs to its end by itself: nobody could meet it under way.
        """
        self._command("hold_time", on=on)

    def let_time_flow(self, factor: float) -> None:
        """Let so many virtual seconds pass for each real second between calls from outside; 0: none (see ``flow``)."""
        self._command("let_time_flow", factor=factor)

    def cold_start(self, seconds: float) -> None:
        """Let a function's first run, and its first one after ten idle minutes, wait so long. Two seconds at first."""
        self._command("cold_start", seconds=seconds)

    def stop_execution_at(self, state: str, *, machine: str = "", after: bool = False, skip: int = 0) -> None:
        """Stop the next execution that enters ``state``, before it does anything there; nothing of it runs any more (ABORTED).

        Args:
            state: a state of the machine's top level.
            machine: a part of the machine's name. Default: any.
            after: whether the state's task is done first: its call took effect, its answer is lost.
            skip: how many times the state is passed before.
        """
        self._command("stop_execution_at", state=state, machine=machine, after=after, skip=skip)

    def stops_left(self) -> int:
        """How many stops were prepared and met nobody; they are forgotten."""
        return int(self._command("stops_left"))

    def state(self) -> dict[str, Any]:
        """Who works and who waits, for whoever looks for a hang."""
        found: dict[str, Any] = self._command("state")
        return found

    # Rights, faults, records

    def enforce_iam(self, on: bool, *, source_keys: bool = False) -> None:  # the team's contract
        """Ask IAM about every call of our roles from now on (or no longer).

        ``source_keys``: EnableSnapshotCopy takes kms:DescribeKey and kms:CreateGrant on the cluster's key, too (not known).
        """
        self._command("enforce_iam", on=on, source_keys=source_keys)

    def sign_in(self, role_arn: str) -> dict[str, str]:
        """Return the environment of somebody outside who acts under a role: IAM is asked about each of his calls, too."""
        return {**self.env, **self._command("sign_in", role=role_arn)}

    def region_down(self, region: str, *, hang: bool = False) -> None:
        """Make ``region`` unreachable: rules do not fire, executions stand still, and connections are closed without an answer.

        ``hang``: they stay open without an answer instead, until the caller gives up or the Region is back.
        """
        self._command("region_down", region=region, hang=hang)

    def region_up(self, region: str) -> None:
        """Bring it back."""
        self._command("region_up", region=region)

    def unanswered(self, region: str) -> int:
        """How many requests ``region`` has left without an answer, so far, while it was down."""
        return int(self._command("unanswered", region=region))

    def ask_account(self) -> None:
        """Ask for the account's number, which its clients sign with."""
        self.account = self._command("health")["account"]

    def process_id(self) -> int:
        """The process that answers."""
        return int(self._command("health")["pid"])

    def troubles(self) -> dict[str, Any]:
        """What somebody has switched on: ``down`` (Region -> hangs or refuses) and ``quotas``."""
        found: dict[str, Any] = self._command("troubles")
        return found

    def log_calls(self, path: Path) -> None:
        """Let the emulator write each call into this file from now on (see ``access_log``)."""
        self._command("log_calls", path=str(path.absolute()))

    def throttle(self, region: str, *, rate: float = 1, burst: int = 2, operation: str = "*") -> None:
        """Throttle each API of a Region (or one operation): ``burst`` calls at once, then ``rate`` calls a second."""
        self._command("throttle", region=region, rate=rate, burst=burst, operation=operation)

    def lift_throttle(self, region: str) -> None:
        """Throttle nothing there any more."""
        self._command("lift_throttle", region=region)

    def model(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the RedshiftModel (``given_cluster``, ``snapshots``, ...); objects come back as dicts."""
        return self._command("model", method=method, args=sendable(args), kwargs=sendable(kwargs))

    def faults(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Prepare faults: a method of RedshiftModel.faults (``fail_next``, ``deny_for``, ...)."""
        self._command("faults", method=method, args=sendable(args), kwargs=sendable(kwargs))

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change fields of the model's Settings; return all."""
        found: dict[str, Any] = self._command("settings", **changes)
        return found

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """What our roles, and everybody who calls Redshift, asked for, in order (see call_log.Call); ``at`` is a datetime."""
        return dated(self._command("calls", since=since))

    def alarms(self, region: str) -> dict[str, str]:
        """The state of each alarm of a Region by its name, composite alarms too: OK, ALARM or INSUFFICIENT_DATA."""
        found: dict[str, str] = self._command("alarms", region=region)
        return found

    def alarm_changes(self, since: int = 0) -> list[dict[str, Any]]:
        """Every change of an alarm's state, in order: ``at`` (a datetime), region, alarm, before, after, reason."""
        return dated(self._command("alarm_changes", since=since))

    def deliveries(self, since: int = 0) -> list[dict[str, Any]]:
        """What was sent to topics and other targets, in order (see deliveries.Delivery); ``at`` is a datetime."""
        return dated(self._command("deliveries", since=since))

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        """Every event that EventBridge took, in order: ``at`` (a datetime), region, bus, source, detail_type, detail."""
        return dated(self._command("events", since=since))

    def mark(self) -> int:
        """Where that record ends now: what to pass to `calls` later."""
        return int(self._command("mark"))

    def kill_function(self, function_arn: str) -> int:
        """Kill the function's processes that are at work now; tell how many."""
        return int(self._command("kill_function", function_arn=function_arn))

    def response_url(self, token: str) -> str:
        """Where a provider may answer an event that a test sends it in CloudFormation's place; read it with `response`."""
        self._command("expect_response", token=token)
        return f"{self.endpoint}/_ministack/cfn-response/{token}"

    def response(self, token: str) -> dict[str, Any] | None:
        """What the provider has answered there; None if nothing yet. Ask once."""
        found: dict[str, Any] | None = self._command("response", token=token)
        return found

    def _command(self, name: str, **given: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=LONGEST_COMMAND_SECONDS)
        try:
            connection.request("POST", f"/_emulator/{name}", body=json.dumps(given))
            answer = connection.getresponse()
            found = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise EmulatorError(f"{name}: {found['error']}\n{found.get('trace', '')}")
        return found
