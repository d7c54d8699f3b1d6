"""How `speech-digits` hears a voice that is no person's: digits and other words, spoken by espeak-ng.

Run from the repository's root, with espeak-ng installed: python benchmarks/espeak.py [MODEL]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

DIGITS = "zero one two three four five six seven eight nine"
OTHERS = """
hello house water yes no left right stop go bird cat marvin tree dog happy wow bed computer window music paper orange
green yellow monday summer river mountain sheila forward backward follow learn visual off on up down
"""
VOICES = """
en-us en-gb en-gb-scotland en-gb-x-rp en-us+f2 en-us+f4 en-us+m3 en-us+m7 en-gb+f3 en-gb+m1
"""  # f are women's, m men's
SPEEDS = 130, 160  # words a minute


def speak(path: Path, word: str, voice: str, speed: int) -> None:
    """Write a word to a WAV file of 22,050 samples a second."""
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), word], check=True)


def artcnn(*arguments: str) -> list | dict:
    """Return the object that a command of artcnn prints."""
    command = [sys.executable, "-m", "artcnn", "speech", *arguments, "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the accuracy on the digits, and how often words of either kind are doubted."""
    model = sys.argv[1] if len(sys.argv) > 1 else "speech-digits"
    with tempfile.TemporaryDirectory() as name:
        digits, others = Path(name, "digits"), Path(name, "others")
        digits.mkdir()
        others.mkdir()
        for voice in VOICES.split():
            for speed in SPEEDS:
                for digit, word in enumerate(DIGITS.split()):
                    speak(digits / f"{digit}_{voice}_{speed}.wav", word, voice, speed)
            for word in OTHERS.split():
                speak(others / f"{word}_{voice}_{SPEEDS[0]}.wav", word, voice, SPEEDS[0])
        tested = artcnn("test", model, str(digits), "--out", name)
        forced = tested.get("among_words", tested)
        print(f"digits: {100 * tested['accuracy']:.1f} % of {tested['count']} right")
        print(f"  where one of the ten must be chosen: {100 * forced['accuracy']:.1f} %")
        for voice, part in tested["by_speaker"].items():
            print(f"  {voice}: {100 * part['accuracy']:.0f} %")
        answers = artcnn("predict", model, *map(str, sorted(digits.iterdir())))
        right = [answer for answer in answers if Path(answer["sound"]).name[0] == answer["word"]]
        wrong = [answer for answer in answers if answer not in right]
        for what, some in (
            ("right digits", right),
            ("wrong digits", wrong),
            ("other words", artcnn("predict", model, *map(str, sorted(others.iterdir())))),
        ):
            unsure = sum(answer["doubt"] is not None for answer in some)
            print(f"{what}: {unsure} of {len(some)} unsure")


if __name__ == "__main__":
    main()
