"""Record from the microphone, with sounddevice."""

from collections.abc import Callable

import torch
from torch import Tensor

from artcnn.errors import DataError
from artcnn.extras import importing
from artcnn.files.sound import resample


def record(seconds: float, ready: Callable[[], None]) -> Tensor:
    """Record from the microphone: shape (samples,) at 8000 Hz.

    Args:
        seconds: length of the recording.
        ready: called when it starts.

    Raises:
        MissingExtraError: sounddevice is not installed.
        DataError: there is no microphone, or the system lacks the library PortAudio.
    """
    try:
        with importing("microphone"):
            import sounddevice
    except OSError as error:
        raise DataError(f"the microphone cannot be used: {error}", hint="install PortAudio") from error
    try:
        rate = int(sounddevice.query_devices(kind="input")["default_samplerate"])
        ready()
        samples = sounddevice.rec(int(seconds * rate), samplerate=rate, channels=1, dtype="float32", blocking=True)
    except sounddevice.PortAudioError as error:
        raise DataError(f"there is no microphone to listen to: {error}") from error
    return torch.from_numpy(resample(samples[:, 0].copy(), rate))
