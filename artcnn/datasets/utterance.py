"""Label, speaker and take of a recording, from its file name. No torch is imported."""

from dataclasses import dataclass

OTHER = "(other)"
"""The label of words that are not among the classes."""


def known_words(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words among a network's classes; they come first."""
    return tuple(label for label in classes if label != OTHER)


@dataclass(frozen=True)
class Utterance:
    """Label, speaker and take of a recording.

    Attributes:
        label: the word.
        speaker: "" if unknown.
        take: number of the recording by this speaker, from 0.
    """

    label: str
    speaker: str
    take: int

    @classmethod
    def parse(cls, label: str, rest: str) -> "Utterance":
        """Parse the rest of a file name after the label: ``SPEAKER_TAKE``, one of them, or nothing."""
        *before, last = rest.split("_")
        if last.isascii() and last.isdigit() and len(last) < 10:
            return cls(label, "_".join(before), int(last))
        return cls(label, "", 0)
