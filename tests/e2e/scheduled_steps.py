"""The rules of the example, fired as steps: each says what went wrong, None if it started its target once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.scene import PRIMARY, RECOVERY, fire_rule

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws
    from tests.e2e.world import World


def night(world: World) -> str | None:
    """The next run of the nightly rule."""
    states, arn = world.aws.client("stepfunctions", PRIMARY), world.thing("ResilientRedshiftSnapshots")
    before = len(states.list_executions(stateMachineArn=arn)["executions"])
    dead = _fire(world.aws, PRIMARY, "'nightly'")
    return _unless(len(states.list_executions(stateMachineArn=arn)["executions"]) == before + 1, dead)


def hour(world: World) -> str | None:
    """The next run of the tiers' rule."""
    since = world.aws.mark()
    dead = _fire(world.aws, RECOVERY, "retention tiers")
    calls = [call for call in world.aws.calls(since) if "SiteTiersFunction" in call["principal"]]
    return _unless([call["operation"] for call in calls].count("GetParameter") == 1, dead)


def _fire(aws: EmulatedAws, region: str, word: str) -> list[str]:
    """Let a rule fire; the dead letters since then."""
    queue = aws.client("sqs", region)
    url = queue.list_queues()["QueueUrls"][0]
    fire_rule(aws, region, word)
    found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in found:
        queue.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return [each["Body"] for each in found]


def _unless(started: bool, dead: list[str]) -> str | None:
    """What went wrong with a rule, unless it started its target once."""
    return None if started and not dead else f"started: {started}; dead letter: {dead}"
