"""The device to compute on."""

import torch

from artcnn.errors import ArtcnnError, did_you_mean


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of this name; ``auto`` is the first available of CUDA, Apple's MPS and the CPU.

    Raises:
        ArtcnnError: the name is unknown, or the device is not available.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, is_there in there.items() if is_there))
    if name not in there:
        raise ArtcnnError(f"unknown device '{name}'", hint=did_you_mean(name, ["auto", *there]))
    if not there[name]:
        raise ArtcnnError(f"this machine, or this build of torch, has no device '{name}'", hint="use auto")
    return torch.device(name)
