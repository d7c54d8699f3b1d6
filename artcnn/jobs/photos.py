"""Which photos and clips are meant by files, folders and patterns."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from artcnn.errors import ArtcnnError


@dataclass(frozen=True)
class Photos:
    """What some files, folders and patterns stand for.

    Attributes:
        paths: the photos, each once, in order.
        many: whether more than one photo was meant, even if one is all that there is.
        left_out: how many files of folders are no pictures.
        clips: those of the paths that become films.
    """

    paths: tuple[Path, ...]
    many: bool
    left_out: int = 0
    clips: frozenset[Path] = frozenset()


def find_photos(arguments: Sequence[Path], *, frames: bool = False) -> Photos:
    """Return the photos that are meant: files by name, all pictures of a folder, or of a pattern such as ``*.jpg``.

    A file that is called by its name may be a clip. Pictures that artcnn made are left out of folders and patterns, or
    a second run would dream on dreams.

    Args:
        arguments: files, folders and patterns.
        frames: whether a folder is a clip, whose frames are the pictures in it.

    Raises:
        ArtcnnError: a folder or a pattern has no picture.
    """
    from artcnn.files.clips.recognize import is_clip
    from artcnn.files.folder import Folder

    paths: dict[Path, None] = {}
    clips: set[Path] = set()
    many, left_out = len(arguments) > 1, 0
    for argument in arguments:
        if argument.is_dir() and frames:
            clips.add(argument)
            paths[argument] = None
            continue
        if argument.is_dir():
            folder = Folder.scan(argument)
            found, left_out = folder.pictures, left_out + folder.others
        elif has_magic(str(argument)) and not argument.exists():
            found = tuple(_matching(argument))
        else:
            paths[argument] = None
            with suppress(ArtcnnError):  # what cannot be opened says so when its turn comes
                if is_clip(argument):
                    clips.add(argument)
            continue
        many = True
        photos = [path for path in found if not _made_here(path)]
        if not photos:
            raise ArtcnnError(f"{argument}: there is no picture, or only such as artcnn made itself")
        paths |= dict.fromkeys(photos)
    return Photos(tuple(paths), many, left_out, frozenset(clips))


def is_film(out: Path | None) -> bool:
    """Return whether a result of this name can only be a film."""
    return out is not None and out.suffix.lower() in (".mp4", ".webm", ".gif")


def _matching(pattern: Path) -> list[Path]:
    if any("**" in part and part != "**" for part in pattern.parts):  # Python 3.13 would take it for one star
        raise ArtcnnError(f"{pattern}: ** stands for any folders, and goes between slashes")
    root = Path(pattern.anchor)
    return sorted(path for path in root.glob(str(pattern.relative_to(root))) if not path.is_dir())


def _made_here(path: Path) -> bool:
    """Return whether artcnn made a picture; a broken one is reported when its turn comes."""
    from artcnn.files import provenance

    try:
        return provenance.read_provenance(path) is not None
    except ArtcnnError:
        return False
