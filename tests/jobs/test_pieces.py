"""Finished pieces beside their film: kept whole, of one run, and sent as bytes."""

import struct
import zipfile
from fractions import Fraction
from io import BytesIO

import pytest
import torch

from artcnn.errors import ArtcnnError, CheckpointError, PictureError
from artcnn.files.films.pack import pack, unpack
from artcnn.files.video import FilmPlan, film_writer
from artcnn.jobs.pieces import PieceStore

pytest.importorskip("av", reason="the extra 'video' is not installed")

SHOTS = [range(3), range(3, 4), range(4, 9)]


@pytest.fixture
def make(folder):
    """Return what writes a film of some frames, (count, suffix), and returns its path."""

    def make(count, suffix):
        times = [Fraction(n, 10) for n in range(count)]
        with film_writer(folder / f"made{count}{suffix}", FilmPlan((32, 48), times, Fraction(count, 10))) as add:
            for number in range(count):
                add(torch.full((1, 3, 32, 48), number / 10))
        return add.path

    return make


def contents(path):
    return {file.name: file.read_bytes() for file in path.iterdir()} if path.is_dir() else path.read_bytes()


def archive(*entries, compression=zipfile.ZIP_STORED):
    content = BytesIO()
    with zipfile.ZipFile(content, "w", compression) as made:
        for name, data in entries:
            made.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("suffix", [".webm", ""])
def test_another_run_goes_on_with_the_pieces_that_are_there(folder, make, suffix):
    out = folder / f"film{suffix}"
    store = PieceStore(out)
    assert store.path == folder / f".film{suffix}.pieces"
    assert store.load("key") is None
    store.start("key", SHOTS, "bfloat16")
    store.add(SHOTS[2], pack(make(5, suffix)))
    store.add(SHOTS[1], pack(make(1, suffix)))
    later = PieceStore(out)
    assert later.load("key") == (SHOTS, "bfloat16")
    assert [later.has(shot) for shot in SHOTS] == [False, True, True]
    assert contents(later.path_of(SHOTS[2])) == contents(folder / f"made5{suffix}")
    later.add(SHOTS[1], b"sent twice")
    assert contents(later.path_of(SHOTS[1])) == contents(folder / f"made1{suffix}")
    later.clear()
    assert not later.path.exists()
    later.clear()


def test_pieces_of_another_run_are_refused_or_removed(folder, make):
    store = PieceStore(folder / "film.webm")
    store.start("key", SHOTS, "bfloat16")
    store.add(SHOTS[0], pack(make(3, ".webm")))
    with pytest.raises(CheckpointError, match="of a run with other settings, pictures or another version") as caught:
        store.load("another key")
    assert len(caught.value.lines) == 1
    assert store.has(SHOTS[0])
    store.start("another key", SHOTS, "bfloat16")
    assert (store.load("another key"), store.has(SHOTS[0])) == ((SHOTS, "bfloat16"), False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"run": "key", "precision": "float32", "shots": [1]}',
        '{"run": "key", "precision": "float32", "shots": [["a", 2]]}',
        '{"run": "key", "precision": "float8", "shots": [[0, 2]]}',
    ],
)
def test_a_damaged_list_of_shots_is_one_clear_line(folder, text):
    store = PieceStore(folder / "film.webm")
    store.start("key", SHOTS, "bfloat16")
    (store.path / "run.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"run.json is damaged: delete .*pieces, or leave --resume out") as caught:
        store.load("key")
    assert len(caught.value.lines) == 1


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ""])
def test_a_piece_is_there_whole_or_not_at_all(folder, make, suffix):
    store = PieceStore(folder / f"film{suffix}")
    store.start("key", SHOTS, "bfloat16")
    whole = pack(make(3, suffix))
    for content, message in [
        (whole[: -len(whole) // 3], "damaged|came with 1"),
        (b"", "is empty|damaged"),
        (pack(make(1, suffix)), "a piece of 3 frames came with 1"),
    ]:
        with pytest.raises(PictureError, match=message):
            store.add(SHOTS[0], content)
        assert not store.has(SHOTS[0])
    assert [file.name for file in store.path.iterdir()] == ["run.json"]
    hidden = store.path / f".000001-000003{suffix}.part"  # a run that was killed left it
    hidden.write_bytes(b"half") if suffix else hidden.mkdir()
    assert not store.has(SHOTS[0])
    store.add(SHOTS[0], whole)
    assert store.has(SHOTS[0])
    assert not hidden.exists()


@pytest.mark.parametrize(
    "content",
    [
        archive(("../000001.png", b"x")),
        archive(("000001.png", b"x"), ("000003.png", b"x")),
        archive(("000001.png", b"x"), ("notes.txt", b"x")),
        archive(("000001.png", bytes(10**6)), compression=zipfile.ZIP_DEFLATED),
        archive(("000001.png", b"x"))[:-30],
        b"no archive",
    ],
    ids=["outside", "gap", "other", "bomb", "cut", "none"],
)
def test_an_archive_of_anything_but_frames_is_refused(folder, content):
    (folder / "frames").mkdir()
    with pytest.raises(PictureError, match="the frames that came are damaged"):
        unpack(content, folder / "frames")
    assert list((folder / "frames").iterdir()) == []
    assert not (folder / "000001.png").exists()


def test_an_archive_that_promises_more_than_it_holds_is_refused_before_anything_is_written(folder):
    """Entries may share their bytes: a small message could fill the disk."""
    content = bytearray(archive(("000001.png", bytes(1000)), ("000002.png", bytes(1000))))
    second = content.rindex(b"PK\x01\x02")
    content[second + 20 : second + 28] = struct.pack("<2I", 10**6, 10**6)
    (folder / "frames").mkdir()
    with pytest.raises(PictureError, match="the frames that came are damaged"):
        unpack(bytes(content), folder / "frames")
    assert list((folder / "frames").iterdir()) == []


def test_what_cannot_be_written_is_one_clear_line(folder):
    with pytest.raises(ArtcnnError, match="cannot write .*film.webm.pieces: no such file or directory"):
        PieceStore(folder / "nowhere" / "film.webm").start("key", SHOTS, "bfloat16")
