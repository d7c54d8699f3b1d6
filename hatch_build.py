"""Make wheels smaller by 2 MB: the weights of VGG-16 go into them as two planes of bytes, which deflate better."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEIGHTS = "artcnn/data/weights/vgg16-imagenet-features-fp16.safetensors"


class Planes(BuildHookInterface):
    """Put ``WEIGHTS.planes`` into the wheel; pyproject.toml leaves the file itself out of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the planes as ``artcnn/backbones/planes.py`` reads them: all even bytes, then all odd ones."""
        if version == "editable":
            return
        self.folder = TemporaryDirectory()
        numbers = Path(self.root, WEIGHTS).read_bytes()
        planes = Path(self.folder.name, "planes")
        planes.write_bytes(numbers[::2] + numbers[1::2])
        build_data["force_include"][str(planes)] = f"{WEIGHTS}.planes"

    def finalize(self, version: str, *_: object) -> None:
        """Remove what was written."""
        if version != "editable":
            self.folder.cleanup()
