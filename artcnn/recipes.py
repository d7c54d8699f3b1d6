"""Recipes: every setting of the engines that make pictures; ``settings.parse`` reads one from plain data."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from artcnn.blend import format_blend, parse_blend
from artcnn.errors import ArtcnnError
from artcnn.objectives import LayerActivation, Objective, ObjectiveSum, WeightedLayer
from artcnn.settings import FrozenSettings, Settings

NotNegative = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Steps = Annotated[int, Field(ge=1, le=10_000)]


def _split(data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return ``"a,b"``, as the command line's ``--set`` gives it, as a list."""
    return data.split(",") if isinstance(data, str) else data


def _as_layers(data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return text, a layer or a sum of objectives as what a tuple of layers is read from."""
    if isinstance(data, ObjectiveSum):
        return data.terms
    return (data,) if isinstance(data, WeightedLayer) else _split(data)


def _numbers(data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
    """Return ``"0.7,0.3"`` , or a single number, as a tuple; one mistake is reported, not one for each."""
    if isinstance(data, int | float) and not isinstance(data, bool):
        data = (data,)
    try:
        return None if data is None else tuple(float(part) for part in _split(data))
    except (TypeError, ValueError):
        raise ValueError(f"write it as numbers with commas between, not {data!r}") from None


def _check_box(crop: tuple[float, ...]) -> tuple[float, ...]:
    if len(crop) != 4 or not (0 <= crop[0] < crop[2] <= 1 and 0 <= crop[1] < crop[3] <= 1):
        raise ValueError("write it as LEFT,TOP,RIGHT,BOTTOM, each of 0 to 1, left below right and top below bottom")
    return crop


Crop = Annotated[tuple[float, ...], AfterValidator(_check_box)]
Objectives = Annotated[tuple[Objective, ...], Field(min_length=1), BeforeValidator(_as_layers)]
Layers = Annotated[tuple[WeightedLayer, ...], Field(min_length=1), BeforeValidator(_as_layers)]
Blend = Annotated[str, AfterValidator(lambda text: format_blend(parse_blend(text)))]


class Recipe(FrozenSettings):
    """Settings that all engines have."""

    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the convolutions; auto is the fastest on this machine. Losses and pixels are always float32."""
    size: Annotated[int, Field(ge=32, le=32_768)] = 512
    """Longer side of the result, in pixels; the aspect ratio is the photo's."""

    @property
    def network_name(self) -> str:
        """What messages call its network."""
        raise NotImplementedError


class BackboneRecipe(Settings, Recipe):
    """Settings that all engines have which follow the features of a pretrained network."""

    backbone: str = "vgg16"
    """Pretrained network: a name that ``artcnn weights`` lists, or one of torchvision's classifiers."""
    pooling: Literal["max", "average"] = "max"
    """How the network downsamples its feature maps."""
    padding: Literal["zeros", "replicate", "circular"] = "replicate"
    """What the network sees beyond the picture's border; circular continues at the opposite border, without a seam."""

    @property
    def network_name(self) -> str:
        """What messages call its network."""
        return self.backbone


class DreamRecipe(BackboneRecipe):
    """Settings of Deep Dream (Mordvintsev, Olah and Tyka 2015)."""

    layers: Objectives = (LayerActivation(layer="relu4_3"), LayerActivation(layer="relu5_1"))
    """Layers to amplify, with a weight (``relu4_3=0.5``) or only some channels (``relu4_3:3+17``, ``:strong8``)."""
    octaves: Annotated[int, Field(ge=1, le=20)] = 4
    """Number of sizes to work at, from small to large."""
    octave_scale: Annotated[float, Field(gt=1, le=4)] = 1.4
    """Ratio of the size of one octave to the one before it."""
    steps: Steps = 10
    """Gradient steps in each octave."""
    step_size: Annotated[float, Field(gt=0, le=1)] = 0.006
    """Mean absolute change of the color values, of 0 to 1, in one step."""
    jitter: Annotated[int, Field(ge=0, le=512)] = 32
    """Largest random shift before each step, in pixels; it hides the grid of the pooling layers."""
    max_rotation: Annotated[float, Field(ge=0, le=180)] = 5.0
    """Largest random rotation before each step, in degrees."""
    max_scale_change: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """Largest random change of scale before each step: 0.3 means 0.7 to 1.3 times the size."""
    optimizer: Literal["gradient", "spectral_adam"] = "gradient"
    """Gradient ascent, or Adam on the Fourier spectrum: large shapes first, with decaying steps, for classes."""
    smoothing: Annotated[float, Field(ge=0, le=32)] = 0.5
    """Standard deviation of the Gaussian blur of the gradient, in pixels."""
    calm: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How much fine texture is suppressed in smooth areas, such as skies and walls. Not used in zooms."""
    palette: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How closely the dream keeps to the photo's palette: 0 any color, 1 only the photo's colors."""
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
    """From the photo, 0, to the full dream, 1: shorter steps, no blending."""
    colors: Literal["dream", "content"] = "dream"
    """Colors of the result: the dream's, or the photo's with the lightness of the dream."""
    guide_size: Annotated[int, Field(ge=32, le=4096)] = 384
    """Longer side of the guide as the network sees it, in pixels; a smaller guide gives smaller shapes in the dream."""


class VideoRecipe(FrozenSettings):
    """Settings of a zoom video; what each frame dreams is a ``DreamRecipe``'s."""

    zoom: Annotated[float, Field(ge=0.8, le=1.25)] = 1.02
    """Zoom factor from frame to frame; below 1 the camera moves back, and what comes into view is mirrored."""
    rotate: Annotated[float, Field(ge=-45, le=45)] = 0.0
    """Counter-clockwise rotation from frame to frame, in degrees."""
    frames: Annotated[int, Field(ge=2, le=100_000)] = 120
    """Number of frames of the film."""
    fps: Annotated[float, Field(ge=1, le=60)] = 20.0
    """Frames per second."""
    steps: Annotated[int, Field(ge=1, le=100)] = 1
    """Gradient steps in each octave of each frame; few suffice, because each frame continues the one before."""
    step_scale: Annotated[float, Field(gt=0, le=10)] = 0.7
    """Step size of a frame relative to that of a picture."""
    color_match: Annotated[float, Field(ge=0, le=1)] = 0.2
    """How strongly colors and contrast of each frame are pulled to the photo's, so that they do not drift."""
    loop: bool = False
    """Let the photo reappear in the middle at the end, so that the film loops."""


class FilmRecipe(FrozenSettings):
    """Settings of a film that is made of a clip; what becomes of each frame is another recipe's."""

    start: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    """Second of the clip at which the film begins; its first frame by default."""
    end: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None
    """Second of the clip at which the film ends; its last frame by default."""
    still: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    """Second of the clip whose frame alone is made, as a picture, to try a look first."""
    fps: Annotated[float | None, Field(ge=0.1, le=240)] = None
    """Frames per second; the clip's own, at its own times, by default."""
    coherence: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How closely each frame keeps to those before it: at 0 each is made alone, and the film flickers."""
    passes: Annotated[int, Field(ge=1, le=20)] = 1
    """Number of times that the film is gone through, forwards and backwards in turn; more for fast cameras."""

    @model_validator(mode="after")
    def _check_range(self) -> "FilmRecipe":
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError(f"the film would end, at {self.end:g} s, before it begins, at {self.start:g} s")
        return self


NEIGHBORS: dict[str, Any] = {
    "style_layers": tuple(
        WeightedLayer(layer=layer, weight=0.3) for layer in ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
    ),
    "content_weight": 0.2,
    "tv_weight": 0.3,
    "detail_transfer": 0.3,
    "min_size": 180,
}
"""Defaults that differ with ``method = "neighbors"``: the last layer of each block, and weights that faces survive."""


class StyleRecipe(BackboneRecipe):
    """Settings of style transfer (Gatys, Ecker and Bethge 2015, arXiv:1508.06576)."""

    content_layers: Layers = (WeightedLayer(layer="relu4_2"),)
    """Layers whose features are kept from the photo, with an optional weight (``relu4_2=0.5``)."""
    style_layers: Layers = tuple(
        WeightedLayer(layer=f"relu{block}_1", weight=weight)
        for block, weight in enumerate((0.3, 0.3, 0.4, 0.2, 0.02), start=1)
    )
    """Layers whose statistics are taken from the painting, with an optional weight."""
    method: Literal["gram", "moments", "neighbors"] = "moments"
    """What represents the style: Gram matrices; moments, which are means and covariances and keep the contrast better;
    or neighbors, the most similar features of the painting for each place in the photo."""
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Style of the result, from the photo's own, 0, to the painting's, 1."""
    blend: Annotated[tuple[NotNegative, ...], BeforeValidator(_numbers)] = ()
    """Weights of several paintings, equal by default."""
    colors: Literal["style", "content", "match"] = "style"
    """Colors of the result: the painting's, those of the photo at each place, or the photo's palette as a whole."""
    style_crop: Annotated[Crop | None, BeforeValidator(_numbers)] = None
    """The part of the painting to take the style from: left, top, right, bottom, each from 0 to 1."""
    content_weight: NotNegative = 0.3
    """Weight of the content loss, which keeps the features of the photo."""
    style_weight: NotNegative = 1.0
    """Weight of the style loss."""
    tv_weight: NotNegative = 2.0
    """Weight of the total variation, which smooths the result."""
    normalize_terms: bool = True
    """Divide each loss term by the mean square of its target, so that weights suit any painting and network."""
    init: Literal["content", "noise", "painting", "instant"] = "content"
    """Image to start from; instant is what a network makes of the photo that has learned the painting, and 512
    pixels are then the smallest scale."""
    min_size: Annotated[int, Field(ge=32, le=32_768)] = 128
    """Longer side of the smallest scale, in pixels; from ``size`` on, there is a single scale."""
    scale_factor: Annotated[float, Field(gt=1, le=4)] = 2**0.5
    """Ratio of the size of one scale to the one before it."""
    style_scale: Annotated[float, Field(ge=0.1, le=10)] = 1.0
    """Size of the painting relative to the result; a larger one gives larger brush strokes."""
    init_color_match: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How far the photo's colors are moved to the painting's before the first step."""
    detail_transfer: Annotated[float, Field(ge=0, le=2)] = 0.7
    """How much of the photo's fine detail is added whenever the picture is enlarged to the next scale."""
    optimizer: Literal["lbfgs", "adam"] = "lbfgs"
    """L-BFGS as in the paper, or Adam, which keeps its moments from scale to scale."""
    step_size: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Step size relative to the optimizer's default."""
    coarse_steps: Steps = 20
    """Steps at the smallest scale; between it and the largest, the number falls geometrically."""
    fine_steps: Steps = 12
    """Steps at the largest scale."""

    @field_validator("padding")
    @classmethod
    def _check_circular(cls, padding: str) -> str:
        if padding == "circular" and not issubclass(cls, TextureRecipe):
            raise ValueError("circular is for 'artcnn texture': the opposite borders of a photo do not meet")
        return padding

    @model_validator(mode="before")
    @classmethod
    def _use_method_defaults(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
        return {**NEIGHBORS, **data} if isinstance(data, Mapping) and data.get("method") == "neighbors" else data


def check_blend(count: int, blend: Sequence[float]) -> None:
    """Raise an ArtcnnError if the weights of a blend do not fit the number of paintings."""
    if blend and len(blend) != count:
        raise ArtcnnError(f"blend: there are {count} paintings and {len(blend)} weights", hint="give one for each")
    if blend and not sum(blend) > 0:
        raise ArtcnnError("blend: at least one weight must be above 0")


CIRCULAR_UNIT = 32
"""Sides of a picture with circular padding are multiples of this, in pixels: the network halves it five times."""


class TextureRecipe(StyleRecipe):
    """Settings of texture synthesis: a style without a photo (Gatys, Ecker and Bethge 2015, arXiv:1505.07376)."""

    size: Annotated[int, Field(ge=32, le=32_768)] = 512
    """Width and height of the result, in pixels."""
    method: Literal["gram", "moments"] = "gram"
    """What represents the style: Gram matrices, or moments, which are means and covariances."""
    content_weight: NotNegative = 0.0
    """There is no photo."""
    tv_weight: NotNegative = 0.5
    """Weight of the total variation, which smooths the result."""
    init: Literal["content", "noise", "painting"] = "noise"
    """Image to start from."""
    init_color_match: Annotated[float, Field(ge=0, le=1)] = 0.0
    """There is no photo to match."""
    detail_transfer: Annotated[float, Field(ge=0, le=2)] = 0.0
    """There is no photo to take detail from."""
    style_layers: Layers = tuple(WeightedLayer(layer=f"relu{block}_1", weight=0.2) for block in range(1, 6))
    """Layers whose Gram matrices are taken from the painting, with an optional weight."""
    coarse_steps: Steps = 40
    """Steps at the smallest scale; between it and the largest, the number falls geometrically."""
    fine_steps: Steps = 20
    """Steps at the largest scale."""


class InstantRecipe(Recipe):
    """Settings of a style that a network paints in one pass (Johnson, Alahi and Fei-Fei 2016, arXiv:1603.08155)."""

    style: Blend = "wave"
    """Style, by its name or its file, or a blend of several: ``wave=0.7,cafe=0.3``."""
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
    """From the photo, 0, to the painted picture, 1."""
    colors: Literal["style", "content"] = "style"
    """Colors of the result: the painting's, or the photo's with the lightness of the painted picture."""
    size: Annotated[int, Field(ge=32, le=32_768)] = 1024
    """Longer side of the result, in pixels; strokes keep their size in pixels, a larger picture has finer ones."""

    @property
    def network_name(self) -> str:
        """What messages call its network."""
        return "the styles"
