"""The writer of the owner's tags: no needless call, and no failure where a tag that stays does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.errors import Failed, Refused
from tests.cloud.custom_resources.scene import HERE, NAME, copy, mutations, request_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from emulator.redshift_model import Cluster, RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Stack


ARN = request_of(copy()).arn(f"cluster:{NAME}")


@pytest.fixture
def tags_of(model: RedshiftModel, stack: Stack) -> OwnerTags:
    return OwnerTags(model.client(HERE), Retry(stack.handler.runtime()), ARN, "the cluster")


def test_only_missing_tags_are_written(model: RedshiftModel, cluster: Cluster, tags_of: OwnerTags) -> None:
    cluster.tags = {"owner": "us", "team": "finance"}
    tags_of.write(cluster.tags, {"owner": "us"})
    assert mutations(model) == []
    tags_of.write(cluster.tags, {"owner": "them"})
    assert (mutations(model), cluster.tags) == (["CreateTags"], {"owner": "them", "team": "finance"})


def test_a_write_that_aws_refuses_fails_with_the_thing_and_its_words(
    model: RedshiftModel, cluster: Cluster, tags_of: OwnerTags
) -> None:
    model.faults.fail_next("CreateTags", "TagLimitExceededFault", message="words of AWS")
    with pytest.raises(Failed, match="could not record the owner of the cluster: TagLimitExceededFault: words of AWS"):
        tags_of.write(cluster.tags, {"owner": "us"})


def test_the_callers_check_decides_first(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    # GIVEN an error that the loop would wait for, and a caller who knows better
    def check(_error: ClientError) -> None:
        raise Refused("it is paused")

    writer = OwnerTags(model.client(HERE), Retry(stack.handler.runtime()), ARN, "the cluster", check)
    model.faults.fail_next("CreateTags", "InvalidClusterState")
    # WHEN / THEN
    with pytest.raises(Refused, match="it is paused"):
        writer.write(cluster.tags, {"owner": "us"})
    assert mutations(model) == ["CreateTags"]


def test_tags_are_put_back_as_they_were(cluster: Cluster, tags_of: OwnerTags) -> None:
    # GIVEN a write that changed one tag and added one
    before, written = {"owner": "them", "team": "finance"}, {"owner": "us", "origin": "created"}
    cluster.tags = {**before, **written}
    # WHEN
    tags_of.put_back(before, written)
    # THEN
    assert cluster.tags == before


def test_neither_putting_back_nor_forgetting_ever_fails(
    model: RedshiftModel, cluster: Cluster, tags_of: OwnerTags, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.tags = {"owner": "us"}
    model.faults.deny_for(3600)
    tags_of.put_back({"owner": "them"}, {"owner": "us"})
    tags_of.forget("owner")
    assert cluster.tags == {"owner": "us"}
    assert capsys.readouterr().out.count('"level": "WARNING"') == 2


def test_nothing_to_forget_is_no_call(model: RedshiftModel, tags_of: OwnerTags) -> None:
    tags_of.forget()
    assert model.calls == []
