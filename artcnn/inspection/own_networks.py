"""Networks of the user's own: what a function in a Python file or a package makes, or what torch.export saved.

To open what a function makes runs that function: whoever names it wants it run. Files of torch.export and of weights
are only data.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import Parameter, signature
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import TYPE_CHECKING, Any

from artcnn.errors import ArtcnnError, ModelError, did_you_mean, missing

if TYPE_CHECKING:
    from torch import nn

    from artcnn.nets.exported import ExportedModule
    from artcnn.visualizers.module_network import ModuleNetwork
    from artcnn.visualizers.network import Network

_SCRIPT, _EXPORTED = ".py", ".pt2"
_FUNCTION = re.compile(r"(?P<place>.+):(?P<function>[A-Za-z_]\w*)")
_USUAL = 3, 224, 224
"""Channels, height and width of the pictures that most networks of photos take."""
_NEEDED = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY
_SOME = 3  # of many tensors that do not fit, how many are named


@dataclass(frozen=True)
class OwnSettings:
    """What is said of a network of one's own beside where it is.

    Attributes:
        shape: channels, height and width of the pictures that it takes; None for what its file says, or 3 x 224 x 224.
        mean: of each channel, which is subtracted from pixels in [0, 1]; one number for all; none for 0.
        std: of each channel, by which they are divided then; one number for all; none for 1.
        classes: what its answers are called; none for their numbers.
        weights: a file of safetensors with all of its weights.
    """

    shape: tuple[int, int, int] | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    weights: Path | None = None

    def arguments(self) -> list[str]:
        """Return the options that say the same, but for the names of classes."""
        numbers = {key: ",".join(f"{value:g}" for value in getattr(self, key)) for key in ("mean", "std")}
        told = {"--input": "x".join(map(str, self.shape or ())), "--mean": numbers["mean"], "--std": numbers["std"]}
        told["--weights"] = str(self.weights or "")
        return [part for option, value in told.items() if value for part in (option, value)]

    def check_unused(self, name: str) -> None:
        """Raise an ArtcnnError where something is said of a network that says it itself."""
        told = {"--input": self.shape, "--mean": self.mean, "--std": self.std, "--classes": self.classes}
        for option, value in (told | {"--weights": self.weights}).items():
            if value:
                hint = "use --model mynet.py:make, with a function that returns it"
                raise ArtcnnError(f"{option} is for a network of your own, and {name} is none", hint=hint)


def is_own(name: str) -> bool:
    """Return whether a name means a network of the user's own.

    That is ``FILE.py:FUNCTION``, ``PACKAGE.MODULE:FUNCTION`` or ``FILE.pt2``.
    """
    if name.endswith((_SCRIPT, _EXPORTED)):
        return True
    return _FUNCTION.fullmatch(name) is not None and not Path(name).is_file()


def check_own(name: str, settings: OwnSettings) -> None:
    """Check that files and packages are there, before torch is loaded and before anyone's code is run.

    Raises:
        ArtcnnError: one is missing, or may not be read.
    """
    place = _place(name)
    if _is_file(place):
        if not Path(place).is_file():
            raise ModelError(missing(Path(place)))
    elif not all(part.isidentifier() for part in place.split(".")) or find_spec(place.partition(".")[0]) is None:
        hint = "write FILE.py:FUNCTION, such as ./mynet.py:make, or PACKAGE.MODULE:FUNCTION of an installed package"
        raise ModelError(f"{name}: there is no package {place}", hint=hint)
    weights = settings.weights
    if weights is None:
        return
    if name.endswith(_EXPORTED):
        raise ModelError(f"--weights: {name} has its own")
    if not weights.is_file():
        raise ModelError(f"--weights: {missing(weights)}")
    if weights.suffix != ".safetensors":
        hint = "write safetensors: safetensors.torch.save_file(network.state_dict(), 'weights.safetensors')"
        raise ModelError(f"--weights {weights}: such a file can carry code that runs when it is read", hint=hint)


def open_own(name: str, settings: OwnSettings) -> "Network":
    """Return the network that a file has, or that a function makes; one that opens it itself has said everything.

    Raises:
        ArtcnnError: it cannot be made, or takes no such pictures.
    """
    from artcnn.visualizers.network import Network

    if name.endswith(_EXPORTED):
        return _open_exported(Path(name), settings)
    place, function = _parts(name)
    made = _make(name, place, function)
    if isinstance(made, Network):
        settings.check_unused(f"{name}, which opens it,")
        return made
    if settings.weights is not None:
        _load_weights(made, settings.weights, name)
    short = Path(place).stem if _is_file(place) else place.rpartition(".")[2]
    return _open(made, settings, _USUAL, f"{short}.{function}")


def load_exported(path: Path) -> "ExportedModule":
    """Return the module that ``torch.export.save`` wrote: its layers have their names. The file is read as data only.

    Raises:
        ModelError: it is damaged, takes anything but one picture, or needs what only code can read.
    """
    from artcnn.files.exported import read_exported
    from artcnn.nets.exported import ExportedModule

    graph = read_exported(path)
    try:
        return ExportedModule(graph)
    except ModelError as error:
        raise error.about(path) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise ModelError(f"{path} is damaged: its layers do not fit together") from error


def _open_exported(path: Path, settings: OwnSettings) -> "Network":
    module = load_exported(path)
    batch, *shape = module.shape
    if batch > 1:
        hint = "export it with one picture, or with torch.export.Dim('batch')"
        raise ModelError(f"{path} takes {batch} pictures at once, no more and no less", hint=hint)
    if len(shape) != len(_USUAL):
        raise ModelError(f"{path} takes {'x'.join(map(str, shape))} numbers, no pictures (channels, height, width)")
    channels, height, width = (told or usual for told, usual in zip(shape, _USUAL, strict=True))
    return replace(_open(module, settings, (channels, height, width), path.stem), alone=batch == 1)


def _open(module: "nn.Module", settings: OwnSettings, shape: tuple[int, int, int], name: str) -> "ModuleNetwork":
    """Return a module as a network; ``shape`` is what it takes where the settings do not say."""
    from artcnn.visualizers.module_network import open_module

    channels, *size = settings.shape or shape
    return open_module(
        module,
        (size[0], size[1]),
        mean=settings.mean or (0.0,),
        std=settings.std or (1.0,),
        channels=channels,
        classes=settings.classes,
        name=name,
    )


def describe_own(name: str, settings: OwnSettings, network: "Network") -> dict[str, Any]:
    """Return which network it was, for ``run.json``: its files' sha256, and how it takes pictures."""
    from artcnn.hashes import sha256_of

    place = _place(name)
    facts: dict[str, Any] = {
        "model": network.name,
        "model_from": name,
        "input": "x".join(map(str, network.input_shape)),
    }
    if _is_file(place):
        facts["model_sha256"] = sha256_of(Path(place))
    if settings.weights is not None:
        facts |= {"weights": str(settings.weights), "weights_sha256": sha256_of(settings.weights)}
    return facts | {key: list(value) for key in ("mean", "std") if (value := getattr(settings, key))}


