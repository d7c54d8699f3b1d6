"""Clips for tests, made with PyAV: frames encode their numbers."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def numbered(number: int, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """Return a frame whose top left quarter encodes its number, whose rest differs in all four corners."""
    y, x = np.mgrid[0:height, 0:width]
    frame = np.stack([40 + 2 * x, 40 + 2 * y, np.full_like(x, 90)], axis=-1)
    frame[: height // 2, : width // 2] = [16 * (number % 16), 8 * number % 256, 255 - 16 * (number % 16)]
    return frame.clip(0, 255).astype(np.uint8)


def make_clip(
    path: Path,
    count=8,
    times=None,
    *,
    size=(48, 64),
    codec="libx264rgb",
    pix_fmt="rgb24",
    options=None,
    unit=Fraction(1, 10),
    rotation=0,
    ratio=None,
    colors=(),
    frames=None,
    sounds=(),
    movflags=None,
    first=0,
) -> Path:
    """Write a clip with PyAV and return its path: without loss as H.264 in RGB, unless it is told otherwise.

    Args:
        path: where; its ending is that of the format.
        count: of frames.
        times: when each begins, in units; None for every unit.
        size: (height, width).
        codec: FFmpeg's name of the encoder.
        pix_fmt: FFmpeg's name of the pixel format.
        options: of the encoder.
        unit: of time, in seconds.
        rotation: in degrees, counterclockwise, as the file declares it.
        ratio: width of a pixel over its height.
        colors: codes of matrix, range, primaries and transfer, as FFmpeg has them.
        frames: makes a frame of its number: an array, or PyAV's; None for ``numbered``.
        sounds: FFmpeg's names of the encoders of the sound tracks.
        movflags: of an MP4 file.
        first: when the first frame begins, in units.
    """
    import av

    container_options = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", container_options=container_options) as container:
        lossless = {"crf": "0", "g": "4"} if codec.startswith("libx264") else {}
        stream = container.add_stream(codec, 1 / unit, options={**lossless, "threads": "1", **(options or {})})
        stream.height, stream.width = size
        stream.pix_fmt = pix_fmt
        stream.time_base = stream.codec_context.time_base = unit
        if rotation:
            stream.set_display_rotation(rotation)
        if ratio:
            stream.sample_aspect_ratio = ratio
        context = stream.codec_context
        for field, code in zip(("colorspace", "color_range", "color_primaries", "color_trc"), colors, strict=False):
            setattr(context, field, code)
        tracks = [container.add_stream(kind, 44_100 if kind == "aac" else 48_000, layout="mono") for kind in sounds]
        for number in range(count):
            frame = numbered(number, *size) if frames is None else frames(number)
            if not isinstance(frame, av.VideoFrame):
                frame = av.VideoFrame.from_ndarray(frame, "rgba" if frame.shape[2] == 4 else "rgb24")
                frame = frame.reformat(
                    format=pix_fmt, dst_colorspace=colors[0] if colors and colors[0] in (1, 9) else None
                )
            frame.pts, frame.time_base = first + (number if times is None else times[number]), unit
            for field, code in zip(("colorspace", "color_range", "color_primaries", "color_trc"), colors, strict=False):
                setattr(frame, field, code)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        length = count * unit
        for number, track in enumerate(tracks):
            container.mux(list(_encode_sound(track, number, float(length), track.rate)))
    return path


def _encode_sound(stream, number, seconds, rate):
    """Yield the packets of a tone, each track another one."""
    import av

    samples = np.sin(np.arange(int(seconds * rate)) * (0.05 + 0.02 * number)).astype(np.float32)
    for start in range(0, len(samples), 1024):
        part = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], "fltp", "mono")
        part.sample_rate, part.pts, part.time_base = rate, start, Fraction(1, rate)
        yield from stream.encode(part)
    yield from stream.encode(None)
