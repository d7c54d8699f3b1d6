"""Every setting of a training run, in frozen models with a range on each number; ``settings.parse`` reads them."""

from typing import Annotated, Literal

from pydantic import Field

from artcnn.recipes import Steps
from artcnn.settings import Settings

Batch = Annotated[int, Field(ge=1, le=65_536)]
Rate = Annotated[float, Field(gt=0, le=1)]
Decay = Annotated[float, Field(ge=0, le=10)]
Part = Annotated[float, Field(ge=0, lt=1)]
Channels = Annotated[int, Field(ge=1, le=256)]
Blocks = Annotated[int, Field(ge=0, le=16)]


class TrainRecipe(Settings):
    """Settings of every training: AdamW with a warm-up, then a cosine decay to zero."""

    epochs: Steps = 7
    """Passes over the examples; seven give the lecture's network over 99.2 % in half a minute."""
    batch: Batch = 128
    """Examples in a step, of all processes together."""
    lr: Rate = 0.005
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    warmup: Part = 0.15
    """Fraction of the training in which the learning rate rises; then it decays along a cosine (arXiv:1608.03983)."""
    weight_decay: Decay = 0.01
    """Weight decay of AdamW; 0 makes it Adam (Kingma and Ba 2014, arXiv:1412.6980)."""
    beta2: Part = 0.999
    """Decay per step of AdamW's average of squared gradients."""
    clip: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Norm to which a longer gradient is shortened (Pascanu et al. 2012, arXiv:1211.5063); none is by default."""
    ema_decay: Part = 0.0
    """Decay per step of the moving average of the weights, which replaces the weights; 0 for no average."""
    precision: Literal["auto", "float32", "bfloat16"] = "float32"
    """Number format of the layers; auto is the fastest here. Weights, losses and optimizer are always float32."""
    epoch_size: Annotated[int, Field(ge=1)] | None = None
    """Examples in an epoch, all by default; if fewer, successive epochs go through all of them."""


class ClassifierRecipe(TrainRecipe):
    """Settings of every classifier's training."""

    label_smoothing: Part = 0.0
    """Fraction of the target that is spread over all classes (Szegedy et al. 2015, arXiv:1512.00567)."""


class MnistRecipe(ClassifierRecipe):
    """Settings of a network that reads handwritten digits."""

    arch: Literal["lecture", "dense", "local", "best"] = "lecture"
    """The lecture's CNN; a dense network with as many weights; the CNN with unshared weights; or the most accurate."""
    permuted: bool = False
    """Shuffle the pixels, always in the same random order: a control that removes neighborhoods."""
    pooling: Literal["max", "average", "both"] = "max"
    """How feature maps are downsampled; both concatenates max and average, which doubles the channels."""
    validation: Annotated[int, Field(ge=1, le=50_000)] = 5_000
    """Digits held out for validation: the last epoch whose loss on them is not clearly above the lowest is kept."""
    examples: Annotated[int, Field(ge=1)] | None = None
    """Digits to train on, chosen by the seed; all by default."""
    augment: Annotated[float, Field(ge=0, le=4)] = 1.0
    """Strength of random rotation, shift, shear and scale; 0 for none."""
    elastic: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Largest elastic distortion, in half widths, at augment = 1 (Simard, Steinkraus and Platt 2003)."""


class SpeechRecipe(ClassifierRecipe):
    """Settings of a network that hears spoken words."""

    epochs: Steps = 40
    """Passes over the recordings."""
    batch: Batch = 64
    """Recordings in a step, of all processes together; with some two thousand, larger batches leave too few steps."""
    lr: Rate = 0.003
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    weight_decay: Decay = 0.05
    """Weight decay of AdamW."""
    label_smoothing: Part = 0.1
    """Fraction of the target that is spread over all words, so that the network can be unsure of an unknown word."""
    ema_decay: Part = 0.99
    """Decay per step of the moving average of the weights, which replaces the weights; about three epochs."""
    filters: Literal["both", "frequency", "time", "dense"] = "both"
    """Axes of the spectrogram along which the filters move: both, one, or none, which is a fully connected network."""
    validation: Annotated[float, Field(gt=0, lt=1)] = 1 / 9
    """Fraction of each word's recordings, those with the lowest take numbers, held out to choose the epoch to keep."""
    negatives: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Synthetic non-words per word, for the network to reject; they lower the accuracy on new speakers."""
    augment: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Strength of random shifts, speeds, voices, rooms, noises and gaps; 0 for none."""


