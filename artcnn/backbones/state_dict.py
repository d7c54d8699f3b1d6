"""Weight files as state dicts: read as plain tensors, and checked against the network."""

import json
import pickle
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from artcnn.backbones.layers import convolution_index, layer_channels
from artcnn.backbones.planes import join
from artcnn.backbones.weights import PLANES, Weights, check_vgg, damaged, fetch, find, location, status, verify
from artcnn.errors import WeightsError


def load_vgg_state(name: str, fetch_missing: bool = True) -> dict[str, Tensor]:
    """Return the convolutions of a VGG's weights, in float32 on the CPU.

    Args:
        name: of the weights.
        fetch_missing: whether to download a file that is not cached.

    Returns:
        ``features.N.weight`` of shape (out, in, 3, 3) and ``features.N.bias`` of shape (out,), with torchvision's N.

    Raises:
        WeightsError: the name is unknown, or the file is missing, damaged or does not fit its network.
    """
    weights = find(name)
    check_vgg(weights)
    return _convolutions(weights, _load(weights, fetch_missing))


def load_state_dict_file(weights: Weights) -> dict[str, Tensor]:
    """Return all tensors of a weight file; download it if it is not cached.

    Raises:
        WeightsError: the file is missing, damaged, or holds anything but tensors.
    """
    state = _load(weights, fetch_missing=True)
    if not (isinstance(state, dict) and all(isinstance(value, Tensor) for value in state.values())):
        raise WeightsError(f"{location(weights)} does not hold plain tensors, and was not loaded")
    return {str(key): value.clone() for key, value in state.items()}


def _load(weights: Weights, fetch_missing: bool) -> object:
    """Return the content of the verified file."""
    if status(weights) != "to be downloaded":
        if not verify(weights):
            raise damaged(weights)
    elif fetch_missing:
        fetch(weights)
    else:
        name = weights.name
        raise WeightsError(
            f"{name} is not downloaded yet ({weights.megabytes:.0f} MB)", hint=f"run 'artcnn weights fetch {name}'"
        )
    return _read(location(weights))


def _read(path: Path) -> object:
    """Return the content of a file. A pickle with anything but tensors is refused, not run."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if path.suffix == PLANES:
            return _tensors(join(path))
        # mmap reads only what is needed, but torchvision's oldest files are no zip archives.
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError) as error:
        raise WeightsError(f"{path} does not hold plain tensors, and was not loaded") from error


def _tensors(content: bytearray) -> dict[str, Tensor]:
    """Return the tensors in the bytes of a safetensors file of float16, which was verified; nothing is copied."""
    first = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:first])
    return {
        name: torch.frombuffer(content, dtype=torch.float16, count=(end - begin) // 2, offset=first + begin).view(shape)
        for name, facts in header.items()
        if name != "__metadata__"
        for shape, (begin, end) in [(facts["shape"], facts["data_offsets"])]
    }


def _convolutions(weights: Weights, state: object) -> dict[str, Tensor]:
    """Return float32 copies of the tensors that the network needs, after checking their shapes."""
    found: dict[str, Tensor] = {}
    for key, shape in expected_shapes(weights.architecture).items():
        tensor = state.get(key) if isinstance(state, dict) else None
        if not isinstance(tensor, Tensor):
            raise WeightsError(f"{location(weights)} does not fit {weights.architecture}: it has no '{key}'")
        if tensor.shape != shape:
            got = tuple(tensor.shape)
            raise WeightsError(
                f"{location(weights)} does not fit {weights.architecture}: '{key}' is {got}, not {shape}"
            )
        # A copy: the file may be memory-mapped, and may be replaced while the network is in use.
        found[key] = tensor.to(torch.float32, copy=True)
    return found


def expected_shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors that a VGG needs, by torchvision's names."""
    channels, shapes, inputs = layer_channels(architecture), dict[str, tuple[int, ...]](), 3
    for layer, index in convolution_index(architecture).items():
        shapes[f"features.{index}.weight"] = (channels[layer], inputs, 3, 3)
        shapes[f"features.{index}.bias"] = (channels[layer],)
        inputs = channels[layer]
    return shapes
