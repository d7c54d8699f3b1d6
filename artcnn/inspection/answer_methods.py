"""Methods of inspection that explain why a network gives an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from artcnn.deprecation import warn_of_old_name
from artcnn.errors import ArtcnnError
from artcnn.inspection.method import Method, Option, check_choice
from artcnn.inspection.names import resolve_class
from artcnn.inspection.options import (
    ADVERSARIAL_STEPS,
    BACKGROUND,
    CHECKED_METHODS,
    CONFIDENCE,
    SALIENCY_CHOICES,
    check_fill,
)
from artcnn.inspection.progress import Progress, silent

if TYPE_CHECKING:
    from artcnn.inspection.outline import Outline
    from artcnn.inspection.subject import Subject
    from artcnn.reports.results import Finding

_Answer = Annotated[
    str | None, Option("The class in question [default: the network's answer].", "NAME|NUMBER", "--class")
]


_Maps = Annotated[str, Option("Which methods, or groups of them, with commas.", "|".join(SALIENCY_CHOICES))]


class _AnswerMethod(Method):
    """A method that asks about one answer, by default the network's own."""

    asks_class = True
    target: _Answer

    def _class(self, subject: "Subject") -> int | None:
        return None if self.target is None else resolve_class(subject.network, self.target)


@dataclass(frozen=True)
class Saliency(_AnswerMethod):
    """Show which pixels an answer depends on: bright ones matter; red speaks for, blue against.

    Methods of the group 'backward' go back through the network, those of 'masks' hide parts of the picture.
    """

    name = "saliency"
    sections = ("saliency",)

    target: _Answer = None
    method: _Maps = "backward"
    layer: Annotated[
        str | None, Option("Whose maps gradcam, layercam and scorecam weigh [default: the last that has any].", "LAYER")
    ] = None
    masks: Annotated[int | None, Option("Masks of rise [default: 4000; of a photo 1000].", min=10, max=1_000_000)] = (
        None
    )
    seed: Annotated[int, Option("Seed of the masks.", "NUMBER")] = 0

    @property
    def units(self) -> Sequence[str]:
        """The layer."""
        return [self.layer] if self.layer else ()

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check the method's name as well."""
        for name in self.method.split(","):
            check_choice("--method", name, SALIENCY_CHOICES)
        super().check(known, image)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return a map of each method."""
        from artcnn.inspection.attribution import AttributionSettings, choose_methods
        from artcnn.inspection.saliency import find_saliency

        network, board = subject.network, subject.board
        methods, moves = choose_methods(network, self.method, on_progress), None
        settings = AttributionSettings(self.layer, self.masks, self.seed)
        if board is not None:
            from artcnn.inspection.board import move_probabilities  # needs the extra "go"

            moves = move_probabilities(network, board)
        return find_saliency(
            network, subject.picture, self._class(subject), methods, board, moves, settings, on_progress
        )


@dataclass(frozen=True)
class Occlusion(_AnswerMethod):
    """Show what an answer needs to see: where a square hides it, the answer's probability falls."""

    name = "occlusion"
    sections = ("occlusion",)

    target: _Answer = None
    window: Annotated[
        int | None, Option("Side of the square, in pixels [default: 5; of a photo 48].", min=1, max=512)
    ] = None
    stride: Annotated[
        int | None, Option("Pixels from one place to the next [default: 1; of a photo 16].", min=1, max=512)
    ] = None
    fill: Annotated[
        str,
        Option(
            "What the square shows: the picture's own background (black, silence; of a photo blur), gray, the "
            "picture out of focus, or a level from 0, black, to 1, white.",
            "background|gray|blur|0..1",
        ),
    ] = BACKGROUND

    def __post_init__(self) -> None:
        if self.fill == "grey":
            warn_of_old_name("grey", "gray")
            object.__setattr__(self, "fill", "gray")

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check the square as well."""
        check_fill(self.fill)
        known.check_square(self.window, self.stride)
        super().check(known, image)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":  # noqa: ARG002
        """Return the answer's probability by the place of the square."""
        from artcnn.inspection.occlusion import default_square, find_occlusion

        window, stride = default_square(subject.network)
        square = self.window or window, self.stride or stride
        return find_occlusion(subject.network, subject.picture, self._class(subject), *square, self.fill)


@dataclass(frozen=True)
class Fool(Method):
    """Find a small change of a picture that makes the network sure that it is something else.

    If the steps are not enough, the picture that came closest is written, and the exit code is 1.
    """

    name = "fool"
    asks_class = True
    sections = ("fool",)

    to: Annotated[str, Option("The class that the network is to see.", "CLASS")]
    confidence: Annotated[float, Option("The least probability of that class.", min=0.5, max=0.9999)] = CONFIDENCE
    steps: Annotated[int, Option("Steps of the descent.", min=1, max=10_000)] = ADVERSARIAL_STEPS

    @property
    def target(self) -> str | None:
        """The class that it is to be taken for."""
        return self.to

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return the change.

        Raises:
            ArtcnnError: the network takes the picture for that already.
        """
        from artcnn.inspection.adversarial import find_adversarial
        from artcnn.inspection.prediction import predict

        network, target = subject.network, resolve_class(subject.network, self.to)
        own, probabilities = predict(network, subject.picture)
        if own == target:
            image = subject.facts.get("image", subject.name)
            already = f"{image} is {network.classes[own]} to {network.name} already"
            raise ArtcnnError(f"{already} (p = {float(probabilities[own]):.3f})", hint="choose another --to")
        on_progress(f"{self.steps} steps")
        return find_adversarial(network, subject.picture, target, self.confidence, self.steps)

    def check_result(self, finding: "Finding") -> None:
        """Raise an ArtcnnError if the network is not sure enough."""
        (row,) = finding.rows
        if not row["fooled"]:
            reached = f"p({row['to']}) is {row['p_to_after']:.3f} after {self.steps} steps, not {self.confidence:g}"
            raise ArtcnnError(reached, hint="allow more --steps, or ask for less --confidence")


@dataclass(frozen=True)
class Check(_AnswerMethod):
    """Test the maps of 'saliency' and 'occlusion': do they depend on what was learned, do they name what matters?

    Weights are randomized from the last layer down: a map that stays the same says nothing about the network. Then
    pixels are taken away, or put back, in the order of each map: the answer should soon fall, or soon rise.
    """

    name = "check"
    sections = ("check",)

    target: _Answer = None
    method: _Maps = CHECKED_METHODS
    seed: Annotated[int, Option("Seed of the random weights, and of the masks of rise.", "NUMBER")] = 0

    def check(self, known: "Outline", image: Path | None) -> None:
        """Check the method's name as well."""
        for name in self.method.split(","):
            check_choice("--method", name, SALIENCY_CHOICES)
        super().check(known, image)

    def find(self, subject: "Subject", on_progress: Progress = silent) -> "Finding":
        """Return what becomes of each map."""
        from artcnn.inspection.attribution import choose_methods
        from artcnn.inspection.sanity_checks import find_check

        methods = choose_methods(subject.network, self.method, on_progress)
        return find_check(subject.network, subject.picture, self._class(subject), methods, self.seed, on_progress)
