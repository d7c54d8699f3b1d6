"""The worker itself, on small pictures: what it makes is what the command line makes, whatever happened before."""

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from artcnn.jobs.provenance import read_provenance
from artcnn.locations import measurements_file
from artcnn.studio.child import child_command
from artcnn.studio.orders import check_order
from artcnn.studio.uploads import keep_sample
from tests.studio.test_scheduler import Desk, with_desk

SETTINGS = {"size": 64, "octaves": 2, "steps": 3, "precision": "float32"}


class RealDesk(Desk):
    """A queue whose worker is the real one."""

    def open(self) -> None:
        super().open()
        self.scheduler.worker.command = child_command("worker", self.root)

    def dream(self, photo: Path, **settings) -> str:
        upload = keep_sample(self.store, photo)
        order = check_order(self.store, "dream", None, SETTINGS | settings, {"photo": upload.sha256})
        record = self.store.add_job(*order)
        self.scheduler.add(record)
        return record.order.id

    def pixels(self, job: str) -> bytes:
        with Image.open(self.store.result(job)) as image:
            return image.tobytes()


class SmallLooks(RealDesk):
    """The same, whose looks are small: a preset takes seconds at the usual size."""

    def open(self) -> None:
        super().open()
        code = "from artcnn.studio import worker; worker.LOOK_SIZE = 64; worker.main()"
        self.scheduler.worker.command = [sys.executable, "-c", code, str(self.root)]


def find_the_other_precision_faster() -> None:
    """Turn over what was measured: the time of bfloat16 relative to float32."""
    path = measurements_file()
    known = json.loads(path.read_text())
    ours = [key for key, (value, *_) in known.items() if value < 100]
    assert len(ours) == 1, known
    known[ours[0]] = [2.0 if known[ours[0]][0] < 0.8 else 0.1]
    path.write_text(json.dumps(known))


@pytest.fixture(scope="module")
def small_photo(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    Image.effect_noise((80, 64), 60).convert("RGB").save(path)
    return path


@pytest.mark.slow
def test_a_job_is_made_with_previews_and_is_that_of_the_command_line(tmp_path, small_photo):
    import artcnn

    async def test(desk: RealDesk) -> None:
        job = desk.dream(small_photo)
        await desk.until_idle()
        assert desk.state(job) == "done", desk.store.job(job).status
        record = desk.store.job(job)
        assert record.status.total == record.status.step == 6
        with Image.open(desk.store.folder(job) / "preview.jpg") as preview:
            assert max(preview.size) == 64
        made = read_provenance(desk.store.result(job))
        assert [(entry.name, entry.path.name) for entry in made.inputs] == [("photo", "photo.png")]
        shutil.copy(small_photo, desk.store.folder(job))  # beside the result, as after its download
        assert [entry.state(entry.path) for entry in made.inputs] == ["unchanged"]
        wanted = desk.scheduler.want_looks("dream", {"photo": record.order.inputs["photo"]})
        await desk.until(lambda: any(kind == "look" for kind, _ in desk.told))
        with Image.open(desk.looks.picture(wanted["keys"]["default"])) as look:
            assert look.size == (64, 51)
        assert desk.pixels(job) == artcnn.deepdream(small_photo, **SETTINGS).to_pil().tobytes()

    with_desk(SmallLooks(tmp_path), test)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_paused_and_killed_dream_ends_in_the_same_bytes(tmp_path, small_photo):
    async def test(desk: RealDesk) -> None:
        settings = {"steps": 8, "precision": "auto"}
        whole = desk.dream(small_photo, **settings)
        await desk.until_idle()
        broken = desk.dream(small_photo, **settings)
        await desk.until(lambda: desk.store.job(broken).status.step >= 3)
        desk.scheduler.pause(broken)
        await desk.until(lambda: desk.state(broken) == "paused")
        find_the_other_precision_faster()
        desk.scheduler.resume(broken)
        await desk.until(lambda: desk.state(broken) == "running" and desk.store.job(broken).status.step > 4)
        await asyncio.sleep(0.03)
        desk.scheduler.worker.kill()
        await desk.until_idle()
        assert desk.state(broken) == "done", desk.store.job(broken).status
        assert desk.pixels(broken) == desk.pixels(whole)

    with_desk(RealDesk(tmp_path), test)
