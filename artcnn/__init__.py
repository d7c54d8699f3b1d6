"""artcnn: Deep Dream, neural style transfer, and convolutional networks trained from scratch.

>>> import artcnn
>>> artcnn.stylize("photo.jpg", "painting.jpg", preset="brush").save("painted.png")
>>> artcnn.deepdream("photo.jpg", 0.5 * artcnn.channel("conv5_3", 70) + artcnn.layer("relu5_1"))
>>> artcnn.inspect.saliency("efficientnet-lite0", "photo.jpg")

Importing artcnn imports no torch; each public name is loaded when it is first used.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

# The one list of public names. Type checkers run these imports; `_modules` reads them as a table.
if TYPE_CHECKING:
    from artcnn import inspect as inspect
    from artcnn import losses as losses
    from artcnn import objectives as objectives
    from artcnn import visualizers as visualizers
    from artcnn.api import deepdream as deepdream
    from artcnn.api import features as features
    from artcnn.api import instant as instant
    from artcnn.api import stylize as stylize
    from artcnn.api import texture as texture
    from artcnn.backbones.base import Backbone as Backbone
    from artcnn.backbones.base import load_backbone as load_backbone
    from artcnn.datasets.examples import Examples as Examples
    from artcnn.datasets.mnist import load_mnist as load_mnist
    from artcnn.engines.dream import dream as dream
    from artcnn.engines.guidance import Masks as Masks
    from artcnn.engines.guide import Guide as Guide
    from artcnn.engines.step import Step as Step
    from artcnn.engines.style import style as style
    from artcnn.engines.zoom import zoom as zoom
    from artcnn.errors import ArtcnnError as ArtcnnError
    from artcnn.files.games import read_games as read_games
    from artcnn.files.model import Model as Model
    from artcnn.files.model import read_model as read_model
    from artcnn.files.model import write_model as write_model
    from artcnn.files.read import Picture as Picture
    from artcnn.files.read import read_picture as read_picture
    from artcnn.files.recordings import read_recordings as read_recordings
    from artcnn.files.samples import sample as sample
    from artcnn.files.video import video_writer as video_writer
    from artcnn.files.write import write_picture as write_picture
    from artcnn.jobs.checkpoints import FileStore as FileStore
    from artcnn.jobs.checkpoints import MemoryStore as MemoryStore
    from artcnn.jobs.events import Checkpointed as Checkpointed
    from artcnn.jobs.events import Finished as Finished
    from artcnn.jobs.events import Progress as Progress
    from artcnn.jobs.events import Started as Started
    from artcnn.jobs.inputs import DreamInputs as DreamInputs
    from artcnn.jobs.inputs import InstantInputs as InstantInputs
    from artcnn.jobs.inputs import StyleInputs as StyleInputs
    from artcnn.jobs.inputs import StyleSource as StyleSource
    from artcnn.jobs.inputs import TextureInputs as TextureInputs
    from artcnn.jobs.job import Job as Job
    from artcnn.jobs.learning import learn_style as learn_style
    from artcnn.jobs.result import Result as Result
    from artcnn.jobs.runner import run as run
    from artcnn.jobs.runtime import Runtime as Runtime
    from artcnn.jobs.styles import instant_styles as instant_styles
    from artcnn.objectives import ChannelActivation as ChannelActivation
    from artcnn.objectives import ChannelsActivation as ChannelsActivation
    from artcnn.objectives import LayerActivation as LayerActivation
    from artcnn.objectives import ObjectiveSum as ObjectiveSum
    from artcnn.objectives import RankedChannels as RankedChannels
    from artcnn.objectives import WeightedLayer as WeightedLayer
    from artcnn.objectives import channel as channel
    from artcnn.objectives import channels as channels
    from artcnn.objectives import layer as layer
    from artcnn.objectives import strongest as strongest
    from artcnn.objectives import weakest as weakest
    from artcnn.presets import load_recipe as load_recipe
    from artcnn.recipes import DreamRecipe as DreamRecipe
    from artcnn.recipes import FilmRecipe as FilmRecipe
    from artcnn.recipes import InstantRecipe as InstantRecipe
    from artcnn.recipes import StyleRecipe as StyleRecipe
    from artcnn.recipes import TextureRecipe as TextureRecipe
    from artcnn.recipes import VideoRecipe as VideoRecipe
    from artcnn.training.classification import evaluate as evaluate
    from artcnn.training.go import go_training as go_training
    from artcnn.training.loop import Training as Training
    from artcnn.training.mnist import mnist_training as mnist_training
    from artcnn.training.speech import speech_training as speech_training
    from artcnn.training_recipes import GoRecipe as GoRecipe
    from artcnn.training_recipes import MnistRecipe as MnistRecipe
    from artcnn.training_recipes import SpeechRecipe as SpeechRecipe

    __version__: str


_OLD_NAMES = {
    "DigitsRecipe": "MnistRecipe",
    "FilmSettings": "VideoRecipe",
    "digits_training": "mnist_training",
    "film_writer": "video_writer",
}
"""What 0.1.0 called some of them: understood, with a warning, and not listed."""


@cache
def _modules() -> dict[str, str]:
    """Return the module that each public name is imported from, as this file's imports for type checkers say."""
    import ast
    from pkgutil import get_data

    block = next(node for node in ast.parse(get_data(__name__, "__init__.py") or b"").body if isinstance(node, ast.If))
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom))
    return {alias.name: node.module or "" for node in imports for alias in node.names}


if not TYPE_CHECKING:  # or they would take every misspelled name for a public one

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
        if name == "__version__":
            from importlib.metadata import version  # takes a fifth of the time that --help does

            return version("artcnn")
        if name == "__all__":
            return __dir__()
        if name in _OLD_NAMES:
            from artcnn.deprecation import warn_of_old_name

            warn_of_old_name(f"artcnn.{name}", f"artcnn.{_OLD_NAMES[name]}")
            name = _OLD_NAMES[name]
        # The import system asks for many a name with underscores; nothing public is one.
        module = None if name.startswith("_") else _modules().get(name)
        if module is None:
            raise AttributeError(f"module 'artcnn' has no attribute '{name}'")
        return import_module(f"{module}.{name}") if module == __name__ else getattr(import_module(module), name)


def __dir__() -> list[str]:
    return ["__version__", *_modules()]