def _parts(name: str) -> tuple[str, str]:
    """Return the file or the module, and the function."""
    found = _FUNCTION.fullmatch(name)
    if found is None:
        raise ModelError(f"{name}: say which function of it", hint=f"write {name}:make")
    return found["place"], found["function"]


def _place(name: str) -> str:
    """Return the file or the module alone."""
    return name if name.endswith(_EXPORTED) else _parts(name)[0]


def _is_file(place: str) -> bool:
    return place.endswith((_SCRIPT, _EXPORTED))


def _make(name: str, place: str, function: str) -> "nn.Module | Network":
    """Return what a function makes; in place of a function, a class or the network itself will do."""
    from torch import nn

    from artcnn.visualizers.network import Network

    module = _guarded(name, lambda: _import_file(Path(place)) if _is_file(place) else import_module(place))
    found = getattr(module, function, None)
    if found is None:
        known = {key: value for key, value in vars(module).items() if callable(value) and not key.startswith("_")}
        names = [key for key, value in known.items() if value.__module__ == module.__name__] or list(known)
        raise ModelError(f"{place} has no function {function}", hint=did_you_mean(function, names) if names else None)
    if isinstance(found, nn.Module | Network):
        return found
    if not callable(found):
        raise ModelError(f"{name} is no function, but of type {type(found).__name__}")
    if needed := _needed(found):
        raise ModelError(f"{name} needs {', '.join(needed)}", hint="name a function without arguments")
    made = _guarded(name, found)
    if not isinstance(made, nn.Module | Network):
        hint = "let it return a torch.nn.Module, or what artcnn.inspect.open_module returns"
        raise ModelError(f"{name} returns {type(made).__name__}, no network", hint=hint)
    return made


def _needed(function: Any) -> list[str]:  # noqa: ANN401 - anything that can be called
    """Return the arguments that a function cannot do without."""
    try:
        parameters: Mapping[str, Parameter] = signature(function).parameters
    except ValueError:  # some built-in functions do not say
        return []
    return [name for name, one in parameters.items() if one.default is Parameter.empty and one.kind in _NEEDED]


def _guarded(name: str, run: Any) -> Any:  # noqa: ANN401
    """Return what the user's own code returns; whatever it raises is one line that says where."""
    try:
        return run()
    except Exception as error:  # it is not our code that runs: anything may be raised
        first = next(iter(str(error).splitlines()), "")
        at = extract_tb(error.__traceback__)[-1]
        where = f"{Path(at.filename).name}, line {at.lineno}"
        raise ModelError(f"{name}: {where}: {type(error).__name__}: {first}") from error


def _import_file(path: Path) -> ModuleType:
    """Return a file as a module. What lies beside it can be imported by it, behind all that is installed."""
    name = f"own_{path.stem}"
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - the name ends with .py
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec.loader.exec_module(module)
    return module


def _load_weights(module: "nn.Module", path: Path, name: str) -> None:
    """Give a module all of its weights from a file.

    Raises:
        ModelError: the file is damaged, or any tensor is missing, unknown or of another shape.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is no file of safetensors, or a damaged one") from error
    own = module.state_dict()
    wrong = {
        "missing": sorted(own.keys() - state.keys()),
        "unknown": sorted(state.keys() - own.keys()),
        "of another shape": [key for key in own if key in state and own[key].shape != state[key].shape],
    }
    if any(wrong.values()):
        told = [f"{len(keys)} {what} ({_some(keys)})" for what, keys in wrong.items() if keys]
        raise ModelError(f"{path} does not fit {name}: of its tensors {', '.join(told)}")
    module.load_state_dict(state)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SOME]) + (" ..." if len(names) > _SOME else "")
