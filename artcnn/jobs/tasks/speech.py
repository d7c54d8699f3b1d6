"""Hearing words: what its trainings, tests and comparisons work with."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from artcnn.datasets.recordings import Recordings
from artcnn.datasets.spoken import Word
from artcnn.datasets.utterance import known_words
from artcnn.errors import ArtcnnError
from artcnn.files.model import Model
from artcnn.files.recordings import read_bundled_recordings, read_recordings
from artcnn.files.sound import read_word
from artcnn.inspection.doubts import doubt_of_word
from artcnn.jobs.comparison import Comparison, train_fully
from artcnn.jobs.evaluation import check_classes, classification
from artcnn.jobs.prediction import Answer, answer, predict_each
from artcnn.jobs.tasks.sources import SpeechSource
from artcnn.jobs.tasks.task import EvaluationData, Skip, Task, TrainingData
from artcnn.training.classification import evaluate, predict
from artcnn.training.comparison import Arm, Fit, limit_batch
from artcnn.training.speech import speech_classes, speech_training
from artcnn.training_recipes import SpeechRecipe

ARMS = (
    Arm("both", "both", {}, "filters along time and frequency"),
    Arm("frequency", "frequency", {}, "along frequency only"),
    Arm("time", "time", {}, "along time only"),
    Arm("dense", "dense", {}, "no filters"),
)
"""What ``compare`` compares: the axes along which filters move."""


def load_training(source: SpeechSource, recipe: SpeechRecipe, skip: Skip) -> TrainingData:
    """Load what a training needs.

    Raises:
        DataError: too few recordings can be read.
    """
    recordings = read_recordings(source.folder, skip)
    source.check_enough(recordings.utterances)
    theirs = None
    if source.leave_out is not None:
        recordings, theirs = recordings.apart(source.leave_out)
    train, validation = (part.examples for part in recordings.split(recipe.validation))
    return TrainingData(
        partial(speech_training, recipe, train, validation),
        recordings.examples,
        speech_classes(recipe, recordings.examples.classes),
        None if theirs is None else theirs.examples,
    )


def load_evaluation(source: SpeechSource, model: Model, device: torch.device, skip: Skip) -> EvaluationData:
    """Load what the test of a model needs.

    Raises:
        ArtcnnError: the model knows other words.
    """
    recordings = read_recordings(source.folder, skip)
    if source.held_out:
        recordings = recordings.split(model.card.recipe_as(SpeechRecipe).validation)[1]
    words = known_words(model.card.classes)
    recordings = recordings.labelled(words)
    check_classes(model, words, recordings.examples)
    speakers = [utterance.speaker for utterance in recordings.utterances]
    return classification(model, recordings.examples, device, {"file": recordings.files, "speaker": speakers})


def describe(recipe: SpeechRecipe) -> str:
    """Return what tells a training from others."""
    return f"filters {recipe.filters}, seed {recipe.seed}"


def predict_words(model: Model, sounds: Sequence[Path]) -> list[Answer | ArtcnnError]:
    """Return the answer to each recording, or why it cannot be read.

    Raises:
        ArtcnnError: none of the recordings can be read.
    """
    return predict_each(sounds, read_word, partial(predict_word, model))


def predict_word(model: Model, word: Word) -> Answer:
    """Return the answer to what was heard in a recording."""
    silent = not word.spectrogram.any()
    doubt = word.doubt if silent else doubt_of_word(model.network, model.card.classes, word)
    return answer(model, word.spectrogram, doubt)


def write_words(path: Path, answers: Sequence[tuple[str, Answer]], replace: bool) -> Path:
    """Draw the spectrograms that the network was shown, each with its name and answer, to a .png file.

    Returns:
        Where it is.
    """
    from artcnn.reports.prediction_chart import Prediction, write_prediction_chart

    predictions = [
        Prediction(Path(name).name, answer.input[0], _describe(answer), answer.probabilities)
        for name, answer in answers
    ]
    return write_prediction_chart(path, predictions, replace)


def _describe(answer: Answer) -> str:
    text = answer.label or ("none of its words" if answer.probabilities else "nothing")
    return text + ", unsure" * bool(answer.doubt)


def load_comparison(folder: Path | None, recipes: dict[str, SpeechRecipe], seeds: int, skip: Skip) -> Comparison:
    """Return what compares the arms by their accuracy on each speaker, who is left out of the training.

    Args:
        folder: recordings; None for the synthetic ones that ship in the package.
        recipes: of each arm.
        seeds: runs of each.
        skip: takes the error of each recording that cannot be read.
    """
    recordings = read_bundled_recordings() if folder is None else read_recordings(folder, skip)
    return Comparison(
        arms=ARMS,
        recipes=recipes,
        conditions=recordings.speakers(),
        trial=partial(_trial, recordings),
        score="accuracy",
        condition="left out",
        classes=len(recordings.examples.classes),
        title=f"Speakers never heard, {seeds} runs each; of the mean every dot is a speaker",
        pooled="mean",
    )


def _trial(recordings: Recordings, recipe: SpeechRecipe, speaker: str, cancelled: Callable[[], bool]) -> Fit:
    """Train on the recordings of everyone but a speaker; the best epoch counts."""
    others, theirs = recordings.apart(speaker)
    examples = theirs.labelled(others.examples.classes).examples
    train, validation = (part.examples for part in others.split(recipe.validation))
    training = speech_training(limit_batch(recipe, len(train)), train, validation)
    train_fully(training, cancelled)
    network = training.eval_network
    network.load_state_dict(training.best_state)

    def score() -> float:
        words = len(examples.classes)  # the output for other words comes after them
        right = predict(network, examples)[:, :words].argmax(1) == examples.labels
        return 100 * float(right.double().mean())

    return Fit(evaluate(network, validation), score)


TASK = Task("listening to the recordings", load_training, load_evaluation, describe)
