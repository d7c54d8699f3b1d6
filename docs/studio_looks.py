"""Make the small pictures of the looks that the studio's shelves show: presets as the documents have them, and styles.

Run from the repository's root: python docs/studio_looks.py. The pictures of the documents must be there (gallery.py).
"""

from pathlib import Path

from PIL import Image, ImageOps

import artcnn
from artcnn.files.style_names import shipped_styles
from artcnn.files.write import to_pillow
from artcnn.presets import preset_files

PICTURES, LOOKS = Path("docs/pictures"), Path("artcnn/data/studio/looks")

PHOTO = Path("samples/castle.jpg")
"""On which instant styles are shown."""

SIZE = 288, 192
"""Width and height of a picture on a shelf, in pixels: twice what is shown, for fine screens."""


def write(image: Image.Image, name: str) -> None:
    """Write the middle of a picture for a shelf."""
    ImageOps.fit(image.convert("RGB"), SIZE, Image.Resampling.LANCZOS).save(
        LOOKS / f"{name}.webp", quality=72, method=6
    )


def main() -> None:
    """Make all of them."""
    for kind in ("dream", "style"):
        for name in preset_files(kind):
            write(Image.open(PICTURES / f"{kind}-{name}.jpg"), f"{kind}-{name}")
    for name in shipped_styles():
        write(to_pillow(artcnn.instant(PHOTO, name, size=480).image), f"instant-{name}")


if __name__ == "__main__":
    main()
