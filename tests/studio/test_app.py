"""What pages ask for, and the answers, with uploads that mean harm."""

import json
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from artcnn.studio.app import Studio, make_app
from artcnn.studio.guard import cookie_name
from artcnn.studio.store import Store

FAKE = Path(__file__).parents[1] / "support" / "fake_worker.py"
HOST, OWN = "127.0.0.1:8000", "http://127.0.0.1:8000"


def picture(size=(64, 48), kind="PNG", color="teal") -> bytes:
    content = BytesIO()
    Image.new("RGB", size, color).save(content, kind)
    return content.getvalue()


@pytest.fixture
def studio(tmp_path) -> Studio:
    root = tmp_path / "studio"
    return Studio(Store(root), [sys.executable, str(FAKE), str(root)])


@pytest.fixture
def page(studio):
    """Return what asks as our own page does."""
    app = make_app(studio, [HOST], "kept", "once")
    with TestClient(app, base_url=OWN, headers={"origin": OWN}, cookies={cookie_name("kept"): "kept"}) as client:
        yield client


def upload(page, content: bytes, name="photo.png"):
    return page.post("/api/files", params={"name": name}, content=content)


def sha_of(page, **more) -> str:
    return upload(page, picture(**more)).json()["sha256"]


def test_a_picture_comes_in_and_is_shown(page):
    answer = upload(page, picture((640, 480)), "my photo.png").json()
    assert (answer["name"], answer["width"], answer["height"], answer["clip"]) == ("my photo.png", 640, 480, False)
    assert page.get(f"/api/files/{answer['sha256']}").json() == answer
    small = page.get(f"/api/files/{answer['sha256']}/thumbnail.jpg", params={"side": 64})
    assert small.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(small.content)).size == (64, 48)
    assert page.get(f"/api/files/{answer['sha256']}/thumbnail.jpg", params={"side": 4000}).status_code == 422


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<script>alert(1)</script>", "not a picture"),
        (picture()[:90], "damaged"),
        (picture((8, 8)), "pixels"),
    ],
    ids=["empty", "a page", "cut short", "too small"],
)
def test_what_is_no_picture_is_refused_in_a_line_and_not_kept(page, studio, tmp_path, content, says):
    answer = upload(page, content, "nice.png")
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert says in message
    assert "nice.png" in message
    assert str(tmp_path) not in answer.text
    assert [*(tmp_path / "studio" / "files").iterdir()] == []


def test_a_picture_that_ends_what_decodes_it_is_refused_in_a_line_and_not_kept(page, studio, tmp_path):
    ends = 'print(\'{"event": "ready"}\', flush=True); input()'
    studio.pictures._desk.process.command = [sys.executable, "-c", ends]
    answer = upload(page, picture())
    assert answer.status_code == 503
    assert "ended before it had the answer" in answer.json()["error"]["message"]
    assert [*(tmp_path / "studio" / "files").iterdir()] == []