class GoRecipe(ClassifierRecipe):
    """Settings of a network that plays the next move of a game of Go."""

    epochs: Steps = 14
    """Epochs of ``epoch_size`` positions; after each, the network is validated and a checkpoint kept."""
    batch: Batch = 128
    """Positions in a step, of all processes together."""
    lr: Rate = 0.003
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    warmup: Part = 0.02
    """Fraction of the training in which the learning rate rises; then it decays along a cosine (arXiv:1608.03983)."""
    ema_decay: Part = 0.999
    """Decay per step of the moving average of the weights, which replaces the weights."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the layers; auto is the fastest here. Weights, losses and optimizer are always float32."""
    epoch_size: Annotated[int, Field(ge=1)] | None = 200_000
    """Positions in an epoch; successive epochs go through all of them."""
    planes: Literal["stones", "all"] = "all"
    """Input of the network: the stones only (1, -1, 0), or 21 planes with what follows from the rules."""
    width: Annotated[int, Field(ge=1, le=1024)] = 64
    """Filters of each layer."""
    depth: Annotated[int, Field(ge=1, le=200)] = 7
    """Convolution layers, the first 5 x 5, the others 3 x 3."""
    residual: bool = False
    """Add the input of every two layers to their output (He et al. 2015, arXiv:1512.03385)."""
    pool: bool = False
    """Max pooling (2 x 2) after the first layer, which loses the exact place of a pattern: to see the harm."""
    pool_stride: Annotated[int, Field(ge=1, le=2)] = 2
    """Stride of that pooling; 1 blurs the features as much, but keeps one for every point."""
    validation: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Games held out for validation, chosen by the seed."""
    validation_positions: Annotated[int, Field(ge=1)] = 10_000
    """Positions of those games, evenly spread, that are validated after each epoch."""
    small_boards: Part = 0.0
    """Fraction of positions from boards smaller than the largest, which are repeated to reach it; 0 repeats none."""
    augment: bool = True
    """Show each position in one of the eight symmetries of the board, at random."""


StyleLayer = Literal["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


class InstantTrainRecipe(TrainRecipe):
    """Settings of a network that paints photos in styles that it has learned."""

    epochs: Steps = 40
    """Epochs of ``epoch_size`` samples; after each, the network is validated and a checkpoint kept."""
    batch: Batch = 4
    """Photos in a step, of all processes together."""
    lr: Rate = 0.002
    """Peak learning rate of Adam (Kingma and Ba 2014, arXiv:1412.6980)."""
    warmup: Part = 0.01
    """Fraction of the training in which the learning rate rises; then it decays along a cosine (arXiv:1608.03983)."""
    weight_decay: Decay = 0.0
    """Weight decay of AdamW; without it, it is Adam."""
    beta2: Part = 0.99
    """Decay per step of the optimizer's average of squared gradients."""
    clip: Annotated[float, Field(gt=0, le=1e6)] | None = 5.0
    """Norm to which a longer gradient is shortened."""
    ema_decay: Part = 0.995
    """Decay per step of the moving average of the weights, which replaces the weights."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the layers, of VGG's too; auto is the fastest here. Weights and losses are always float32."""
    epoch_size: Annotated[int, Field(ge=1)] = 1600
    """Samples in an epoch; no sample comes twice."""
    style_rate: Annotated[float, Field(gt=0, le=1000)] = 15.0
    """Factor of the learning rate of scales and shifts: each is used by the samples of one style only."""
    widths: tuple[Channels, Channels, Channels] = (32, 64, 128)
    """Channels at a half, a quarter and an eighth of the picture's resolution."""
    blocks: tuple[Blocks, Blocks, Blocks] = (2, 4, 2)
    """Residual blocks at a quarter of the resolution, at an eighth, and at a quarter on the way back."""
    full_channels: Channels = 16
    """Channels at full resolution."""
    only_styles: bool = False
    """Learn the scales and shifts of the styles alone; the convolutions stay as they are (arXiv:1610.07629)."""
    painting_size: Annotated[int, Field(ge=64, le=4096)] = 512
    """Longer side of the paintings, in pixels; the smaller, the larger their strokes appear."""
    crop: Annotated[int, Field(ge=64, le=1024, multiple_of=8)] = 128
    """Height and width of the photos that are painted, in pixels: squares at random places."""
    content_weight: Annotated[float, Field(ge=0, le=100)] = 0.6
    """Weight of the content term, at VGG's relu4_2; more keeps more of the photo."""
    style_layers: Annotated[tuple[StyleLayer, ...], Field(min_length=1)] = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
    """Layers of VGG whose Gram matrices are compared, each relative to the painting's."""
    stability: Annotated[float, Field(ge=0, le=1e6)] = 75.0
    """Weight of the mean squared change of a picture, other than by moving along, where its photo is moved a little."""
    stability_share: Annotated[float, Field(gt=0, le=1)] = 0.125
    """Fraction of the samples on which that change is measured."""
    noise: Annotated[float, Field(ge=0, le=1)] = 0.03
    """Largest standard deviation of the noise in a photo that is moved."""
    validation: Annotated[int, Field(ge=1, le=10_000)] = 48
    """Samples that are validated after each epoch, of photos that are held out."""


