"""The studio's folder: what is there after a restart, whatever was killed."""

import json

import pytest

from artcnn.errors import ArtcnnError, UnknownError
from artcnn.studio import store as module
from artcnn.studio.records import Status
from artcnn.studio.store import Store, Upload

SHA = "0123456789abcdef" * 4


def fill(store: Store, count: int = 3) -> list[str]:
    return [store.add_job("dream", None, {"seed": seed}, {"photo": SHA}).order.id for seed in range(count)]


def test_a_restart_loses_nothing(tmp_path):
    store = Store(tmp_path)
    first, second, third = fill(store)
    store.update(second, state="done", result="result.png")
    store.update(third, keep=False, step=3)  # a step is not worth a write
    again = Store(tmp_path)
    assert [record.order.id for record in again.jobs()] == [first, second, third]
    assert again.job(second) == store.job(second)
    assert again.job(third).status.step == 0
    assert again.result(second) == store.folder(second) / "result.png"


def test_what_a_killed_server_left_of_a_job_is_removed(tmp_path):
    store = Store(tmp_path)
    (kept,) = fill(store, 1)
    half = tmp_path / "jobs" / "00112233aabbccdd"
    half.mkdir()
    (half / "status.json").write_text("{}")
    again = Store(tmp_path)
    assert [record.order.id for record in again.jobs()] == [kept]
    assert not half.exists()


def test_a_removed_job_is_gone(tmp_path):
    store = Store(tmp_path)
    first, second = fill(store, 2)
    folder = store.folder(first)
    store.remove_job(first)
    assert not folder.exists()
    with pytest.raises(UnknownError):
        store.job(first)
    assert [record.order.id for record in Store(tmp_path).jobs()] == [second]


def test_a_file_is_kept_once_under_its_first_name(tmp_path):
    store = Store(tmp_path)
    for name in ("first.jpg", "second.jpg"):
        draft = store.draft()
        draft.write_bytes(b"picture")
        assert store.add_file(draft, Upload(SHA, name, 3, 2)).name == "first.jpg"
    assert store.path(SHA).read_bytes() == b"picture"
    assert Store(tmp_path).upload(SHA) == Upload(SHA, "first.jpg", 3, 2)


@pytest.mark.parametrize("name", ["", ".", "..", "../secret", "a" * 64, "A" * 64, SHA + "/..", SHA + ".json"])
def test_no_path_is_made_of_what_a_page_says(tmp_path, name):
    store = Store(tmp_path / "studio")
    (tmp_path / "secret.json").write_text("{}")
    for ask in (store.path, store.upload, store.job, store.folder, store.result, store.remove_job):
        with pytest.raises(UnknownError):
            ask(name)


def test_a_status_of_a_newer_version_is_read(tmp_path):
    store = Store(tmp_path)
    (identifier,) = fill(store, 1)
    path = store.folder(identifier) / "status.json"
    path.write_text(json.dumps({"state": "done", "mood": "sunny"}))
    assert Store(tmp_path).job(identifier).status == Status(state="done")


def test_what_a_killed_server_has_not_received_whole_is_removed(tmp_path):
    Store(tmp_path).draft().write_bytes(b"half a pict")
    Store(tmp_path)
    assert [*(tmp_path / "files").iterdir()] == []


def test_where_nothing_can_be_written_the_job_says_so_and_goes_on(tmp_path, monkeypatch):
    store = Store(tmp_path)
    (identifier,) = fill(store, 1)

    def full(*_):
        raise ArtcnnError("the disk is full")

    monkeypatch.setattr(module, "write_atomic", full)
    status = store.update(identifier, state="done").status
    assert (status.state, status.message) == ("done", "the disk is full")
    assert store.job(identifier).status == status


def test_a_damaged_job_stays_and_keeps_no_other_from_being_read(tmp_path):
    store = Store(tmp_path)
    whole = store.add_job("dream", None, {}, {"photo": "a" * 64}).order.id
    damaged = store.add_job("dream", None, {}, {"photo": "a" * 64}).order.id
    (store.folder(damaged) / "order.json").write_text("{")
    again = Store(tmp_path)
    assert [record.order.id for record in again.jobs()] == [whole]
    assert again.damaged == [tmp_path / "jobs" / damaged]
    assert (tmp_path / "jobs" / damaged / "status.json").exists()
