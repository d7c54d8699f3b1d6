"""Every setting of a training run, in frozen models with a range on each number; ``recipes.parse`` reads them."""

from typing import Annotated, Literal

from pydantic import Field

from artcnn.recipes import Settings, Steps

Batch = Annotated[int, Field(ge=1, le=65_536)]
Rate = Annotated[float, Field(gt=0, le=1)]
Decay = Annotated[float, Field(ge=0, le=10)]
Part = Annotated[float, Field(ge=0, lt=1)]


class TrainRecipe(Settings):
    """Settings of a training run, whatever is learnt: AdamW, a warm-up, then a cosine down to nothing."""

    epochs: Steps = 7
    """How often every example is seen; seven times give the lecture's network over 99.2 % in half a minute."""
    batch: Batch = 128
    """Examples in a step, over all processes."""
    lr: Rate = 0.005
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    warmup: Part = 0.15
    """Part of the run in which the learning rate rises; then it falls along a cosine (arXiv:1608.03983)."""
    weight_decay: Decay = 0.01
    """How strongly weights are drawn to zero."""
    label_smoothing: Part = 0.0
    """Part of the target that is spread over all classes (Szegedy et al. 2015, arXiv:1512.00567)."""
    ema_decay: Part = 0.0
    """Decay, a step, of the running average of the weights that is kept in their place; 0 keeps the weights."""
    precision: Literal["auto", "float32", "bfloat16"] = "float32"
    """What layers compute in; auto is the fastest here. Weights, losses and the optimiser are float32 in any case."""
    epoch_size: Annotated[int, Field(ge=1)] | None = None
    """Examples in an epoch: where fewer than all, epochs take turns until all were seen. All by default."""


class MnistRecipe(TrainRecipe):
    """Settings of a network that reads handwritten digits."""

    arch: Literal["lecture", "dense", "local", "best"] = "lecture"
    """The lecture's CNN, a dense one of as many weights, the lecture's with unshared weights, or the most accurate."""
    permuted: bool = False
    """Show the network its pixels in one fixed random order: a control, to see what neighborhood is worth."""
    pooling: Literal["max", "average", "both"] = "max"
    """How maps are halved; both keeps two values a group and doubles the channels."""
    validation: Annotated[int, Field(ge=1, le=50_000)] = 5_000
    """Training digits held out: the last epoch whose cross-entropy on them is not clearly above the lowest is kept."""
    examples: Annotated[int, Field(ge=1)] | None = None
    """Digits to learn from, chosen by the seed; all by default."""
    augment: Annotated[float, Field(ge=0, le=4)] = 1.0
    """Strength of the random turns, shifts, slants and sizes of a digit; 0 for none."""
    elastic: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Largest random bend, of half a digit's width, at augment = 1 (Simard, Steinkraus and Platt 2003)."""


class SpeechRecipe(TrainRecipe):
    """Settings of a network that hears spoken words."""

    epochs: Steps = 40
    """How often every recording is heard."""
    batch: Batch = 64
    """Recordings in a step, over all processes: of some two thousand, larger batches would leave too few steps."""
    lr: Rate = 0.003
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    weight_decay: Decay = 0.05
    """How strongly weights are drawn to zero."""
    label_smoothing: Part = 0.1
    """Part of the target that is spread over all words: who is never certain in training can be unsure later."""
    ema_decay: Part = 0.99
    """Decay, a step, of the running average of the weights that is kept in their place: over some three epochs."""
    filters: Literal["both", "frequency", "time", "dense"] = "both"
    """Along which axes of the spectrogram the filters move: both, one only, or none: a fully connected network."""
    validation: Annotated[float, Field(gt=0, lt=1)] = 1 / 9
    """Part of each word's recordings, those of the lowest takes, that is held out and chooses the epoch to keep."""
    negatives: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Words that are none, made of the known ones, for each of them: what to be unsure of. They cost new speakers."""
    augment: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Strength of the random shifts, speeds, voices, rooms, noises and gaps; 0 for none."""