INSTANT_SHAPE = "widths", "blocks", "full_channels"
"""Settings of an ``InstantTrainRecipe`` that are of the network; weights fit only a network of the same shape."""


class FirstLayerRecipe(Settings):
    """Settings of a first layer that learns from another network's features: ``benchmarks/alexnet11.py``."""

    teacher: Literal["vgg16"] = "vgg16"
    """Network whose features are to be predicted from a patch."""
    teacher_layers: tuple[Literal["relu2_2", "relu3_1"], ...] = ("relu2_2", "relu3_1")
    """Its layers whose features are predicted."""
    steps: Steps = 4000
    """Training steps; patches are drawn at random, so there are no epochs."""
    batch: Batch = 4096
    """Patches in a step."""
    lr: Rate = 0.006
    """Peak learning rate of Adam; it rises for 100 steps, then decays along a cosine."""
    weight_decay: Decay = 0.0015
    """Penalty on the squared weights of a filter."""
    noise_variance: Annotated[float, Field(gt=0, le=1)] = 0.02
    """Variance of a principal component, relative to a pixel's, below which it counts as noise and is penalized."""
    edge_penalty: Annotated[float, Field(ge=0, le=100)] = 3.0
    """Additional penalty of a weight at the middle of a filter's edge, relative to its center."""
    activation_penalty: Annotated[float, Field(ge=0, le=10)] = 0.2
    """Penalty on the mean activation of the filters."""
    similarity_penalty: Annotated[float, Field(ge=0, le=10)] = 0.05
    """Penalty on the similarity of two filters."""
    refit_tolerance: Part = 0.01
    """Fraction of a filter's output energy that may change at the end, in exchange for weights of least penalty."""


ModelKind = Literal["mnist", "speech", "go", "features", "instant"]
"""What a network that is trained here has learned; ``nets.kinds`` has the table."""

OLD_KINDS = {"digits": "mnist"}
"""Names of kinds in model files of artcnn 0.1, and what they are called now."""
