"""A network's answer on the terminal: the label, a doubt if there is one, and a bar for each probability."""

from collections.abc import Mapping
from pathlib import Path


def print_answer(
    source: Path | str, answer: str | None, doubt: str | None, probabilities: Mapping[str, float], quiet: bool
) -> None:
    """Print an answer, with a bar for each label's probability unless ``quiet``."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    doubtful = "" if doubt is None else f"  {doubt}"
    console.print(Text.assemble(f"{source}: ", (answer or "", "bold"), (doubtful, "yellow")))
    if quiet:
        return
    width = max(map(len, probabilities), default=0)
    for name, probability in probabilities.items():
        bar = "█" * round(40 * probability)
        style = "bold" if name == answer else "dim"
        console.print(Text(f"  {name:{width}}  {bar or '·'} {100 * probability:.1f} %", style=style))
