"""The folders artcnn reads and writes: the only module that knows them.

``XDG_CACHE_HOME`` and ``XDG_CONFIG_HOME`` move the user's folders on Linux, as platformdirs has it.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled_weights_dir() -> Path:
    """Return the folder of the weights that ship inside the package."""
    return _PACKAGE / "data" / "weights"


def bundled_mnist_dir() -> Path:
    """Return the folder of the handwritten digits that ship inside the package."""
    return _PACKAGE / "data" / "mnist"


def bundled_models_dir() -> Path:
    """Return the folder of the networks trained here that ship inside the package."""
    return _PACKAGE / "data" / "models"


def bundled_presets_dir() -> Path:
    """Return the folder of the shipped presets: inside an installed package, or ``presets/`` of a source checkout."""
    installed = _PACKAGE / "data" / "presets"
    return installed if installed.is_dir() else _PACKAGE.parent / "presets"


def bundled_samples_dir() -> Path:
    """Return the folder of the shipped photos: inside an installed package, or ``samples/`` of a source checkout."""
    installed = _PACKAGE / "data" / "samples"
    return installed if installed.is_dir() else _PACKAGE.parent / "samples"


def bundled_lessons_dir() -> Path:
    """Return the folder of the lessons: inside an installed package, or ``docs/lessons/`` of a source checkout."""
    installed = _PACKAGE / "data" / "lessons"
    return installed if installed.is_dir() else _PACKAGE.parent / "docs" / "lessons"


def bundled_photos_dir() -> Path:
    """Return the folder of the small pictures that ``inspect patches`` searches, which ship inside the package."""
    return _PACKAGE / "data" / "photos"


def imagenet_classes_file() -> Path:
    """Return the file of the names of ImageNet's classes, one a line, in order."""
    return _PACKAGE / "data" / "imagenet-classes.txt"


def bundled_words_dir() -> Path:
    """Return the folder of the words of the pages, a file for each language."""
    return _PACKAGE / "data" / "words"


def bundled_games_file() -> Path:
    """Return the games that ship inside the package, to compare networks with."""
    return _PACKAGE / "data" / "games" / "self-play.sgf.xz"


def bundled_spoken_dir() -> Path:
    """Return the folder of the spoken digits that ship inside the package, to compare networks with."""
    return _PACKAGE / "data" / "spoken"


def bundled_page_dir() -> Path:
    """Return the folder of what every page is made of: its frame, its looks, its behavior."""
    return _PACKAGE / "data" / "page"


def studio_pages_dir() -> Path:
    """Return the folder of the studio's pages."""
    return _PACKAGE / "data" / "studio"


def studio_dir() -> Path:
    """Return the folder of the studio's jobs and files (it need not exist)."""
    from platformdirs import user_data_path

    return user_data_path("artcnn", appauthor=False) / "studio"


def cached_weights_dir() -> Path:
    """Return the platform's cache folder for downloaded weights (it need not exist)."""
    from platformdirs import user_cache_path

    return user_cache_path("artcnn", appauthor=False) / "weights"


def measurements_file() -> Path:
    """Return the file that remembers what was measured on this machine (it need not exist)."""
    from platformdirs import user_cache_path

    return user_cache_path("artcnn", appauthor=False) / "measurements.json"


def cached_data_dir() -> Path:
    """Return the platform's cache folder for downloaded data (it need not exist)."""
    from platformdirs import user_cache_path

    return user_cache_path("artcnn", appauthor=False) / "data"


def user_presets_dir() -> Path:
    """Return the folder of the user's own presets, ``dream/*.toml`` and ``style/*.toml`` (it need not exist)."""
    from platformdirs import user_config_path

    return user_config_path("artcnn", appauthor=False) / "presets"
