"""Damaged files end in a result or an ArtcnnError. ``benchmarks/fuzz.py`` tries more of them."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fuzzing import KINDS, mutate, try_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FOUND = sorted((Path(__file__).parent / "data" / "fuzz").iterdir())


@cache
def files(name: str) -> list[bytes]:
    return KINDS[name].files()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_read_or_refused(name):
    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(range(len(files(name)))), st.integers(0, 2**32))
    def read(number, seed):
        with TemporaryDirectory() as folder:
            try_file(KINDS[name], mutate(files(name)[number], seed), Path(folder))

    read()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_once(path, tmp_path):
    try_file(KINDS[path.name.partition("-")[0]], path.read_bytes(), tmp_path)
