"""Learn `alexnet11`: a first layer of AlexNet's shape, 96 filters of 11 x 11 every 4 pixels, from VGG-16's features.

Run from the repository's root:

    python benchmarks/alexnet11.py features features.pt FOLDER ...      # the WebP files of the folders, a second each
    python benchmarks/alexnet11.py learn features.pt alexnet11.safetensors [--steps 4000]

The pupil sees one patch of 11 x 11 pixels: 96 filters, a ReLU, a division by what all filters give there together, a
1 x 1 convolution. From that it is to tell what relu2_2 and relu3_1 of VGG-16 give at that place (knowledge
distillation, Hinton, Vinyals and Dean 2015, arXiv:1503.02531; here of features, as in FitNets, arXiv:1412.6550).
Only the filters are kept. What makes them clean:

- The weights are learned in the coordinates of a Wiener filter of the photos' patches. In pixels, detail has a ten
  thousandth of the variance of broad areas: gradients of fine stripes would be as small, and noise would stay.
- Weights cost more where photos have next to no signal, and away from the middle.
- The division makes filters compete, and what they give is drawn to zero; two that are alike push each other apart.
- At the end each filter is replaced by the cheapest one that gives nearly the same for photos: what a broad filter has
  picked up of detail, where photos have no signal, changes nothing that it gives, and would be all that is seen of it.
"""

import argparse
import hashlib
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

import artcnn
from artcnn.backbones.vgg import load_vgg
from artcnn.files.model import ModelCard, write_model
from artcnn.training_recipes import FirstLayerRecipe

SIDE, LONGEST = 224, 420  # pixels: of a crop, and of the largest photo's shorter side
CELLS, MARGIN = 50, 3  # places of a crop that are used, every 4 pixels; at its border VGG sees zeros
SIZE, STRIDE, FILTERS = 11, 4, 96
START = MARGIN * STRIDE + 2 - SIZE // 2  # the first patch's: its middle is half a pixel off that of VGG's unit
TAUGHT = {"relu2_2": 64, "relu3_1": 128}
"""Layers of VGG-16 that teach, and how many principal components of each."""
FINEST = 0.25  # cycles a pixel: half of what a grid of pixels can hold
NEAR, GRID = 0.12, 64  # cycles a pixel that count as near; points of a spectrum each way
FAINT = 1e-4  # variance of a patch's component below which it is taken for noise, of pixels of variance 1


