"""What is told of a result that is there."""

from dataclasses import dataclass

from artcnn.engines.step import Step
from artcnn.image import Size, size_of
from artcnn.jobs.result import Result


@dataclass(frozen=True)
class Summary:
    """What was made, in numbers.

    Attributes:
        size: (height, width) of the picture, or of a frame.
        frames: the number of a video's frames; None of a picture.
        index: the last step; of a video, of all of its passes.
        total: how many steps there would be.
        loops: whether it was to be a video that begins again without a jump.
    """

    size: Size
    frames: int | None
    index: int
    total: int
    loops: bool = False

    def in_words(self, seconds: float) -> str:
        """Return what people are told of it, which took so many seconds."""
        size = f"{self.size[1]} x {self.size[0]} pixels in {seconds:.0f} s"
        what, unit = (size, "step") if self.frames is None else (f"{self.frames} frames of {size}", "frame")
        stopped = f", stopped after {unit} {self.index} of {self.total}" if self.index < self.total else ""
        return what + stopped + (", so it jumps where it begins again" if stopped and self.loops else "")


def summarize(step: Step, result: Result) -> Summary:
    """Return the numbers of a result, whose last step is given."""
    frames, loops = getattr(result, "frames", None), getattr(result.provenance.video, "loop", False)
    return Summary(size_of(step.image), None if frames is None else len(frames), step.index, step.total, loops)
