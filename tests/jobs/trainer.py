"""A worker that trains and tests networks as a cluster or a web server would: in a thread, without the command line.

It works in the current folder, which has digits in ``own``, and prints what happened as JSON.
"""

import json
import sys
import threading
from pathlib import Path

from artcnn.jobs.evaluation import Evaluating, EvaluationFinished, evaluate_model
from artcnn.jobs.tasks.sources import MnistSource
from artcnn.jobs.training import TrainingFinished, TrainingStarted, train
from artcnn.presets import load_recipe
from artcnn.training.loop import Batch, Epoch

SOURCE = MnistSource("own")
RECIPE = load_recipe("mnist", "lecture", validation=6, epochs=3, batch=8)


class Button:
    """Stops a job once it was pressed, from any thread."""

    def __init__(self) -> None:
        self.pressed = False

    def is_pressed(self) -> bool:
        return self.pressed


def follow_training(name: str, stop_at: int | None = None) -> dict:
    """Train a network, or continue to; return what was told."""
    button, told = Button(), {"steps": [], "epochs": [], "before": 0, "main": threading.current_thread().name}
    checkpoint = Path(f"{name}.checkpoint.safetensors")
    for event in train(RECIPE, SOURCE, checkpoint=checkpoint, cancelled=button.is_pressed):
        if isinstance(event, TrainingStarted):
            told["before"] = len(event.history)
        elif isinstance(event, Batch):
            told["steps"].append(event.index)
            button.pressed = event.index == stop_at
        elif isinstance(event, Epoch):
            told["epochs"].append(event.index)
        elif isinstance(event, TrainingFinished) and event.result is not None:
            told |= {"complete": event.result.complete, "model": str(event.result.save(Path(f"{name}.safetensors")))}
    return told | {"checkpoint": checkpoint.exists()}


def follow_evaluation(name: str, stop: bool = False) -> dict:
    """Test a network; return what was told."""
    button, told = Button(), {"progress": []}
    for event in evaluate_model(f"{name}.safetensors", SOURCE, cancelled=button.is_pressed):
        if isinstance(event, Evaluating):
            told["progress"].append([event.done, event.total])
            button.pressed = stop
        elif isinstance(event, EvaluationFinished):
            told["result"] = None if event.result is None else event.result.to_json()
    return told


def work(told: dict) -> None:
    told["whole"] = follow_training("whole")
    told["stopped"] = follow_training("part", stop_at=5)
    told["resumed"] = follow_training("part")
    told["evaluation"] = follow_evaluation("whole")
    told["cancelled"] = follow_evaluation("whole", stop=True)


if __name__ == "__main__":
    told: dict = {}
    worker = threading.Thread(target=work, args=(told,), name="worker")
    worker.start()
    worker.join()
    sys.stdout.write(json.dumps(told | {"modules": sorted(sys.modules)}))
