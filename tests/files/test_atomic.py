"""Files appear whole, and none is lost."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from artcnn.errors import ArtcnnError, usable_names
from artcnn.files import atomic, name_lock
from artcnn.files.atomic import check_folder, check_no_overwrite, check_png, write_atomic, write_folder
from artcnn.files.file_names import output_path
from artcnn.files.name_lock import check_unlocked, is_locked, locked_path
from artcnn.files.streams import is_stream

posix = pytest.mark.skipif(os.name != "posix", reason="permissions, pipes and devices of POSIX")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@posix
def test_a_link_stays_and_what_it_leads_to_is_replaced_with_its_mode(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "real.png", tmp_path / "link.png"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to("elsewhere/real.png")
    assert write_atomic(link, b"new") == link
    assert link.is_symlink()
    assert contents(target.parent) == {"real.png": b"new"}
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("replace", [True, False])
def test_a_link_to_a_file_that_is_not_there_yet(tmp_path, replace):
    link = tmp_path / "link.png"
    link.symlink_to("later.png")
    check_folder(link)
    check_no_overwrite(link, force=False)
    assert write_atomic(link, b"new", replace) == link
    assert link.is_symlink()
    assert (tmp_path / "later.png").read_bytes() == b"new"


def test_a_link_into_a_folder_that_is_not_there(tmp_path):
    (tmp_path / "link.png").symlink_to("nowhere/x.png")
    with pytest.raises(ArtcnnError, match=f"there is no folder {tmp_path / 'nowhere'}"):
        check_folder(tmp_path / "link.png")


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    with pytest.raises(ArtcnnError, match="a.png: too many levels of symbolic links"), usable_names():
        check_folder(tmp_path / "a.png")


@posix
def test_a_named_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for check in (
        check_folder,
        lambda path: check_no_overwrite(path, force=False),
        lambda path: check_png(path, "sheet"),
    ):
        check(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_bytes)
        assert write_atomic(pipe, b"content" * 50_000) == pipe
        assert read.result() == b"content" * 50_000
    assert pipe.is_fifo()


@posix
def test_devices_are_written_into():
    assert write_atomic(Path("/dev/null"), b"x") == Path("/dev/null")
    assert is_stream(Path("/dev/null"))
    with pytest.raises(ArtcnnError, match="cannot write into /dev/full: no space left on device"):
        write_atomic(Path("/dev/full"), b"x")


def test_what_is_there_may_stay(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"old")
    with pytest.raises(ArtcnnError, match=r"x\.png already exists: .*--force"):
        check_no_overwrite(path, force=False)
    check_no_overwrite(path, force=True)
    assert write_atomic(path, b"second", replace=False) == tmp_path / "x-2.png"
    assert write_atomic(path, b"third", replace=False) == tmp_path / "x-3.png"
    assert write_atomic(path, b"new") == path
    assert contents(tmp_path) == {"x.png": b"new", "x-2.png": b"second", "x-3.png": b"third"}


@pytest.mark.parametrize("links", [True, False])
def test_many_at_once_lose_nothing(tmp_path, monkeypatch, links):
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    count = 16
    together = Barrier(count)

    def write(number: int) -> Path:
        together.wait()
        return write_atomic(tmp_path / "x.png", f"{number}".encode(), replace=False)

    with ThreadPoolExecutor(count) as pool:
        paths = list(pool.map(write, range(count)))
    assert len(set(paths)) == count
    assert [path.read_bytes() for path in paths] == [f"{number}".encode() for number in range(count)]
    assert len(list(tmp_path.iterdir())) == count


def test_folders_made_at_once_lose_nothing(tmp_path):
    count = 8
    together = Barrier(count)

    def write(number: int) -> Path:
        def fill(folder: Path) -> None:
            (folder / "values.csv").write_text(str(number))
            together.wait()

        return write_folder(tmp_path / "found", fill)

    with ThreadPoolExecutor(count) as pool:
        paths = list(pool.map(write, range(count)))
    assert [(path / "values.csv").read_text() for path in paths] == [str(number) for number in range(count)]
    assert len(list(tmp_path.iterdir())) == count


def test_runs_at_once_keep_names_of_their_own(tmp_path):
    count = 12
    together = Barrier(count)

    def choose() -> Path:
        return output_path(tmp_path / "photo.jpg", "dream", exists=is_locked)

    def run(_) -> str:
        together.wait()
        with locked_path(choose) as path:
            assert is_locked(path)
            together.wait()
        return path.name

    with ThreadPoolExecutor(count) as pool:
        names = set(pool.map(run, range(count)))
    assert len(names) == count
    assert not list(tmp_path.iterdir())


def test_a_name_is_kept_until_the_process_is_killed(tmp_path):
    keep = "import sys, pathlib, time\nfrom artcnn.files.name_lock import locked_path\n"
    keep += "with locked_path(lambda: pathlib.Path('x.png')):\n print('kept', flush=True)\n time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", keep], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(ArtcnnError, match=r"another run is making .*x\.png now"):
            check_unlocked(tmp_path / "x.png")
        process.kill()
    check_unlocked(tmp_path / "x.png")
    with locked_path(lambda: tmp_path / "x.png"):
        pass
    assert not list(tmp_path.iterdir()), "what the killed one left is taken over"


def test_what_is_flushed_is_open_for_writing_as_windows_asks(tmp_path, monkeypatch):
    flush = os.fsync

    def flush_as_windows(descriptor):
        os.write(descriptor, b"")  # an error where it is open for reading alone
        flush(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", flush_as_windows)
    write_atomic(tmp_path / "x", b"all of it")
    assert (tmp_path / "x").read_bytes() == b"all of it"


def test_without_locks_a_name_is_chosen_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(name_lock, "fcntl", None)
    with name_lock.locked_path(lambda: tmp_path / "x.png") as path:
        assert not name_lock.is_locked(path)
    assert list(tmp_path.iterdir()) == []
