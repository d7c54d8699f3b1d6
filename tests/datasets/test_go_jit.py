"""Compiled functions need no cache."""

import errno
from pathlib import Path

import pytest
from numba.core.caching import FunctionCache

from artcnn.datasets.go.jit import _sources, _VerifiedCache, jit


def double(x):
    return 2 * x


def test_a_function_is_compiled_where_nothing_can_be_kept():
    scope = {}
    exec(compile("def triple(x):\n return 3 * x", "/nowhere/module.py", "exec"), scope)  # noqa: S102
    assert jit(scope["triple"])(3) == 9


def test_a_full_disk_is_no_reason_not_to_play(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FunctionCache, "_save_overload", full)
    assert jit(double)(1.5) == 3


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x80\x04\x95"])
def test_damaged_code_is_compiled_anew(tmp_path, monkeypatch, damage):
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path))
    assert jit(double)(3) == 6
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(damage)
    assert jit(double)(3) == 6


def test_code_is_stale_when_a_file_beside_it_changes(tmp_path):
    (tmp_path / "board.py").write_text("libertes = 1")
    before = _sources.__wrapped__(tmp_path)
    (tmp_path / "board.py").write_text("liberties = 1")
    assert _sources.__wrapped__(tmp_path) != before
    stamp = _VerifiedCache(double)._cache_file._source_stamp
    assert stamp == (_sources(Path(__file__).parent), _sources(Path(jit.__code__.co_filename).parent))
