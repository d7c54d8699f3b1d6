"""Digits spoken by espeak-ng in eight voices: the data of `artcnn speech compare`, a file for each voice.

Run from the repository's root, with espeak-ng installed: python benchmarks/spoken_words.py artcnn/data/spoken

In each file there is a word every second: zero to nine, six times, each time at other speeds and pitches. Made with
espeak-ng 1.51; other versions speak otherwise.
"""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
VOICES = (
    *("en-us+m1", "en-us+f2", "en-gb+m3", "en-gb-scotland+f4"),
    *("en-gb-x-rp+m7", "en-029+m4", "en-gb+f5", "en-us+croak"),
)
TAKES, SEED, RATE = 6, 0, 8000
SPEEDS, PITCHES = (110, 190), (25, 75)  # words a minute; of espeak-ng's scale, 50 is usual
QUIET = 0.01  # of full scale: below it a word has not begun


def speak(word: str, voice: str, speed: int, pitch: int) -> np.ndarray:
    """Return a word in the middle of a second, at ``RATE``, its peak at half of full scale."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", word]
    wave, rate = soundfile.read(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))
    wave = soxr.resample(wave, rate, RATE)
    loud = np.flatnonzero(np.abs(wave) > QUIET)
    wave = wave[loud[0] : loud[-1] + 1][:RATE]
    before = (RATE - len(wave)) // 2
    return 0.5 * np.pad(wave / np.abs(wave).max(), (before, RATE - len(wave) - before))


def main() -> None:
    """Write a file for each voice."""
    random, folder = np.random.default_rng(SEED), Path(sys.argv[1])
    for voice in VOICES:
        words = [
            speak(word, voice, int(random.integers(*SPEEDS)), int(random.integers(*PITCHES)))
            for _ in range(TAKES)
            for word in DIGITS
        ]
        path = folder / f"{voice}.ogg"
        soundfile.write(path, np.concatenate(words), RATE, format="OGG", subtype="VORBIS", compression_level=0.8)


if __name__ == "__main__":
    main()
