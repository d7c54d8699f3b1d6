"""Programs of the repository that belong to no package: benchmarks, and what makes documents."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def load_program(path: str) -> ModuleType:
    """Return a program as a new module; the path begins at the repository's root."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
