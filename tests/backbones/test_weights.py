"""Weight files: the table against torchvision's, the bundled file, and downloads from a small local server."""

import hashlib
import io
import pickle
import re
import socket
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from artcnn.backbones import layers, weights
from artcnn.backbones.state_dict import expected_shapes, load_vgg_state
from artcnn.errors import WeightsError

ROOT = Path(__file__).parents[2]
TINY_STATE = {
    "features.0.weight": torch.linspace(-1, 1, 2 * 3 * 9).reshape(2, 3, 3, 3),
    "features.0.bias": torch.tensor([0.5, -0.5]),
    "features.3.weight": torch.linspace(0, 1, 4 * 2 * 9, dtype=torch.float64).reshape(4, 2, 3, 3),
    "features.3.bias": torch.zeros(4),
    "classifier.0.weight": torch.ones(7, 7),
}


def saved(state, **how):
    buffer = io.BytesIO()
    torch.save(state, buffer, **how)
    return buffer.getvalue()


def digits(body):
    return hashlib.sha256(body).hexdigest()[:8]


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """A cache folder of the test's own, which does not exist yet."""
    folder = tmp_path / "cache" / "weights"
    monkeypatch.setattr(weights, "cached_weights_dir", lambda: folder)
    return folder


@pytest.fixture
def tiny(monkeypatch, cache):
    """Return a function that puts weights 'tiny', of a two-convolution network, with a given body into the table."""
    monkeypatch.setitem(layers.BLOCKS, "tiny", ((2,), (4,)))

    def add(body, **changes):
        facts = {"name": "tiny", "architecture": "tiny", "file": "tiny.pth", "sha256": digits(body)} | changes
        entry = replace(weights.WEIGHTS["vgg16-torchvision"], **facts)
        monkeypatch.setitem(weights.WEIGHTS, "tiny", entry)
        return entry

    return add


@pytest.fixture
def cached(tiny, cache):
    """Return a function that puts a file of the given body where 'tiny' is cached, with the right hash."""

    def put(body):
        cache.mkdir(parents=True)
        (cache / "tiny.pth").write_bytes(body)
        return tiny(body)

    return put


@pytest.fixture
def server(monkeypatch):
    """A web server on this machine that answers every request with its ``body``, in the manner of its ``mode``."""
    server = SimpleNamespace(body=saved(TINY_STATE), mode="whole", requests=0)
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.requests += 1
            self.send_response(404 if server.mode == "missing" else 200)
            self.send_header("Content-Length", str(len(server.body)))
            self.end_headers()
            self.wfile.write(server.body if server.mode == "whole" else server.body[:500])
            if server.mode == "hangs":
                done.wait(10)

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.01,)).start()
        server.url = f"http://127.0.0.1:{http.server_port}/tiny.pth"
        monkeypatch.setattr(weights, "url", lambda _: server.url)
        yield server
        done.set()
        http.shutdown()


def files(folder: Path):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("entry", [w for w in weights.WEIGHTS.values() if w.entry], ids=lambda w: w.name)
def test_table_agrees_with_torchvision(entry):
    from torchvision.models import get_weight

    theirs = get_weight(entry.entry)
    transform = theirs.transforms()
    assert weights.url(entry).rpartition("/")[2] == entry.file
    assert re.search(r"-([0-9a-f]{8})\.pth$", entry.file)[1] == entry.sha256
    assert entry.mean == pytest.approx(transform.mean)
    assert entry.std == pytest.approx(transform.std)
    assert entry.megabytes == pytest.approx(theirs.meta["_file_size"] * 2**20 / 1e6, abs=0.06)
    assert entry.entry.lower().startswith(entry.architecture)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(WeightsError, match="unknown weights 'vgg16-torchvison': did you mean 'vgg16-torchvision'"):
        weights.find("vgg16-torchvison")


@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
def test_expected_keys_and_shapes_are_torchvisions(architecture):
    from torchvision import models

    with torch.device("meta"):
        model = getattr(models, architecture)(init_weights=False)
    theirs = {key: tuple(value.shape) for key, value in model.state_dict().items() if key.startswith("features")}
    assert expected_shapes(architecture) == theirs


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME is a Linux habit")
def test_xdg_cache_home_moves_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    entry = weights.find("vgg19-torchvision")
    assert weights.location(entry) == tmp_path / "artcnn" / "weights" / entry.file
    assert weights.status(entry) == "to be downloaded"


def test_bundled_file_is_whole_and_has_all_of_vgg16():
    entry = weights.find("vgg16")
    assert weights.status(entry) == "bundled"
    assert weights.location(entry).stat().st_size / 1e6 == pytest.approx(entry.megabytes, abs=0.06)
    assert len(entry.sha256) == 64
    assert weights.verify(entry)
    assert weights.fetch(entry) == weights.location(entry)
    state = load_vgg_state("vgg16")
    assert sum(tensor.numel() for tensor in state.values()) == 14_714_688
    assert {(tensor.dtype, tensor.device.type) for tensor in state.values()} == {(torch.float32, "cpu")}
    assert all(tensor.isfinite().all() for tensor in state.values())


@pytest.mark.parametrize("body", [None, b"not the weights"])
def test_bundled_file_missing_or_damaged_means_reinstall(monkeypatch, tmp_path, body):
    monkeypatch.setattr(weights, "bundled_weights_dir", lambda: tmp_path)
    entry = weights.find("vgg16")
    if body:
        weights.location(entry).write_bytes(body)
    for load in (lambda: load_vgg_state("vgg16"), lambda: weights.fetch(entry)):
        with pytest.raises(WeightsError, match="reinstall artcnn") as error:
            load()
        assert str(weights.location(entry)) in one_line(error)


