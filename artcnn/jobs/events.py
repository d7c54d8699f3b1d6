"""What a run tells while it works."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artcnn.engines.step import Step
    from artcnn.jobs.estimate import Estimate
    from artcnn.jobs.result import Result


@dataclass(frozen=True)
class Started:
    """The run begins.

    Attributes:
        estimate: the time and the memory it will take; of a video, what is left of it.
        notes: what may surprise in how the inputs were understood, a sentence each.
        resumed_at: the step that an earlier run had reached, which this one continues; 0 where it begins anew.
    """

    estimate: "Estimate"
    notes: Sequence[str]
    resumed_at: int


@dataclass(frozen=True)
class Progress:
    """A step is done; of a video, a frame."""

    step: "Step"


@dataclass(frozen=True)
class Checkpointed:
    """The run could be continued from this step on, if it were killed now."""

    index: int


@dataclass(frozen=True)
class Finished:
    """The run is over.

    Save the result before asking for the next event: that is when checkpoints, and a video's frames, are removed. Where
    the engine diverged the last good result comes here, and the ``DivergenceError`` is raised when the next is asked
    for.

    Attributes:
        result: what was made; incomplete where the run was cancelled or diverged; None where it had no step by then.
    """

    result: "Result | None"


def never() -> bool:
    """Return that nobody wants the job to end."""
    return False


Event = Started | Progress | Checkpointed | Finished
"""What ``run`` yields: ``Started``, then any number of ``Progress`` and ``Checkpointed``, then ``Finished``."""
