"""Help answers at once: nothing slow is imported for it. Modules are counted, not milliseconds."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from fork_server import fork_server

from artcnn.cli.group import LAZY

PHOTO = str(Path(__file__).parents[2] / "samples" / "castle.jpg")

SLOW = {"matplotlib", "torch", "torchvision", "numpy", "PIL", "pydantic", "rich", "safetensors", "platformdirs"}
SLOW |= {"soundfile", "soxr", "numba"}


CODE = """
import sys
from artcnn.cli import main
try:
    main()
except SystemExit as stop:
    print(stop.code or 0, *sys.modules, file=sys.stderr)
"""


def understand(told: str) -> tuple[int, set[str]]:
    """Return the exit code and the modules that the code told."""
    exit_code, *modules = told.splitlines()[-1].split()
    return int(exit_code), set(modules)


@contextmanager
def runs(*loaded: str):
    """Yield what runs a command: arguments in, exit code and all modules that are loaded in the end back.

    Every process begins where an interpreter is that has loaded the command line, these modules, and nothing else.
    """
    with fork_server("artcnn.cli", *loaded) as begin:

        def run(*arguments: str) -> tuple[int, set[str]]:
            with begin("-c", CODE, *arguments) as process:
                return understand(process.communicate()[1])

        yield run


@pytest.fixture(scope="module")
def run():
    """Return what runs a command where only the command line is loaded."""
    with runs() as run:
        yield run


@pytest.fixture(scope="module")
def run_at_once():
    """Return what runs a command where what most of them need without torch is loaded, too."""
    groups = [f"artcnn.cli.{name}" for name in LAZY]
    with runs(
        "numpy", "artcnn.presets", "artcnn.training_recipes", "artcnn.files.open", "artcnn.jobs.inputs", *groups
    ) as run:
        yield run


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["dream", "--help"],
        ["style", "--help"],
        ["presets", "--help"],
        ["weights", "--help"],
        ["mnist", "train", "--help"],
        ["speech", "train", "--help"],
        ["go", "train", "--help"],
        ["go", "match", "--help"],
        ["inspect", "--help"],
        ["sheet", "style", "--help"],
        ["instant", "--help"],
        ["instant", "styles", "--help"],
    ],
)
def test_help_imports_nothing_slow(run, arguments):
    exit_code, modules = run(*arguments)
    assert exit_code == 0
    assert not modules & SLOW
    assert "typer" in modules


@pytest.mark.slow
def test_help_of_all_imports_no_group_of_commands(run):
    modules = run("--help")[1]
    assert not {f"artcnn.cli.{name}" for name in LAZY} & modules
    assert "artcnn.cli.go" in run("go", "--help")[1]


def test_a_fresh_interpreter_imports_nothing_slow():
    told = subprocess.run([sys.executable, "-c", CODE, "--version"], capture_output=True, text=True, check=True).stderr
    assert not understand(told)[1] & SLOW


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["dream", "no.jpg"],
        ["dream", "no.jpg", "--layer", "x"],
        ["sheet", "dream", "no.jpg", "--vary", "layers=relu4_3,x"],
        ["sheet", "dream", "no.jpg", "--vary", "palette=0,1"],
        ["sheet", "dream", PHOTO, "-o", "no/x.png"],
        ["sheet", "dream", PHOTO, "--guide", "no.jpg"],
        ["sheet", "style", PHOTO, PHOTO, "--mask", "painting2=no.png"],
        ["dream", PHOTO, "--class", "casle"],
        ["dream", PHOTO, "--class", "casle", "--backbone", "resnet50"],
        ["dream", PHOTO, "--class", "castle", "--backbone", "vgg16"],
        ["instant", PHOTO, "--style", "wavy"],
        ["instant", "no.jpg", "--style", "wave"],
        ["instant", "styles"],
        ["sheet", "instant", "no.jpg"],
        ["style", PHOTO, PHOTO, "--init", "no.safetensors"],
        ["presets"],
        ["presets", "show", "gatys"],
        ["weights"],
        ["mnist", "train", "--epochs", "0"],
        ["speech", "train", "none"],
        ["speech", "predict", "mnist-best", "none.wav"],
        ["go", "train", "none"],
        ["go", "test", "mnist-best", "none.sgf"],
        ["go", "suggest", "mnist-best", "none.sgf"],
        ["inspect", "layers", "-m", "alexnett"],
        ["inspect", "saliency", PHOTO, "-m", "vgg16", "--class", "cat"],
        ["inspect", "saliency", PHOTO, "-m", "efficientnet-lite0", "--class", "cat"],
        ["inspect", "saliency", PHOTO, "-m", "alexnet", "--class", "cat"],
        ["inspect", "saliency", PHOTO, "-m", "go-moves"],
        ["inspect", "filters", "conv1_1"],
        ["inspect", "filters", "conv1:25"],
        ["inspect", "patches", "conv1-3"],
        ["inspect", "occlusion", PHOTO, "--window", "28"],
        ["inspect", "activations", PHOTO, "--size", "100"],
        ["inspect", "maximize", "conv2:3"],
    ],
)
def test_a_mistake_or_a_list_needs_no_torch(run_at_once, arguments):
    assert "torch" not in run_at_once(*arguments)[1]


@pytest.mark.slow
def test_usage_mistakes_are_2(run):
    assert run("dream")[0] == 2
    assert run("draem", "x.jpg")[0] == 2
    assert run("dream", "x.jpg", "--octaves", "many")[0] == 2