class GoRecipe(TrainRecipe):
    """Settings of a network that plays the next move of a game of Go."""

    epochs: Steps = 14
    """How often the network is tested and kept on the way: an epoch is ``epoch_size`` positions."""
    batch: Batch = 128
    """Positions in a step, over all processes."""
    lr: Rate = 0.003
    """Peak learning rate of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101)."""
    warmup: Part = 0.02
    """Part of the run in which the learning rate rises; then it falls along a cosine (arXiv:1608.03983)."""
    ema_decay: Part = 0.999
    """Decay, a step, of the running average of the weights that is kept in their place."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """What layers compute in; auto is the fastest here. Weights, losses and the optimiser are float32 in any case."""
    epoch_size: Annotated[int, Field(ge=1)] | None = 200_000
    """Positions in an epoch: where fewer than all, epochs take turns until all were seen."""
    planes: Literal["stones", "all"] = "all"
    """What is told of a position: whose the stones are (1, -1, 0), or 21 planes of what follows from the rules."""
    width: Annotated[int, Field(ge=1, le=1024)] = 64
    """Filters of each layer."""
    depth: Annotated[int, Field(ge=1, le=200)] = 7
    """Layers with filters, the first of them 5 x 5, the others 3 x 3."""
    residual: bool = False
    """Add what goes into two layers to what comes out of them (He et al. 2015, arXiv:1512.03385)."""
    pool: bool = False
    """Max pooling behind the first layer, which forgets where in its 2 x 2 points a pattern was: to see the harm."""
    pool_stride: Annotated[int, Field(ge=1, le=2)] = 2
    """Of that pooling: with 1 it makes the features as blurred, but every point keeps its own, so no place is lost."""
    validation: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Games held out, chosen by the seed."""
    validation_positions: Annotated[int, Field(ge=1)] = 10_000
    """Positions of the games held out, evenly spread, that each epoch is tested on."""
    small_boards: Part = 0.0
    """Part of the positions that are of boards smaller than the largest, repeated until they are; 0 repeats none."""
    augment: bool = True
    """Show each position turned or mirrored at random: one of the eight symmetries of the board."""


class FirstLayerRecipe(Settings):
    """Settings of a first layer that learns from another network's features: ``benchmarks/alexnet11.py``."""

    teacher: Literal["vgg16"] = "vgg16"
    """Whose features are to be told from a patch."""
    teacher_layers: tuple[Literal["relu2_2", "relu3_1"], ...] = ("relu2_2", "relu3_1")
    """Its layers that teach."""
    steps: Steps = 4000
    """Steps of the training; patches are drawn at random, so there are no epochs."""
    batch: Batch = 4096
    """Patches in a step."""
    lr: Rate = 0.006
    """Peak learning rate of Adam; it rises over 100 steps, then falls along a cosine."""
    weight_decay: Decay = 0.0015
    """What the squares of a filter's weights cost."""
    noise_variance: Annotated[float, Field(gt=0, le=1)] = 0.02
    """Variance, in that of a pixel, below which a patch's component is more noise than signal, and its weight dear."""
    edge_penalty: Annotated[float, Field(ge=0, le=100)] = 3.0
    """How many times as much more a weight costs at the middle of a filter's edge than at its center."""
    activation_penalty: Annotated[float, Field(ge=0, le=10)] = 0.2
    """What the mean of what the filters give costs."""
    similarity_penalty: Annotated[float, Field(ge=0, le=10)] = 0.05
    """What it costs that two filters are alike."""
    refit_tolerance: Part = 0.01
    """Part of the energy of what a filter gives that may change at the end, for weights that cost least."""


ModelKind = Literal["mnist", "speech", "go", "features"]
"""What a network that is trained here has learned; ``nets.kinds`` has the table."""

OLD_KINDS = {"digits": "mnist"}
"""Names of kinds in model files of artcnn 0.1, and what they are called now."""
