"""The emulated AWS: one account, every Region, in one process on 127.0.0.1, in virtual time.

    with EmulatedAws.start() as aws:                # the child ends with this block, and with this process
        aws.bootstrap("us-east-1", "us-west-2")     # what cdk bootstrap deploys
        aws.cdk("deploy", "--all", app=Path("cdk.out"))
        aws.enforce_iam(True)
        aws.advance(dt.timedelta(days=90))          # schedules fire, snapshots cross Regions
        aws.client("redshift", "us-west-2").describe_cluster_snapshots()

It is ministack 1.5.33 with our Redshift (``emulator/redshift_model``), our CloudFormation (``cloudformation/``), and patches, one file
a concern. Each private name that is used has a canary in ``test_aws_canaries.py``. Nothing here was run against AWS; the marks are those of
docs/evidence.md.

Read: Redshift's and its Data API's wire formats, errors and statuses [S: botocore's model, by moto.core]; the resource types that IAM asks for
[S: IAM's published data]; the rights on the key of a new grant [D], and those of a restore on keys and secrets [S]; Retry's delays
and MaxDelaySeconds, a machine's TimeoutSeconds runs no Catch, nothing catches States.Runtime and States.DataLimitExceeded, a name starts one
execution but for the same start again, 25,000 events and 256 KiB a result [D]; asynchronous invocations are tried again after one and two
minutes, a rate counts from the rule's making, cron is UTC [D].

Guessed: a task over 256 KiB fails after its call; a cause over 32,768 characters fails the execution as States.Runtime [U]; a restore asks for
Decrypt and DescribeKey on the snapshot's own key [I], for no ec2:Describe* [U]; JitterStrategy FULL takes the longest delay; a denied call is ``AccessDenied`` in Redshift whatever service it is about; deleting a
grant asks for RevokeGrant and RetireGrant [U]; enabling a copy asks for no right on the cluster's key unless a test says so [U]; a function's
first run, and its first one after ten idle minutes, is a cold start of two seconds [U]; a
Region that is down closes connections without an answer, or (``hang``) keeps them open without one; its rules miss their times, its executions stand still.

Alarms (``cloudwatch/``) are evaluated each minute over periods that end at that minute, a multi-day alarm each hour; missing data count
as said, and a new alarm has none; composite alarms, their suppressors, and mute rules hold actions back [D]. What is sent to a topic
asks its policy and its key, whether IAM is enforced or not (``deliveries``); `alarms`, `alarm_changes` and `deliveries` of EmulatedAws show
all of it. Events (``events``) of functions, of alarms and of CloudTrail (``trail``: calls of Redshift and KMS, and StartExecution, for LookupEvents five minutes
later) meet rules on patterns; Redshift's own error events reach the topics of event subscriptions (``redshift_events``);
Service Quotas tells the model's quotas of snapshots and nodes (``quotas_service``); SimulatePrincipalPolicy asks as calls are asked; a queue's policy is asked where IAM is enforced. Guessed: an alarm looks back over two datapoints more than it needs [D for 3 of 3], and FILL fills a metric without any data [U].

Not here: whatever a state machine does beside calling functions, log delivery, metrics of AWS's own services but Lambda's, a task that is cut off at its TimeoutSeconds (the error comes when the call ends), throttling unless asked for (``throttle``: a token bucket for each API [D]), conditions on
tags of resources but those of a cluster that is deleted, trust policies, key policies but for a topic's key.
Node functions (CDK's framework) see real time. Functions run under this Python and Node, whatever their Runtime says.
"""

from __future__ import annotations

from emulator.aws.cdk import CdkRun
from emulator.aws.client import EmulatedAws, EmulatorError

__all__ = ["CdkRun", "EmulatedAws", "EmulatorError"]
