"""What tests share: a network of two layers, the samples, and folders of the test's own.

Where several processes run the tests, the one that hands them out reads this file, too, and needs no torch.
"""

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fork_server import LIBRARY, Process, fork_server

if TYPE_CHECKING:
    import torch

    from artcnn.backbones.vgg import VGGBackbone


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run the tests: one for each core, eight at most; only this one for a part of the tests.

    Each computes on one thread. What several threads do is tested by ``.ci/run``, and where a part is run.
    """
    if config.args_source is not config.ArgsSource.TESTPATHS:
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Let the garbage collector leave alone what is loaded by then: it would look through it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let slow tests begin first: the many quick ones then fill what is left of each process's time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return new folders: beside those that pytest numbers it would look through thousands of names for each."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_folders(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the user's cache and presets."""
    home = next(homes)
    home.mkdir()
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(home / variable.lower()))


@pytest.fixture(scope="session")
def begin() -> Iterator[Callable[..., Process]]:
    """Return what begins a process in which torch is loaded: with the arguments of an interpreter, in a folder."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    with fork_server(*LIBRARY) as begin:
        yield begin


@pytest.fixture(autouse=True, scope="session")
def mnist_unpacked_once() -> Iterator[None]:
    """Unpack and check the digits that ship inside the package once, not in each test: the 60,000 take a second."""
    from artcnn.datasets import mnist
    from artcnn.locations import bundled_mnist_dir

    unpack = mnist._unpack
    unpack_once = cache(unpack)

    def find(path: Path, sha256: str) -> bytearray:
        return bytearray(unpack_once(path, sha256)) if path.parent == bundled_mnist_dir() else unpack(path, sha256)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "_unpack", find)
        yield


@pytest.fixture(autouse=True, scope="session")
def commands_built_once() -> Iterator[None]:
    """Let typer build the command line once, not for each command that a test types: that takes longer than most do."""
    import typer

    build_once = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", build_once)
        patch.setattr("typer.testing._get_command", build_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def measured_once() -> Iterator[None]:
    """Measure once, not in each test, which precision is faster, and never how fast a run is: each takes a second."""
    from artcnn.backbones import precision
    from artcnn.jobs import estimate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision, "_measured", cache(precision._measured))
        patch.setattr(estimate, "_measure_speed", lambda *_: 1e11)
        yield


@pytest.fixture
def make_tiny(monkeypatch: pytest.MonkeyPatch) -> Callable[..., "VGGBackbone"]:
    """Return a maker of networks conv1_1 (3 to 4), pool1, conv2_1 (4 to 6), pool2, weights written by a formula.

    Their padding is the recipes' default.
    """
    import torch

    from artcnn.backbones import layers
    from artcnn.backbones.vgg import VGGBackbone

    monkeypatch.setitem(layers.BLOCKS, "tiny", ((4,), (6,)))

    def weight(*shape: int) -> torch.Tensor:
        count = torch.Size(shape).numel()
        return torch.sin(torch.arange(1, count + 1, dtype=torch.float32) * 1.7).reshape(shape) * 0.5

    state = {
        "features.0.weight": weight(4, 3, 3, 3),
        "features.0.bias": weight(4),
        "features.3.weight": weight(6, 4, 3, 3),
        "features.3.bias": weight(6),
    }
    return partial(VGGBackbone, "tiny", "tiny", state, mean=(0.5, 0.4, 0.3), std=(0.2, 0.25, 0.3), padding="replicate")


@pytest.fixture
def tiny(make_tiny: Callable[..., "VGGBackbone"]) -> "VGGBackbone":
    """Return the tiny network with the recipes' default padding and pooling."""
    return make_tiny()


BOARDS = {
    "decided": """
.X.XO.O
XXXXOOO
XXXXOO.
XXXXOOO
XXXXOOO
XXXXOOO
XXXXOOO
""",
    "seki": """
OOOX.X.
.OOXXXX
XOOXXXX
XOOXXXX
X.OXXXX
XOOXXXX
XOOXXXX
""",
}
"""Positions of Go that several tests use: X black, O white."""


@pytest.fixture
def draw_record():
    """Return what makes a record of a drawing, or of one of ``BOARDS``, after a replacement in it.

    X is black and O is white; the stones are set as those of a handicap, on a board of the drawing's size.
    """
    from artcnn.datasets.go.board import BLACK, WHITE, board_points
    from artcnn.datasets.go.game_state import GameState

    def draw(drawing: str, old: str = "", new: str = "") -> GameState:
        lines = BOARDS.get(drawing, drawing).replace(old, new, 1).split()
        record = GameState(size=len(lines))
        for row, line in zip(board_points(len(lines)).tolist(), lines, strict=True):
            for point, letter in zip(row, line, strict=True):
                if letter != ".":
                    record.play(point, BLACK if letter == "X" else WHITE, setup=True)
        return record

    return draw


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of photos and paintings."""
    return Path(__file__).parent.parent / "samples"


@pytest.fixture
def photo() -> "torch.Tensor":
    """Return an image of 40 x 52 pixels with slopes, edges and some noise, that no random state makes."""
    import torch

    y, x = torch.meshgrid(torch.linspace(0, 1, 40), torch.linspace(0, 1, 52), indexing="ij")
    noise = (torch.sin(torch.arange(40 * 52) * 12.9898) * 43758.5453).frac().abs().reshape(40, 52)
    return torch.stack([0.7 * x + 0.2, 0.5 * (y > x).float() + 0.25, 0.3 + 0.4 * noise])[None]


@pytest.fixture
def painting(photo: "torch.Tensor") -> "torch.Tensor":
    """Return another image, taller than wide."""
    return (1 - photo.flip(1).transpose(2, 3)).contiguous()


@pytest.fixture
def tiny_styles(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, painting) -> Path:
    """Return the file of a tiny network of wave, cafe and night-cafe, which takes the place of the one that ships."""
    import torch

    from artcnn.files.int8 import to_int8
    from artcnn.files.model import ModelCard, write_model
    from artcnn.files.painting import describe_painting
    from artcnn.nets.instant import InstantNetwork, is_table
    from artcnn.training_recipes import InstantTrainRecipe

    names = ("wave", "cafe", "night-cafe")
    recipe = InstantTrainRecipe(widths=(4, 6, 8), blocks=(1, 1, 1), full_channels=4)
    torch.manual_seed(0)
    state = InstantNetwork(len(names), recipe.widths, recipe.blocks, recipe.full_channels).state_dict()
    for name, table in state.items():
        if is_table(name):
            table += 0.3 * torch.randn(table.shape)
    paintings = [describe_painting((painting + 0.3 * i).clamp(0, 1), str(i) * 64, "A wave") for i in range(len(names))]
    card = ModelCard(
        version="0",
        kind="instant",
        recipe=recipe.model_dump(),
        classes=names,
        paintings=paintings,
        data="photos",
        data_sha256="0" * 64,
    )
    folder = tmp_path_factory.mktemp("models")
    monkeypatch.setattr("artcnn.files.model_registry.bundled_models_dir", lambda: folder)
    return write_model(folder / "instant.safetensors", to_int8(state), card)
