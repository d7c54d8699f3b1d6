"""Set up the training of a network that paints photos in the styles of paintings.

Johnson et al. 2016 (arXiv:1603.08155) for one style, Dumoulin et al. 2017 (arXiv:1610.07629) for several.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from artcnn.backbones.vgg import load_vgg
from artcnn.datasets.photos import Photos
from artcnn.machine.randomness import SeededRandomness
from artcnn.nets.instant import InstantNetwork, is_table
from artcnn.nets.kinds import build
from artcnn.training.distributed import Processes
from artcnn.training.goal import Validation
from artcnn.training.loop import Training
from artcnn.training.painting_loss import PaintingLoss
from artcnn.training.precision import choose_precision
from artcnn.training.stability import MARGIN, change, move, random_movement
from artcnn.training_recipes import InstantTrainRecipe

_TRIED = 4
"""Samples on which the styles of another network are compared."""


@dataclass(frozen=True, eq=False)
class Start:
    """What a training starts from.

    Attributes:
        network: whose weights are taken.
        rows: the number of its style from which each painting starts; the nearest one by default.
    """

    network: InstantNetwork
    rows: Sequence[int] | None = None


@dataclass(frozen=True, eq=False)
class _Sample:
    """A photo to paint.

    Attributes:
        photo: shape (1, 3, H, H).
        style: its number.
        movement: as in ``random_movement``.
        moved: the photo, moved and with noise; None if only the photo is painted.
    """

    photo: Tensor
    style: int
    movement: Tensor
    moved: Tensor | None


class InstantStyles:
    """The goal of a network that paints photos in the styles of paintings.

    It minimizes the style and the content term of each picture, as Gatys et al. 2015 (equation 7), and how much a
    picture changes, other than by moving along, where its photo is moved a little.

    No sample comes twice: its number decides the painting, the crop and the movement.

    Args:
        recipe: the settings.
        loss: of the paintings.
        training: photos to learn from.
        validation: other photos.
        device: of the network.
    """

    measures: tuple[str, ...] = ()

    def __init__(
        self,
        recipe: InstantTrainRecipe,
        loss: PaintingLoss,
        training: Photos,
        validation: Photos,
        device: torch.device | None = None,
    ) -> None:
        self._recipe, self._loss, self._device = recipe, loss, device or torch.device("cpu")
        self._training, self._validation = training, validation

    def __len__(self) -> int:
        """Return the number of samples of all epochs."""
        return self._recipe.epochs * self._recipe.epoch_size

    def nearest(self, network: InstantNetwork, painting: int) -> int:
        """Return the style of another network that has the lowest objective for a painting, on a few samples."""
        samples = [self._draw(self._training, 2 * index, 0) for index in range(_TRIED)]
        photos = torch.cat([sample.photo for sample in samples]).to(self._device, memory_format=torch.channels_last)
        content, wanted = self._loss.content(photos), torch.full((_TRIED,), painting, device=self._device)
        objectives = []
        for weights in torch.eye(network.styles, device=self._device):
            with torch.no_grad():
                painted = network(photos, weights.expand(_TRIED, -1), self._loss.dtype)
                objectives.append(self._objective(*self._loss.terms(painted, content, wanted)).mean().item())
        return min(range(network.styles), key=objectives.__getitem__)

    def loss(self, network: nn.Module, indices: Tensor, noise: torch.Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return the mean loss of some samples; their numbers are the randomness."""
        share = self._recipe.stability_share
        samples = [self._draw(self._training, 2 * index, share) for index in indices.tolist()]
        content, style, changes = self._terms(network, samples)
        objective = self._objective(content, style).mean()
        stability = changes.sum() / (share * len(samples))  # on average the mean over all samples
        return objective + self._recipe.stability * stability, objective.new_zeros(0)

    def validate(self, network: nn.Module, processes: Processes) -> Validation:
        """Return the same loss on samples that are always the same, and its parts.

        The error is 0: as the photos are the same, no difference between two epochs is due to them.
        """
        sums, count = torch.zeros(4, dtype=torch.float64), self._recipe.validation
        with torch.no_grad():
            for indices in torch.split(processes.shard(torch.arange(count)), self._recipe.batch):
                samples = [self._draw(self._validation, 2 * index + 1, 1) for index in indices.tolist()]
                content, style, changes = self._terms(network, samples)
                losses = self._objective(content, style) + self._recipe.stability * changes
                parts = torch.stack([losses, content, style, changes])
                sums += parts.double().sum(1).cpu()
        loss, content_term, style_term, stability = (processes.sum(sums) / count).tolist()
        return Validation(loss, 0, {"content": content_term, "style": style_term, "stability": stability})

    def _objective(self, content: Tensor, style: Tensor) -> Tensor:
        """Return what is minimized for each sample, from its terms, both (B,)."""
        return style + self._recipe.content_weight * content

    def _draw(self, photos: Photos, number: int, moved: float) -> _Sample:
        """Return the sample of a number; with this probability it is painted moved, too."""
        side = self._recipe.crop
        generator = torch.Generator().manual_seed(self._recipe.seed * 1_000_003 + number)
        crop, movement = photos.crop(side + 2 * MARGIN, generator).to(self._device), random_movement(generator)
        sample = _Sample(crop[..., MARGIN:-MARGIN, MARGIN:-MARGIN], number // 2 % self._loss.count, movement, None)
        chance, noise = torch.rand(2, generator=generator).tolist()
        if chance >= moved:
            return sample
        grain = torch.randn(sample.photo.shape, generator=generator) * noise * self._recipe.noise
        return replace(sample, moved=(move(crop, movement, side) + grain.to(crop)).clamp(0, 1))

    def _terms(self, network: nn.Module, samples: Sequence[_Sample]) -> tuple[Tensor, Tensor, Tensor]:
        """Return each sample's content and style terms, both (B,), and the change of each that is painted moved."""
        pairs = [(place, sample.movement) for place, sample in enumerate(samples) if sample.moved is not None]
        count, pictures = len(samples), [sample.photo for sample in samples]
        pictures += [sample.moved for sample in samples if sample.moved is not None]
        shown = torch.cat(pictures).to(self._device).contiguous(memory_format=torch.channels_last)
        styles = torch.tensor([sample.style for sample in samples], device=self._device)
        chosen = torch.cat([styles, styles[[place for place, _ in pairs]]])
        painted = network(shown, torch.eye(self._loss.count, device=self._device)[chosen], self._loss.dtype)
        content, style = self._loss.terms(painted[:count], self._loss.content(shown[:count]), styles)
        changes = [
            change(painted[place, None], painted[number, None], movement)
            for number, (place, movement) in enumerate(pairs, start=count)
        ]
        return content, style, torch.stack([content.new_zeros(()), *changes])[1:]


def instant_training(
    recipe: InstantTrainRecipe,
    paintings: Sequence[Tensor],
    training: Photos,
    validation: Photos,
    device: torch.device | None = None,
    processes: Processes | None = None,
    initial: Start | None = None,
) -> Training:
    """Return a new training; its network starts from another one, or from random weights by the recipe's seed.

    Args:
        recipe: the settings.
        paintings: each of shape (1, 3, H, W), sRGB in [0, 1]; a style each.
        training: photos to learn from.
        validation: other photos.
        device: to compute on.
        processes: this process among those that train together.
        initial: the network to start from.
    """
    device = device or torch.device("cpu")
    with SeededRandomness(recipe.seed):
        network = build(recipe, len(paintings))
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(is_table(name) or not recipe.only_styles)
    backbone = load_vgg(precision=choose_precision(recipe.precision, device), device=device)
    pictures = [painting.to(device) for painting in paintings]
    loss = PaintingLoss(backbone, pictures, recipe.style_layers)
    goal = InstantStyles(recipe, loss, training, validation, device)
    if initial is not None:
        rows = initial.rows or [goal.nearest(initial.network.to(device), number) for number in range(len(paintings))]
        state = initial.network.state_dict()
        network.load_state_dict({name: value[rows] if is_table(name) else value for name, value in state.items()})
    rates = {name: recipe.style_rate for name, _ in network.named_parameters() if is_table(name)}
    return Training(network.to(device), recipe, goal, processes, rates)
