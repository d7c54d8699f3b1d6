"""The table of what networks are trained for here."""

from importlib import import_module

from artcnn.jobs.tasks.task import Task
from artcnn.training_recipes import ModelKind

TASKS: dict[ModelKind, str] = {
    "mnist": "artcnn.jobs.tasks.mnist",
    "speech": "artcnn.jobs.tasks.speech",
    "go": "artcnn.jobs.tasks.go",
    "instant": "artcnn.jobs.tasks.instant",
}
"""The module of each kind of task; ``nets.kinds`` has its recipe, its architecture and what its network takes."""


def find_task(kind: ModelKind) -> Task:
    """Return the task of a kind; its module is imported now, for each needs packages that the others do not."""
    task: Task = import_module(TASKS[kind]).TASK
    return task
