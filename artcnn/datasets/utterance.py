"""Who said which word, and the how manieth time: what is known of a recording without listening to it.

Quick: nothing here needs torch.
"""

from dataclasses import dataclass

OTHER = "(other)"
"""The label of every word that is none of those to be learnt."""


def words_of(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words among what a network's outputs stand for; they come first."""
    return tuple(label for label in classes if label != OTHER)


@dataclass(frozen=True)
class Utterance:
    """What the name of a recording says of it.

    Attributes:
        label: the word.
        speaker: who said it; "" where the name does not tell.
        take: the how manieth time, from 0.
    """

    label: str
    speaker: str
    take: int

    @classmethod
    def parse(cls, label: str, rest: str) -> "Utterance":
        """Return what is said by a label and the rest of a file's name, ``SPEAKER_TAKE``, either of them or neither."""
        *before, last = rest.split("_")
        if last.isascii() and last.isdigit() and len(last) < 10:
            return cls(label, "_".join(before), int(last))
        return cls(label, "", 0)
