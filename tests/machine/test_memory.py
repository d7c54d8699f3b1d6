"""Memory figures from made-up /proc and /sys trees."""

import subprocess
import sys
from pathlib import Path

import pytest

from artcnn.machine import memory
from artcnn.machine.memory import available_memory, format_gigabytes, memory_left

GB = 1_000_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, {"proc/meminfo": f"MemTotal: 9 kB\nMemAvailable:   {16 * GB // 1024} kB\n"})
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_without_groups_the_system_decides(root):
    assert available_memory(root) == pytest.approx(16 * GB, rel=1e-6)


def test_the_tightest_of_nested_groups_decides_and_file_cache_counts_as_free(root):
    group = "sys/fs/cgroup/user/job"
    files = {
        "proc/self/cgroup": "0::/user/job\n",
        f"{group}/memory.max": "max\n",
        f"{group}/memory.current": f"{GB}\n",
        "sys/fs/cgroup/user/memory.max": f"{4 * GB}\n",
        "sys/fs/cgroup/user/memory.current": f"{3 * GB}\n",
        "sys/fs/cgroup/user/memory.stat": f"anon {GB}\ninactive_file {GB}\n",
    }
    write(root, files)
    assert available_memory(root) == 2 * GB


def test_version_1_of_control_groups_as_a_container_sees_it(root):
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{3 * GB}\n",
        "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 0\n",
    }
    write(root, files)
    assert available_memory(root) == 0


@pytest.mark.parametrize(("limit", "line"), [("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")])
def test_a_limit_of_the_process_counts(root, monkeypatch, limit, line):
    import resource

    write(root, {"proc/self/status": f"Name:\tartcnn\n{line}:\t {3 * GB // 1024} kB\n"})
    real = resource.getrlimit
    monkeypatch.setattr(
        resource, "getrlimit", lambda which: (4 * GB, -1) if which == getattr(resource, limit) else real(which)
    )
    monkeypatch.setattr("artcnn.machine.memory._freed", lambda: GB // 2)
    assert available_memory(root) == pytest.approx(1.5 * GB, rel=1e-6), "what was freed may be taken again"


def test_a_limit_that_is_set_is_seen():
    ask = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
    ask += "from artcnn.machine.memory import available_memory\nprint(available_memory())"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 1 << 30


def test_a_system_without_proc_tells_its_physical_memory(tmp_path):
    assert available_memory(tmp_path) > GB // 4


def test_this_machine():
    assert 0 < available_memory() < 2**60


def test_gigabytes():
    assert [format_gigabytes(n) for n in (100_800_000_000, 20 * GB, 280_000_000)] == ["101 GB", "20 GB", "0.3 GB"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="told with the parent's, or in other units, or not at all")
def test_the_most_that_was_held_counts_and_not_what_is_held():
    told = "from artcnn.machine.memory import peak_memory as peak; block = b'.' * 300_000_000; del block; print(peak())"
    made = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert 3e8 < int(made.stdout) < 4e8


def test_a_group_without_a_limit_limits_nothing(root):
    group = "sys/fs/cgroup/memory"
    files = {
        "proc/self/cgroup": "4:memory:/\n",
        f"{group}/memory.limit_in_bytes": "9223372036854771712\n",
        f"{group}/memory.usage_in_bytes": f"{GB}\n",
        f"{group}/memory.stat": "total_inactive_file 0\n",
    }
    write(root, files)
    assert memory_left(root) == {"system": pytest.approx(16 * GB, rel=1e-6)}


def test_windows_says_what_is_free(tmp_path, monkeypatch):
    class Kernel:
        """The function of the Windows API, which fills the structure that it is pointed to."""

        @staticmethod
        def GlobalMemoryStatusEx(status) -> int:  # noqa: N802 - its name
            assert status._obj.length == 64, "bytes, as the Windows API has it"
            status._obj.total, status._obj.available = 8 * GB, 3 * GB
            return 1

    monkeypatch.setattr(memory.sys, "platform", "win32")
    monkeypatch.setattr(memory.ctypes, "windll", type("windll", (), {"kernel32": Kernel}), raising=False)
    assert memory._system(tmp_path) == 3 * GB


def test_where_there_is_no_proc_and_no_module_resource(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert memory.peak_memory(tmp_path) is None
    assert memory_left(tmp_path).keys() <= {"system"}


def test_another_c_library_is_left_alone(monkeypatch):
    def refuse(*_):
        raise AssertionError("it has no mallopt and no malloc_trim")

    monkeypatch.setattr(memory.platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(memory.ctypes, "CDLL", refuse)
    memory.malloc_trim()
    memory.disable_trim(None)
