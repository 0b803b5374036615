"""The grant: created with its owner in one call, adopted, never repointed, deleted only with both keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.custom_resources.cloudformation import Answer, Stack
from tests.cloud.custom_resources.scene import DESTROY, HERE, NAME, THERE, grant, live, mutations

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

TAGS = ("resilient-redshift:grant-owner", "resilient-redshift:grant-owner-resource", "resilient-redshift:grant-origin")
ID = "snapshot-copy-grant/site-1"


@pytest.fixture
def site(model: RedshiftModel) -> Stack:
    return Stack(model, "Recovery", THERE)


@pytest.fixture
def key(model: RedshiftModel) -> str:
    return model.given_key(THERE)


def _owned(stack: Stack, resource: str = "Grant", origin: str = "created") -> dict[str, str]:
    return dict(zip(TAGS, (stack.id, resource, origin), strict=True))


def _tags(model: RedshiftModel, name: str = "site-1") -> dict[str, str]:
    live = model.grant(THERE, name)
    assert live is not None
    return live.tags


def _send(stack: Stack, kind: str, key: str, **changes: Any) -> Answer:
    more = {} if kind == "Create" else {"PhysicalResourceId": ID}
    return stack.handler.send(kind, "Grant", grant(key, **changes), **more)


def test_creates_it_with_its_owner_in_one_call(model: RedshiftModel, site: Stack, key: str) -> None:
    answer = _send(site, "Create", key)
    assert answer.ok, answer.reason
    assert (answer.physical_id, answer.data) == (ID, {"SnapshotCopyGrantName": "site-1"})
    assert mutations(model) == ["CreateSnapshotCopyGrant"]
    assert _tags(model) == _owned(site)


def test_adopts_one_with_the_same_key(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(Stack(model, "Other", THERE)))
    assert _send(site, "Create", key).ok
    assert mutations(model) == ["CreateTags"]
    assert _tags(model) == _owned(site, origin="adopted")


def test_a_key_told_by_its_id_alone_is_the_same(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key.rpartition("/")[2])
    assert _send(site, "Create", key).ok


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_another_key_is_refused_with_what_to_do(model: RedshiftModel, site: Stack, key: str, kind: str) -> None:
    model.given_grant(THERE, "site-1", model.given_key(THERE))
    answer = _send(site, kind, key)
    assert "exists with another key" in answer.reason
    assert "key_generation" in answer.reason
    assert mutations(model) == []


def test_a_refused_key_rolls_back(model: RedshiftModel, site: Stack, key: str) -> None:
    assert site.deploy({"Grant": grant(key)}).ok
    assert site.deploy({"Grant": grant(model.given_key(THERE))}).status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_noop_mutates_nothing(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(site))
    assert _send(site, "Update", key).ok
    assert mutations(model) == []


def test_an_update_by_a_stack_that_lost_it_takes_nothing_back(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(Stack(model, "Other", THERE)))
    assert _send(site, "Update", key, **DESTROY).ok
    assert mutations(model) == []


def test_one_that_is_gone_is_made_again(model: RedshiftModel, site: Stack, key: str) -> None:
    assert _send(site, "Update", key).ok
    assert _tags(model) == _owned(site)


def test_another_name_is_another_grant_and_the_old_one_stays(model: RedshiftModel, site: Stack, key: str) -> None:
    assert site.deploy({"Grant": grant(key)}).ok
    assert site.deploy({"Grant": grant(model.given_key(THERE), SnapshotCopyGrantName="site-2")}).ok
    assert site.resources["Grant"].physical_id == "snapshot-copy-grant/site-2"
    assert model.grant(THERE, "site-1") is not None


def test_another_name_deletes_the_old_one_with_both_keys(model: RedshiftModel, site: Stack, key: str) -> None:
    assert site.deploy({"Grant": grant(key, **DESTROY)}).ok
    assert site.deploy({"Grant": grant(key, SnapshotCopyGrantName="site-2", **DESTROY)}).ok
    assert model.grant(THERE, "site-1") is None


def test_another_generated_name_for_the_same_key_is_refused_and_the_way_to_keep_it_is_named(
    model: RedshiftModel, site: Stack, key: str
) -> None:
    # GIVEN a grant with a generated name
    assert site.deploy({"Grant": grant(key, SnapshotCopyGrantName="recovery-0123abcd")}).ok
    calls = len(mutations(model))
    # WHEN another path of the stack generates another name
    result = site.deploy({"Grant": grant(key, SnapshotCopyGrantName="recovery-89ab4567")})
    # THEN the deployment is rolled back, no grant was made, and the error names the argument that keeps the name
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert mutations(model)[calls:] == []
    answer = site.handler.send(
        "Update",
        "Grant",
        grant(key, SnapshotCopyGrantName="recovery-89ab4567"),
        PhysicalResourceId="snapshot-copy-grant/recovery-0123abcd",
        OldResourceProperties=dict(grant(key, SnapshotCopyGrantName="recovery-0123abcd").properties),
    )
    assert "pass snapshot_copy_grant_name='recovery-0123abcd'" in answer.reason
    assert "naming_path" in answer.reason


def test_another_generated_name_for_another_key_is_another_grant(model: RedshiftModel, site: Stack, key: str) -> None:
    assert site.deploy({"Grant": grant(key, SnapshotCopyGrantName="recovery-0123abcd")}).ok
    other = model.given_key(THERE)
    assert site.deploy({"Grant": grant(other, SnapshotCopyGrantName="recovery-89ab4567")}).ok


def test_delete_retains_without_a_single_call(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(site))
    assert _send(site, "Delete", key).ok
    assert model.calls == []


def test_delete_with_both_keys(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(site))
    assert _send(site, "Delete", key, **DESTROY).ok
    assert model.grant(THERE, "site-1") is None


@pytest.mark.parametrize("which", ["other stack", "other resource", "adopted", "other key"])
def test_delete_without_the_second_key_touches_nothing(model: RedshiftModel, site: Stack, key: str, which: str) -> None:
    tags = {
        "other stack": _owned(Stack(model, "Other", THERE)),
        "other resource": _owned(site, "Renamed"),
        "adopted": _owned(site, origin="adopted"),
        "other key": _owned(site),
    }[which]
    model.given_grant(THERE, "site-1", model.given_key(THERE) if which == "other key" else key, tags=tags)
    assert _send(site, "Delete", key, **DESTROY).ok
    assert mutations(model) == []


def test_tags_that_somebody_removed_fail_the_delete_with_the_reason(
    model: RedshiftModel, site: Stack, key: str
) -> None:
    model.given_grant(THERE, "site-1", key)
    assert "somebody removed the owner's tags" in _send(site, "Delete", key, **DESTROY).reason
    assert mutations(model) == []


@pytest.mark.parametrize("physical_id", ["2026/11/23/[$LATEST]ab", "snapshot-copy-grant/other", ""])
def test_delete_of_an_unknown_id_touches_nothing(model: RedshiftModel, site: Stack, key: str, physical_id: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(site))
    assert site.handler.send("Delete", "Grant", grant(key, **DESTROY), PhysicalResourceId=physical_id).ok
    assert model.calls == []


def test_delete_of_one_that_is_gone_is_success(site: Stack, key: str) -> None:
    assert _send(site, "Delete", key, **DESTROY).ok


def test_delete_fails_at_once_while_a_cluster_uses_it(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key, tags=_owned(site))
    model.given_cluster(HERE, NAME, copy=live(grant_name="site-1"))
    before = model.clock.monotonic()
    answer = _send(site, "Delete", key, **DESTROY)
    assert not answer.ok
    assert "in use: a cluster still copies with it" in answer.reason
    assert model.clock.monotonic() - before < 5


@pytest.mark.parametrize("removal", [{}, DESTROY])
def test_a_renamed_construct_keeps_the_grant(
    model: RedshiftModel, site: Stack, key: str, removal: dict[str, str]
) -> None:
    assert site.deploy({"Old": grant(key, **removal)}).ok
    assert site.deploy({"New": grant(key, **removal)}).ok
    assert _tags(model) == _owned(site, "New", "adopted")


def test_a_rolled_back_adoption_keeps_the_grant(model: RedshiftModel, site: Stack, key: str) -> None:
    model.given_grant(THERE, "site-1", key)
    assert not site.deploy({"Grant": grant(key, **DESTROY)}, fails_at_end=True).ok
    assert model.grant(THERE, "site-1") is not None


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport"])
def test_a_key_that_cannot_encrypt_is_refused(model: RedshiftModel, site: Stack, key: str, state: str) -> None:
    model.set_key_state(key, state)
    answer = _send(site, "Create", key)
    assert state in answer.reason
    assert mutations(model) == []


def test_an_unknown_key_is_awss_words(model: RedshiftModel, site: Stack) -> None:
    answer = _send(site, "Create", f"arn:aws:kms:{THERE}:123456789012:key/absent")
    assert "NotFoundException" in answer.reason


def test_a_lost_answer_is_our_grant(model: RedshiftModel, site: Stack, key: str) -> None:
    model.faults.fail_next("CreateSnapshotCopyGrant", "InternalFailure", after=True)
    assert _send(site, "Create", key).ok
    assert mutations(model) == ["CreateSnapshotCopyGrant"]
    assert _tags(model) == _owned(site)


def test_a_grant_that_hides_at_first_is_found(model: RedshiftModel, site: Stack, key: str) -> None:
    # GIVEN a new grant is eventually consistent, and its answer was lost
    model.faults.hide_next_grant(seconds=30)
    model.faults.fail_next("CreateSnapshotCopyGrant", "InternalFailure", after=True)
    assert _send(site, "Create", key).ok
    assert _tags(model) == _owned(site)


def test_quota_is_awss_words(model: RedshiftModel, site: Stack, key: str) -> None:
    model.faults.fail_next("CreateSnapshotCopyGrant", "SnapshotCopyGrantQuotaExceededFault")
    assert "SnapshotCopyGrantQuotaExceededFault" in _send(site, "Create", key).reason
    assert model.grant(THERE, "site-1") is None


def test_is_complete_waits_until_the_grant_is_seen(model: RedshiftModel, site: Stack, key: str) -> None:
    model.faults.hide_next_grant(seconds=90)
    before = model.clock.monotonic()
    assert _send(site, "Create", key).ok
    assert model.clock.monotonic() - before >= 90
    assert mutations(model) == ["CreateSnapshotCopyGrant"]


def test_is_complete_names_a_grant_that_is_never_seen(model: RedshiftModel, site: Stack, key: str) -> None:
    model.faults.hide_next_grant(seconds=36000)
    assert "the snapshot copy grant 'site-1' does not read back: live is None" in _send(site, "Create", key).reason


def test_is_complete_of_a_retaining_delete_calls_nothing(model: RedshiftModel, site: Stack, key: str) -> None:
    assert _send(site, "Delete", key).ok
    assert model.calls == []
