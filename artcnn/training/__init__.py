"""A task-agnostic training loop, and the trainings of each task."""
