"""What there is on this machine, and whether artcnn works on it: all that a bug report needs, and nothing private.

No path, no name of a machine and no name of a person is in it.
"""

import getpass
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

import artcnn
from artcnn.backbones import listing
from artcnn.backbones.benchmark_cache import device_key, load_median
from artcnn.backbones.device import choose_device
from artcnn.backbones.precision import Precision, fastest
from artcnn.errors import ArtcnnError
from artcnn.jobs.installation import Shipped, check_shipped, list_extras, package_versions
from artcnn.jobs.self_test import SelfTest, run_self_test
from artcnn.locations import cached_data_dir, cached_weights_dir, measurements_file, studio_dir
from artcnn.machine.memory import memory_left
from artcnn.machine.processor import Processor, examine_processor


@dataclass(frozen=True)
class Device:
    """A device that torch can compute on.

    Attributes:
        name: as ``--device`` takes it.
        model: what its driver calls it; None for the processor.
        is_auto: whether ``--device auto`` takes it.
        precision: what ``--precision auto`` takes there; None if that cannot be measured.
        bfloat16_time: of a convolution and its gradient, divided by float32's, as it was measured.
        free: bytes of its own memory that are free; None where it has none of its own.
        error: what a convolution on it raised; None if it works.
    """

    name: str
    model: str | None = None
    is_auto: bool = False
    precision: Precision | None = None
    bfloat16_time: float | None = None
    free: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Examination:
    """All that was found."""

    version: str
    python: str
    system: str
    packages: dict[str, str | None]
    processor: Processor
    memory: dict[str, int]
    devices: list[Device]
    caches: list[dict[str, Any]]
    extras: list[dict[str, object]]
    weights: list[dict[str, Any]]
    shipped: Shipped
    self_tests: list[SelfTest]

    @property
    def problems(self) -> list[str]:
        """Return what is wrong, a sentence each."""
        found = [f"{name} is damaged or missing: reinstall artcnn" for name in self.shipped.damaged]
        found += [f"{package} is not installed" for package, there in self.packages.items() if there is None]
        found += [f"{device.name} does not work: {device.error}" for device in self.devices if device.error]
        found += [
            f"self-test on {test.device} in {test.precision}: {_failure(test)}"
            for test in self.self_tests
            if not test.passed
        ]
        return found

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        tests = [asdict(test) | {"passed": test.passed} for test in self.self_tests]
        return asdict(self) | {"self_tests": tests, "problems": self.problems}


def examine() -> Examination:
    """Return what there is on this machine, and whether artcnn works on it. It takes some seconds."""
    devices = [_examine_device(name) for name in ("cuda", "mps", "cpu") if _is_there(name)]
    return Examination(
        version=artcnn.__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=_system(),
        packages=package_versions(),
        processor=examine_processor(),
        memory=memory_left(),
        devices=devices,
        caches=_caches(),
        extras=list_extras(),
        weights=[
            {key: row[key] for key in ("name", "status", "verified", "megabytes")} for row in listing.list_weights()
        ],
        shipped=check_shipped(),
        self_tests=[
            _test(device.name, precision)
            for device in devices
            if device.error is None
            for precision in dict.fromkeys(("float32", device.precision))
            if precision is not None
        ],
    )


def without_names(text: str) -> str:
    """Return a text without the home folder and the user's name in paths: an error may have them."""
    text = text.replace(str(Path.home()), "~")
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have none
        return text
    return re.sub(rf"(?<=[/\\]){re.escape(user)}(?=[/\\]|$)", "USER", text)


def _failure(test: SelfTest) -> str:
    if test.error is not None:
        return test.error
    return f"{test.deviation:.2%} from what is expected, and {test.tolerance:.0%} is allowed"


def _system() -> str:
    """Return the system and its C library."""
    library = " ".join(platform.libc_ver()).strip()
    named = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{named}, {library}" if library else named


def _is_there(name: str) -> bool:
    try:
        choose_device(name)
    except ArtcnnError:
        return False
    return True


def _examine_device(name: str) -> Device:
    device, auto = torch.device(name), choose_device().type == name
    try:
        precision = fastest(device)
        cuda = name == "cuda"
        return Device(
            name,
            torch.cuda.get_device_name(device) if cuda else None,
            auto,
            precision,
            load_median(device_key(device)),
            torch.cuda.mem_get_info(device)[0] if cuda else None,
        )
    except RuntimeError as error:  # torch finds a device that it then cannot use
        return Device(name, is_auto=auto, error=_first_line(error))


def _test(name: str, precision: Precision) -> SelfTest:
    try:
        return run_self_test(torch.device(name), precision)
    except (ArtcnnError, RuntimeError) as error:
        return SelfTest(name, precision, error=_first_line(error))


def _first_line(error: Exception) -> str:
    return without_names(str(error).strip().partition("\n")[0]) or type(error).__name__


def _caches() -> list[dict[str, Any]]:
    """Return the number of files and the bytes of each folder that artcnn fills by itself."""
    folders = {
        "downloaded weights": cached_weights_dir(),
        "downloaded data": cached_data_dir(),
        "measurements of speed": measurements_file(),
        "the studio's pictures and jobs": studio_dir(),
    }
    rows = []
    for name, folder in folders.items():
        sizes = [size for path in (folder, *folder.rglob("*")) if (size := _size(path)) is not None]
        rows.append({"name": name, "files": len(sizes), "bytes": sum(sizes)})
    return rows


def _size(path: Path) -> int | None:
    """Return the bytes of a file; None for a folder, and for what is gone by now or may not be seen."""
    try:
        return path.lstat().st_size if path.is_file() else None
    except OSError:
        return None
