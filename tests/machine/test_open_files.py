"""The limit of open files."""

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="this system has no such limit")

PROGRAM = """
import resource
from artcnn.machine.open_files import raise_file_limit
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(64, most), most))
raise_file_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most)
"""


def test_the_limit_becomes_what_the_system_allows():
    assert (
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout == "True\n"
    )