def test_a_bomb_is_not_decoded(page, monkeypatch):
    """A header that claims more pixels than the memory holds: the file has a few bytes."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 300_000, 300_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    answer = upload(page, bomb, "bomb.png")
    assert answer.status_code == 400
    assert "memory" in answer.json()["error"]["message"]


def test_an_upload_that_is_too_large_is_cut_off(page, tmp_path, monkeypatch):
    monkeypatch.setattr("artcnn.studio.uploads.MOST_BYTES", 1000)
    sent = 0

    def parts():
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield bytes(100)

    answer = page.post("/api/files", params={"name": "large.png"}, content=parts())
    assert answer.status_code == 400
    assert "large.png is larger than" in answer.json()["error"]["message"]
    assert [*(tmp_path / "studio" / "files").iterdir()] == []


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\evil.png", "evil.png"),
        ('"><img src=x onerror=alert(1)>.png', '"><img src=x onerror=alert(1)>.png'),  # pages escape what they show
        ("\x1b[2Jx\u202egnp.exe", "[2Jxgnp.exe"),
        ("/", "picture"),
        ("..", "picture"),
        ("x" * 900, "x" * 200),
    ],
)
def test_a_name_is_shown_and_never_a_path(page, tmp_path, name, known_as):
    answer = upload(page, picture(), name)
    assert answer.json()["name"] == known_as
    files = {path.name for path in (tmp_path / "studio" / "files").iterdir()}
    assert files == {answer.json()["sha256"], answer.json()["sha256"] + ".json"}
    assert {path.name for path in tmp_path.iterdir()} == {"studio"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/files/..%2f..%2fsecret",
        "/api/files/%2e%2e/thumbnail.jpg",
        "/api/jobs/..%2f..%2fsecret/result",
        "/api/jobs/%2e%2e%2f%2e%2e/preview.jpg",
        "/api/jobs/%2e%2e/command",
        "/api/files/%2e%2e%2fsecret/original?download=x",
        "/api/looks/..%2f..%2fsecret.jpg",
        "/..%2f..%2fpyproject.toml",
        "/%2e%2e/%2e%2e/artcnn/errors.py",
        "//etc/passwd",
        "/\\..\\errors.py",
    ],
)
def test_no_path_leads_out_of_the_studio(page, path):
    assert page.get(path).status_code in (404, 405)


def test_a_job_is_checked_made_shown_and_removed(page, studio):
    wish = {"kind": "dream", "preset": "gentle", "settings": {"seed": 7}, "inputs": {"photo": sha_of(page)}}
    asked = page.post("/api/jobs", json=wish).json()
    assert (asked["kind"], asked["preset"], asked["recipe"]["seed"]) == ("dream", "gentle", 7)
    job = f"/api/jobs/{asked['id']}"
    wait_until(lambda: studio.store.job(asked["id"]).status.state == "done")
    assert page.get(f"{job}/result").content == b"made"
    saved = page.get(f"{job}/result", params={"download": "my dream.png"})
    assert "attachment" in saved.headers["content-disposition"]
    assert page.get(f"{job}/preview.jpg").status_code == 404  # the stand-in for a worker draws none
    assert page.delete(job).status_code == 200
    assert page.get(f"{job}/result").status_code == 404


def test_a_job_has_a_small_picture_and_the_command_that_makes_it(page, studio):
    photo, mask = sha_of(page), sha_of(page, color="white")
    names = {"photo": "../my photo.jpg", "mask": "my photo.jpg"}
    wish = {"kind": "dream", "preset": "gentle", "settings": {"size": 99}, "inputs": {"photo": photo, "mask": mask}}
    asked = page.post("/api/jobs", json=wish | {"names": names}).json()
    assert asked["names"] == {"photo": "my photo.jpg", "mask": "my photo-2.jpg"}
    job = f"/api/jobs/{asked['id']}"
    typed = page.get(f"{job}/command").json()["command"]
    assert typed == "artcnn dream 'my photo.jpg' --mask 'my photo-2.jpg' --preset gentle --size 99"
    wait_until(lambda: studio.store.job(asked["id"]).status.state == "done")
    studio.store.result(asked["id"]).write_bytes(picture((640, 480)))
    small = page.get(f"{job}/thumbnail.jpg", params={"side": 64})
    assert Image.open(BytesIO(small.content)).size == (64, 48)
    kept = page.get(f"/api/files/{mask}/original", params={"download": 'my "photo"-2.jpg'})
    assert kept.content == picture(color="white")
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"].startswith("attachment;")


@pytest.mark.slow
def test_a_clip_comes_in_with_its_first_frame_and_becomes_a_film(page, studio, tmp_path):
    pytest.importorskip("av")
    from clips import make_clip

    clip = make_clip(tmp_path / "clip.mp4", 8).read_bytes()
    known = upload(page, clip, "my clip.mp4").json()
    assert (known["clip"], known["width"], known["height"], known["fps"]) == (True, 64, 48, 10)
    assert known["seconds"] == pytest.approx(0.8)
    frame = page.get(f"/api/files/{known['frame']}").json()
    assert (frame["name"], frame["width"], frame["clip"]) == ("my clip.jpg", 64, False)
    for sha256 in (known["sha256"], known["frame"]):
        small = page.get(f"/api/files/{sha256}/thumbnail.jpg", params={"side": 32})
        assert Image.open(BytesIO(small.content)).size == (32, 24)

    wish = {"kind": "instant", "settings": {"size": 64}, "inputs": {"photo": known["sha256"]}}
    asked = page.post("/api/jobs", json=wish | {"film": {"start": 0.2, "fps": 5}}).json()
    assert (asked["film"]["start"], asked["film"]["coherence"]) == (0.2, 1)
    command = page.get(f"/api/jobs/{asked['id']}/command").json()["command"]
    assert command.startswith("artcnn instant 'my clip.mp4' --size 64 --from=0.2 --fps=5.0")
    assert page.post("/api/jobs", json=wish).json()["film"]["fps"] is None  # the clip's own
    wrong = page.post("/api/jobs", json=wish | {"inputs": {"photo": known["frame"]}, "film": {}})
    assert "a film is made of a clip, and my clip.jpg is a picture" in wrong.json()["error"]["message"]

    wait_until(lambda: studio.store.job(asked["id"]).status.state == "done")
    part = page.get(f"/api/jobs/{asked['id']}/result", headers={"range": "bytes=1-2"})
    assert (part.status_code, part.content) == (206, b"ad")


def test_looks_are_pictures_by_key(page, studio):
    photo = sha_of(page)
    told = page.post("/api/looks", json={"kind": "dream", "inputs": {"photo": photo}}).json()
    wait_until(lambda: studio.scheduler.looks.first() is None)
    assert page.get(f"/api/looks/{told['keys']['gentle']}.jpg").content == b"look"
    for key in ("0" * 64, "..%2f..%2fsecret"):
        assert page.get(f"/api/looks/{key}.jpg").status_code == 404
    for wrong in ({"kind": "nightmare", "inputs": {}}, {"kind": "dream", "inputs": {"photo": "../secret"}}):
        assert page.post("/api/looks", json=wrong).status_code in (400, 404)
    assert studio.store.jobs() == []


def wait_until(happened) -> None:
    from time import sleep

    for _ in range(1000):
        if happened():
            return
        sleep(0.01)
    raise AssertionError


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "nightmare"}, "there is no kind 'nightmare': choose from dream"),
        ({"preset": "gentel"}, "did you mean 'gentle'"),
        ({"settings": {"octavs": 3}}, "octavs"),
        ({"settings": {"size": -1}}, "size"),
        ({"inputs": {}}, "these inputs do not make a dream"),
        ({"inputs": {"photo": "0" * 64}}, "there is no such file"),
        ({"inputs": {"photo": "../../etc/passwd"}}, "there is no such file"),
        ({"preset": "../../../etc/passwd"}, "there is no dream preset"),
        ({"preset": "presets/dream/wild.toml"}, "there is no dream preset"),
        ({"kind": "instant", "settings": {"style": "waves"}}, "there is no style 'waves': did you mean 'wave'"),
        ({"kind": "instant", "settings": {"style": "/etc/x.safetensors"}}, "is in 1 files, and there are 0"),
    ],
)
def test_a_wrong_wish_is_a_line_and_no_job(page, studio, change, says):
    wish = {"kind": "dream", "preset": None, "settings": {}, "inputs": {"photo": sha_of(page)}} | change
    answer = page.post("/api/jobs", json=wish)
    assert answer.status_code in (400, 404)
    error = answer.json()["error"]
    assert says in f"{error['message']}: {error['hint']}"
    assert studio.store.jobs() == []


def test_a_recipe_with_a_script_is_data(page):
    wish = {"kind": "dream", "settings": {"layers": "<script>alert(1)</script>"}, "inputs": {"photo": sha_of(page)}}
    answer = page.post("/api/jobs", json=wish)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"


def test_a_long_request_is_not_read(page):
    long = page.post("/api/jobs", content=b'{"kind": "' + b"x" * (2 << 20) + b'"}')
    assert long.status_code == 413
    chunked = page.post("/api/jobs", content=iter([b"{}"]))
    assert chunked.status_code == 413


def test_what_can_be_chosen_is_described(page):
    options = page.get("/api/options").json()
    assert set(options["kinds"]) == {"dream", "style", "texture", "instant"}
    assert any(one["name"] == "gentle" and one["about"] for one in options["kinds"]["dream"]["presets"])
    size = options["kinds"]["dream"]["settings"]["size"]
    assert size["schema"]["type"] == "integer"
    assert "pixels" in size["help"]
    assert "wave" in options["styles"]


def test_presets_say_what_they_set_and_have_a_picture(page):
    options = page.get("/api/options").json()
    wild = next(one for one in options["kinds"]["dream"]["presets"] if one["name"] == "wild")
    assert wild["settings"]["octaves"] == 5
    shipped = [one["look"] for kind in ("dream", "style") for one in options["kinds"][kind]["presets"]]
    shipped += [one["look"] for one in options["styles"].values()]
    for look in shipped:
        assert Image.open(BytesIO(page.get(f"/{look}").content)).size == (288, 192)


def test_samples_are_kept_as_if_they_were_uploaded(page):
    samples = page.get("/api/samples").json()
    assert {one["kind"] for one in samples} == {"photo", "painting"}
    harvest = next(one for one in samples if one["title"] == "The Harvest")
    assert harvest["author"].startswith("Vincent van Gogh")
    assert page.get(f"/api/files/{harvest['sha256']}").json()["width"] == harvest["width"] == 602
    assert page.get("/api/samples").json() == samples


def test_the_server_never_loads_torch():
    import subprocess

    code = "import sys, artcnn.studio.server, artcnn.studio.app, artcnn.studio.options as o; o.describe_options()"
    code += "; from artcnn.studio.live.networks import describe_networks; describe_networks()"
    code += "; print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.slow
def test_the_dream_of_a_classifier_is_checked_without_torch_in_the_server(tmp_path):
    """In a process of its own, as other tests load torch."""
    import subprocess

    code = f"""if 1:
        import sys
        sys.path.insert(0, {str(FAKE.parents[1].parent)!r})
        from pathlib import Path
        from starlette.testclient import TestClient
        from tests.studio.test_app import FAKE, HOST, OWN, Store, Studio, cookie_name, make_app, sha_of
        root = Path({str(tmp_path)!r})
        app = make_app(Studio(Store(root), [sys.executable, str(FAKE), str(root)]), [HOST], "kept", "once")
        with TestClient(app, base_url=OWN, headers={{"origin": OWN}}, cookies={{cookie_name("kept"): "kept"}}) as page:
            wish = {{"kind": "dream", "preset": "class", "inputs": {{"photo": sha_of(page)}}}}
            job = page.post("/api/jobs", json=wish).json()
            print(job["recipe"]["backbone"], job["recipe"]["layers"])
            print(page.get("/api/jobs/" + job["id"] + "/command").json()["command"])
            wrong = page.post("/api/jobs", json=wish | {{"settings": {{"layers": ["blocks.99"]}}}}).json()
            print(wrong["error"]["message"])
        print("torch" in sys.modules)
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    made, command, wrong, loaded = ran.stdout.strip().splitlines()
    assert made == "efficientnet-lite0 ['class:281']"
    assert command == "artcnn dream photo.png --preset class"
    assert "blocks.99" in wrong
    assert loaded == "False"


