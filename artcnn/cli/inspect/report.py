"""``artcnn inspect report``: every look there is, within a time, as one page."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from artcnn.cli import options
from artcnn.cli.inspect.look import SIDE, Look
from artcnn.cli.inspect.model import ModelName, Out
from artcnn.inspection.inputs import annotate, axes_of, hears, read_input, sample

if TYPE_CHECKING:
    from torch import Tensor

    from artcnn.inspection.plans import Plan
    from artcnn.reports.messages import Message
    from artcnn.reports.results import Finding
    from artcnn.visualizers.network import Network

_DIGIT = 1290  # of MNIST's test set: a 3 that could nearly be a 5
_PHOTO = "cat.webp"  # of the samples


def report(
    image: Annotated[
        Path | None, typer.Argument(metavar="[IMAGE]", help="A picture or a recording [default: one of the package].")
    ] = None,
    model: ModelName = "mnist-lecture",
    minutes: Annotated[float, typer.Option(min=0, max=10_000, help="What takes longer is left out.")] = 3,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the page.")] = "en",
    out: Out = None,
    quiet: options.Quiet = False,
) -> None:
    """Look at everything, and write one page that opens in any browser, without a network: report.html.

    Examples: artcnn inspect report · artcnn inspect report photo.jpg --model vgg16 --minutes 10
    """
    from artcnn.reports.i18n import load_catalog

    began, catalog = monotonic(), load_catalog(lang)
    look = Look("report", model, image)
    network = look.network
    look.go_to(out, *([image.stem] if image else []))
    from artcnn.inspection.plans import plans
    from artcnn.reports.html_report import Page, render
    from artcnn.reports.messages import Message, message

    name, picture = (image.name, look.picture()) if image else example_of(network)
    looks, layers = list(catalog.looks), [layer.name for layer in network.layers]
    taken = _take(plans(network, model, picture, name), began, minutes, quiet)
    # On the page they stand as one learns, and from shallow to deep.
    taken.sort(key=lambda pair: (looks.index(pair[0].look), layers.index(pair[0].layers[0]) if pair[0].layers else 0))
    found = [annotate(result, look.network, look.doubt) for _, result in taken if not isinstance(result, Message)]
    likeliest = _likeliest(network, picture) if network.classes else []
    seconds = round(monotonic() - began, 1)
    run = look.run() | {"image": str(image or name), "minutes": minutes, "seconds": seconds}
    page = Page(
        title=message("What {network} has learnt", network=network.name),
        findings=found,
        facts=run,
        network=network.name,
        picture=picture,
        answers=likeliest,
        doubt=look.doubt,
        axes=axes_of(look.network),
        omitted=[(plan.look, ", ".join(plan.layers), why) for plan, why in taken if isinstance(why, Message)],
    )
    path = look.write_report(
        render(page, catalog), run | look.doubts() | {"looks": [{"look": f.look, **f.settings} for f in found]}
    )
    if not quiet:
        typer.echo(path)


def _take(plans: "Iterator[Plan]", began: float, minutes: float, quiet: bool) -> "list[tuple[Plan, Finding | Message]]":
    """Take the looks in turn, none that takes longer than there is time left; return what each found, or why not."""
    from math import ceil

    from artcnn.reports.messages import Message, message

    taken: list[tuple[Plan, Finding | Message]] = []
    short = 0.0
    for plan in plans:
        start = monotonic()
        left = max(0.0, began + 60 * minutes - start)
        needed = plan.cost.seconds() if plan.cost else 0.0
        if isinstance(plan.make, Message):
            taken.append((plan, plan.make))
            continue
        if needed > left:
            short += needed
            says = "it would have taken about {seconds:.0f} s, and {left:.0f} s were left"
            taken.append((plan, message(says, seconds=needed, left=left)))
            done = f"left out, it would take about {needed:.0f} s"
        else:
            taken.append((plan, plan.make()))
            done = f"{monotonic() - start:.1f} s"
        if not quiet:
            typer.echo(f"{' '.join([plan.look, *plan.layers])}: {done}", err=True)
    if short and not quiet:
        all_of_it = ceil((monotonic() - began + short) / 60)
        typer.echo(f"for what is left out: --minutes {all_of_it + 1}", err=True)
    return taken


def _likeliest(network: "Network", picture: "Tensor") -> list[tuple[str, float]]:
    from artcnn.inspection.answers import find_answer

    _, probabilities = find_answer(network, picture)
    best = probabilities.topk(min(5, len(probabilities)))
    return [(network.classes[at], p) for p, at in zip(best.values.tolist(), best.indices.tolist(), strict=True)]


def example_of(network: "Network", digit: int = _DIGIT) -> "tuple[str, Tensor]":
    """Return a digit of MNIST's test set, by its number, or a word or a photo of the package, and what it is called."""
    import torch

    from artcnn.locations import bundled_samples_dir

    if hears(network):
        word = sample(network)
        return word.name, read_input(network, word, SIDE)
    if network.input_shape[0] == 1:
        from artcnn.datasets.mnist import load_mnist

        digits = load_mnist("test")
        return f"{digits.name} {digit}", digits.batch(torch.tensor([digit]))[0]
    return _PHOTO, read_input(network, bundled_samples_dir() / _PHOTO, SIDE)
