"""artcnn: Deep Dream, neural style transfer, and convolutional networks trained from scratch.

>>> import artcnn
>>> photo = artcnn.read_picture("photo.jpg").pixels
>>> for step in artcnn.dream(photo, artcnn.load_backbone(), artcnn.DreamRecipe()):
...     print(step.index, step.total, step.value)
>>> artcnn.write_picture("dream.png", step.image)

Importing artcnn imports no torch; each public name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artcnn.backbones.base import load_extractor as load_extractor
    from artcnn.backbones.vgg import Backbone as Backbone
    from artcnn.backbones.vgg import load_backbone as load_backbone
    from artcnn.datasets.examples import Examples as Examples
    from artcnn.datasets.mnist import load_mnist as load_mnist
    from artcnn.engines.dream import dream as dream
    from artcnn.engines.guide import Guide as Guide
    from artcnn.engines.step import Step as Step
    from artcnn.engines.style import style as style
    from artcnn.engines.zoom import zoom as zoom
    from artcnn.errors import ArtcnnError as ArtcnnError
    from artcnn.files.games import read_games as read_games
    from artcnn.files.model import Model as Model
    from artcnn.files.model import read_model as read_model
    from artcnn.files.read import Picture as Picture
    from artcnn.files.read import read_picture as read_picture
    from artcnn.files.recordings import read_recordings as read_recordings
    from artcnn.files.video import film_writer as film_writer
    from artcnn.files.write import write_picture as write_picture
    from artcnn.presets import load_recipe as load_recipe
    from artcnn.recipes import DreamRecipe as DreamRecipe
    from artcnn.recipes import FilmSettings as FilmSettings
    from artcnn.recipes import StyleRecipe as StyleRecipe
    from artcnn.training.digits import digits_training as digits_training
    from artcnn.training.go import go_training as go_training
    from artcnn.training.loop import Training as Training
    from artcnn.training.loop import evaluate as evaluate
    from artcnn.training.speech import speech_training as speech_training
    from artcnn.training_recipes import DigitsRecipe as DigitsRecipe
    from artcnn.training_recipes import GoRecipe as GoRecipe
    from artcnn.training_recipes import SpeechRecipe as SpeechRecipe

_HOME = {
    "ArtcnnError": "artcnn.errors",
    "Backbone": "artcnn.backbones.vgg",
    "DigitsRecipe": "artcnn.training_recipes",
    "DreamRecipe": "artcnn.recipes",
    "Examples": "artcnn.datasets.examples",
    "FilmSettings": "artcnn.recipes",
    "GoRecipe": "artcnn.training_recipes",
    "Guide": "artcnn.engines.guide",
    "Model": "artcnn.files.model",
    "Picture": "artcnn.files.read",
    "SpeechRecipe": "artcnn.training_recipes",
    "Step": "artcnn.engines.step",
    "StyleRecipe": "artcnn.recipes",
    "Training": "artcnn.training.loop",
    "digits_training": "artcnn.training.digits",
    "dream": "artcnn.engines.dream",
    "evaluate": "artcnn.training.loop",
    "film_writer": "artcnn.files.video",
    "go_training": "artcnn.training.go",
    "load_backbone": "artcnn.backbones.vgg",
    "load_extractor": "artcnn.backbones.base",
    "load_mnist": "artcnn.datasets.mnist",
    "load_recipe": "artcnn.presets",
    "read_games": "artcnn.files.games",
    "read_model": "artcnn.files.model",
    "read_picture": "artcnn.files.read",
    "read_recordings": "artcnn.files.recordings",
    "speech_training": "artcnn.training.speech",
    "style": "artcnn.engines.style",
    "write_picture": "artcnn.files.write",
    "zoom": "artcnn.engines.zoom",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name == "__version__":
        from importlib.metadata import version  # takes a fifth of the time that --help does

        return version("artcnn")
    if name not in _HOME:
        raise AttributeError(f"module 'artcnn' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