def test_all_is_told_as_data(studio):
    assert json.loads(json.dumps(studio.everything())) == {"jobs": [], "ready": False}


def test_a_quick_question_is_checked_before_it_is_asked(page):
    """No process is started for it: the test has no torch to wait for."""
    names = [one["name"] for one in page.get("/api/live/networks").json()]
    assert {"mnist-lecture", "vgg16", "go-moves", "speech-digits"} <= {*names}
    unknown = page.post("/api/live/answer", json={"network": "vgg16", "input": {"file": "ab" * 32}})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown")
    wrong = page.post("/api/live/answer", content='{"network": "mnist-lecture", "input": {"pixels": [NaN]}}')
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_input")
    assert page.post("/api/live/nothing", json={}).status_code in (404, 405)
    assert page.post("/api/live/layers", json={}, headers={"origin": "http://elsewhere"}).status_code == 403


def test_a_recording_comes_in_where_one_is_asked_for(page):
    (sample,) = page.get("/api/samples/words").json()
    assert (sample["name"], sample["sound"], sample["width"]) == ("word.wav", True, 0)
    original = page.get(f"/api/files/{sample['sha256']}/original", params={"download": "word.wav"})
    sent = page.post("/api/files", params={"name": "my word.wav", "sound": True}, content=original.content)
    assert sent.json()["sha256"] == sample["sha256"]
    for content, says in ((picture(), "not a sound"), (b"RIFF\0\0\0\0WAVEfmt ", "not a sound"), (b"", "empty")):
        wrong = page.post("/api/files", params={"name": "nice.wav", "sound": True}, content=content)
        assert (wrong.status_code, says in wrong.json()["error"]["message"]) == (400, True)
        assert "nice.wav" in wrong.json()["error"]["message"]
    assert upload(page, original.content, "word.wav").status_code == 400
