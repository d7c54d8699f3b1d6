import lzma
import shutil

import pytest
import torch

from artcnn.datasets import mnist
from artcnn.errors import DataError
from artcnn.locations import bundled_mnist_dir


@pytest.fixture(scope="module")
def train():
    return mnist.load_mnist("train")


@pytest.mark.slow
def test_mnist_is_mnist(train):
    tested = mnist.load_mnist("test")
    assert train.inputs.shape == (60_000, 1, 28, 28)
    assert tested.inputs.shape == (10_000, 1, 28, 28)
    # Known of the original: the first labels, how many there are of each, and the mean and deviation of the ink.
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert train.labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert tested.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    ink = train.inputs.float() / 255
    assert float(ink.mean()) == pytest.approx(0.1307, abs=5e-5)
    assert float(ink.std()) == pytest.approx(0.3081, abs=5e-5)


def test_it_is_the_data_that_was_given(train):
    given = bundled_mnist_dir().parents[2].parent / "shared" / "data" / "mnist" / "train-images-idx3-ubyte.gz"
    if not given.exists():
        pytest.skip("the original files of MNIST are not beside the project")
    import gzip

    pixels = torch.frombuffer(bytearray(gzip.decompress(given.read_bytes())), dtype=torch.uint8, offset=16)
    assert torch.equal(train.inputs.flatten(), pixels)


def test_a_split_shares_nothing_and_loses_nothing(train):
    some = train.take(torch.arange(500))
    kept, validation = some.split(120, seed=3)
    assert (len(kept), len(validation)) == (380, 120)
    rows = [tuple(row) for part in (kept, validation) for row in part.inputs.flatten(1).tolist()]
    assert sorted(rows) == sorted(tuple(row) for row in some.inputs.flatten(1).tolist())
    again, _ = some.split(120, seed=3)
    assert again.sha256() == kept.sha256()
    assert some.split(120, seed=4)[0].sha256() != kept.sha256()


def test_a_batch_is_ink_from_0_to_1_in_the_order_asked_for(train):
    inputs, labels = train.batch(torch.tensor([2, 0]))
    assert labels.tolist() == [4, 5]
    torch.testing.assert_close(inputs[1, 0] * 255, train.inputs[0, 0].float())


@pytest.fixture
def folder(tmp_path):
    for name, _ in mnist.FILES["test"]:
        shutil.copy(bundled_mnist_dir() / f"{name}.xz", tmp_path)
    return tmp_path


def change(content: bytes) -> bytes:
    raw = bytearray(lzma.decompress(content))
    raw[5000] ^= 1
    return lzma.compress(raw, preset=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda content: content[:1000], "is damaged"),
        (lambda content: b"", "is damaged|is not the original"),
        (lambda content: b"\x1f\x8b" + content, "is damaged"),
        (change, "is not the original file of MNIST"),
        (lambda content: lzma.compress(bytes(1 << 27), preset=0), "is not the original file of MNIST"),
    ],
    ids=["truncated", "empty", "not xz", "one bit changed", "a bomb"],
)
def test_a_spoilt_file_is_refused(folder, spoil, says):
    path = folder / "t10k-images-idx3-ubyte.xz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError, match=says):
        mnist.load_mnist("test", folder)


def test_a_missing_file_is_named(folder):
    (folder / "t10k-labels-idx1-ubyte.xz").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.xz is missing"):
        mnist.load_mnist("test", folder)


@pytest.mark.slow
def test_torchvisions_downloader_gives_the_same_digits(folder, monkeypatch):
    """Against files in the cache, where the downloader finds what it would fetch."""
    from artcnn.locations import cached_data_dir

    raw = cached_data_dir() / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "test"):
        for name, _ in mnist.FILES[part]:
            (raw / name).write_bytes(lzma.decompress((bundled_mnist_dir() / f"{name}.xz").read_bytes()))
    there = mnist.download_mnist("test")
    assert there.sha256() == mnist.load_mnist("test").sha256()


def test_without_a_network_the_downloader_says_what_to_do(monkeypatch):
    import urllib.request

    def refuse(*arguments, **keywords):
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(DataError, match="cannot download MNIST .*leave --data out"):
        mnist.download_mnist("test")
