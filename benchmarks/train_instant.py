"""Train the network of instant styles that ships, by ``benchmarks/instant/styles.toml``.

Run from the repository's root: python benchmarks/train_instant.py FOLDER OUT [STYLES.toml]. It goes on where a run with
the same OUT was stopped. FOLDER has the paintings and photos; to OUT go a network and a learning curve for each stage,
and a picture of what the network makes so far; the network of the last stage is the one that ships.
"""

import sys
import tomllib
from pathlib import Path
from time import strftime

from artcnn.files.write import write_picture
from artcnn.jobs.tasks.sources import InstantSource, PaintingFile
from artcnn.jobs.training import Preview, TrainingFinished, TrainingStarted, train
from artcnn.settings import parse
from artcnn.training.loop import Batch, Epoch
from artcnn.training_recipes import InstantTrainRecipe

STYLES = Path(__file__).parent / "instant" / "styles.toml"


def main() -> None:
    """Train every stage that is not done."""
    folder, out = map(Path, sys.argv[1:3])
    plan = tomllib.loads(Path(sys.argv[3] if len(sys.argv) > 3 else STYLES).read_text(encoding="utf-8"))
    paintings = tuple(PaintingFile(**{**row, "path": folder / row["path"]}) for row in plan["paintings"])
    photos, held_out = tuple(folder / name for name in plan["photos"]), tuple(plan["held_out"])
    out.mkdir(exist_ok=True)
    last = None
    for number, stage in enumerate(plan["stages"], start=1):
        path = out / f"stage-{number}.safetensors"
        if not path.exists():
            source = InstantSource(paintings, photos, held_out, last)
            train_stage(parse(InstantTrainRecipe, plan["recipe"] | stage), source, path)
        last = str(path)


def train_stage(recipe: InstantTrainRecipe, source: InstantSource, path: Path) -> None:
    """Train one stage and write its network; go on where there is a checkpoint."""
    for event in train(recipe, source, checkpoint=path.with_suffix(".checkpoint")):
        if isinstance(event, TrainingStarted):
            print(*event.notes, f"{len(event.history)} of {recipe.epochs} epochs done", sep="\n", flush=True)
        elif isinstance(event, Batch) and event.index % 50 == 0:
            print(f"{strftime('%H:%M:%S')} {path.stem} step {event.index} of {event.total}", flush=True)
        elif isinstance(event, Epoch):
            numbers = ", ".join(f"{name} {value:.5g}" for name, value in event.to_json().items())
            print(f"{strftime('%H:%M:%S')} {path.stem} {numbers}", flush=True)
        elif isinstance(event, Preview):
            write_picture(path.with_name("so-far.jpg"), event.image)
        elif isinstance(event, TrainingFinished) and event.result is not None:
            event.result.save(path)
            event.result.save_curve(path.with_suffix(".png"))


if __name__ == "__main__":
    main()
