"""A standard output that takes nothing, or another alphabet, stops no work; the exit code tells."""

import io
import os
import subprocess
import sys

import pytest
from PIL import Image

from artcnn.cli.outputs import Output

TELL = """
import os, sys
from artcnn.cli import outputs
import typer
out = outputs.tolerate_output_errors()
typer.echo("caf\\u00e9 \\u0436 \\udcff")
print("told", file=sys.stderr)
open("made", "w").write("work that goes on")
sys.exit(outputs.exit_code(out, {code}))
"""


def tell(folder, code=0, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    done = subprocess.run([sys.executable, "-c", TELL.format(code=code)], cwd=folder, **options)
    assert (folder / "made").read_text() == "work that goes on"
    return done


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8:strict", "café ж ".encode() + b"\xff\n"),
        ("cp1252:strict", b"caf\xe9 \\u0436 \xff\n"),
    ],
)
def test_every_name_can_be_told(tmp_path, encoding, told):
    done = tell(tmp_path, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stdout, done.stderr) == (0, told, b"told\n")


def test_the_console_of_windows_gets_every_character():
    """It would take bytes that are written to the descriptor for characters of an alphabet of DOS."""

    class _WindowsConsoleIO(io.RawIOBase):
        told = b""

        def writable(self):
            return True

        def write(self, data):
            self.told += data
            return len(data)

    console = _WindowsConsoleIO()
    before = io.TextIOWrapper(io.BufferedWriter(console), "utf-8")
    output = Output(1, before)
    assert output.write("28 × 28 中文".encode()) == len(console.told)
    assert console.told.decode() == "28 × 28 中文"


@pytest.mark.parametrize(("code", "shown"), [(0, 1), (1, 1), (130, 130)])
def test_a_full_disk_is_told_by_the_exit_code(tmp_path, code, shown):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = tell(tmp_path, code, stdout=full)
    assert done.returncode == shown
    assert done.stderr == b"told\nerror: cannot write to the standard output: no space left on device\n"


def test_a_closed_output_is_told_by_the_exit_code_and_not_taken_for_a_file(tmp_path):
    done = tell(tmp_path, stdout=None, preexec_fn=lambda: os.close(1))
    assert done.returncode == 1
    assert b"cannot write to the standard output: bad file descriptor" in done.stderr


def test_who_closes_a_pipe_has_read_enough(tmp_path):
    read, write = os.pipe()
    os.close(read)
    done = tell(tmp_path, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"told\n")


def test_all_closed(tmp_path):
    done = tell(tmp_path, stdout=None, stderr=None, preexec_fn=lambda: [os.close(n) for n in range(3)])
    assert done.returncode == 1


@pytest.mark.slow
def test_the_pictures_of_a_folder_are_made_though_nothing_can_be_told(folder):
    (folder / "in").mkdir()
    for name in ("жук.png", "z.png"):
        Image.open(folder / "photo.png").save(folder / "in" / name)
    command = ["dream", "in", "-o", "out", "--size", "48", "--octaves", "1", "--steps", "1"]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "artcnn", *command],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONIOENCODING": "cp1252:strict"},
        )
    assert done.returncode == 1
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["z-dream.png", "жук-dream.png"]
    assert b"2 made, 0 there already, 0 failed" in done.stderr
    assert done.stderr.endswith(b"error: cannot write to the standard output: no space left on device\n")
