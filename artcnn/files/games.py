"""Read games from SGF files, plain or compressed by xz or gzip, and from folders of them; parsed games are cached."""

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.errors import DataError, missing
from artcnn.files.cache import discard, store
from artcnn.hashes import sha256_of
from artcnn.locations import cached_data_dir

if TYPE_CHECKING:
    from artcnn.datasets.go.games import Games
    from artcnn.datasets.go.position import Position

SUFFIXES = ".sgf", ".sgf.xz", ".sgf.gz"

_LARGEST = 1 << 30
_FORMAT = 3
"""Version of the cache; increase it when parsing or the file format changes."""


def is_game(path: Path) -> bool:
    """Return whether a file is an SGF file, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def find_games(paths: Iterable[Path]) -> list[Path]:
    """Return the SGF files among files and folders; folders are searched recursively, by endings.

    Raises:
        DataError: a file does not exist, or a folder has none.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if is_game(each) and each.is_file())
            if not inside:
                raise DataError(f"{path}: there are no games in it: they end in {', '.join(SUFFIXES)}")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise DataError(missing(path))
    return found


@dataclass(frozen=True)
class Skipped:
    """A game that was skipped: its file, its number in the file, from 1, and the reason."""

    path: Path
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, game {self.number}: {self.reason}"


@dataclass(frozen=True, eq=False)
class ReadGames:
    """Games read from files.

    Attributes:
        games: the games.
        skipped: games with errors; empty if the games come from the cache.
    """

    games: "Games"
    skipped: tuple[Skipped, ...] = ()


def read_games(paths: Sequence[Path]) -> ReadGames:
    """Return the games of some files, memory-mapped from the cache; they are added to it if they are not there yet.

    Raises:
        DataError: a file cannot be read, or contains no valid game.
    """
    digest = hashlib.sha256(b"".join(bytes.fromhex(sha256_of(path)) for path in paths)).hexdigest()[:32]
    cached = cached_data_dir() / f"go{_FORMAT}-{digest}.npy"
    if (kept := _read_cached(cached)) is not None:
        return ReadGames(kept)
    games, skipped = _parse(paths)
    store(cached, _as_npy(games))
    kept = _read_cached(cached)
    return ReadGames(games if kept is None else kept, skipped)


def _read_cached(cached: Path) -> "Games | None":
    """Return the games in a cached file; None if it does not exist or is damaged."""
    import numpy as np

    from artcnn.datasets.go.games import Games

    try:
        games = Games(np.load(cached, mmap_mode="r", allow_pickle=False))
    except OSError:
        return None
    except (ValueError, EOFError):
        discard(cached)
        return None
    if not games.is_sound():
        discard(cached)
        return None
    return games


def _parse(paths: Sequence[Path]) -> "tuple[Games, tuple[Skipped, ...]]":
    from artcnn.datasets.go.encodings import decode
    from artcnn.datasets.go.games import Games
    from artcnn.datasets.go.sgf import SgfError, parse_games

    games, skipped = [], []
    for path in paths:
        for number, game in enumerate(parse_games(decode(read_sgf_bytes(path))), start=1):
            if isinstance(game, SgfError):
                skipped.append(Skipped(path, number, game.reason))
            else:
                games.append(game)
    if not games:
        raise DataError(f"there is no game to be read: {skipped[0]}" if skipped else "no files of games were given")
    return Games.concatenate(games), tuple(skipped)


def _as_npy(games: "Games") -> bytes:
    from io import BytesIO

    import numpy as np

    content = BytesIO()
    np.save(content, games.moves, allow_pickle=False)
    return content.getvalue()


def read_sgf_bytes(path: Path) -> bytes:
    """Return the uncompressed bytes of an SGF file.

    Raises:
        DataError: the file cannot be read, is damaged, or is too large.
    """
    try:
        with path.open("rb") as file:
            start = file.read(6)
        if start.startswith(b"\xfd7zXZ\0"):
            with lzma.open(path) as packed:
                content = packed.read(_LARGEST + 1)
        elif start.startswith(b"\x1f\x8b"):
            with gzip.open(path) as zipped:
                content = zipped.read(_LARGEST + 1)
        else:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"{path} is damaged or cannot be read", hint="get a fresh copy") from error
    if len(content) > _LARGEST:
        raise DataError(f"{path} is too large for a collection of games", hint="split it")
    return content


def read_position(path: Path, number: int = 1, before: int | None = None) -> "Position":
    """Return a position of a game of a file: before a move, or at the end.

    Args:
        path: the file.
        number: of the game, from 1.
        before: the number of the move, from 1; None for the end of the game.

    Raises:
        DataError: the file or game cannot be read, or has fewer games or moves.
    """
    from itertools import islice

    from artcnn.datasets.go.encodings import decode
    from artcnn.datasets.go.position import position_in
    from artcnn.datasets.go.sgf import SgfError, main_lines

    found = list(islice(main_lines(decode(read_sgf_bytes(path))), number))
    if len(found) < number:
        raise DataError(f"{path}: there is no game {number} in it, only {len(found)}")
    line = found[-1]
    if isinstance(line, SgfError):
        raise DataError(str(Skipped(path, number, line.reason)))
    try:
        return position_in(line, before)
    except ValueError as error:
        raise DataError(str(Skipped(path, number, str(error)))) from error
