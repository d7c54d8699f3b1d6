"""Make what a prepared job says, step by step."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from time import monotonic

from artcnn.engines.step import State, Step
from artcnn.errors import DivergenceError, enough_memory
from artcnn.files.frame_store import FrameStore
from artcnn.image import size_of
from artcnn.jobs.checkpoints import CheckpointStore, Clock, MemoryStore
from artcnn.jobs.engines import engine_of
from artcnn.jobs.estimate import less_memory
from artcnn.jobs.events import Checkpointed, Event, Finished, Progress, Started, never
from artcnn.jobs.prepared import PreparedJob
from artcnn.machine.memory import malloc_trim
from artcnn.recipes import VideoRecipe


def run(
    prepared: PreparedJob,
    *,
    checkpoints: CheckpointStore | None = None,
    cancelled: Callable[[], bool] = never,
    pausing: Callable[[], bool] = never,
    stop_after: int | None = None,
) -> Generator[Event, None, None]:
    """Make a picture, or a video, and yield what happens: ``Started``, each step, and ``Finished`` with the result.

    The same job gives the same bits, whether it was interrupted and resumed or not. Where the consumer stops early, or
    raises, the last checkpoint stays.

    Args:
        prepared: what is made.
        checkpoints: where a checkpoint is kept every now and then; a run begins at the one that is there.
        cancelled: asked before each step whether to end the run; what is reached is its result, incomplete.
        pausing: asked after each step whether to keep a checkpoint of it at once. Whoever then stops the run before it
            is over can continue it from there.
        stop_after: the step to stop after, of a video the frame, where a run is to end as an interrupted one did.

    Raises:
        DivergenceError: the engine's loss or gradient is not finite; of a run with a good step its result came before.
        CheckpointError: the checkpoint is that of another run.
        OutOfMemoryError: there is not enough memory.
    """
    with enough_memory(less_memory(prepared.recipe)):
        state = None if checkpoints is None else checkpoints.load(prepared.key)
        if state is not None and stop_after is not None and "index" in state and int(state["index"]) >= stop_after:
            state = None  # it is of a run that was to go farther
        with _frames_of(prepared, checkpoints, state) as frames:
            begun = _count_made(prepared, state, frames, stop_after)
            estimate = prepared.estimate_rest(begun, stop_after)
            yield Started(estimate, prepared.notes, begun)
            began = monotonic()
            last, diverged = yield from _follow(prepared, state, frames, checkpoints, cancelled, pausing, stop_after)
            if last is None and diverged is not None:
                raise diverged
            seconds = monotonic() - began
            result = None if last is None else prepared.result(last, seconds, frames)
            if result is not None and result.complete and state is None:
                estimate.learn(seconds)
            yield Finished(result)
        if checkpoints is not None and result is not None:
            checkpoints.clear()
    if diverged is not None:
        raise diverged


def _follow(
    prepared: PreparedJob,
    state: State | None,
    frames: FrameStore | None,
    checkpoints: CheckpointStore | None,
    cancelled: Callable[[], bool],
    pausing: Callable[[], bool],
    stop_after: int | None,
) -> Generator[Event, None, tuple[Step | None, DivergenceError | None]]:
    """Yield what happens on the way; return the last step, or None, and what ended the run before its end."""
    steps = _steps_of(prepared, state, frames)
    clock, stage = Clock(), ""
    last: Step | None = None
    while (last is None or last.index != stop_after) and not cancelled():
        try:
            step = next(steps, None)
        except DivergenceError as error:
            return last, error
        if step is None:
            break
        if step.stage != stage and prepared.tiling.plan(size_of(step.image)).stages:
            malloc_trim()  # what a smaller size left is in the way where memory is short
        stage = step.stage
        if frames is not None and prepared.clip is None:
            frames.add(step.image)
        first = prepared.clip is not None and step.index == 1  # from then on its frames are all that is needed
        if checkpoints is not None and step.index < step.total and (first or clock.is_due() or pausing()):
            _save(prepared.key, step, frames, checkpoints, clock)
            yield Checkpointed(step.index)
        last, step = without_state(step), None  # its state holds all that the engine had then, and memory is short
        yield Progress(last)
    return last, None


def _steps_of(prepared: PreparedJob, state: State | None, frames: FrameStore | None) -> Iterator[Step]:
    """Return the steps that are still to be made."""
    if prepared.clip is not None and frames is not None:
        from artcnn.jobs.film import film_steps

        return film_steps(prepared, prepared.clip, frames)
    video = prepared.job.video if isinstance(prepared.job.video, VideoRecipe) else None
    recipe, images, network, tiling = prepared.recipe, prepared.images, prepared.network, prepared.tiling
    return engine_of(recipe).steps(recipe, images, network, tiling, state, video)


def _count_made(prepared: PreparedJob, state: State | None, frames: FrameStore | None, stop_after: int | None) -> int:
    """Return how many steps are made; of a film whose frames are all there, the last is made again."""
    if prepared.clip is None or frames is None:
        return 0 if state is None else int(state["index"])
    frames.truncate(min(len(frames), (stop_after or prepared.frame_count or 0) - 1))
    return len(frames)


def _save(key: str, step: Step, frames: FrameStore | None, checkpoints: CheckpointStore, clock: Clock) -> None:
    """Keep a checkpoint; of a video the frames come first, for it tells of them."""
    began = monotonic()
    if frames is not None:
        frames.sync()
    checkpoints.save(key, step.state())
    clock.record(began)


def without_state(step: Step) -> Step:
    """Return a step without its state."""
    return replace(step, state=dict)


def _frames_of(
    prepared: PreparedJob, checkpoints: CheckpointStore | None, state: State | None
) -> AbstractContextManager[FrameStore | None]:
    """Return where the frames of a video are kept; of a picture, which has none, None."""
    if not prepared.job.makes_video:
        return nullcontext()
    return (MemoryStore() if checkpoints is None else checkpoints).frames(prepared.frame_size, state)
