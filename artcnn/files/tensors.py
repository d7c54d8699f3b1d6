"""Safetensors files with a card, which is text. Not trusted: no code in them is run, all numbers are finite."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from artcnn.errors import ModelError
from artcnn.files.atomic import write_atomic

CARD_KEY = "artcnn"
"""The card's name in the file's metadata."""

_LARGEST_FILE = 1 << 30


def write_safetensors(path: Path, state: dict[str, Tensor], card: str, replace: bool = True) -> Path:
    """Write tensors and their card to a safetensors file, as ``write_atomic`` does; return its path.

    Raises:
        ArtcnnError: it cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    return write_atomic(path, save(tensors, {CARD_KEY: card}), replace)


def read_safetensors(path: Path) -> tuple[str, dict[str, Tensor]]:
    """Return a file's card and tensors.

    Raises:
        ModelError: it is no such file, is damaged, or has a number that is none.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelError(f"{path} is too large for a model that artcnn trains")
        with safe_open(path, framework="pt") as file:
            card = (file.metadata() or {}).get(CARD_KEY)
            if card is None:
                raise ModelError(f"{path} was not made by artcnn: it has no card")
            # Copies: the file is mapped into memory, and Windows would let nothing take its place.
            state = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is not a model file, or a damaged one") from error
    if not all(bool(torch.isfinite(tensor.float()).all()) for tensor in state.values()):
        raise ModelError(f"{path}: some of its weights are not numbers")
    return card, state