def crops(folders: list[Path], seed: int) -> Iterator[Tensor]:
    """Yield a crop of each photo, (3, 224, 224) bytes: at a random size and place, half of them mirrored."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for path in [path for folder in folders for path in sorted(folder.glob("*.webp"))]:
        photo = Image.open(path).convert("RGB")
        shorter = int(math.exp(chance.uniform(math.log(SIDE), math.log(LONGEST))))
        scale = min(1.0, shorter / min(photo.size))
        width, height = (max(SIDE, round(side * scale)) for side in photo.size)
        left, top = chance.randint(0, width - SIDE), chance.randint(0, height - SIDE)
        small = photo.resize((width, height), Image.Resampling.LANCZOS)
        pixels = np.asarray(small.crop((left, top, left + SIDE, top + SIDE)))
        if chance.random() < 0.5:
            pixels = pixels[:, ::-1]
        yield torch.from_numpy(pixels.copy()).permute(2, 0, 1)


def whitened(features: Tensor, count: int) -> Tensor:
    """Return the first principal components of features (N, C, 50, 50), each of variance 1: (N * 2500, count).

    Of their square roots: a few places with very large features would outweigh all others.
    """
    rows = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
    mean, square = torch.zeros(rows.shape[1]).double(), torch.zeros(rows.shape[1], rows.shape[1]).double()
    for part in rows.split(CELLS**2):
        roots = part.float().sqrt().double()
        mean, square = mean + roots.sum(0) / len(rows), square + roots.T @ roots / len(rows)
    variances, axes = torch.linalg.eigh(square - mean[:, None] * mean)
    project = (axes[:, -count:] / variances[-count:].sqrt()).float()
    return torch.cat([((part.float().sqrt() - mean.float()) @ project).half() for part in rows.split(CELLS**2)])


def find_features(folders: list[Path], out: Path, seed: int) -> None:
    """Write the crops, and what VGG-16 gives for their places, to a file."""
    vgg, pictures = load_vgg("vgg16"), []  # type: tuple[VGGBackbone, list[Tensor]]
    found: dict[str, list[Tensor]] = {name: [] for name in TAUGHT}
    used = slice(MARGIN, MARGIN + CELLS)
    for crop in crops(folders, seed):
        with torch.no_grad():
            given = vgg.features(crop[None] / 255, TAUGHT)
        given["relu2_2"] = F.avg_pool2d(given["relu2_2"], 2)  # its units stand twice as close
        for name, maps in given.items():
            found[name].append(maps[0, :, used, used].half())
        pictures.append(crop)
        print(f"{len(pictures)} photos", end="\r", flush=True)
    targets = {name: whitened(torch.stack(found.pop(name)), count) for name, count in TAUGHT.items()}
    torch.save({"pictures": torch.stack(pictures), **targets}, out)


class Lessons:
    """Patches, and what VGG-16 gives for each."""

    def __init__(self, path: Path) -> None:
        data = torch.load(path)
        self.pictures: Tensor = data["pictures"]
        self.targets: list[Tensor] = [data[name] for name in TAUGHT]
        self.mean = self.pictures.float().mean((0, 2, 3)) / 255
        self.std = float((self.pictures.float() / 255 - self.mean.view(3, 1, 1)).std())
        rows, columns = torch.arange(SIZE)[:, None] * SIDE, torch.arange(SIZE)
        self._patch = (torch.arange(3)[:, None, None] * SIDE**2 + rows + columns).flatten()

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Return random patches, (count, 363), of variance 1, and their targets."""
        places = torch.randint(len(self.targets[0]), (count,))
        picture, place = places // CELLS**2, places % CELLS**2
        top, left = START + STRIDE * (place // CELLS), START + STRIDE * (place % CELLS)
        first = picture * 3 * SIDE**2 + top * SIDE + left
        pixels = self.pictures.flatten()[first[:, None] + self._patch] / 255
        patches = (pixels - self.mean.repeat_interleave(SIZE**2)) / self.std
        return patches, torch.cat([target[places].float() for target in self.targets], 1)


class Pupil:
    """The filters, (96, 363), as a Wiener filter's coordinates, and the 1 x 1 convolution behind them."""

    def __init__(self, lessons: Lessons, recipe: FirstLayerRecipe) -> None:
        self.recipe, self.lessons = recipe, lessons
        patches = torch.cat([lessons.draw(4096)[0] for _ in range(40)])
        self.covariance = patches.T @ patches / len(patches)
        variances, axes = torch.linalg.eigh(self.covariance)
        variances = variances.clamp(min=0)
        self.wiener = axes @ torch.diag(variances.sqrt() / (variances + recipe.noise_variance)) @ axes.T
        faint = axes / variances.clamp(min=FAINT).sqrt()
        away = (torch.arange(SIZE) - SIZE // 2.0).square() / (SIZE // 2) ** 2
        dear = (1 + recipe.edge_penalty * (away[:, None] + away).square()).flatten().repeat(3)
        self.price = torch.diag(dear) + recipe.noise_variance * faint @ faint.T
        inputs, outputs = patches.shape[1], sum(TAUGHT.values())
        self.inner = (0.3 * torch.randn(FILTERS, inputs) / inputs**0.5).requires_grad_()
        self.bias = torch.zeros(FILTERS).requires_grad_()
        self.readout = (torch.randn(outputs, FILTERS) / FILTERS**0.5).requires_grad_()
        self.rest = torch.zeros(outputs).requires_grad_()

    def filters(self) -> Tensor:
        """Return the filters, of patches of variance 1, shape (96, 363)."""
        return self.inner @ self.wiener

    def losses(self) -> tuple[Tensor, Tensor]:
        """Return the mean squared error of random patches, and what the weights and the activity cost."""
        recipe, weight = self.recipe, self.filters()
        patches, target = self.lessons.draw(recipe.batch)
        given = F.relu(patches @ weight.T + self.bias)
        given = given / (0.1 + given.square().mean(1, keepdim=True)).sqrt()
        error = (given @ self.readout.T + self.rest - target).square().mean()
        size = (weight @ self.price * weight).sum()
        unit = F.normalize(self.inner)
        alike = F.relu(unit @ unit.T - torch.eye(FILTERS) - 0.3).square().sum()
        cost = recipe.weight_decay * (size + self.readout.square().sum()) + recipe.similarity_penalty * alike
        return error, cost / FILTERS + recipe.activation_penalty * given.mean()

    def settled(self) -> Tensor:
        """Return the cheapest filters that give the same for patches, but for ``refit_tolerance`` of the energy.

        With a price P and a covariance C that is (C + s P)^-1 C w, for the largest s that changes no more.
        """
        root = torch.linalg.cholesky(self.price.double())
        inverse = torch.linalg.inv(root)
        energies, axes = torch.linalg.eigh(inverse @ self.covariance.double() @ inverse.T)
        energies = energies.clamp(min=0)
        parts = self.filters().detach().double() @ root @ axes
        low, high = torch.full((FILTERS, 1), -20.0).double(), torch.full((FILTERS, 1), 10.0).double()
        for _ in range(40):
            middle = (low + high) / 2
            kept = energies / (energies + middle.exp())
            both, after, before = ((energies * kept**power * parts**2).sum(1, keepdim=True) for power in (1, 2, 0))
            too_far = 1 - both**2 / (after * before) > self.recipe.refit_tolerance
            low, high = torch.where(too_far, low, middle), torch.where(too_far, middle, high)
        return (energies / (energies + low.exp()) * parts @ axes.T @ inverse).float()


def learn(features: Path, out: Path, recipe: FirstLayerRecipe) -> None:
    """Learn the filters, drawing them now and then, and write them."""
    torch.manual_seed(recipe.seed)
    lessons = Lessons(features)
    pupil, mean_error = Pupil(lessons, recipe), 1.0
    optimizer = torch.optim.Adam([pupil.inner, pupil.bias, pupil.readout, pupil.rest], betas=(0.9, 0.99))
    for step in range(1, recipe.steps + 1):
        warm, cool = min(1, step / 100), (1 + math.cos(math.pi * step / recipe.steps)) / 2
        optimizer.param_groups[0]["lr"] = recipe.lr * warm * cool
        error, cost = pupil.losses()
        optimizer.zero_grad()
        (error + cost).backward()
        optimizer.step()
        mean_error += (error.item() - mean_error) / min(step, 200)
        if step % 500 == 0 or step == recipe.steps:
            state = layer(pupil.settled(), pupil.bias.detach(), lessons)
            draw(state["conv1.weight"], out.with_name(f"{out.stem}-{step}.png"))
            print(f"{step} of {recipe.steps}: error {mean_error:.4f}, {measure(state['conv1.weight'])}", flush=True)
            card = ModelCard(
                version=artcnn.__version__,
                kind="features",
                recipe=recipe.model_dump(),
                classes=(),
                data=f"{len(lessons.pictures)} photos, by vgg16",
                data_sha256=hashlib.sha256(lessons.pictures.numpy().tobytes()).hexdigest(),
                metrics={"error": mean_error, **measure(state["conv1.weight"])},
            )
            write_model(out, state, card)


def layer(weight: Tensor, bias: Tensor, lessons: Lessons) -> dict[str, Tensor]:
    """Return the layer's tensors for pictures in [0, 1]: each filter of length 1, gray ones first, colorful ones last.

    How long a filter is, and its number, say something only together with the layer behind it, which is not kept.
    """
    length = weight.norm(dim=1, keepdim=True)
    weight, bias = weight / length, bias / length[:, 0] * lessons.std
    bias = bias - weight @ lessons.mean.repeat_interleave(SIZE**2)
    kernels = weight.view(FILTERS, 3, SIZE, SIZE)
    order = (kernels - kernels.mean(1, keepdim=True)).square().sum((1, 2, 3)).argsort()
    return {"conv1.weight": kernels[order], "conv1.bias": bias[order]}


def measure(kernels: Tensor) -> dict[str, float]:
    """Return how many filters are one wave or blob, how many see mostly fine detail or color, and how many are alike.

    Of one wave or blob at least 80 % of the energy is near a single frequency and direction, or near none at all.
    """
    energy = torch.fft.fft2(kernels, s=(GRID, GRID)).abs().square().sum(1)
    energy = energy / energy.sum((1, 2), keepdim=True)
    cycles = torch.fft.fftfreq(GRID)
    peak = energy.flatten(1).argmax(1)
    down, across = cycles[peak // GRID].view(-1, 1, 1), cycles[peak % GRID].view(-1, 1, 1)
    near = [(cycles[:, None] - sign * down) ** 2 + (cycles - sign * across) ** 2 < NEAR**2 for sign in (1, -1)]
    unit = F.normalize(kernels.flatten(1))
    seen = {
        "one wave or blob": (energy * (near[0] | near[1])).sum((1, 2)) >= 0.8,
        "mostly fine": (energy * (cycles[:, None] ** 2 + cycles**2 > FINEST**2)).sum((1, 2)) > 0.5,
        "mostly color": (kernels - kernels.mean(1, keepdim=True)).square().sum((1, 2, 3)) > 0.5,
        "like another": (unit @ unit.T - torch.eye(FILTERS)).max(1).values > 0.9,
    }
    return {name: float(which.sum()) for name, which in seen.items()}


def draw(kernels: Tensor, path: Path) -> None:
    """Draw the filters, 16 in a row, each on a scale of its own with zero in mid-gray."""
    tiles = kernels / kernels.abs().amax((1, 2, 3), keepdim=True) * 127.5 + 127.5
    tiles = F.pad(F.interpolate(tiles, scale_factor=5), [1] * 4, value=255)
    rows = tiles.view(FILTERS // 16, 16, 3, *tiles.shape[2:]).permute(0, 3, 1, 4, 2)
    Image.fromarray(rows.reshape(-1, 16 * tiles.shape[3], 3).byte().numpy()).save(path)


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    features, learning = commands.add_parser("features"), commands.add_parser("learn")
    features.add_argument("out", type=Path)
    features.add_argument("folders", type=Path, nargs="+")
    learning.add_argument("features", type=Path)
    learning.add_argument("out", type=Path)
    learning.add_argument("--steps", type=int, default=FirstLayerRecipe().steps)
    given = parser.parse_args()
    if given.command == "features":
        find_features(given.folders, given.out, FirstLayerRecipe().seed)
    else:
        learn(given.features, given.out, FirstLayerRecipe(steps=given.steps))


if __name__ == "__main__":
    main()
