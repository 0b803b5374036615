"""What a restore asks beside Redshift: small, honest stand-ins of each service, checked by botocore's shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]

from emulator.redshift_model import ApiError
from resilient_redshift.contract import names, schemas
from tests.cloud.restore.clients import members_of_answer
from tests.cloud.restore.record import BUCKET, MACHINE, ROLE, SECURITY_GROUP, SUBNETS, TOPIC, ZONE_ID

if TYPE_CHECKING:
    import datetime as dt

    from tests.phases.driver import Execution


@dataclass
class Started:
    """One execution that ListExecutions knows; ``execution`` None: somebody else's, whose status a test sets."""

    name: str
    given: Any
    at: dt.datetime
    execution: Execution | None = None
    own_status: str = "RUNNING"

    @property
    def status(self) -> str:
        return self.own_status if self.execution is None else self.execution.status

    @property
    def arn(self) -> str:
        return MACHINE.replace(":stateMachine:", ":execution:") + f":{self.name}"


@dataclass
class Fakes:
    """Step Functions, Parameter Store, EC2, IAM, SNS, S3, Route 53 and CloudWatch of the recovery Region."""

    executions: list[Started] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    roles: set[str] = field(default_factory=lambda: {ROLE.rsplit("/", 1)[-1]})
    security_groups: set[str] = field(default_factory=lambda: {SECURITY_GROUP})
    subnets: dict[str, str] = field(default_factory=lambda: dict(SUBNETS))
    messages: list[dict[str, str]] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    page: int = 2  # executions on a page

    def answer(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one call, in the API's own spelling."""
        answer: dict[str, Any] = getattr(self, f"_{operation[0].lower()}{operation[1:]}")(params)
        assert answer.keys() <= members_of_answer(service, operation)
        return answer

    def numbers(self) -> dict[str, float]:
        """The last value of each metric whose only dimension is the plan."""
        return {one["MetricName"]: one["Value"] for one in self.published if len(one["Dimensions"]) == 1}

    def failed_checks(self) -> dict[str, float]:
        """The last metric of each check, by its name."""
        values = [one for one in self.published if one["MetricName"] == names.METRIC_DRILL_CHECK_FAILED]
        return {one["Dimensions"][1]["Value"]: one["Value"] for one in values}

    def count(self, metric: str) -> int:
        """How often a metric was published."""
        return sum(1 for one in self.published if one["MetricName"] == metric)

    def _listExecutions(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["stateMachineArn"] == MACHINE
        wanted = params.get("statusFilter")
        found = [one for one in reversed(self.executions) if wanted in {None, one.status}]
        start = int(params.get("nextToken") or 0)
        end = start + min(self.page, params.get("maxResults") or 100)
        shown = [
            {
                "executionArn": one.arn,
                "stateMachineArn": MACHINE,
                "name": one.name,
                "status": one.status,
                "startDate": one.at,
            }
            for one in found[start:end]
        ]
        return {"executions": shown, **({"nextToken": str(end)} if end < len(found) else {})}

    def _describeExecution(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for one in self.executions:
            if one.arn == params["executionArn"]:
                return {
                    "executionArn": one.arn,
                    "stateMachineArn": MACHINE,
                    "name": one.name,
                    "status": one.status,
                    "startDate": one.at,
                    "input": json.dumps(one.given),
                }
        raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{params['executionArn']}'")

    def _getParameter(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["Name"] not in self.parameters:
            raise ApiError("ParameterNotFound", "")
        return {"Parameter": {"Name": params["Name"], "Type": "String", "Value": self.parameters[params["Name"]]}}

    def _putParameter(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params.get("Type", "String") == "String"
        if params["Name"] in self.parameters and not params.get("Overwrite"):
            raise ApiError("ParameterAlreadyExists", "The parameter already exists.")
        assert params["Name"] in self.parameters or "Type" in params
        limit = 8192 if params.get("Tier") in {"Advanced", "Intelligent-Tiering"} else 4096
        if len(params["Value"].encode()) > limit:
            raise ApiError("ValidationException", f"Standard tier parameters support a maximum of {limit} characters.")
        self.parameters[params["Name"]] = params["Value"]
        return {"Version": 1}

    def _describeSecurityGroups(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        asked = params.get("GroupIds", ())
        missing = [name for name in asked if name not in self.security_groups]
        if missing:
            raise ApiError("InvalidGroup.NotFound", f"The security group '{missing[0]}' does not exist")
        named = {v for f in params.get("Filters", ()) if f["Name"] == "group-id" for v in f["Values"]}
        found = [n for n in sorted(self.security_groups) if (not asked or n in asked) and (not named or n in named)]
        return {"SecurityGroups": [{"GroupId": name, "GroupName": name, "VpcId": "vpc-1"} for name in found]}

    def _describeSubnets(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        asked = params.get("SubnetIds", ())
        missing = [name for name in asked if name not in self.subnets]
        if missing:
            raise ApiError("InvalidSubnetID.NotFound", f"The subnet ID '{missing[0]}' does not exist")
        named = {v for f in params.get("Filters", ()) if f["Name"] == "subnet-id" for v in f["Values"]}
        found = [n for n in self.subnets if (not asked or n in asked) and (not named or n in named)]
        return {
            "Subnets": [{"SubnetId": n, "VpcId": "vpc-1", "AvailabilityZone": self.subnets[n]} for n in found],
        }

    def _getRole(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["RoleName"] not in self.roles:
            raise ApiError("NoSuchEntity", f"The role with name {params['RoleName']} cannot be found.", 404)
        return {"Role": {"RoleName": params["RoleName"], "Arn": ROLE, "Path": "/"}}

    def _publish(self, params: dict[str, Any]) -> dict[str, Any]:
        assert params["TopicArn"] == TOPIC
        assert len(params["Message"].encode()) <= 256 * 1024
        subject = params["Subject"]
        if not (0 < len(subject) <= 100 and subject.isascii() and subject.isprintable()):
            raise ApiError("InvalidParameter", "Invalid parameter: Subject")
        self.messages.append(params)
        return {"MessageId": str(len(self.messages))}

    def _putObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["Bucket"] == BUCKET
        body = params["Body"]
        body = body.read() if hasattr(body, "read") else body
        self.objects[params["Key"]] = body.decode() if isinstance(body, bytes) else body
        return {"ETag": '"1"'}

    def _changeResourceRecordSets(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["HostedZoneId"] != ZONE_ID:
            raise ApiError("NoSuchHostedZone", f"No hosted zone found with ID: {params['HostedZoneId']}", 404)
        for change in params["ChangeBatch"]["Changes"]:
            assert change["Action"] == "UPSERT"
            self.names[change["ResourceRecordSet"]["Name"]] = change["ResourceRecordSet"]
        at = self.executions[-1].at
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING", "SubmittedAt": at}}

    def _putEvents(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        for entry in params["Entries"]:
            detail = json.loads(entry["Detail"])
            jsonschema.validate(detail, schemas.ENDPOINT_PUBLISHED_SCHEMA)
            assert (entry["Source"], entry["DetailType"]) == ("resilient-redshift", "Endpoint Published")
            self.events.append(detail)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(len(self.events))}]}

    def _putMetricData(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["Namespace"] == "ResilientRedshift"
        for metric in params["MetricData"]:
            names = [each["Name"] for each in metric["Dimensions"]]
            assert names == (["Plan", "Check"] if metric["MetricName"] == "DrillCheckFailed" else ["Plan"])
            for each in metric["Dimensions"]:  # CloudWatch API: Dimension, Value
                assert each["Value"].strip()
                assert each["Value"].isascii()
        self.published += params["MetricData"]
        return {}
