"""One call to AWS: what a failure means for a phase, and how long a phase is called again."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ParamValidationError

from resilient_redshift.cloud.restore.calls import RESERVE_SECONDS, Again, Aws, CallFailed, _method, wait_out
from resilient_redshift.cloud.restore.run import Run
from tests.cloud.restore.record import AWAY, NOW


class Client:
    """A client whose one operation answers or raises."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.given = answer, dict[str, Any]()

    def describe_clusters(self, **given: Any) -> Any:
        self.given = given
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def aws(client: Client) -> Aws:
    return Aws(region=AWAY, client=lambda _service: client, now=lambda: NOW)


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "DescribeClusters")  # type: ignore[arg-type]


def failed(error: Exception) -> CallFailed:
    with pytest.raises(CallFailed) as raised:
        aws(Client(error)).call("redshift", "DescribeClusters")
    return raised.value


def test_no_call_begins_when_lambda_would_end_it() -> None:
    # GIVEN a function that has little time left WHEN it calls THEN AWS is not asked, and the phase is called again
    client = Client({"Clusters": []})
    late = Aws(region=AWAY, client=lambda _service: client, now=lambda: NOW, remaining=lambda: RESERVE_SECONDS - 1)
    with pytest.raises(CallFailed) as raised:
        late.call("redshift", "DescribeClusters", Marker="m")
    assert client.given == {}
    assert raised.value.passes


def test_a_parameter_that_is_none_is_left_out() -> None:
    # GIVEN parameters, one of which is not known WHEN called THEN AWS gets the others
    client = Client({"Clusters": []})
    assert aws(client).call("redshift", "DescribeClusters", Marker=None, MaxRecords=100) == {"Clusters": []}
    assert client.given == {"MaxRecords": 100}


@pytest.mark.parametrize(
    ("error", "passes", "refused"),
    [
        (refusal("Throttling"), True, False),
        (refusal("AnythingNew", status=503), True, False),
        (refusal("AccessDenied"), False, True),
        (refusal("ExpiredToken"), False, True),
        (refusal("InvalidRestore"), False, False),
        (refusal("InvalidClusterState"), False, False),
        (ConnectTimeoutError(endpoint_url="x"), True, False),
        (EndpointConnectionError(endpoint_url="x"), True, False),
        (ParamValidationError(report="x"), False, False),
    ],
    ids=lambda value: getattr(value, "response", {}).get("Error", {}).get("Code") or type(value).__name__,
)
def test_what_an_error_means(error: Exception, passes: bool, refused: bool) -> None:
    found = failed(error)
    assert (found.passes, found.refused) == (passes, refused)


def test_an_error_says_the_operation_the_code_and_the_words() -> None:
    found = failed(refusal("InvalidRestore", "words " * 1000))
    assert str(found).startswith("DescribeClusters: InvalidRestore: words words")
    assert (len(str(found)), len(found.message)) == (1000, 1000)


def test_a_bug_is_no_failed_call() -> None:
    with pytest.raises(KeyError):
        aws(Client(KeyError("x"))).call("redshift", "DescribeClusters")


@pytest.mark.parametrize(
    "service", ["redshift", "redshift-data", "ssm", "stepfunctions", "kms", "route53", "sns", "s3", "service-quotas"]
)
def test_an_operations_method_is_botocores(service: str) -> None:
    # GIVEN the operations of a service WHEN named THEN the names are those that botocore gives its methods
    names = boto3.client(service, region_name=AWAY).meta.service_model.operation_names  # type: ignore[call-overload]
    called = {
        "ListExecutions",
        "DescribeExecution",
        "GetParameter",
        "PutParameter",
        "DescribeKey",
        "Publish",
        "PutObject",
    }
    called |= {"ChangeResourceRecordSets", "ExecuteStatement", "DescribeStatement", "GetStatementResult", "CreateTags"}
    called |= {"RestoreFromClusterSnapshot", "DeleteCluster", "DescribeClusters", "DescribeClusterSnapshots"}
    called |= {"GetServiceQuota", "GetAWSDefaultServiceQuota"}
    for name in called & set(names):
        assert _method(name) == xform_name(name)


def again(run: Run, error: CallFailed, *, most: int = 3, now: dt.datetime = NOW) -> bool:
    with contextlib.suppress(Again):
        wait_out(run, now, error, most)
        return False
    return True


def test_a_call_that_is_made_again_is_counted_by_its_name() -> None:
    with pytest.raises(Again) as raised:
        wait_out(Run(started=NOW), NOW, failed(PASSING), 1, seconds=7)
    assert (raised.value.call, raised.value.wait_seconds) == ("DescribeClusters", 7)


PASSING = refusal("Throttling")


@pytest.mark.parametrize(("tries", "waits"), [(0, True), (2, True), (3, False)])
def test_a_call_is_made_again_so_many_times(tries: int, waits: bool) -> None:
    run = Run(started=NOW, tries={"DescribeClusters": tries, "CreateTags": 60})
    assert again(run, failed(PASSING)) is waits


def test_an_error_that_stays_is_not_waited_for() -> None:
    assert not again(Run(started=NOW), failed(refusal("AccessDenied")))


@pytest.mark.parametrize(("ending", "waits"), [(False, False), (True, True)])
def test_nothing_is_waited_for_after_the_deadline_but_the_end(ending: bool, waits: bool) -> None:
    # GIVEN a run whose time is over WHEN a call is throttled THEN only a run that cleans up and reports still waits
    run = Run(started=NOW, give_up_at=NOW, ending=ending)
    assert again(run, failed(PASSING)) is waits
    assert again(run, failed(PASSING), now=NOW - dt.timedelta(seconds=1))