def test_a_wheel_has_the_same_weights_as_two_planes(monkeypatch, tmp_path):
    entry = weights.find("vgg16")
    whole = (ROOT / "artcnn" / "data" / "weights" / entry.file).read_bytes()
    planes = tmp_path / f"{entry.file}.planes"
    planes.write_bytes(whole[::2] + whole[1::2])
    wanted = load_vgg_state("vgg16")
    monkeypatch.setattr(weights, "bundled_weights_dir", lambda: tmp_path)
    assert (weights.location(entry), weights.status(entry), weights.verify(entry)) == (planes, "bundled", True)
    found = load_vgg_state("vgg16")
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)
    for damaged in (whole, whole[:-1], b""):
        planes.write_bytes(damaged)
        assert not weights.verify(entry)
        with pytest.raises(WeightsError, match="reinstall artcnn"):
            load_vgg_state("vgg16")


def test_download_is_kept_verified_and_reported(server, tiny, cache):
    entry = tiny(server.body)
    assert weights.status(entry) == "to be downloaded"
    assert not weights.verify(entry)
    heard = []
    path = weights.fetch(entry, lambda done, total: heard.append((done, total)))
    assert path == cache / "tiny.pth"
    assert path.read_bytes() == server.body
    assert heard[-1] == (len(server.body), len(server.body))
    assert files(cache) == ["tiny.pth"]
    assert weights.status(entry) == "cached"
    assert weights.verify(entry)


def test_load_downloads_once_and_keeps_the_convolutions_only(server, tiny):
    tiny(server.body)
    for _ in range(2):
        state = load_vgg_state("tiny")
        assert list(state) == [key for key in TINY_STATE if key.startswith("features")]
        for key, tensor in state.items():
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor, TINY_STATE[key].float())
    assert server.requests == 1


def test_load_without_fetching_says_how_to_fetch(server, tiny):
    tiny(server.body)
    with pytest.raises(WeightsError, match=r"not downloaded yet .*artcnn weights fetch tiny") as error:
        load_vgg_state("tiny", fetch_missing=False)
    one_line(error)
    assert server.requests == 0


def test_download_of_another_file_is_refused_and_not_kept(server, tiny, cache):
    entry = tiny(server.body, sha256="00000000")
    with pytest.raises(WeightsError, match=f"begins with {digits(server.body)}, not 00000000") as error:
        weights.fetch(entry)
    assert server.url in one_line(error)
    assert files(cache) == []


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("missing", "404"), ("dies", "broke off after 500"), ("hangs", "timed out"), ("refused", "refused")],
)
def test_failed_download_says_what_to_fetch_and_where_to_put_it(monkeypatch, server, tiny, cache, mode, reason):
    monkeypatch.setattr("artcnn.backbones.download.TIMEOUT_SECONDS", 0.3)
    server.mode = mode
    entry = tiny(server.body)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        if mode == "refused":
            server.url = f"http://127.0.0.1:{deaf.getsockname()[1]}/tiny.pth"
        with pytest.raises(WeightsError, match=reason) as error:
            load_vgg_state("tiny")
    assert all(part in one_line(error) for part in ("tiny.pth", server.url, str(cache / "tiny.pth")))
    assert files(cache) == []
    assert weights.status(entry) == "to be downloaded"


def test_cache_that_cannot_be_made_is_one_line(server, tiny, cache):
    cache.parent.write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match=r"cannot fetch tiny\.pth") as error:
        weights.fetch(tiny(server.body))
    one_line(error)


def test_interrupted_download_leaves_nothing_behind(server, tiny, cache):
    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weights.fetch(tiny(server.body), interrupt)
    assert files(cache) == []


def test_damaged_cached_file_is_refused_until_fetched_again(server, cached, tiny, cache):
    cached(b"damaged")
    entry = tiny(server.body)
    with pytest.raises(WeightsError, match=r"is damaged .*artcnn weights fetch tiny") as error:
        load_vgg_state("tiny")
    assert str(cache / "tiny.pth") in one_line(error)
    assert server.requests == 0
    weights.fetch(entry)
    assert load_vgg_state("tiny")


def test_old_torch_format_is_read(cached):
    cached(saved(TINY_STATE, _use_new_zipfile_serialization=False))
    assert torch.equal(load_vgg_state("tiny")["features.0.bias"], TINY_STATE["features.0.bias"])


def test_loaded_tensors_do_not_hang_on_the_file(cached, cache):
    cached(saved(TINY_STATE))
    state = load_vgg_state("tiny")
    (cache / "tiny.pth").write_bytes(b"")
    assert torch.equal(state["features.0.weight"], TINY_STATE["features.0.weight"])


class Bomb:
    def __reduce__(self):
        return sys.exit, ("the pickle was run",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "does not hold plain tensors"),
        (b"no weights at all", "does not hold plain tensors"),
        (saved(TINY_STATE)[:200], "does not hold plain tensors"),
        (saved(Bomb()), "does not hold plain tensors"),
        (pickle.dumps(Bomb(), protocol=2), "does not hold plain tensors"),
        (saved([1, 2]), "it has no 'features.0.weight'"),
        (saved({"features.0.weight": 3}), "it has no 'features.0.weight'"),
        (saved({k: v for k, v in TINY_STATE.items() if k != "features.3.bias"}), "it has no 'features.3.bias'"),
        (saved(TINY_STATE | {"features.3.bias": torch.zeros(5)}), r"'features.3.bias' is \(5,\), not \(4,\)"),
    ],
    ids=["empty", "text", "cut", "bomb", "bare bomb", "list", "number", "missing", "shape"],
)
def test_file_that_does_not_fit_is_refused(cached, body, reason):
    cached(body)
    with pytest.raises(WeightsError, match=reason) as error:
        load_vgg_state("tiny")
    one_line(error)
